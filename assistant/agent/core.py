"""One conversation: what it is asked, what its tools may see, and what is remembered of it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Protocol

from assistant import commands, profiles
from assistant.agent.asides import Asides
from assistant.agent.graph import State, TurnGraph
from assistant.events import Announcement, Routed, TurnEvent
from assistant.interfaces import Cancel
from assistant.languages import base, language_of
from assistant.memory import Conversation, Memory
from assistant.registry import Engines
from assistant.tools import conversation as replies
from assistant.tools.context import ToolContext
from assistant.types import Picture, ToolCall, Turn
from assistant.watching.seen import Frame

_log = logging.getLogger(__name__)


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
        state: State = {
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
            yield from self._graph.run(state)
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
            allowed=commands.admitted(self.conversation.turns()),
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
        self._asides.heard(turn.reply, self.conversation)
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
    def _asides(self) -> Asides:
        return Asides(self.engines.profile)

    @cached_property
    def _graph(self) -> TurnGraph:
        return TurnGraph(
            engines=self.engines,
            asides=self._asides,
            route=self._routed,
            context=self._context,
            remember=self.remember,
        )

    # --- what the graph asks for

    def _routed(self, state: State) -> Routed:
        return self.route(
            state["request"],
            pictures=len(state["pictures"]),
            files=state["files"],
            language=state["language"],
            cancel=state["cancel"],
        )

    def _context(self, state: State) -> ToolContext:
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
