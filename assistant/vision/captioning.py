"""A caption of a picture in a vision model's words, for a library to be searched by.

It is text about a picture and nothing else: orders, refusals and remarks are taken off, and each
clause is held to what was measured, as in a description that is spoken.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from assistant.errors import DeadlineExceeded
from assistant.interfaces import Cancel, Options, VisionModel
from assistant.templates import render
from assistant.vision.answers import Facts
from assistant.vision.checking import Evidence, check, output
from assistant.vision.checking.asking import ask

_DEADLINE_S: Final = 120.0  # nobody waits for it, but a library should end
_TOKENS: Final = 80
_SENTENCES: Final = 2
_LONGEST: Final = 300  # characters


class Captioner:
    """Asks a vision model, which is loaded with the first picture."""

    def __init__(self, model: Callable[[], VisionModel], id: str) -> None:
        """`id` tells the model and its weights without loading them."""
        self._model = model
        self.id = id

    def caption(self, facts: Facts, cancel: Cancel | None = None) -> str:
        """At most two English sentences; empty where nothing can be seen or nothing stands.

        Raises:
            WeightsMissing, EngineMissing, EngineError: the model cannot be loaded, or failed.
            Cancelled
        """
        if facts.quality.unreadable:
            return ""
        options = Options(language="en", max_tokens=_TOKENS, deadline_s=_DEADLINE_S)
        prompt = render("photos/caption.j2")
        try:
            raw = ask(self._model(), [facts.picture], prompt, options, cancel)
        except DeadlineExceeded:
            return ""
        checked = check(output.sentences(raw), Evidence(facts), "en")
        return " ".join(checked.sentences[:_SENTENCES])[:_LONGEST]
