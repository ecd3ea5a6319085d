"""Answers that a vision model gave before, for exactly the same pictures and question."""

from __future__ import annotations

import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from assistant.interfaces import DEFAULT_OPTIONS, Cancel, Options, VisionModel
from assistant.types import Picture

_ENTRIES = 256
_CHARACTERS = 2_000_000  # of all answers together, 8 MB at most


class AnswerCache:
    """Whole answers by key, the longest unused one forgotten first. Thread-safe, in memory."""

    def __init__(self, entries: int = _ENTRIES, characters: int = _CHARACTERS) -> None:
        self._entries, self._characters = entries, characters
        self._answers: OrderedDict[str, str] = OrderedDict()
        self._held = 0
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._answers)

    def get(self, key: str) -> str | None:
        """The answer kept under a key."""
        with self._lock:
            if key in self._answers:
                self._answers.move_to_end(key)
            return self._answers.get(key)

    def put(self, key: str, answer: str) -> None:
        """Keep an answer; one longer than all the room is not kept."""
        if len(answer) > self._characters:
            return
        with self._lock:
            self._held += len(answer) - len(self._answers.pop(key, ""))
            self._answers[key] = answer
            while len(self._answers) > self._entries or self._held > self._characters:
                self._held -= len(self._answers.popitem(last=False)[1])


class Remembering:
    """A `VisionModel` that is asked the same thing once.

    Models answer at temperature 0, so that what is kept is what they would say again. Kept is
    only an answer that ended by itself: not one that was stopped, late or failed.
    """

    name: ClassVar[str] = "remembering"

    def __init__(self, model: VisionModel, cache: AnswerCache | None = None) -> None:
        self.model = model
        self.cache = AnswerCache() if cache is None else cache

    @property
    def id(self) -> str:
        """The model's own."""
        return self.model.id

    def answer(
        self,
        pictures: Sequence[Picture],
        prompt: str,
        options: Options = DEFAULT_OPTIONS,
        cancel: Cancel | None = None,
    ) -> Iterator[str]:
        """Yield the pieces of the answer, or at once the whole one that was given before.

        Raises:
            Cancelled, DeadlineExceeded, EngineError, InputError: the model's own.
        """
        if cancel is not None:
            cancel.check()
        key = answer_key(self.model.id, pictures, prompt, options)
        known = self.cache.get(key)
        if known is not None:
            yield known
            return
        pieces: list[str] = []
        for piece in self.model.answer(pictures, prompt, options, cancel):
            pieces.append(piece)
            yield piece
        self.cache.put(key, "".join(pieces))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.__dict__["model"], name)


def answer_key(model: str, pictures: Sequence[Picture], prompt: str, options: Options) -> str:
    """A hash of all that an answer depends on: model, pixels, prompt, and the options in it."""
    digest = hashlib.blake2b(digest_size=16)
    asked = [
        model,
        prompt,
        options.language,
        dict(options.schema) if options.schema is not None else None,
        options.history,
        options.max_tokens,
    ]
    digest.update(json.dumps(asked, sort_keys=True, ensure_ascii=False).encode())
    for picture in pictures:
        digest.update(repr(picture.pixels.shape).encode())
        digest.update(picture.pixels.tobytes())
    return digest.hexdigest()
