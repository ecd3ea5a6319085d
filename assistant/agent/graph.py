"""The way of one turn: route, then the tool or a reply, then remember.

Whatever fails ends the turn with a spoken apology that names the fix, and the next turn works.
What a tool returns chooses nothing: no edge of the graph looks at it.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, cast

from assistant.agent.asides import Asides
from assistant.apologies import apology
from assistant.errors import AssistantError, Cancelled
from assistant.events import Routed, Sentence, ToolEvent, TurnDone, TurnEvent
from assistant.interfaces import Cancel
from assistant.languages import joined
from assistant.registry import TOOLS, Engines, attribute
from assistant.safety import SpeechFilter
from assistant.safety.meaning import trained
from assistant.tools.context import ToolContext
from assistant.types import Picture, ToolCall, ToolResult, Turn
from assistant.watching.seen import Frame

if TYPE_CHECKING:
    from langgraph.graph.state import CompiledStateGraph
    from langgraph.types import StreamWriter

_log = logging.getLogger(__name__)


class State(TypedDict, total=False):
    """What the nodes of the graph hand on."""

    request: str
    pictures: tuple[Picture, ...]
    files: tuple[Path, ...]
    language: str  # of the answer
    cancel: Cancel
    call: ToolCall
    result: ToolResult | None
    spoken: list[str]
    timings: dict[str, float]  # s
    failed: bool
    interrupted: bool
    routed: Routed  # where the caller routed the request before
    keep: bool  # whether the turn is remembered when it ends
    frames: Callable[[], Generator[Frame]] | None  # of a camera that goes on


@dataclass(kw_only=True)
class TurnGraph:
    """The nodes and edges of a turn, over what an agent gives them."""

    engines: Engines
    asides: Asides
    route: Callable[[State], Routed]  # the call that a request becomes
    context: Callable[[State], ToolContext]  # what the tool may see
    remember: Callable[[Turn], None]

    def run(self, state: State) -> Iterator[TurnEvent]:
        """The events of one turn; the last one is `TurnDone`."""
        for event in self._compiled.stream(state, stream_mode="custom"):
            yield cast("TurnEvent", event)

    @cached_property
    def _compiled(self) -> CompiledStateGraph[Any, Any, Any, Any]:
        from langgraph.graph import END, START, StateGraph

        graph = StateGraph(State)
        graph.add_node("route", self._route)
        graph.add_node("tool", self._tool)
        graph.add_node("reply", self._tool)
        graph.add_node("remember", self._remember)
        graph.add_edge(START, "route")
        graph.add_conditional_edges("route", _after_routing, ["tool", "reply", "remember"])
        graph.add_edge("tool", "remember")
        graph.add_edge("reply", "remember")
        graph.add_edge("remember", END)
        return graph.compile()

    # --- nodes

    def _route(self, state: State, writer: StreamWriter) -> State:
        """Choose the tool; nothing but the request and what is at hand has a say in it."""
        started = time.perf_counter()
        spoken = state["spoken"]
        for sentence in self.asides.before(state["language"]):
            spoken.append(sentence.text)
            writer(sentence)
        try:
            routed = state.get("routed") or self.route(state)
        except Exception as error:
            call = ToolCall(name="reply")
            writer(Routed(call=call, via="llm", elapsed_s=time.perf_counter() - started))
            return {"call": call, "failed": True, **_failure(error, state, writer)}
        writer(routed)
        timings = {**state["timings"], "route_s": time.perf_counter() - started}
        return {"call": routed.call, "timings": timings, "spoken": spoken}

    def _tool(self, state: State, writer: StreamWriter) -> State:
        """Run the tool and say what it tells."""
        started = time.perf_counter()
        result: ToolResult | None = None
        spoken = state["spoken"]
        outcome: State = {}
        try:
            with closing(self._told(state)) as events:
                for event in events:
                    if isinstance(event, ToolResult):
                        result = event
                        continue
                    if isinstance(event, Sentence):
                        spoken.append(event.text)
                    writer(event)
        except Exception as error:
            outcome = _failure(error, state, writer)
        if result is not None:
            result = replace(result, spoken=joined(spoken))
            writer(result)
        timings = {**state["timings"], "tool_s": time.perf_counter() - started}
        return {"spoken": spoken, "result": result, "timings": timings, **outcome}

    def _remember(self, state: State, writer: StreamWriter) -> State:
        """Write the turn down and end it."""
        turn = Turn(
            request=state["request"],
            call=state["call"],
            result=state.get("result"),
            reply=joined(state["spoken"]),
            language=state["language"],
            timings=state["timings"],
            interrupted=state.get("interrupted", False),
        )
        if state["keep"]:
            self.remember(turn)
        writer(TurnDone(turn=turn))
        return {}

    # --- the tool under the rules of speech

    def _told(self, state: State) -> Generator[ToolEvent]:
        """What the tool tells; each of its sentences passes the rules on its way out."""
        call, cancel = state["call"], state["cancel"]
        rules = self._rules(state)
        context = self.context(state)
        tool = attribute(TOOLS[call.name])
        result: ToolResult | None = None
        with closing(tool(context, **call.arguments)) as events:
            for event in events:
                if isinstance(event, ToolResult):
                    result = event
                    yield event
                    continue
                for out in rules.sentence(event) if isinstance(event, Sentence) else (event,):
                    cancel.check()
                    yield out
        if result is None or result.spoken:
            yield from rules.finish(context.language)
        yield from self.asides.after(context, call.name, state["spoken"])

    def _rules(self, state: State) -> SpeechFilter:
        """The rules of speech, and what they look at to judge a sentence."""

        def texts() -> list[str]:
            reader = self.engines.get("text_reader")
            return [
                line.text
                for picture in state["pictures"]
                for line in reader.read(picture, state["cancel"]).lines
            ]

        def clears(text: str) -> bool:
            return trained().clears(text, self.engines.get("text_encoder"))

        return SpeechFilter(
            about="reply" if state["call"].name == "reply" else "scene",
            request=state["request"],
            has_picture=bool(state["pictures"]),
            limits=self.engines.profile.speech,
            texts=texts,
            clears=clears if self.engines.has("text_encoder") else None,
        )


def _after_routing(state: State) -> str:
    """The next node; it looks at the chosen call and at nothing that a tool returned."""
    if state.get("failed") or state.get("interrupted"):
        return "remember"
    return "reply" if state["call"].name == "reply" else "tool"


def _failure(error: Exception, state: State, writer: StreamWriter) -> State:
    """Say what went wrong; a cancelled turn just ends."""
    spoken = state["spoken"]
    if isinstance(error, Cancelled):
        return {"spoken": spoken, "interrupted": True}
    if isinstance(error, AssistantError):
        _log.info("a turn failed: %s", error)
    else:
        _log.error("a turn failed", exc_info=error)
    sentence = apology(error, state["language"])
    spoken.append(sentence.text)
    writer(sentence)
    return {"spoken": spoken}
