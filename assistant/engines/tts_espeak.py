"""eSpeak NG, the program: robotic, instant, over a hundred languages; the last resort.

Not for Chinese: its Mandarin was unintelligible to Whisper, and a wrong answer is worse
than none.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import ClassVar, Self

from assistant.errors import EngineError, EngineMissing, InputError
from assistant.interfaces import DEFAULT_OPTIONS, Cancel, EngineContext, Options, Voice
from assistant.languages import base, language_of, sentences
from assistant.types import Audio, SpokenChunk

_USUAL_WPM = 175  # words a minute, the program's own speed
_RATE = 22_050  # Hz, of its output
_CHINESE = {"cmn", "yue", "hak", "zh", "nan", "wuu"}
_DEADLINE_S = 60.0
_FIX = "sudo apt-get install espeak-ng"


class Espeak:
    """A synthesizer. Stops within one sentence of work: about 20 ms."""

    name: ClassVar[str] = "espeak"
    rates: ClassVar[tuple[float, float]] = (0.5, 2.0)  # at 2.5 Whisper understands nothing

    def __init__(self, program: str) -> None:
        self._program = program

    @classmethod
    def load(cls, context: EngineContext) -> Self:
        """Find the program.

        Raises:
            EngineMissing: it is not installed.
        """
        program = shutil.which("espeak-ng")
        if program is None:
            raise EngineMissing("the program espeak-ng is not installed", fix=_FIX)
        return cls(program)

    def voices(self) -> tuple[Voice, ...]:
        return tuple(
            Voice(name=f"espeak-{code}", languages=tuple(names), engine=self.name)
            for code, names in self._known.items()
        )

    def speak(
        self,
        texts: Iterable[str],
        options: Options = DEFAULT_OPTIONS,
        cancel: Cancel | None = None,
    ) -> Iterator[SpokenChunk]:
        """Yield a chunk a sentence; `options.rate` is kept between 0.5 and 2.

        Raises:
            InputError: there is no such voice, or the language is Chinese or unknown.
            Cancelled, EngineError
        """
        slowest, fastest = self.rates
        wpm = round(_USUAL_WPM * min(max(options.rate, slowest), fastest))
        for text in texts:
            code = self._code(options, text)
            for sentence in sentences(text):
                if cancel is not None:
                    cancel.check()
                if re.search(r"\w", sentence):
                    yield SpokenChunk(audio=self._audio(sentence, code, wpm), text=sentence)

    @cached_property
    def _known(self) -> dict[str, dict[str, int]]:
        """Code of each voice -> language names it goes by and how well it fits (lower: better)."""
        listing = self._run(["--voices"], "").decode("utf-8", "replace")
        known = {}
        for line in listing.splitlines()[1:]:
            fit, code, *_ = line.split()
            others = {name.lower(): int(n) for name, n in re.findall(r"\((\S+) (\d+)\)", line)}
            if base(code) not in _CHINESE:
                known[code] = {code.lower(): int(fit)} | others
        return known

    def _code(self, options: Options, text: str) -> str:
        if options.voice is not None:
            wanted = options.voice.removeprefix("espeak-").lower()
        else:
            wanted = (options.language or language_of(text)).lower()
        if base(wanted) in _CHINESE:
            raise InputError("eSpeak cannot speak Chinese well", fix="assistant models pull")
        for name in (wanted, base(wanted)):
            fits = {code: names[name] for code, names in self._known.items() if name in names}
            if fits:
                return min(fits, key=fits.__getitem__)
        raise InputError(f"eSpeak has no voice {wanted!r}", fix="assistant speak --list-voices")

    def _audio(self, text: str, code: str, wpm: int) -> Audio:
        # [[...]] would be read as phonemes; a text that holds it means its characters.
        plain = re.sub(r"\[\[|\]\]", " ", text)
        return Audio.decode(
            self._run(["-v", code, "-s", str(wpm), "--stdin", "--stdout"], plain),
            name="eSpeak's output",
            rate=_RATE,
        )

    def _run(self, arguments: list[str], text: str) -> bytes:
        try:
            done = subprocess.run(
                [self._program, *arguments],
                input=text.encode(),
                capture_output=True,
                timeout=_DEADLINE_S,
                check=True,
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise EngineError(f"espeak-ng failed: {error}", fix=_FIX) from error
        return done.stdout
