"""`transcribe` tells how far a long sound has come, and keeps what was heard when it is stopped."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from processes import heeds_ctrl_c
from typer.testing import CliRunner

from assistant.apps import terminal
from assistant.audio import HEARING_RATE, Audio
from assistant.bench.hearing import hearing_long
from assistant.cli import app
from assistant.cli import hearing as commands
from assistant.evaluation import clips
from assistant.evaluation.hearing import errors
from assistant.interfaces import Options
from assistant.registry import Engines
from assistant.types import AudioChunk, Segment, Transcript

ROOT = Path(__file__).resolve().parent.parent


@dataclass
class Scripted:
    """Hears a word every 20 s; Ctrl-C is pressed after so many."""

    words: int | None = None

    def get(self, capability: str) -> Scripted:
        assert capability == "transcriber"
        return self

    def stream(self, chunks: Iterable[AudioChunk], options: Options) -> Iterator[Transcript]:
        (chunk,) = chunks
        segments: list[Segment] = []
        for number in range(int(chunk.duration / 20)):
            if number == self.words:
                raise KeyboardInterrupt
            segments.append(
                Segment(text=f"word{number}", start=20.0 * number, end=20.0 * number + 19)
            )
            text = " ".join(segment.text for segment in segments)
            yield Transcript(text=text, language="en", segments=tuple(segments), final=False)
        yield Transcript(text=text, language="en", segments=tuple(segments))


def _run(
    monkeypatch: pytest.MonkeyPatch, words: int | None, files: list[Path], *options: str
) -> Any:
    monkeypatch.setattr(commands, "open_engines", lambda profile: Scripted(words))
    return CliRunner().invoke(app, ["transcribe", *options, *map(str, files)])


@pytest.fixture
def long(tmp_path: Path) -> Path:
    """A file of 200 s."""
    path = tmp_path / "talk.wav"
    Audio.silence(200.0).write(path)
    return path


def test_lines_tell_how_far_a_long_sound_is(monkeypatch: pytest.MonkeyPatch, long: Path) -> None:
    done = _run(monkeypatch, None, [long], "--json")
    assert done.exit_code == 0
    assert "stopped_at_s" not in json.loads(done.stdout)  # stdout is JSON and nothing else
    lines = done.stderr.splitlines()
    told = [int(line.split()[1]) for line in lines]
    assert told == sorted(set(told))
    assert len(told) >= 8
    assert told[-1] == 100
    assert all(line.startswith("talk.wav: ") for line in lines)
    assert "s left" in lines[0]
    assert "left" not in lines[-1]
    assert "\x1b" not in done.stderr


def test_nothing_is_told_of_a_short_sound(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    Audio.silence(40.0).write(tmp_path / "short.wav")
    done = _run(monkeypatch, None, [tmp_path / "short.wav"])
    assert done.stdout == "word0 word1\n"
    assert done.stderr == ""


def test_stopping_keeps_what_was_heard(monkeypatch: pytest.MonkeyPatch, long: Path) -> None:
    other = long.with_name("other.wav")
    Audio.silence(40.0).write(other)
    done = _run(monkeypatch, 3, [long, other])
    assert done.exit_code == 1
    assert done.stdout == f"{long}: word0 word1 word2\n"
    assert "stopped: talk.wav was written down up to 59 s of 200 s" in done.stderr
    assert f"files after {long} were left out" in done.stderr
    row = json.loads(_run(monkeypatch, 3, [long], "--json").stdout)
    assert (row["text"], row["stopped_at_s"]) == ("word0 word1 word2", 59)
    assert _run(monkeypatch, 0, [long]).stdout == "(nothing was written down yet)\n"


def test_a_bar_is_drawn_on_a_terminal_and_nowhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
    leader, follower = pty.openpty()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setattr(terminal, "_screen_reader", lambda: False)
    written = bytearray()

    def read() -> None:
        try:
            while data := os.read(leader, 4096):
                written.extend(data)
        except OSError:
            pass  # the other end was closed

    reader = threading.Thread(target=read)
    reader.start()
    with os.fdopen(follower, "w") as screen:
        monkeypatch.setattr(sys, "stderr", screen)
        assert not terminal.wants_plain(screen)
        with commands._course("talk.wav", 200.0, as_json=False) as reached:
            reached(100.0)
        monkeypatch.setenv("NO_COLOR", "1")
        assert terminal.wants_plain(screen)
        with commands._course("talk.wav", 200.0, as_json=False) as reached:
            reached(100.0)
    reader.join(timeout=10)
    os.close(leader)
    drawn, line = bytes(written).rsplit(b"talk.wav: ", 1)
    assert b" 50 % " in drawn
    assert b"\x1b[" in drawn
    assert line == b"50 %, about 0 s left\r\n"


@pytest.fixture(scope="session")
def talk(engines: Engines) -> tuple[Audio, str]:
    """Seventy seconds and more of synthesised English sentences, and what they say."""
    samples, texts, seconds = [], [], 0.0
    for clip in clips.recipes():
        if seconds < 70 and clip.language == "en":
            sound = clips.spoken(clip, engines)
            samples.append(sound.samples)
            texts.append(clip.text)
            seconds += sound.duration
    return Audio(samples=np.concatenate(samples), rate=HEARING_RATE), " ".join(texts)


@pytest.mark.slow
@pytest.mark.weights
def test_words_of_a_long_sound_have_times_in_order(
    engines: Engines, talk: tuple[Audio, str]
) -> None:
    audio, text = talk
    heard = engines.get("transcriber").transcribe(audio, Options(language="en", words=True))
    wrong, length = errors(text, heard.text, "en")
    assert wrong <= 0.08 * length
    times = [moment for word in heard.words for moment in (word.start, word.end)]
    assert len(heard.words) == len(heard.text.split())
    assert times == sorted(times)
    assert times[0] >= 0
    assert times[-1] <= audio.duration
    ends = [segment.end for segment in heard.segments]
    assert ends == sorted(ends)
    assert len(ends) > 5


@pytest.mark.slow
@pytest.mark.weights
def test_a_long_sound_is_translated(engines: Engines) -> None:
    samples, seconds = [], 0.0
    for clip in clips.recipes():
        if seconds < 40 and clip.language == "zh":
            sound = clips.spoken(clip, engines)
            samples.append(sound.samples)
            seconds += sound.duration
    audio = Audio(samples=np.concatenate(samples), rate=HEARING_RATE)
    options = Options(language="zh", translate=True)
    text = engines.get("transcriber").transcribe(audio, options).text.lower()
    assert not any("\u3400" <= letter <= "\u9fff" for letter in text)
    said = ("rain", "station", "photo", "sea", "door", "sound", "water", "chair", "key")
    assert sum(word in text for word in said) >= 4, text


@pytest.mark.slow
@pytest.mark.weights
def test_a_stopped_command_prints_what_it_has(talk: tuple[Audio, str], tmp_path: Path) -> None:
    path = tmp_path / "talk.wav"
    Audio(samples=np.tile(talk[0].samples, 4), rate=HEARING_RATE).write(path)
    command = [sys.executable, "-m", "assistant", "transcribe", "--language", "en", str(path)]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=heeds_ctrl_c,
    ) as running:  # fmt: skip
        assert running.stderr is not None
        first = running.stderr.readline()
        running.send_signal(signal.SIGINT)
        out, error = running.communicate(timeout=120)
    assert first.startswith("talk.wav: ")
    assert "stopped: talk.wav was written down up to" in error
    assert running.returncode == 1
    assert len(out.split()) > 20


@pytest.mark.long
@pytest.mark.weights
@pytest.mark.timeout(900)
@pytest.mark.usefixtures("media")  # of which long recordings are a part
def test_long_files_are_heard_no_worse_than_plainly(engines: Engines) -> None:
    for timing in hearing_long(engines):
        ((language, wrong),) = timing.errors.items()
        assert wrong["of"] > 500
        assert wrong["ours"] <= 1.05 * wrong["baseline"], (language, wrong)
