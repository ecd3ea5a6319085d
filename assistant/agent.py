"""The orchestrator: one request becomes one tool call, its answer is spoken and remembered.

An explicit graph: route, then the tool or a reply, then remember. Whatever fails ends the
turn with a spoken apology that names the fix, and the next turn works. What a tool returns
chooses nothing: no edge of the graph looks at it.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypedDict, cast

from assistant import commands, profiles
from assistant.apologies import apology
from assistant.errors import AssistantError, Cancelled
from assistant.events import Announcement, Routed, Sentence, TurnDone, TurnEvent
from assistant.interfaces import Cancel
from assistant.languages import base, joined, language_of
from assistant.memory import Conversation, Memory
from assistant.registry import TOOLS, Engines, attribute
from assistant.safety import SpeechFilter
from assistant.safety.meaning import trained
from assistant.tools import conversation as replies
from assistant.tools.context import ToolContext
from assistant.types import Picture, ToolCall, ToolResult, Turn
from assistant.vision.sentence import VISION_MODEL_FAILED, VISION_MODEL_HINT
from assistant.watching.seen import Frame

if TYPE_CHECKING:
    from langgraph.graph.state import CompiledStateGraph
    from langgraph.types import StreamWriter

_log = logging.getLogger(__name__)

_SCENE_TOOLS = {"describe_scene", "identify_object", "ask_image"}
_DOUBTS = {"en": "can't", "zh": "不"}  # in an answer that a vision model might better
_DISCLOSURE = {
    "en": "What you say and show here is sent to {hosts}.",
    "zh": "您在这里说的和给我看的内容会发送到 {hosts}。",
}


class Routes(Protocol):
    """What the agent asks of a router; `assistant.routing.Router` is the one in use."""

    def route(
        self,
        request: str,
        *,
        pictures: int = 0,
        files: Sequence[Path] = (),
        language: str | None = None,
        allowed: frozenset[str] | None = None,
        cancel: Cancel | None = None,
    ) -> Routed:
        """The tool call that a request asks for."""


class _State(TypedDict, total=False):
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


@dataclass
class Agent:
    """One conversation over shared engines, a shared router and a shared memory.

    One turn at a time; use one agent for each conversation.
    """

    engines: Engines
    router: Routes
    memory: Memory
    earlier: Conversation | None = None  # meant by "forget this" before a first turn
    live: bool = False  # whether what takes minutes goes on behind the conversation
    announce: Callable[[Announcement], None] | None = None  # who is told when that has ended
    conversation: Conversation = field(init=False)
    _disclosed: bool = field(init=False, default=False)
    _read: tuple[str, ...] = field(init=False, default=())  # what `read_ahead` had read

    def __post_init__(self) -> None:
        self.conversation = self.memory.begin()

    def turn(
        self,
        request: str,
        *,
        pictures: Sequence[Picture] = (),
        files: Sequence[Path] = (),
        language: str | None = None,
        cancel: Cancel | None = None,
        routed: Routed | None = None,
        remember: bool = True,
        frames: Callable[[], Generator[Frame]] | None = None,
    ) -> Iterator[TurnEvent]:
        """Answer one request; the last event is `TurnDone`. Never raises for what fails inside.

        `language` is that of the answer; by default the user's preference, else the language
        of the request. Setting `cancel` ends the turn as soon as the engine at work stops.
        With `routed` the request is not routed again. Without `remember` nothing is written
        down: the caller does so, by `remember`, once it knows what was really heard.
        """
        cancel = cancel or Cancel()
        state: _State = {
            "request": request,
            "pictures": tuple(pictures),
            "files": tuple(files),
            "language": language or self._language(request),
            "cancel": cancel,
            "spoken": [],
            "timings": {},
            "keep": remember,
            "frames": frames,
        }
        if routed is not None:
            state["routed"] = routed
        try:
            for event in self._graph.stream(state, stream_mode="custom"):
                yield cast("TurnEvent", event)
        except GeneratorExit:
            cancel.set()  # the listener has gone; the engine at work stops
            raise

    def route(
        self,
        request: str,
        *,
        pictures: int = 0,
        files: Sequence[Path] = (),
        language: str | None = None,
        cancel: Cancel | None = None,
    ) -> Routed:
        """The call that a request becomes; changes nothing, so it may be asked too early.

        Raises:
            Cancelled, EngineError, WeightsError
        """
        return self.router.route(
            request,
            pictures=pictures,
            files=files,
            language=language_of(request, language or self._language(request)),
            allowed=self._allowed(),
            cancel=cancel,
        )

    def read_ahead(self, cancel: Cancel) -> Iterator[None]:
        """Have the language model read what the next reply's prompt will begin with.

        Of a conversation that goes on this is done already, but for when the oldest turns
        leave the prompt and their summary comes into it. Yields about every second; nothing
        is sent to another machine for it.

        Raises:
            Cancelled, EngineError, WeightsError
        """
        engines = self.engines
        if not engines.has("chat_model") or profiles.remote_hosts(engines.profile):
            return
        earlier = self.conversation.turns(1)
        context = self._context(
            {
                "request": "",
                "language": self.memory.preferences().language
                or (earlier[-1].language if earlier else "en"),
                "cancel": cancel,
                "call": ToolCall(name="reply"),
                "pictures": (),
                "files": (),
            }
        )
        wanted = replies.beginning(context)
        if wanted == self._read:
            return
        for _ in replies.read_ahead(context):
            cancel.check()
            yield None
        self._read = wanted

    def remember(self, turn: Turn) -> None:
        """Write down a turn that has ended, with what was really heard of its reply."""
        command = turn.call.arguments.get("command") if turn.call.name == "control" else None
        if command == "forget":  # what was just deleted does not come back as its own request
            return
        if any(hint in turn.reply for hint in VISION_MODEL_HINT.values()):
            self.conversation.first_time("vision_model")
        if any(text in turn.reply for text in VISION_MODEL_FAILED.values()):
            self.conversation.first_time("vision_model_failed")
        hosts = ", ".join(profiles.remote_hosts(self.engines.profile))
        if any(text.format(hosts=hosts) in turn.reply for text in _DISCLOSURE.values()):
            self._disclosed = True
        try:
            self.conversation.remember(turn)
        except Exception:
            _log.exception("a turn could not be remembered")

    def _language(self, request: str) -> str:
        """The preferred language, else that of the request."""
        preferred = self.memory.preferences().language
        earlier = self.conversation.turns(1)
        return preferred or language_of(request, earlier[-1].language if earlier else "en")

    @cached_property
    def _graph(self) -> CompiledStateGraph[Any, Any, Any, Any]:
        from langgraph.graph import END, START, StateGraph

        graph = StateGraph(_State)
        graph.add_node("route", self._route)
        graph.add_node("tool", self._run)
        graph.add_node("reply", self._run)
        graph.add_node("remember", self._remember)
        graph.add_edge(START, "route")
        graph.add_conditional_edges("route", _after_routing, ["tool", "reply", "remember"])
        graph.add_edge("tool", "remember")
        graph.add_edge("reply", "remember")
        graph.add_edge("remember", END)
        return graph.compile()

    # --- nodes -----------------------------------------------------------------------------

    def _route(self, state: _State, writer: StreamWriter) -> _State:
        """Choose the tool; nothing but the request and what is at hand has a say in it."""
        started = time.perf_counter()
        spoken = state["spoken"]
        for sentence in self._disclosure(state["language"]):
            spoken.append(sentence.text)
            writer(sentence)
        try:
            routed = state.get("routed") or self.route(
                state["request"],
                pictures=len(state["pictures"]),
                files=state["files"],
                language=state["language"],
                cancel=state["cancel"],
            )
        except Exception as error:
            call = ToolCall(name="reply")
            writer(Routed(call=call, via="llm", elapsed_s=time.perf_counter() - started))
            return {"call": call, "failed": True, **self._failure(error, state, writer)}
        writer(routed)
        timings = {**state["timings"], "route_s": time.perf_counter() - started}
        return {"call": routed.call, "timings": timings, "spoken": spoken}

    def _run(self, state: _State, writer: StreamWriter) -> _State:
        """Run the tool; each of its sentences passes the rules of speech on its way out."""
        started = time.perf_counter()
        result: ToolResult | None = None
        spoken = state["spoken"]
        outcome: _State = {}
        rules = self._rules(state)
        language = state["language"]
        try:
            context = self._context(state)
            language = context.language
            tool = attribute(TOOLS[state["call"].name])
            with closing(tool(context, **state["call"].arguments)) as events:
                for event in events:
                    if isinstance(event, ToolResult):
                        result = event
                        continue
                    for out in rules.sentence(event) if isinstance(event, Sentence) else (event,):
                        state["cancel"].check()
                        if isinstance(out, Sentence):
                            spoken.append(out.text)
                        writer(out)
            for last in self._closing(state, rules, result, language):
                spoken.append(last.text)
                writer(last)
        except Exception as error:
            outcome = self._failure(error, state, writer)
        if result is not None:
            result = replace(result, spoken=joined(spoken))
            writer(result)
        timings = {**state["timings"], "tool_s": time.perf_counter() - started}
        return {"spoken": spoken, "result": result, "timings": timings, **outcome}

    def _remember(self, state: _State, writer: StreamWriter) -> _State:
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

    # --- what the nodes need -----------------------------------------------------------------

    def _allowed(self) -> frozenset[str]:
        """The control words that make sense now."""
        turns = self.conversation.turns()
        allowed = {"stop", "cancel", "help", "forget"}
        if any(turn.reply for turn in turns):
            allowed |= {"repeat", "more", "spell"}
        if any(turn.call.name == "read_text" for turn in turns):
            allowed |= {"next", "previous"}
        answers = [turn.call.name for turn in turns if turn.call.name != "control"]
        if answers[-1:] == ["read_text"]:
            allowed |= {commands.REREAD}
        if answers[-1:] and answers[-1] in ("summarize_video", "ask_video"):
            allowed |= {commands.VIDEO}
        return frozenset(allowed)

    def _context(self, state: _State) -> ToolContext:
        """What the tool may see. Only replies are given in other languages than the first two."""
        language = state["language"]
        if state["call"].name != "reply" and base(language) != "zh":
            language = "en"
        return ToolContext(
            engines=self.engines,
            request=state["request"],
            language="zh" if base(language) == "zh" else language,
            pictures=state["pictures"],
            files=state["files"],
            preferences=self.memory.preferences().model_dump(),
            cancel=state["cancel"],
            frames=state.get("frames"),
            conversation=self._meant(state["call"]),
            live=self.live,
            announce=self.announce,
        )

    def _meant(self, call: ToolCall) -> Conversation:
        """The conversation that a call is about."""
        forgets = call.arguments.get("command") == "forget"
        if forgets and self.earlier is not None and not self.conversation.turns(1):
            return self.earlier
        return self.conversation

    def _rules(self, state: _State) -> SpeechFilter:
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

    def _disclosure(self, language: str) -> Iterator[Sentence]:
        """Where words and pictures go, said before the first one leaves this machine."""
        if self._disclosed:
            return
        hosts = profiles.remote_hosts(self.engines.profile)
        if hosts:
            key = "zh" if base(language) == "zh" else "en"
            text = _DISCLOSURE[key].format(hosts=", ".join(hosts))
            yield Sentence(text=text, kind="quoted", language=key)

    def _closing(
        self, state: _State, rules: SpeechFilter, result: ToolResult | None, language: str
    ) -> Iterator[Sentence]:
        """What rules leave to say, and, once a conversation, that a vision model would help."""
        if result is None or result.spoken:
            yield from rules.finish(language)
        if state["call"].name not in _SCENE_TOOLS or not state["pictures"]:
            return
        describer = self.engines.profile.engines.get("scene_describer")
        key = "zh" if base(language) == "zh" else "en"
        doubtful = any(_DOUBTS[key] in text for text in state["spoken"])
        basic = describer is not None and describer.engine == "basic"
        if basic and doubtful and not self.conversation.said("vision_model"):
            yield Sentence(text=VISION_MODEL_HINT[key], kind="measured", language=key)
        fell_back = describer is not None and describer.engine == "vlm" and self._vision_failed()
        if fell_back and not self.conversation.said("vision_model_failed"):
            yield Sentence(text=VISION_MODEL_FAILED[key], kind="measured", language=key)

    def _vision_failed(self) -> bool:
        """Whether the vision model gave no answer, so that basic vision stood in for it."""
        return bool(getattr(self.engines.get("scene_describer"), "failed", False))

    def _failure(self, error: Exception, state: _State, writer: StreamWriter) -> _State:
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


def _after_routing(state: _State) -> str:
    """The next node; it looks at the chosen call and at nothing that a tool returned."""
    if state.get("failed") or state.get("interrupted"):
        return "remember"
    return "reply" if state["call"].name == "reply" else "tool"
