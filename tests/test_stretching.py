"""Every voice speaks at 0.5 to 3 times its speed, at its own pitch."""

from __future__ import annotations

import numpy as np
import pytest

from assistant.audio import Audio
from assistant.errors import Cancelled
from assistant.evaluation import hearing
from assistant.interfaces import Cancel, Options
from assistant.registry import Engines
from assistant.speech import RATE, Speaker
from assistant.stretching import stretched

ENGLISH = [
    "The meeting starts at three in the afternoon.",
    "Please put the blue cup on the kitchen table.",
    "Turn left at the corner and walk to the station.",
    "There are two people in front of you.",
    "The train to London leaves from platform seven.",
    "My sister bought a new bicycle last summer.",
    "A chair, a little to your right, near.",
    "He reads the newspaper every morning after breakfast.",
    "The library opens at nine and closes at six.",
    "We had soup and fresh bread for dinner.",
]
CHINESE = ["左边有一把椅子，前面有两个人。", "今天下午三点我们在学校门口见面。"]


def _pitch(audio: Audio) -> float:
    """Median fundamental frequency in Hz of the voiced frames, by autocorrelation."""
    size, low, high = round(0.04 * audio.rate), audio.rate // 400, audio.rate // 60
    found = []
    for start in range(0, len(audio.samples) - size, size // 2):
        frame = audio.samples[start : start + size]
        if np.sqrt((frame**2).mean()) < 0.03:
            continue
        spectrum = np.fft.rfft(frame - frame.mean(), 2 * size)
        correlation = np.fft.irfft(np.abs(spectrum) ** 2)[:size]
        correlation /= np.maximum(1, size - np.arange(size))  # unbiased
        best = correlation[low:high].max()
        if best > 0.5 * correlation[0]:
            # The shortest period that fits nearly as well as the best one: no octave below.
            peaks = correlation[low:high] > 0.85 * best
            lag = low + int(np.argmax(peaks))
            while lag + 1 < high and correlation[lag + 1] > correlation[lag]:
                lag += 1
            found.append(audio.rate / lag)
    return float(np.median(found))


def _spoken(
    engines: Engines, texts: list[str], language: str, rate: float, voice: str | None = None
) -> Audio:
    chunks = Speaker(engines).speak(texts, language, Options(rate=rate, voice=voice))
    return Audio(samples=np.concatenate([c.audio.samples for c in chunks]), rate=RATE)


@pytest.mark.parametrize("tempo", [0.3, 0.5, 0.77, 1.3, 2.0, 2.5, 3.0])
def test_a_tone_keeps_its_pitch_and_has_the_very_length(tempo: float) -> None:
    times = np.arange(3 * RATE) / RATE
    tone = Audio(samples=(0.5 * np.sin(2 * np.pi * 150 * times)).astype(np.float32), rate=RATE)
    other = stretched(tone, tempo)
    assert len(other.samples) == round(3 * RATE / tempo)
    assert other.samples.dtype == np.float32
    assert _pitch(other) == pytest.approx(150, rel=0.02)
    level = np.sqrt((other.samples[2000:-4000] ** 2).mean())
    assert level == pytest.approx(0.5 / np.sqrt(2), rel=0.05)


def test_at_its_own_speed_nothing_is_done() -> None:
    sound = Audio(samples=np.zeros(100, np.float32), rate=RATE)
    assert stretched(sound, 1.0) is sound
    assert len(stretched(Audio.silence(0.0), 2.0).samples) == 0
    assert len(stretched(Audio.silence(0.004), 2.0).samples) == 32
    for tempo in (0.0, -1.0, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="tempo"):
            stretched(sound, tempo)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("texts", "language", "voice"),
    [(ENGLISH, "en", None), (ENGLISH[:3], "en", "espeak-en-us"), (CHINESE[:1], "zh", None)],
)
def test_the_rate_changes_the_length_and_not_the_pitch(
    engines: Engines, texts: list[str], language: str, voice: str | None
) -> None:
    own = _spoken(engines, texts, language, 1.0, voice)
    pitch = _pitch(own)
    for rate in (0.5, 2.0, 3.0):
        other = _spoken(engines, texts, language, rate, voice)
        assert own.duration / other.duration == pytest.approx(rate, rel=0.1), rate
        # Voices vary their melody from one reading to the next; resampling would be off by rate.
        assert _pitch(other) == pytest.approx(pitch, rel=0.12), rate


@pytest.mark.slow
def test_fast_speech_is_still_words(engines: Engines) -> None:
    """What plain faster-whisper, made for people's usual speed, still understands."""
    hear = hearing._plain_faster_whisper(engines)
    for texts, language, rate, most in (
        (ENGLISH[:5], "en", 2.0, 0.25),
        (ENGLISH[:5], "en", 3.0, 0.85),
        (CHINESE, "zh", 2.0, 0.3),
    ):
        wrong = length = 0
        for text in texts:
            audio = _spoken(engines, [text], language, rate).resampled(16_000)
            errors, tokens = hearing.errors(text, hear(audio, language)[0], language)
            wrong, length = wrong + errors, length + tokens
        print(f"{language} at {rate}: {wrong} of {length} wrong")  # with -s
        assert wrong <= most * length, (language, rate, wrong, length)


def test_word_times_scale_along(engines: Engines) -> None:
    pytest.importorskip("onnx")
    ends = {}
    for rate in (1.0, 3.0):
        (chunk,) = Speaker(engines).speak(["Turn left at the door."], "en", Options(rate=rate))
        assert chunk.timing == "exact"
        assert " ".join(word.text for word in chunk.words) == "Turn left at the door."
        times = [time for word in chunk.words for time in (word.start, word.end)]
        assert times == sorted(times)
        assert times[-1] <= chunk.audio.duration
        ends[rate] = times[-1]
    assert ends[1.0] / ends[3.0] == pytest.approx(3.0, rel=0.15)


def test_fast_speech_streams_and_stops(engines: Engines) -> None:
    cancel = Cancel()
    stream = Speaker(engines).speak(["One.", "Two."], "en", Options(rate=3.0), cancel)
    assert next(stream).text == "One."
    cancel.set()
    with pytest.raises(Cancelled):
        next(stream)
