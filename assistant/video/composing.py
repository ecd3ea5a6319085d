"""Words parts of a video by a language model, one short call each, and keeps what is carried.

A small model writes one sentence about a few numbered lines far better than a whole timeline
about many, and what it gets wrong costs one part only. Requests share their beginning, which
the embedded model then reads once.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from assistant import templates
from assistant.errors import EngineError
from assistant.interfaces import Cancel, ChatModel
from assistant.types import Claim, Evidence
from assistant.video import citing, wording

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

_log = logging.getLogger(__name__)

_SENTENCE_TOKENS: Final = 120
_CITED: Final = 6  # lines that one sentence may use
_LINE: Final = 300  # characters of a line that are shown
_KINDS: Final = {
    "speech": "speech", "text": "screen", "scene": "seen", "action": "seen", "measure": "measured",
}  # fmt: skip


@dataclass
class Composer:
    """A language model that words claims; what its evidence does not carry is dropped."""

    model: ChatModel
    language: str
    cancel: Cancel | None = None
    asked: int = 0  # sentences that were asked for
    dropped: int = 0  # of those, how many said more than their evidence

    @property
    def name(self) -> str:
        """The engine of the model."""
        return str(getattr(self.model, "name", "language model"))

    def sentence(self, lines: Sequence[Evidence]) -> Claim | None:
        """One sentence about some lines; None where none was written that they carry.

        Raises:
            Cancelled
        """
        numbers = [one.number for one in lines]
        item = {
            "type": "object",
            "properties": {"lines": _cited(numbers), "sentence": {"type": "string"}},
            "required": ["lines", "sentence"],
            "additionalProperties": False,
        }
        answer = self._answer(_part(lines), item, _SENTENCE_TOKENS)
        return self._claim(answer, lines)

    def _claim(self, answer: object, lines: Sequence[Evidence]) -> Claim | None:
        """A sentence and its evidence, checked."""
        self.asked += 1
        if not isinstance(answer, Mapping):
            self.dropped += 1
            return None
        text = " ".join(str(answer.get("sentence", "")).split())
        found = answer.get("lines")
        numbers = set(found) if isinstance(found, list) else set()
        cited = [one for one in lines if one.number in numbers]
        fault = citing.fault(text, cited, self.language)
        if fault is not None:
            self.dropped += 1
            _log.info("dropped of a video: %r %s", text, fault)
            return None
        return Claim(
            text=wording.ended(text, self.language), evidence=tuple(one.number for one in cited)
        )

    def _answer(self, prompt: str, schema: Mapping[str, Any], tokens: int) -> Mapping[str, Any]:
        """The model's JSON; empty where it failed or wrote none."""
        from langchain_core.messages import HumanMessage

        form = {"name": "part", "schema": schema}
        chat: Any = self.model.chat().bind(
            response_format={"type": "json_schema", "json_schema": form},
            max_tokens=tokens,
            temperature=0.0,
        )
        written = ""
        try:
            with closing(chat.stream([*_beginning(self.language), HumanMessage(prompt)])) as pieces:
                for piece in pieces:
                    if self.cancel is not None:
                        self.cancel.check()
                    written += str(piece.content)
            answer = json.loads(written)
        except (EngineError, ValueError) as error:
            _log.info("the language model told nothing of a part: %s", error)
            return {}
        return answer if isinstance(answer, Mapping) else {}


def _cited(numbers: Sequence[int]) -> Mapping[str, Any]:
    return {
        "type": "array",
        "items": {"enum": list(numbers)},
        "minItems": 1,
        "maxItems": min(_CITED, max(1, len(numbers))),  # a small model goes on counting
    }


def _part(lines: Sequence[Evidence]) -> str:
    return templates.render("video/part.j2", lines=_rows(lines))


def _rows(lines: Sequence[Evidence]) -> list[Mapping[str, Any]]:
    return [
        {"number": one.number, "kind": _KINDS[one.kind], "text": one.text[:_LINE]} for one in lines
    ]


@cache
def _shots() -> Mapping[str, Any]:
    return templates.mapping("video/shots.yaml")


def _beginning(language: str) -> list[BaseMessage]:
    """What all requests of a language begin with."""
    from langchain_core.messages import AIMessage, HumanMessage, SystemMessage

    chinese = wording.chinese(language)
    messages: list[BaseMessage] = [
        SystemMessage(templates.render("video/system.j2", chinese=chinese))
    ]
    for shot in _shots()["zh" if chinese else "en"]:
        answer = json.dumps(shot["answer"], ensure_ascii=False, separators=(",", ":"))
        messages += [
            HumanMessage(templates.render("video/part.j2", lines=shot["lines"])),
            AIMessage(answer),
        ]
    return messages
