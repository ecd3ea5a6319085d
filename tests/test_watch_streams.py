"""Watching a stream over a real socket: what is told, and what happens when it ends or is gone."""

from __future__ import annotations

import io
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image
from test_narrating import H, Looks, W, context, street
from typer.testing import CliRunner

from assistant import narration, outlets
from assistant.cli import app
from assistant.cli import watch as command
from assistant.devices import footage
from assistant.errors import InputError
from assistant.events import Sentence
from assistant.memory import Memory
from assistant.narration import Wanted, narrate
from assistant.safety import SpeechFilter
from assistant.watching import words

OVER = "No more pictures come; I have stopped watching."
FPS = 20


def shown(at: float, when: float) -> Image.Image:
    image = street()
    if at >= when:
        image.paste((200, 30, 30), (250, 170, 390, 310))
    return image


@contextmanager
def mjpeg(seconds: float, when: float, *, then: Callable[[], Any] = lambda: None) -> Iterator[str]:
    """A network camera as they are sold: JPEG after JPEG over HTTP, in real time."""
    shots = []
    for there in (False, True):
        buffer = io.BytesIO()
        shown(when if there else when - 1, when).save(buffer, "JPEG", quality=85)
        shots.append(buffer.getvalue())

    class Camera(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
            self.end_headers()
            for number in range(round(seconds * FPS)):
                shot = shots[number / FPS >= when]
                head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(shot)}\r\n\r\n"
                try:
                    self.wfile.write(head.encode() + shot + b"\r\n")
                except OSError:
                    return
                time.sleep(1 / FPS)
            then()

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Camera)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/video.mjpg"
    finally:
        server.shutdown()
        server.server_close()


def told(
    url: str, monkeypatch: pytest.MonkeyPatch, **also: Any
) -> tuple[list[tuple[str, str, float]], InputError | None]:
    """What a watch of a stream says, in real time, with eyes that see red as a dog, and how it
    ended."""
    monkeypatch.setattr(narration, "prepare", lambda engines, wanted: Looks())
    engines: Any = context(None).engines
    rows: list[tuple[str, str, float]] = []
    try:
        for said in narrate(engines, Wanted(source=url, speak=False, **also)):
            rows.append((said.text, said.kind, said.at))
    except InputError as error:
        return rows, error
    return rows, None


def test_a_network_camera_is_narrated_and_its_end_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with mjpeg(5.0, 2.0) as url:
        said, error = told(url, monkeypatch)
    assert [row[:2] for row in said] == [("A dog in front of you.", "hazard"), (OVER, "notice")]
    assert said[0][2] <= said[1][2]
    assert error is not None, "a camera does not end by itself"
    assert "stopped" in str(error)
    assert error.fix


def test_all_frames_of_a_stream_without_times_can_be_had_ten_a_second() -> None:
    """The demuxer of MJPEG makes times up, as if 25 frames came a second."""
    with mjpeg(2.0, 9.0) as url:
        started = time.monotonic()
        frames = []
        with suppress(InputError):
            for frame in footage.live(url, lambda: time.monotonic() - started):
                frames.append(frame)
    assert 10 <= len(frames) <= 24


def test_a_camera_that_falls_silent_is_told_aloud_and_ends_with_an_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(footage, "_ANSWER_S", 1.5)
    gone = threading.Event()
    with mjpeg(1.0, 9.0, then=lambda: gone.wait(20)) as url:
        said, error = told(url, monkeypatch, language="zh")
        gone.set()
    assert [row[0] for row in said] == ["收不到画面了，我不再看了。"]
    assert error is not None
    assert error.fix


def test_a_chosen_time_or_the_user_ends_a_watch_without_that_word(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with mjpeg(4.0, 9.0) as url:
        assert told(url, monkeypatch, seconds=1.0) == ([], None)


def mpeg(seconds: float, when: float) -> bytes:
    """An MPEG transport stream of 25 frames a second."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mpegts") as out:
        stream: Any = out.add_stream("mpeg2video", rate=25)
        stream.width, stream.height, stream.pix_fmt = W, H, "yuv420p"
        stream.bit_rate, stream.gop_size = 4_000_000, 5
        for number in range(round(seconds * 25)):
            image = np.asarray(shown(number / 25, when))
            out.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        out.mux(stream.encode(None))
    return buffer.getvalue()


def test_a_stream_of_mpeg_over_tcp_is_narrated_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    content, server = mpeg(4.0, 2.0), socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        peer, _ = server.accept()
        with peer:
            for at in range(0, len(content), len(content) // 80):
                peer.sendall(content[at : at + len(content) // 80])
                time.sleep(0.05)

    threading.Thread(target=serve, daemon=True).start()
    said, error = told(f"tcp://127.0.0.1:{server.getsockname()[1]}", monkeypatch)
    server.close()
    assert [row[:2] for row in said] == [("A dog in front of you.", "hazard"), (OVER, "notice")]
    assert error is None


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def test_an_address_without_a_stream_is_one_sentence_with_a_fix() -> None:
    with pytest.raises(InputError, match="is not a stream"):
        list(footage.live(f"http://127.0.0.1:{_free_port()}/x", time.monotonic))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_last_word_of_a_watch_passes_the_rules_of_speech(language: str) -> None:
    text = words.ended(language)
    given = Sentence(text=text, kind="measured", language=language)
    assert [said.text for said in SpeechFilter(about="scene").sentence(given)] == [text]


# --- the loudspeaker ----------------------------------------------------------------------------


class PortAudio:
    """Two loudspeakers, as PortAudio tells of them."""

    class PortAudioError(Exception):
        """As PortAudio's."""

    opened: list[Any]

    def __init__(self) -> None:
        self.opened = []

    def query_devices(self, number: int | None = None, kind: str | None = None) -> Any:
        rows = [
            {"name": name, "max_input_channels": 0, "max_output_channels": 2,
             "default_samplerate": 44_100.0}
            for name in ("Desk Speaker", "Headset USB")
        ]  # fmt: skip
        return rows if number is None and kind is None else rows[number or 0]

    def OutputStream(self, **options: Any) -> Any:  # noqa: N802
        if options["samplerate"] == 24_000:
            raise self.PortAudioError("no such rate")
        self.opened.append(options)

        class Stream:
            def start(self) -> None: ...

            def close(self) -> None: ...

        return Stream()


@pytest.fixture
def portaudio(monkeypatch: pytest.MonkeyPatch) -> PortAudio:
    made = PortAudio()
    monkeypatch.setattr("assistant.devices.names.library", lambda: made)
    monkeypatch.setattr("assistant.devices.places.pulse_devices", lambda: None)
    return made


def test_a_loudspeaker_is_chosen_by_a_part_of_its_name(portaudio: PortAudio) -> None:
    place = outlets.Loudspeaker("headset")
    place.add(np.full(2400, 0.5, np.float32), 0.0)
    assert place.playing(0.0)
    out = np.zeros((4410, 1), np.float32)
    for _ in range(2):
        portaudio.opened[0]["callback"](out, 4410, None, None)
    assert portaudio.opened[0]["device"] == 1
    assert portaudio.opened[0]["samplerate"] == 44_100
    assert not place.playing(0.2)


def test_a_wrong_name_is_answered_with_the_near_ones_and_not_remembered(
    portaudio: PortAudio, tmp_path: Path
) -> None:
    done = CliRunner().invoke(app, ["watch", str(_folder(tmp_path)), "--speaker", "headphone"])
    assert isinstance(done.exception, InputError)
    assert "Headset USB" in done.exception.fix
    assert Memory().preferences().speaker is None


def test_a_right_one_is_remembered_and_one_that_is_unplugged_later_is_stood_in_for(
    portaudio: PortAudio, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    wanted: list[Wanted] = []

    def narrated(engines: Any, asked: Wanted, **_: Any) -> Iterator[Any]:
        wanted.append(asked)
        yield from ()

    monkeypatch.setattr(narration, "narrate", narrated)
    monkeypatch.setattr(command, "open_engines", lambda profile: context(None).engines)
    for options in (["--speaker", "Headset"], []):
        done = CliRunner().invoke(app, ["watch", str(_folder(tmp_path)), "--json", *options])
        assert done.exit_code == 0, done.output
    assert Memory().preferences().speaker == "Headset"
    assert [(w.speaker, w.speaker_remembered) for w in wanted] == [
        ("Headset", False), ("Headset", True),
    ]  # fmt: skip
    outlets.Loudspeaker("Gone", expected=True)
    assert portaudio.opened[-1]["device"] is None
    with pytest.raises(InputError):
        outlets.Loudspeaker("Gone")


def test_a_file_is_no_loudspeaker(tmp_path: Path) -> None:
    for options in (["--speaker", "out.wav"], ["--speaker", "Headset", "--no-speak"]):
        done = CliRunner().invoke(app, ["watch", str(_folder(tmp_path)), *options])
        assert done.exit_code == 2


def _folder(tmp_path: Path) -> Path:
    folder = tmp_path / "frames"
    folder.mkdir(exist_ok=True)
    street().save(folder / "0.png")
    return folder
