"""The table of tools: names -> "module:attribute", imported on first use."""

from __future__ import annotations

from collections.abc import Mapping

TOOLS: Mapping[str, str] = {
    "describe_scene": "assistant.tools.vision:describe_scene",
    "read_text": "assistant.tools.reading:read_text",
    "identify_object": "assistant.tools.vision:identify_object",
    "ask_image": "assistant.tools.vision:ask_image",
    "classify_image": "assistant.tools.vision:classify_image",
    "compare_pictures": "assistant.tools.vision:compare_pictures",
    "transcribe_audio": "assistant.tools.hearing:transcribe_audio",
    "set_speech": "assistant.tools.conversation:set_speech",
    "control": "assistant.tools.control:control",
    "reply": "assistant.tools.conversation:reply",
    "find_photos": "assistant.tools.photos:find_photos",
    "similar_photos": "assistant.tools.photos:similar_photos",
    "make_album": "assistant.tools.photos:make_album",
    "summarize_video": "assistant.tools.video:summarize_video",
    "ask_video": "assistant.tools.video:ask_video",
    "extract_table": "assistant.tools.later:extract_table",
    "extract_fields": "assistant.tools.later:extract_fields",
    "inspect_part": "assistant.tools.later:inspect_part",
    "diagnose_product": "assistant.tools.later:diagnose_product",
    "watch_scene": "assistant.tools.watching:watch_scene",
}
"""Tool names -> a typed function whose signature is the tool's schema."""


EFFECTS = frozenset(
    {"set_speech", "control", "make_album", "watch_scene", "summarize_video", "ask_video"}
)
"""Tools that change something; they run only when it is sure that the speaker has finished."""
