"""The slow path: the language model chooses among a few tools under a JSON schema.

The prompt's beginning (what the tools are for, and one shot a tool) is the same for each
request, so that its state is computed once and kept. What follows it is short: the request
as quoted data and the names of the tools to choose from.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any

from assistant import templates
from assistant.errors import InputError
from assistant.interfaces import Cancel, ChatModel
from assistant.routing.arguments import asked_of_model, by_rules
from assistant.routing.catalogue import Example, cards
from assistant.routing.schema import call_schema, validated

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

_LONGEST_REQUEST = 160  # units of `_shortened`; with the tools' names under 60 tokens
_LONGEST_ANSWER = 120  # tokens; twelve labels of forty letters


def beginning() -> list[BaseMessage]:
    """The fixed beginning of the prompt: the tools, and one shot of each in turn."""
    from langchain_core.messages import AIMessage, HumanMessage, SystemMessage

    messages: list[BaseMessage] = [
        SystemMessage(templates.render("routing/system.j2", cards=list(cards().values())))
    ]
    names = list(cards())
    for place, card in enumerate(cards().values()):
        shot = card.shots[place % len(card.shots)]  # the languages take turns
        offered = [card.name, *(names[(place + step) % len(names)] for step in (3, 7, 11, 16))]
        messages += [
            HumanMessage(_asked(shot.text, sorted(offered))),
            AIMessage(json.dumps(_answer(shot), ensure_ascii=False, separators=(",", ":"))),
        ]
    return messages


def chosen(
    request: str,
    tools: Sequence[str],
    model: ChatModel,
    known: Mapping[str, Mapping[str, Any]],
    cancel: Cancel | None = None,
) -> tuple[str, dict[str, Any]] | None:
    """The tool and its arguments, or None when the model was wrong twice.

    `known` holds the arguments that rules found, by tool; the model is asked for the rest.

    Raises:
        Cancelled: within about 2 s of the request to cancel.
        EngineError: the model failed.
    """
    from langchain_core.messages import HumanMessage

    asked = {tool: asked_of_model(tool, known[tool]) for tool in tools}
    schema = call_schema(asked)
    start = beginning()
    chat = model.prefixed(start).bind(
        response_format={"type": "json_schema", "json_schema": {"name": "call", "schema": schema}},
        max_tokens=_LONGEST_ANSWER,
        temperature=0.0,
    )
    prompt = _asked(request, tools)
    for _ in range(2):
        answer = _streamed(chat, [*start, HumanMessage(prompt)], asked, cancel)
        try:
            return _call(answer, asked, known)
        except InputError as error:
            prompt = templates.render(
                "routing/repair.j2", request=_shortened(request), tools=tools, fault=str(error)
            )
    return None


def _streamed(
    chat: Any,
    messages: Sequence[BaseMessage],
    asked: Mapping[str, Sequence[str]],
    cancel: Cancel | None,
) -> str:
    """The model's answer, no longer than needed: a token costs a tenth of a second."""
    answer = ""
    with closing(chat.stream(messages)) as stream:
        for chunk in stream:
            if cancel is not None:
                cancel.check()
            answer += str(chunk.content)
            only = _only_tool(answer, asked)
            if only is not None:
                return json.dumps({"tool": only})
    return answer


def _only_tool(answer: str, asked: Mapping[str, Sequence[str]]) -> str | None:
    """The tool that an unfinished answer can only mean, where nothing else is asked of it."""
    begun = re.match(r'\s*\{\s*"tool"\s*:\s*"(\w+)', answer)
    left = [tool for tool in asked if begun is not None and tool.startswith(begun[1])]
    return left[0] if len(left) == 1 and not asked[left[0]] else None


def _call(
    answer: str, asked: Mapping[str, Sequence[str]], known: Mapping[str, Mapping[str, Any]]
) -> tuple[str, dict[str, Any]]:
    """The call that an answer states.

    Raises:
        InputError: it is no JSON object, names no offered tool, or gives wrong arguments.
    """
    try:
        content = json.loads(answer)
    except ValueError as error:
        raise InputError("not a JSON object", fix="answer with one JSON object") from error
    if not isinstance(content, dict) or content.get("tool") not in asked:
        raise InputError(f"tool must be one of {', '.join(asked)}", fix="name an offered tool")
    tool: str = content.pop("tool")
    return tool, validated(tool, {**known[tool], **content})


def _asked(request: str, tools: Sequence[str]) -> str:
    return templates.render("routing/request.j2", request=_shortened(request), tools=tools)


def _shortened(request: str) -> str:
    """A request with its middle left out when long; a Chinese character counts four times."""
    cost = 0
    for place, letter in enumerate(request):
        cost += 1 if letter.isascii() else 4
        if cost > _LONGEST_REQUEST:
            tail = max(1, place // 3)
            return f"{request[: place - tail]}…{request[-tail:]}"
    return request


def _answer(shot: Example) -> dict[str, Any]:
    """What the model should say to a shot: the tool, and only what it is ever asked for."""
    asked = asked_of_model(shot.tool, by_rules(shot.tool, ""))
    return {"tool": shot.tool, **{name: shot.arguments[name] for name in asked}}
