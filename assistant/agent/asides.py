"""What the agent says of its own accord, each once: where words go, and what would help it see."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from assistant import profiles
from assistant.events import Sentence
from assistant.languages import base
from assistant.memory import Conversation
from assistant.settings import Profile
from assistant.tools.context import ToolContext
from assistant.vision.sentence import VISION_MODEL_FAILED, VISION_MODEL_HINT

_SCENE_TOOLS = {"describe_scene", "identify_object", "ask_image"}
_DOUBTS = {"en": "can't", "zh": "不"}  # in an answer that a vision model might better
_DISCLOSURE = {
    "en": "What you say and show here is sent to {hosts}.",
    "zh": "您在这里说的和给我看的内容会发送到 {hosts}。",
}


@dataclass
class Asides:
    """The asides of one agent. What counts as said is what was heard (`heard`)."""

    profile: Profile
    _disclosed: bool = field(init=False, default=False)

    def before(self, language: str) -> Iterator[Sentence]:
        """Where words and pictures go, said before the first one leaves this machine."""
        hosts = profiles.remote_hosts(self.profile)
        if hosts and not self._disclosed:
            key = _key(language)
            text = _DISCLOSURE[key].format(hosts=", ".join(hosts))
            yield Sentence(text=text, kind="quoted", language=key)

    def after(self, context: ToolContext, tool: str, spoken: Sequence[str]) -> Iterator[Sentence]:
        """Once a conversation: that a vision model would help, or that it gave no answer."""
        describer = self.profile.engines.get("scene_describer")
        conversation = context.conversation
        if describer is None or conversation is None:
            return
        if tool not in _SCENE_TOOLS or not context.pictures:
            return
        key = _key(context.language)
        doubtful = any(_DOUBTS[key] in text for text in spoken)
        if describer.engine == "basic" and doubtful and not conversation.said("vision_model"):
            yield Sentence(text=VISION_MODEL_HINT[key], kind="measured", language=key)
        fell_back = describer.engine == "vlm" and _vision_failed(context)
        if fell_back and not conversation.said("vision_model_failed"):
            yield Sentence(text=VISION_MODEL_FAILED[key], kind="measured", language=key)

    def heard(self, reply: str, conversation: Conversation) -> None:
        """Note which asides were in a reply as it was heard."""
        if any(text in reply for text in VISION_MODEL_HINT.values()):
            conversation.first_time("vision_model")
        if any(text in reply for text in VISION_MODEL_FAILED.values()):
            conversation.first_time("vision_model_failed")
        hosts = ", ".join(profiles.remote_hosts(self.profile))
        if any(text.format(hosts=hosts) in reply for text in _DISCLOSURE.values()):
            self._disclosed = True


def _key(language: str) -> str:
    return "zh" if base(language) == "zh" else "en"


def _vision_failed(context: ToolContext) -> bool:
    """Whether the vision model gave no answer, so that basic vision stood in for it."""
    return bool(getattr(context.engines.get("scene_describer"), "failed", False))
