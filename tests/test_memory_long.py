"""Facts told at the beginning of a conversation are known after a dozen turns."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from assistant.agent import Agent
from assistant.events import Routed, TurnDone
from assistant.memory import Conversation, Memory
from assistant.registry import Engines
from assistant.types import ToolCall, Turn

ROWS = yaml.safe_load(
    (Path(__file__).parent / "data" / "long_conversations.yaml").read_text(encoding="utf-8")
)


class Replying:
    """A router that takes every request for talk."""

    def route(self, request: str, **_: Any) -> Routed:
        return Routed(call=ToolCall(name="reply"), via="fast", elapsed_s=0.0)


def _turns(row: dict[str, Any]) -> list[Turn]:
    language = row["language"]
    return [
        Turn(request=asked, call=ToolCall(name="reply"), result=None, reply=said, language=language)
        for asked, said in (*row["turns"], *ROWS["fillers"][language])
    ]


def _fill(conversation: Conversation, row: dict[str, Any]) -> None:
    for turn in _turns(row):
        conversation.remember(turn)


def _holds(text: str, words: Sequence[str]) -> bool:
    return any(word.casefold() in text.casefold() for word in words)


def test_the_rules_keep_what_was_told() -> None:
    lost = []
    for row in ROWS["conversations"]:
        conversation = Memory().begin()
        _fill(conversation, row)
        kept = " ".join(note.text for note in conversation.summary())
        lost += [question for question, words in row["facts"] if not _holds(kept, words)]
    assert not lost


@pytest.mark.slow
@pytest.mark.parametrize("number", [0, 10], ids=["en", "zh"])
def test_facts_are_known_after_a_dozen_turns(engines: Engines, number: int) -> None:
    row = ROWS["conversations"][number]
    agent = Agent(engines=engines, router=Replying(), memory=Memory())
    _fill(agent.conversation, row)
    for question, words in row["facts"]:
        *_, done = agent.turn(question, remember=False)
        assert isinstance(done, TurnDone)
        assert _holds(done.turn.reply, words), (question, done.turn.reply)
