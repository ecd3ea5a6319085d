"""What each tool says about itself: one file a tool, `prompts/tools/NAME.yaml`.

`description` and `help` are texts by language; `examples` are groups of requests, worded as
people speak, that may fix arguments (`arguments: {command: stop}`); `shots` are requests
with their arguments for the language model's prompt.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from assistant import templates
from assistant.errors import SettingsError
from assistant.registry import TOOLS

LANGUAGES = ("en", "zh")
_KEYS = {"description", "help", "examples", "shots"}


@dataclass(frozen=True, kw_only=True)
class Example:
    """A request and what it should become."""

    text: str
    tool: str
    arguments: Mapping[str, Any] = field(default_factory=dict)  # those that the wording fixes


@dataclass(frozen=True, kw_only=True)
class Card:
    """A tool's texts."""

    name: str
    description: Mapping[str, str]  # by language
    help: Mapping[str, str]  # one spoken line, by language
    examples: Sequence[Example]
    shots: Sequence[Example]


@cache
def cards() -> Mapping[str, Card]:
    """The cards of all tools that the registry names, in its order.

    Raises:
        SettingsError: a tool has no card, or a card is malformed.
    """
    return {tool: _card(tool) for tool in TOOLS}


def examples() -> list[Example]:
    """The worded examples of all tools."""
    return [example for card in cards().values() for example in card.examples]


def _card(tool: str) -> Card:
    name = f"tools/{tool}.yaml"
    rows = templates.mapping(name)
    if set(rows) != _KEYS or any(
        set(rows[key]) != set(LANGUAGES) for key in ("description", "help")
    ):
        raise SettingsError(
            f"prompts/{name} needs exactly {', '.join(sorted(_KEYS))}, each text in en and zh",
            fix=f"correct {templates.prompts() / name}",
        )
    return Card(
        name=tool,
        description=rows["description"],
        help=rows["help"],
        examples=tuple(_examples(tool, rows["examples"])),
        shots=tuple(
            Example(text=str(row["request"]), tool=tool, arguments=row.get("arguments", {}))
            for row in rows["shots"]
        ),
    )


def _examples(tool: str, groups: Sequence[Mapping[str, Any]]) -> Iterator[Example]:
    for group in groups:
        for language in LANGUAGES:
            for text in group.get(language, ()):
                yield Example(text=str(text), tool=tool, arguments=group.get("arguments", {}))
