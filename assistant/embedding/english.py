"""Chinese texts in English, for encoders that read nothing else, by the profile's chat model."""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from typing import Any

from assistant.errors import AssistantError, EngineError, EngineMissing
from assistant.templates import render

_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_KEPT = 512  # translations
_LONGEST = 300  # characters of a translation; CLIP takes 77 tokens
_FIX = "ask in English, or use an encoder of many languages: siglip2-base-patch16-224"


class English:
    """Texts with Chinese characters translated, others as they are. Thread-safe.

    Without a language model the answer is an error and not a vector: English-only encoders
    give Chinese some vector too, and what is found by it is chance.
    """

    def __init__(self, chat: Callable[[], Any]) -> None:
        """`chat` gives the profile's `ChatModel`; it is called when a text first needs it."""
        self._chat = chat
        self._known: OrderedDict[str, str] = OrderedDict()
        self._lock = threading.Lock()

    def __call__(self, texts: Sequence[str]) -> list[str]:
        """The texts in English.

        Raises:
            EngineMissing: a text is Chinese and no language model is here.
            EngineError: the language model did not translate it.
        """
        return [self._english(text) if _HAN.search(text) else text for text in texts]

    def _english(self, text: str) -> str:
        with self._lock:
            if text not in self._known:
                self._known[text] = self._translated(text)
                if len(self._known) > _KEPT:
                    self._known.popitem(last=False)
            self._known.move_to_end(text)
            return self._known[text]

    def _translated(self, text: str) -> str:
        try:
            model = self._chat().chat()
        except AssistantError as error:
            raise EngineMissing(
                f"this picture encoder reads English only, and nothing here translates: {error}",
                fix=error.fix or _FIX,
            ) from error
        try:
            prompt = render("photos/translate.md.j2", text=text)
            reply = _first_line(model.stream(prompt))
        except AssistantError:
            raise
        except Exception as error:  # each provider has its own exceptions
            raise EngineError(f"the search was not translated: {error}", fix=_FIX) from error
        english = " ".join(reply.strip().strip("\"'“”.").split())
        if not english or _HAN.search(english):
            raise EngineError(f"the language model did not translate {text!r}", fix=_FIX)
        return english


def _first_line(stream: Generator[Any, None, None]) -> str:
    """The first line that a model writes; then it is stopped."""
    said = ""
    with closing(stream) as pieces:
        for piece in pieces:
            said = (said + str(piece.content)).lstrip()
            if "\n" in said or len(said) > _LONGEST:
                break
    return said.split("\n")[0][:_LONGEST]
