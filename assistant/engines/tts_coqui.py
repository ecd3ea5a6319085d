"""Coqui TTS (the package coqui-tts, MPL-2.0), in a child process of an environment of its own.

Its packages do not fit beside this program's. `assistant setup coqui` builds the environment;
the voice is a folder of the user's own, as docs/coqui.md tells, and is read by
`coqui_child.py`. Nothing is downloaded when it loads or speaks.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np

from assistant.environments import environment
from assistant.environments.child import Child
from assistant.errors import EngineError, EngineMissing, InputError
from assistant.interfaces import DEFAULT_OPTIONS, Cancel, EngineContext, Options, Voice
from assistant.languages import base, language_of, sentences
from assistant.types import Audio, SpokenChunk

_OFFLINE = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}


class Coqui:
    """A synthesizer. Stops within 0.6 s: a sentence that takes longer is given up by ending the
    child, and the next text waits until the voice has loaded again (5 to 20 s).
    """

    name: ClassVar[str] = "coqui"

    def __init__(self, child: Child, folder: str, settings: Mapping[str, Any]) -> None:
        """`settings`: `speaker`, the voice where none is asked for; `language`, what a voice
        of one language speaks where its configuration does not tell.

        Raises:
            EngineError: the voice cannot be loaded.
        """
        self._child = child
        self._lock = threading.Lock()
        loaded = child.ready()
        slowest, fastest = loaded["rates"]
        self.rates: tuple[float, float] = (slowest, fastest)
        self._languages = tuple(str(name) for name in loaded["languages"])
        spoken = self._languages
        if len(spoken) < 2 and settings.get("language"):
            spoken = (str(settings["language"]),)
        names = [str(name) for name in loaded["speakers"]]
        self._single = not names
        self._offered = tuple(
            Voice(name=name, languages=spoken, engine=self.name) for name in names or [folder]
        )
        self._usual = str(settings.get("speaker") or self._offered[0].name)

    @classmethod
    def load(cls, context: EngineContext) -> Self:
        """Start the child and let it load the voice; 5 to 20 s.

        Raises:
            EngineMissing: the environment is not built.
            WeightsMissing: there is no such folder.
            EngineError: the folder holds no voice that can be loaded.
        """
        place = environment("coqui")
        missing = place.missing()
        if missing is not None:
            raise EngineMissing(f"coqui: {missing}", fix="assistant setup coqui")
        folder = context.weights()
        script = Path(__file__).with_name("coqui_child.py")
        command = [str(place.python), "-I", str(script), str(folder)]
        child = Child(command, _OFFLINE, name=f"the Coqui voice {folder.name}")
        try:
            return cls(child, folder.name, context.options)
        except BaseException:
            child.close()
            raise

    def close(self) -> None:
        """End the child."""
        with self._lock:
            self._child.close()

    def voices(self) -> tuple[Voice, ...]:
        return self._offered

    def speak(
        self,
        texts: Iterable[str],
        options: Options = DEFAULT_OPTIONS,
        cancel: Cancel | None = None,
    ) -> Iterator[SpokenChunk]:
        """Yield a chunk a sentence; `options.rate` is kept within `rates`.

        Raises:
            InputError: there is no such voice, or it does not speak the language.
            Cancelled, DeadlineExceeded, EngineError
        """
        slowest, fastest = self.rates
        rate = min(max(options.rate, slowest), fastest)
        speaker = self._speaker(options.voice)
        for text in texts:
            language = self._language(options.language or language_of(text))
            for sentence in sentences(text):
                if cancel is not None:
                    cancel.check()
                if re.search(r"\w", sentence):
                    request = {"text": sentence, "speaker": speaker, "language": language}
                    yield self._chunk({**request, "rate": rate}, options, cancel)

    def _chunk(
        self, request: Mapping[str, Any], options: Options, cancel: Cancel | None
    ) -> SpokenChunk:
        with self._lock:
            header, sound = self._child.ask(request, cancel, options.deadline_s)
        if cancel is not None:
            cancel.check()
        if "error" in header:
            raise EngineError(
                f"Coqui cannot speak {request['text']!r}: {header['error']}",
                fix="try another voice",
            )
        samples = np.clip(np.nan_to_num(np.frombuffer(sound, "<f4")), -1, 1).astype(np.float32)
        return SpokenChunk(
            audio=Audio(samples=samples, rate=int(header["sample_rate"])), text=request["text"]
        )

    def _speaker(self, voice: str | None) -> str | None:
        """The library's name of a voice; None for a model with one."""
        wanted = voice or self._usual
        if wanted not in {offered.name for offered in self._offered}:
            raise InputError(
                f"this Coqui model has no voice {wanted!r}", fix="assistant speak --list-voices"
            )
        return None if self._single else wanted

    def _language(self, wanted: str) -> str:
        """The library's name of a language: `zh-cn` for `zh`."""
        known = self._offered[0].languages
        for name, library in zip(known, self._languages, strict=False):
            if base(name) == base(wanted):
                return library
        raise InputError(
            f"this Coqui voice does not speak {wanted!r}",
            fix=f"it speaks: {', '.join(known)}; give --language",
        )
