"""Sound in which nobody speaks to the assistant, made by formulas, always the same.

Silence, noise, hum, clicks, taps, coughs and music are computed; talk far away and television
are the synthesised requests (`spoken_set`) and recorded speech, dull, reverberant and soft.
Levels are dBFS, root mean square.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from assistant.audio import HEARING_RATE as RATE
from assistant.interfaces import Float32
from assistant.types import Audio

NEAR_DB = -20.0  # dBFS of somebody who speaks to the assistant
_GAP_S = 1.5  # s of quiet after each sound, so that it would have ended a turn
_ROOM_DB = -65.0
_ECHO_S = 0.5  # s in which the echoes of other people's room fall by 60 dB


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """Some seconds of one kind of sound."""

    kind: str
    samples: Float32  # [n] at 16 kHz


Maker = Callable[[np.random.Generator, int], Float32]
"""A random generator and a number of samples -> sound of any loudness, [n]."""


def at_level(samples: Float32, decibels: float) -> Float32:
    """The sound with that root mean square, dBFS, never over full scale."""
    power = float(np.sqrt(np.mean(np.square(samples, dtype=np.float64))))
    gain = 10 ** (decibels / 20) / max(power, 1e-9)
    return np.asarray(np.clip(samples * gain, -1.0, 1.0), np.float32)


# --- noise -----------------------------------------------------------------------------------


def coloured(exponent: float) -> Maker:
    """Noise whose power falls with frequency to this power: 0 white, 1 pink, 2 brown."""

    def make(rng: np.random.Generator, count: int) -> Float32:
        spectrum = np.fft.rfft(rng.standard_normal(count))
        frequency = np.maximum(np.fft.rfftfreq(count, 1 / RATE), 20.0)
        shaped = np.fft.irfft(spectrum * frequency ** (-exponent / 2), count)
        return np.asarray(shaped, np.float32)

    return make


def hum(rng: np.random.Generator, count: int) -> Float32:
    """A mains transformer: 50 or 60 Hz and its harmonics, slowly beating."""
    t = np.arange(count) / RATE
    base = rng.choice([50.0, 60.0])
    tones = [
        np.sin(2 * np.pi * base * n * t + rng.uniform(0, 6)) / n ** rng.uniform(0.7, 1.5)
        for n in (1, 2, 3, 4, 6, 8, 12)
    ]
    swell = 1 + 0.2 * np.sin(2 * np.pi * 0.3 * t)
    return np.asarray(sum(tones) * swell, np.float32)


def fan(rng: np.random.Generator, count: int) -> Float32:
    """Pink noise that a blade cuts about 20 times a second, with its tone."""
    t = np.arange(count) / RATE
    rate = rng.uniform(12, 30)
    cut = 1 + 0.4 * np.sin(2 * np.pi * rate * t)
    noise = coloured(1.0)(rng, count)
    tone = 0.3 * noise.std() * np.sin(2 * np.pi * rate * 8 * t)
    return np.asarray(noise * cut + tone, np.float32)


# --- short sounds ----------------------------------------------------------------------------


def _scattered(
    rng: np.random.Generator, count: int, every_s: float, one: Callable[[], Float32]
) -> Float32:
    """Short sounds at random times, `every_s` apart in the mean."""
    out = np.zeros(count, np.float32)
    at = int(rng.uniform(0, every_s) * RATE)
    while at < count:
        sound = one()[: count - at]
        out[at : at + len(sound)] += sound
        at += max(1, int(rng.exponential(every_s) * RATE))
    return out


def _burst(rng: np.random.Generator, seconds: float, decay_s: float) -> Float32:
    count = int(seconds * RATE)
    falling = np.exp(-np.arange(count) / (decay_s * RATE))
    return np.asarray(rng.standard_normal(count) * falling, np.float32)


def _resonant(samples: Float32, frequency: float, width: float) -> Float32:
    """The sound through one resonance, both in Hz."""
    spectrum = np.fft.rfft(samples)
    f = np.fft.rfftfreq(len(samples), 1 / RATE)
    shape = 1 / (1 + ((f - frequency) / (width / 2)) ** 2)
    return np.asarray(np.fft.irfft(spectrum * shape, len(samples)), np.float32)


def clicks(rng: np.random.Generator, count: int) -> Float32:
    """Switches and mouse buttons: 2 ms, bright."""
    return _scattered(rng, count, 0.6, lambda: _burst(rng, 0.01, 0.001))


def keyboard(rng: np.random.Generator, count: int) -> Float32:
    """Typing: a press and a release a few hundredths of a second apart, six a second."""

    def key() -> Float32:
        out = np.zeros(int(0.12 * RATE), np.float32)
        for at, loud in ((0.0, 1.0), (rng.uniform(0.05, 0.09), 0.5)):
            tap = _resonant(_burst(rng, 0.025, 0.004), rng.uniform(1500, 4500), 2500) * loud
            start = int(at * RATE)
            out[start : start + len(tap)] += tap
        return out

    return _scattered(rng, count, 0.16, key)


def knocks(rng: np.random.Generator, count: int) -> Float32:
    """Doors and tables: groups of dull thuds."""

    def group() -> Float32:
        out = np.zeros(int(1.2 * RATE), np.float32)
        for n in range(int(rng.integers(1, 4))):
            thud = _resonant(_burst(rng, 0.15, 0.03), rng.uniform(80, 300), 200)
            start = int(n * 0.22 * RATE)
            out[start : start + len(thud)] += thud
        return out

    return _scattered(rng, count, 2.0, group)


def coughs(rng: np.random.Generator, count: int) -> Float32:
    """An explosion, a breathy middle, sometimes a voiced end, through a throat's resonances."""

    def cough() -> Float32:
        burst = _burst(rng, 0.09, 0.03)
        middle = _burst(rng, 0.25, 0.12) * np.float32(0.5)
        sound = np.concatenate([burst, middle])
        if rng.uniform() < 0.5:
            t = np.arange(int(0.15 * RATE)) / RATE
            pitch = rng.uniform(110, 220)
            voiced = sum(np.sin(2 * np.pi * pitch * n * t) / n for n in range(1, 15))
            sound = np.concatenate([sound, np.asarray(voiced * 0.4 * np.exp(-t / 0.06))])
        parts = [_resonant(sound, f, w) for f, w in ((600, 300), (1400, 500), (2700, 900))]
        return np.asarray(sum(parts), np.float32)

    return _scattered(rng, count, 2.5, cough)


# --- music -----------------------------------------------------------------------------------


def _note(
    rng: np.random.Generator, pitch: float, seconds: float, *, plucked: bool, partials: int
) -> Float32:
    t = np.arange(int(seconds * RATE)) / RATE
    vibrato = 0.0 if plucked else rng.uniform(0.002, 0.008)
    phase = 2 * np.pi * pitch * t + vibrato * pitch / 5.5 * np.sin(2 * np.pi * 5.5 * t)
    tone = sum(np.sin(n * phase) / n**1.3 for n in range(1, partials + 1) if n * pitch < 7000)
    swell = np.minimum(1, t / (0.005 if plucked else 0.06))
    fall = np.exp(-t / 0.5) if plucked else np.minimum(1, (seconds - t) / 0.08)
    return np.asarray(tone * swell * fall, np.float32)


_SCALE = (0, 2, 4, 5, 7, 9, 11)


def _pitch(step: int, low: float) -> float:
    return float(low * 2 ** ((12 * (step // 7) + _SCALE[step % 7]) / 12))


def melody(rng: np.random.Generator, count: int) -> Float32:
    """One instrument, bowed or plucked, that wanders over a scale."""
    plucked, out, at, step = bool(rng.uniform() < 0.5), np.zeros(count, np.float32), 0, 7
    low = rng.uniform(110, 260)
    while at < count:
        seconds = float(rng.choice([0.25, 0.5, 0.5, 1.0]))
        note = _note(rng, _pitch(step, low), seconds * 1.1, plucked=plucked, partials=9)
        note = note[: count - at]
        out[at : at + len(note)] += note
        at += int(seconds * RATE)
        step = int(np.clip(step + rng.integers(-2, 3), 0, 14))
    return out


def chords(rng: np.random.Generator, count: int) -> Float32:
    """Three or four notes at a time, changed every two seconds."""
    out, at, low = np.zeros(count, np.float32), 0, rng.uniform(90, 180)
    while at < count:
        root = int(rng.integers(0, 7))
        for up in (0, 2, 4, 7)[: int(rng.integers(3, 5))]:
            note = _note(rng, _pitch(root + up, low), 2.0, plucked=False, partials=7)
            note = note[: count - at]
            out[at : at + len(note)] += note
        at += 2 * RATE
    return out


def drums(rng: np.random.Generator, count: int) -> Float32:
    """A kick, a snare and a hat at about 110 beats a minute."""
    out, beat = np.zeros(count, np.float32), 60 / rng.uniform(90, 130)
    t = np.arange(int(0.25 * RATE)) / RATE
    kick = np.sin(2 * np.pi * (50 * t + 30 * (1 - np.exp(-t / 0.03)) * 0.03)) * np.exp(-t / 0.08)
    for number in range(int(count / RATE / beat * 2)):
        at = int(number * beat / 2 * RATE)
        hits = [0.15 * _burst(rng, 0.05, 0.01)]
        if number % 4 == 0:
            hits.append(np.asarray(kick, np.float32) * 2)
        if number % 4 == 2:
            hits.append(_resonant(_burst(rng, 0.2, 0.06), 1800, 2500))
        for hit in hits:
            cut = hit[: max(0, count - at)]
            out[at : at + len(cut)] += cut
    return out


def band(rng: np.random.Generator, count: int) -> Float32:
    """Drums, chords and a melody together."""
    parts = [at_level(make(rng, count), -20) for make in (drums, chords, melody)]
    return np.asarray(sum(parts), np.float32)


# --- other people ------------------------------------------------------------------------------


def far(samples: Float32, rng: np.random.Generator) -> Float32:
    """Speech from across a room: below 3.5 kHz, with more echo (0.5 s) than direct sound."""
    spectrum = np.fft.rfft(samples)
    f = np.fft.rfftfreq(len(samples), 1 / RATE)
    dull = np.fft.irfft(spectrum / np.sqrt(1 + (f / 3500) ** 8), len(samples))
    length = int(_ECHO_S * RATE)
    tail = rng.standard_normal(length) * np.exp(-6.9 * np.arange(length) / length)
    tail[: int(0.005 * RATE)] = 0
    tail /= np.sqrt((tail**2).sum())
    tail[0] = 10 ** (-3 / 20)  # the direct sound, 3 dB under its echoes
    size = len(samples) + length
    wet = np.fft.irfft(np.fft.rfft(dull, size) * np.fft.rfft(tail, size), size)
    return np.asarray(wet[: len(samples)], np.float32)


def talk(rng: np.random.Generator, count: int, voices: Sequence[Audio], at_once: int) -> Float32:
    """That many people talking at once, all far away; nobody is cut off, and the room rings out."""
    out = np.zeros(count, np.float32)
    limit = count - round(_ECHO_S * RATE)
    for _ in range(at_once):
        at = int(rng.uniform(0, 0.5) * RATE)
        while at < limit:
            sound = voices[int(rng.integers(len(voices)))].resampled(RATE).samples
            if at + len(sound) <= limit:
                out[at : at + len(sound)] += sound
                at += len(sound)
            at += int(rng.uniform(0.1, 0.8) * RATE)
    return far(out, rng)


# --- all of it -----------------------------------------------------------------------------------

_NOISES: Sequence[tuple[str, Maker, tuple[float, ...]]] = (
    ("white noise", coloured(0.0), (-60, -45, -35, -25)),
    ("pink noise", coloured(1.0), (-60, -45, -35, -25)),
    ("brown noise", coloured(2.0), (-50, -35, -20)),
    ("hum", hum, (-45, -25)),
    ("fan", fan, (-45, -30)),
    ("clicks", clicks, (-45, -30)),
    ("keyboard", keyboard, (-45, -35, -28)),
    ("knocks", knocks, (-40, -28)),
    ("coughs", coughs, (-40, -32, -25)),
    ("melody", melody, (-40, -30, -20)),
    ("chords", chords, (-40, -30, -20)),
    ("drums", drums, (-35, -22)),
    ("band", band, (-40, -30, -20)),
)
_TALK: Sequence[tuple[str, int, float]] = (
    ("babble", 6, -30.0),
    ("babble", 6, -25.0),
    ("television", 1, -30.0),
    ("television", 1, -25.0),
)
"""Kind, people at once, dB against somebody near."""


def stretches(
    seconds: float, voices: Sequence[Audio] = (), recorded: Sequence[Audio] = (), seed: int = 7
) -> Iterator[Stretch]:
    """Yield all kinds at all levels, together so many seconds, each in a quiet room.

    Args:
        seconds: s in all.
        voices: speech for the talk of others, at any loudness; none leaves that out.
        recorded: recordings without speech, at their own loudness.
        seed: of the random numbers.
    """
    rng = np.random.default_rng(seed)
    silent = 0.05 * seconds
    plans: list[tuple[str, Callable[[int], Float32]]] = []
    for kind, make, levels in _NOISES:
        for level in levels:
            plans.append((kind, _plan(rng, make, level)))
    for kind, people, below in _TALK if voices else ():
        for _ in range(4):
            plans.append((kind, _talk_plan(rng, voices, people, NEAR_DB + below)))
    each = (seconds - silent - sum(a.duration for a in recorded)) / len(plans) - _GAP_S
    yield Stretch(kind="silence", samples=np.zeros(round(silent * RATE), np.float32))
    for audio in recorded:
        yield Stretch(kind="recorded", samples=audio.resampled(RATE).samples)
    for kind, plan in plans:
        sound = plan(max(RATE // 2, round(each * RATE)))
        room = at_level(coloured(1.0)(rng, len(sound) + round(_GAP_S * RATE)), _ROOM_DB)
        room[: len(sound)] += sound
        yield Stretch(kind=kind, samples=np.clip(room, -1, 1))


def _plan(rng: np.random.Generator, make: Maker, level: float) -> Callable[[int], Float32]:
    return lambda count: at_level(make(rng, count), level)


def _talk_plan(
    rng: np.random.Generator, voices: Sequence[Audio], people: int, level: float
) -> Callable[[int], Float32]:
    return lambda count: at_level(talk(rng, count, voices, people), level)
