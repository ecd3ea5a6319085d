"""Text made audible: each clause normalised, given a voice of its language, and spoken.

A sentence is cut into clauses, short ones first, so that sound starts early and each clause
plays while the next is made. A clause with Chinese characters goes to the Chinese voice,
which also says the Latin words in it; when a voice fails, the next that knows the language
takes over.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np

from assistant.errors import AssistantError, Cancelled, EngineError, InputError, WeightsError
from assistant.interfaces import DEFAULT_OPTIONS, Cancel, Options, Synthesizer, Voice
from assistant.languages import base, language_of, length
from assistant.normalisation import markup, spoken
from assistant.registry import Engines
from assistant.settings import EngineSettings
from assistant.stretching import stretched
from assistant.types import Audio, SpokenChunk, Word
from assistant.word_times import estimated_words, exact_words

RATE = 24_000  # Hz, of every chunk
_LOUDNESS = 0.13  # root mean square of the louder half of a chunk; voices differ by 8 dB
_PEAK = 0.95
_STILL = 0.01  # of the peak; quieter than this before and after speech is cut off
_EDGE_S = 0.03  # s kept around speech, for soft consonants
_PAUSES = {"sentence": 0.3, "clause": 0.1}  # s after a chunk, at the voice's own speed
_FIRST, _LAST = 3, 24  # words (or half as many again Han characters) of first and later clauses
_KEPT = 64  # short clauses that are not synthesised again; 0.1 MB for each second of their speech
_SHORT = 12  # words or Han characters of a kept clause, at most

_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
_KANA = re.compile(r"[\u3040-\u30ff]")
_LATIN = re.compile(r"[A-Za-zÀ-ÖØ-öø-ÿ]{2,}")
_BREAK = re.compile(
    r"(?P<end>[.!?…]+[\"'”’)]*(?=\s|$)|[。！？]+[”’」』）]*|\n+)"
    r"|[,;:](?=\s+\D)|—+|[，；：、]"
)
_NO_END = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|Prof|St|No|vs|etc|approx|tel|qty|exp|e\.g|i\.e|[A-Z])|^\s*\d+)\.$"
)
# A place that begins a Chinese sentence is a phrase of its own, also where no comma follows.
_PLACE = re.compile(
    r"\s*(?:在你(?:[左右]?前方|[左右]边)|在.{1,2}点钟方向|从左到右)(?=可能有|有|近处|远处|不远处)"
)

Tell = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Clause:
    """A piece of text that is spoken in one go."""

    text: str  # as written
    ends: bool  # whether its sentence ends with it


def clauses(text: str, language: str) -> Iterator[Clause]:
    """The clauses of a text, the first one short, each later one at most twice as long."""
    target = limit = 0
    current = ""
    for piece, ends in _pieces(text):
        current += piece
        wide = 1.5 if _HAN.search(current) else 1.0
        target = target or round(_FIRST * wide)
        limit = round(_LAST * wide)
        size = length(current, "zh" if wide > 1 else language)
        if ends or size >= target:
            if current.strip():
                yield Clause(text=current.strip(), ends=ends)
                target = min(limit, max(target, 2 * size))
            current = ""
    if current.strip():
        yield Clause(text=current.strip(), ends=True)


def _pieces(text: str) -> Iterator[tuple[str, bool]]:
    """Text up to each place where a speaker may pause, and whether a sentence ends there."""
    start = 0
    place = _PLACE.match(text)
    if place is not None:
        start = place.end()
        yield place[0], False
    for found in _BREAK.finditer(text, start):
        ends = found["end"] is not None
        if ends and _NO_END.search(text[start : found.end()]):
            continue
        yield text[start : found.end()], ends
        start = found.end()
    if text[start:].strip():
        yield text[start:], True


def clause_language(clause: str, language: str) -> str:
    """The language whose voice speaks a clause of a text in `language`.

    Latin words alone go to the English voice within a Chinese text, unless there is only one.
    """
    if _KANA.search(clause) and base(language) != "zh":
        return "ja"
    if _HAN.search(clause) and base(language) != "ja":
        return "zh"
    if base(language) == "zh" and len(_LATIN.findall(clause)) > 1:
        return "en"
    return language


class Speaker:
    """Speaks texts of any language with the voices of a profile."""

    def __init__(self, engines: Engines, tell: Tell | None = None) -> None:
        """`tell` is given a sentence where a voice had to be replaced."""
        self._engines = engines
        self._tell = tell or logging.getLogger(__name__).warning
        self._kept = lru_cache(maxsize=_KEPT)(_made)  # openings of answers come again and again

    def speak(
        self,
        texts: Iterable[str],
        language: str | None = None,
        options: Options = DEFAULT_OPTIONS,
        cancel: Cancel | None = None,
        *,
        ends: bool = True,
    ) -> Iterator[SpokenChunk]:
        """Yield speech at 24 kHz, the first chunk as soon as the first clause is made.

        Each text is a sentence or more, or without `ends` a part of one, which has a shorter
        pause after it. Without a language each text's own is found out.
        Stops within one clause of work.

        Raises:
            InputError: no engine has the voice that was asked for.
            EngineError, WeightsError: no voice can speak the language.
            Cancelled
        """
        asked = self._asked(options.voice)
        speaking = _Speaking(
            engines=self._engines, tell=self._tell, options=options, asked=asked, kept=self._kept
        )
        given = language or options.language or (asked.voice.languages[0] if asked else None)
        for raw in texts:
            text = "".join(markup.blocks([raw], given or language_of(raw)))
            for clause in clauses(text, given or language_of(text)):
                if cancel is not None:
                    cancel.check()
                if not ends and text.rstrip().endswith(clause.text):
                    clause = replace(clause, ends=False)
                own = clause_language(clause.text, given or language_of(text))
                yield from speaking.clause(clause, own)

    def warm(self, language: str) -> None:
        """Load the voice of a language and let it speak once, unheard.

        Raises:
            EngineError, WeightsError: no voice can speak the language.
        """
        for _ in self.speak(["好。" if base(language) == "zh" else "OK."], language):
            pass

    def voices(self) -> list[Voice]:
        """All voices of the profile's synthesizers that are ready."""
        found: list[Voice] = []
        for settings in _synthesizers(self._engines):
            try:
                found += self._engines.synthesizer_engine(settings).voices()
            except (EngineError, WeightsError) as error:
                self._tell(f"{error}; fix: {error.fix}")
        return found

    def _asked(self, name: str | None) -> _Asked | None:
        if name is None:
            return None
        for settings in _synthesizers(self._engines):
            try:
                voices = self._engines.synthesizer_engine(settings).voices()
            except (EngineError, WeightsError):
                continue
            for voice in voices:
                if voice.name == name:
                    return _Asked(voice=voice, settings=settings)
        raise InputError(f"there is no voice {name!r}", fix="assistant speak --list-voices")


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """The voice that the caller asked for."""

    voice: Voice
    settings: EngineSettings


@dataclass(kw_only=True)
class _Speaking:
    """One call of `Speaker.speak`: it remembers which engines failed."""

    engines: Engines
    tell: Tell
    options: Options
    asked: _Asked | None
    kept: Callable[..., tuple[SpokenChunk, ...]]  # `_made`, remembering the last ones
    failed: set[str] = field(default_factory=set)
    told: set[str] = field(default_factory=set)

    def clause(self, clause: Clause, language: str) -> Iterator[SpokenChunk]:
        """The chunks of one clause, from the first voice that manages it."""
        words = spoken(clause.text, language)
        if not words:
            return
        last: AssistantError | None = None
        for settings, voice in self._candidates(language):
            try:
                engine = self.engines.synthesizer_engine(settings)
                if not _speaks(engine, language):
                    continue
                own = _own_rate(engine, self.options.rate)
                # All of the clause before any of it is heard, so that a voice that fails
                # in its middle is not heard to start twice.
                make = self.kept if length(words, "zh") <= _SHORT else _made
                chunks = make(engine, words, language=language, voice=voice, rate=own)
            except Cancelled:
                raise
            except (EngineError, WeightsError) as error:
                last = error
                self.failed.add(settings.engine)
                self._once(f"the voice {settings.engine} failed ({error}); trying another one")
                continue
            yield from self._finished(chunks, clause, self.options.rate / own)
            return
        fix = last.fix if last else "add a voice for it below `synthesizers` in the profile"
        raise EngineError(f"no voice can speak {language!r}", fix=fix) from last

    def _candidates(self, language: str) -> Iterator[tuple[EngineSettings, str | None]]:
        profile = self.engines.profile.synthesizers
        asked = self.asked
        if asked and base(language) in map(base, asked.voice.languages):
            yield asked.settings, asked.voice.name
        own = profile.get(base(language)) or profile.get("*")
        for settings in ([own] if own else []) + _synthesizers(self.engines):
            if settings.engine not in self.failed:
                yield settings, None

    def _once(self, sentence: str) -> None:
        if sentence not in self.told:
            self.told.add(sentence)
            self.tell(sentence)

    def _finished(
        self, chunks: Sequence[SpokenChunk], clause: Clause, tempo: float
    ) -> Iterator[SpokenChunk]:
        """Chunks at one sample rate and loudness, `tempo` times as fast, a pause after each."""
        for i, chunk in enumerate(chunks):
            whole = chunk.audio.resampled(RATE)
            start, end = speech_span(whole)
            own = Audio(samples=whole.samples[start:end], rate=RATE)
            heard = levelled(stretched(own, tempo))
            last = i + 1 == len(chunks)
            pause = _PAUSES["sentence" if clause.ends or not last else "clause"]
            silence = np.zeros(round(pause / self.options.rate * RATE), np.float32)
            text = clause.text if i == 0 else ""
            exact = exact_words(text, chunk.words, start / RATE, own.duration)
            words = _faster(exact, tempo) or estimated_words(text, heard.duration)
            yield SpokenChunk(
                audio=Audio(samples=np.concatenate([heard.samples, silence]), rate=RATE),
                text=text,
                words=words if len(chunks) == 1 else (),
                timing="exact" if exact and len(chunks) == 1 else "estimated",
            )


def _made(
    engine: Synthesizer, words: str, *, language: str, voice: str | None, rate: float
) -> tuple[SpokenChunk, ...]:
    """All of a clause's speech, as the engine makes it."""
    return tuple(engine.speak([words], Options(language=language, voice=voice, rate=rate)))


def _own_rate(engine: Synthesizer, rate: float) -> float:
    """The rate that the engine itself speaks at; the rest is stretched."""
    slowest, fastest = getattr(engine, "rates", (0.0, 99.0))
    return float(min(max(rate, slowest), fastest))


def _faster(words: tuple[Word, ...], tempo: float) -> tuple[Word, ...]:
    """Word times of a sound that was made `tempo` times as fast."""
    if tempo == 1:
        return words
    return tuple(
        Word(text=w.text, start=round(w.start / tempo, 3), end=round(w.end / tempo, 3))
        for w in words
    )


def _synthesizers(engines: Engines) -> list[EngineSettings]:
    """The profile's synthesizers, each once."""
    found: list[EngineSettings] = []
    for settings in engines.profile.synthesizers.values():
        if settings not in found:
            found.append(settings)
    return found


def _speaks(engine: Synthesizer, language: str) -> bool:
    known = {base(name) for voice in engine.voices() for name in voice.languages}
    return base(language) in known


def speech_span(audio: Audio) -> tuple[int, int]:
    """The samples from the first to the last sound, and a little around them."""
    level = np.abs(audio.samples)
    loud = np.nonzero(level > _STILL * level.max(initial=0.0))[0]
    if not len(loud):
        return 0, len(audio.samples)
    edge = round(_EDGE_S * audio.rate)
    return max(0, int(loud[0]) - edge), min(len(audio.samples), int(loud[-1]) + 1 + edge)


def trimmed(audio: Audio) -> Audio:
    """The sound without silence before and after it."""
    start, end = speech_span(audio)
    return Audio(samples=audio.samples[start:end], rate=audio.rate)


def levelled(audio: Audio) -> Audio:
    """The sound at the common loudness, its peak under full scale."""
    frame = audio.rate // 50
    frames = audio.samples[: len(audio.samples) // frame * frame].reshape(-1, frame)
    power = np.sort((frames**2).mean(axis=1))[len(frames) // 2 :]
    peak = float(np.abs(audio.samples).max(initial=0.0))
    if not len(power) or peak == 0:
        return audio
    gain = min(_LOUDNESS / float(np.sqrt(power.mean())), _PEAK / peak)
    return Audio(samples=audio.samples * np.float32(gain), rate=audio.rate)
