"""A request becomes one tool call: control words, then the fast path, then the language model.

Calls of `reply` carry no text when the language model is still to say it (the agent
streams it), and `text` when routing itself has to ask back.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assistant import commands
from assistant.errors import EngineMissing, InputError, WeightsMissing
from assistant.events import Routed
from assistant.interfaces import Cancel
from assistant.languages import base, language_of
from assistant.registry import Engines
from assistant.routing import model
from assistant.routing.arguments import asked_of_model, by_rules
from assistant.routing.catalogue import cards, examples
from assistant.routing.fast import Candidate, FastPath, key, lead, train
from assistant.routing.schema import validated
from assistant.settings import models_folder
from assistant.types import ToolCall
from assistant.video import following

_OFFERED = 5  # tools that the language model may choose from, beside `reply`
# Of the best one's probability: near-ties only. On 30 held-out unsure examples the 1.5B
# model was right in 63 % when offered all tools above 0.1, in 77 % above 0.5.
_WORTH_OFFERING = 0.5
_ASK_BACK = {
    "en": "I'm not sure what you want. {help}",
    "zh": "我不确定您要我做什么。{help}",
}


@dataclass
class Router:
    """Routes requests with the engines of one profile. Thread-safe."""

    engines: Engines
    _fast: FastPath | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def route(
        self,
        request: str,
        *,
        pictures: int = 0,
        files: Sequence[Path] = (),
        language: str | None = None,
        allowed: Collection[str] | None = None,
        cancel: Cancel | None = None,
    ) -> Routed:
        """The tool call that a request asks for; always one, never an error about its wording.

        `pictures` and `files` are at hand; `allowed` are the control commands that the
        conversation's state admits (None: all); a stop takes effect within about 2 s.

        Raises:
            Cancelled: `cancel` was set before or while the language model was asked.
            EngineError: the text encoder or the language model failed while working.
        """
        started = time.perf_counter()
        spoken = language or language_of(request)
        command = commands.match(request, spoken, allowed)
        if commands.reads(request, spoken, again=commands.REREAD in (allowed or ())):
            call, via = ToolCall(name="read_text"), "command"
        elif command is not None:
            call, via = ToolCall(name="control", arguments={"command": command}), "command"
        elif commands.wish(request, spoken) is not None:
            call, via = ToolCall(name="set_speech"), "command"  # which reads the wish again
        elif (about := _of_video(request, files, allowed)) is not None:
            call, via = _checked(about, by_rules(about, request, files), spoken), "command"
        else:
            call, via = self._call(request, spoken, pictures, files, allowed, cancel)
        return Routed(call=call, via=via, elapsed_s=time.perf_counter() - started)

    def candidates(self, request: str) -> list[tuple[str, float]]:
        """All tools with their probabilities, most probable first."""
        return [(c.tool, c.probability) for c in self._candidates(request)]

    def prepare(self) -> None:
        """Train or load the fast path, and compute or load the language model's state."""
        self._trained()
        chat = self._chat_model()
        if chat is not None:
            chat.prefixed(model.beginning())

    def _call(
        self,
        request: str,
        language: str,
        pictures: int,
        files: Sequence[Path],
        allowed: Collection[str] | None,
        cancel: Cancel | None,
    ) -> tuple[ToolCall, str]:
        if not request.strip():
            return _question("reply", language), "fast"
        ranked = [c for c in self._candidates(request) if _possible(c, pictures, allowed)]
        best = ranked[0]
        known = {c.tool: {**c.arguments, **by_rules(c.tool, request, files)} for c in ranked}
        missing = asked_of_model(best.tool, known[best.tool])
        sure = lead(ranked) >= self._trained().threshold or _harmless_control(best)
        if sure and not missing:
            return _checked(best.tool, known[best.tool], language), "fast"
        if cancel is not None:
            cancel.check()
        chat = self._chat_model()
        if chat is None:
            return _checked(best.tool, known[best.tool], language), "fast"
        least = _WORTH_OFFERING * best.probability
        likely = [c.tool for c in ranked[:_OFFERED] if c.probability >= least]
        offered = [tool for tool in dict.fromkeys([*likely, "reply"]) if tool != "control"]
        found = model.chosen(request, offered, chat, known, cancel)
        if found is None:
            return _question(best.tool, language), "llm"
        return ToolCall(name=found[0], arguments=found[1]), "llm"

    def _candidates(self, request: str) -> list[Candidate]:
        return self._trained().candidates(request, self.engines.get("text_encoder"))

    def _chat_model(self) -> Any | None:
        """The chat model, or None where it is not installed; the fast path then decides."""
        try:
            return self.engines.get("chat_model")
        except (EngineMissing, WeightsMissing):
            return None

    def _trained(self) -> FastPath:
        with self._lock:
            if self._fast is None:
                encoder = self.engines.get("text_encoder")
                rows = examples()
                path = models_folder() / "prepared" / f"fast-{key(rows, encoder)}.npz"
                try:
                    self._fast = FastPath.load(path)
                except (OSError, ValueError, KeyError):
                    self._fast = train(rows, encoder)
                    _keep(self._fast, path)
            return self._fast


def _of_video(request: str, files: Sequence[Path], allowed: Collection[str] | None) -> str | None:
    """The tool of a request that means the video at hand, or the one just spoken of."""
    spoken_of = commands.VIDEO in (allowed or ())
    if not spoken_of and not following.at_hand(files):
        return None
    return following.follow_up(request, spoken_of=spoken_of)


def prepare(engines: Engines) -> None:
    """Train the fast path and save the language model's prompt state; quick when done before.

    Raises:
        EngineError: the text encoder or the language model failed.
    """
    Router(engines).prepare()


def _keep(fast: FastPath, path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fast.save(path)
    except OSError:
        return  # a full or read-only disk costs the training time again, nothing else


def _possible(candidate: Candidate, pictures: int, allowed: Collection[str] | None) -> bool:
    """Whether the state admits a tool: a control command must make sense now."""
    if candidate.tool != "control" or allowed is None:
        return True
    return candidate.arguments.get("command") in allowed


def _harmless_control(best: Candidate) -> bool:
    """Whether the best guess is a control command that costs nothing when it is wrong.

    Control is never put to the language model, which takes "is the stove off" for it.
    """
    return best.tool == "control" and best.arguments.get("command") != "forget"


def _checked(tool: str, arguments: dict[str, Any], language: str) -> ToolCall:
    """The call, or a question where the tool does not take what the rules found."""
    try:
        return ToolCall(name=tool, arguments=validated(tool, arguments))
    except InputError:
        return _question(tool, language)


def _question(tool: str, language: str) -> ToolCall:
    """A reply that asks back, and says how the likeliest tool is asked for."""
    spoken = "zh" if base(language) == "zh" else "en"
    text = _ASK_BACK[spoken].format(help=cards()[tool].help[spoken])
    return ToolCall(name="reply", arguments={"text": text})
