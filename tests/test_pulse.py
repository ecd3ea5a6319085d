"""A conversation through real sound devices: PulseAudio's null sinks, and nothing faked."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pulse import Pulse, server
from talking import ROOT, Talking, spoken

from assistant.audio import Audio
from assistant.registry import Engines

pytestmark = [pytest.mark.slow, pytest.mark.realtime, pytest.mark.weights]


@pytest.fixture(scope="module")
def pulse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pulse]:
    with server(tmp_path_factory.mktemp("pulse")) as running:
        yield running


def test_a_spoken_question_is_answered_out_of_the_loudspeaker(
    pulse: Pulse, engines: Engines, tmp_path: Path
) -> None:
    talking = Talking(pulse, tmp_path / "data", "--image", "demo/sign.jpg")
    recorder = pulse.record(tmp_path / "answer.wav")
    try:
        pulse.play(ROOT / "demo" / "sign.flac").wait()
        assert talking.wait_for("TurnEnded", 40), talking.errors.read_text()
    finally:
        time.sleep(0.5)
        recorder.terminate()
        recorder.wait()
        talking.close()
    assert [e["text"] for e in talking.of("Final")] == ["What does this sign say?"]
    reply = talking.of("TurnEnded")[0]["turn"]["reply"]
    answer = Audio.open(tmp_path / "answer.wav")
    heard = engines.get("transcriber").transcribe(answer).text
    said = {word.strip(".,:").casefold() for word in reply.split()}
    understood = {word.strip(".,:").casefold() for word in heard.split()}
    assert len(said & understood) >= 0.5 * len(said), (reply, heard)


def test_speech_over_the_reply_makes_it_quiet(
    pulse: Pulse, engines: Engines, tmp_path: Path
) -> None:
    over = spoken(engines, "Wait, please stop talking now.", tmp_path / "over.wav")
    ask = spoken(engines, "What can you do?", tmp_path / "ask.wav")
    talking = Talking(pulse, tmp_path / "data")
    try:
        pulse.play(ask).wait()
        assert talking.wait_for("Speaking", 20), talking.events
        time.sleep(1.0)
        pulse.play(over).wait()
        assert talking.wait_for("Ducked", 5), talking.of("SpeechStarted")
    finally:
        talking.close()
    ducked = talking.of("Ducked")[0]["at"]
    started = max(e["at"] for e in talking.of("SpeechStarted") if e["at"] <= ducked)
    assert ducked - started <= 0.3


def test_a_key_silences_the_loudspeaker_within_200_ms(
    pulse: Pulse, engines: Engines, tmp_path: Path
) -> None:
    """From the key to the last sound that left PulseAudio, its own delay included."""
    ask = spoken(engines, "What can you do?", tmp_path / "ask.wav")
    talking = Talking(pulse, tmp_path / "data")
    delays = []
    try:
        for number in range(2):
            pulse.play(ask).wait()
            assert talking.wait_for("Speaking", 30, number + 1), talking.events
            with pulse.listening() as loud:
                until = time.monotonic() + 1.5 + 0.4 * number
                while not next(loud) or time.monotonic() < until:
                    pass
                pressed = last = time.monotonic()
                talking.press(" ")
                while time.monotonic() < pressed + 1.0:
                    last = time.monotonic() if next(loud) else last
            delays.append(last - pressed)
            assert talking.wait_for("TurnEnded", 10, number + 1)
            time.sleep(1.0)
    finally:
        talking.close()
    print("from the key to silence, s:", delays)
    assert min(delays) > 0
    assert min(delays) <= 0.2, delays


def test_devices_may_go_and_come_back(pulse: Pulse, engines: Engines, tmp_path: Path) -> None:
    talking = Talking(pulse, tmp_path / "data", "--image", "demo/sign.jpg", "--no-monitor")
    try:
        pulse.stop()
        assert talking.wait_for("Notice", 10, count=2), talking.events
        time.sleep(3.0)
        assert pulse.start()
        assert talking.wait_for("Notice", 40, count=4), talking.events
        assert talking.wait_for("Speaking", 15), "that they are back is not said"
        assert "back" in talking.of("Speaking")[0]["text"]
        time.sleep(5.0)  # until both are said
        pulse.play(ROOT / "demo" / "sign.flac").wait()
        assert talking.wait_for("TurnEnded", 40), talking.events
    finally:
        talking.close()


@pytest.mark.long
def test_another_programs_voice_gives_no_turn(
    pulse: Pulse, engines: Engines, tmp_path: Path
) -> None:
    """A screen reader's voice in the same loudspeaker, which the microphone hears too."""
    reader = spoken(
        engines,
        "The window is open. There are three new messages from the library, and the first "
        "one says that your book is ready. Press enter to read it, or tab to go on.",
        tmp_path / "reader.wav",
    )
    loop = pulse.control(
        "load-module", "module-loopback", "source=loudspeaker.monitor", "sink=room",
        "latency_msec=60",
    )  # fmt: skip
    talking = Talking(pulse, tmp_path / "data")
    try:
        time.sleep(2.0)
        for _ in range(2):
            pulse.play(reader, sink="loudspeaker").wait()
        time.sleep(3.0)
    finally:
        talking.close()
        pulse.control("unload-module", loop.strip())
    assert not talking.of("Final"), talking.of("Final")
