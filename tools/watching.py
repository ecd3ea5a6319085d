"""The tool that goes on looking: live narration in a conversation, until it is stopped."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Literal

from assistant.errors import ToolError
from assistant.events import Sentence, ToolEvent
from assistant.languages import base, joined
from assistant.tools.context import ToolContext
from assistant.types import ToolResult
from assistant.vision import sentence
from assistant.watching import words
from assistant.watching.live import Silent, Threaded, watch
from assistant.watching.modes import mode as mode_of
from assistant.watching.narrator import Narrator
from assistant.watching.sight import Sight

_KEPT = 20  # sentences of a long watch that the conversation remembers


def watch_scene(
    context: ToolContext,
    *,
    mode: Literal["surroundings", "read", "find", "aim"] = "surroundings",
    target: str | None = None,
) -> Iterator[ToolEvent]:
    """Tell live what the camera sees, until stopped by a key, by speech, or by "stop".

    Raises:
        ToolError: there is no camera that goes on, or nothing to find was named.
        EngineError, WeightsError, InputError, Cancelled
    """
    zh = base(context.language) == "zh"
    language = "zh" if zh else "en"
    chosen = mode_of(mode, target, language, context.camera)
    if context.frames is None:
        raise ToolError(
            "我没有可以持续看的摄像头。请带上摄像头重新启动我。"
            if zh
            else "I have no camera to keep watching with. Start me again with a camera."
        )
    sight = Sight(context.engines, language, target)
    begun = words.started(mode, target, language, known=sight.knows_target)
    told = [begun]
    yield Sentence(text=begun, kind="measured", language=language)
    rate = context.preferences.get("rate") or 1.0
    voice = Silent(language, float(rate))
    narrator = Narrator(chosen, language, context.engines.profile.speech)
    with closing(context.frames()) as frames:
        for said in watch(frames, sight, narrator, voice, Threaded(), cancel=context.cancel):
            told = [*told[-_KEPT:], said.text]
            quoted = said.kind == "text" and sentence.is_quote(said.text)
            yield Sentence(
                text=said.text, kind="quoted" if quoted else "measured", language=language
            )
    context.cancel.check()
    ended = words.ended(language)
    yield Sentence(text=ended, kind="measured", language=language)
    told.append(ended)
    yield ToolResult(spoken=joined(told), data={"mode": mode, "target": target, "told": told})
