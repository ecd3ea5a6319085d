"""What is seen and read in keyframes, each frame once, kept by its content.

The reader and the describer are given the same picture one after the other, so that text is
read once though both need it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from assistant.interfaces import Cancel, Options
from assistant.registry import Engines
from assistant.types import Keyframe, Scene
from assistant.video.orders import obeys
from assistant.video.store import VideoStore
from assistant.vision import sentence
from assistant.vision.sentence import is_quote

_NOTHING: Final = frozenset(
    text
    for table in (
        sentence.CANNOT_TELL,
        sentence.CANNOT_TELL_IN_LIGHT,
        sentence.CANNOT_TELL_BUT_TEXT,
        sentence.CANNOT_JUDGE_WAY,
        sentence.VISION_MODEL_HINT,
        sentence.VISION_MODEL_FAILED,
    )
    for text in table.values()
)
"""Sentences that tell the person with a camera what to do, or that nothing was made out."""
_ASK_ME: Final = re.compile(r"ask me to read|可以让我读出来")
_TOO_DARK: Final = "too_dark"  # the kind of fault


@dataclass(frozen=True, kw_only=True)
class Seer:
    """Reads and describes frames for a store, with the engines that the profile has for it."""

    store: VideoStore
    engines: Engines
    reader_id: str  # what readings are kept under
    describer_id: str  # what scenes are kept under; the language belongs to it
    language: str  # BCP-47, of the scenes

    def waiting(self) -> list[tuple[Keyframe, str]]:
        """Keyframes that were not looked at yet, with their hashes, in order of time."""
        return [
            (keyframe, hash)
            for keyframe, hash in self.store.frames()
            if self._unread(hash) or self._unseen(hash)
        ]

    def look(self, keyframe: Keyframe, hash: str, cancel: Cancel | None = None) -> None:
        """Read and describe one keyframe, and write both down.

        Raises:
            Cancelled, EngineError
            InputError: the frame's file has gone.
        """
        picture = self.store.picture(keyframe)
        if self._unread(hash):
            reading = self.engines.get("text_reader").read(picture, cancel)
            self.store.write_reading(hash, self.reader_id, reading)
        if self._unseen(hash):
            scene = self.engines.get("scene_describer").describe(
                picture, "full", Options(language=self.language), cancel
            )
            self.store.write_scene(hash, self.describer_id, scene)

    def keyframes(self) -> tuple[Keyframe, ...]:
        """All keyframes with what was read and seen in them, in order of time."""
        return self.store.keyframes(self.reader_id, self.describer_id)

    def _unread(self, hash: str) -> bool:
        wanted = self.engines.has("text_reader")
        return wanted and self.store.reading(hash, self.reader_id) is None

    def _unseen(self, hash: str) -> bool:
        wanted = self.engines.has("scene_describer")
        return wanted and self.store.scene(hash, self.describer_id) is None


@dataclass(frozen=True, kw_only=True)
class SeenFor:
    """A sentence about what is seen, and for how long it holds."""

    text: str
    start: float  # s
    end: float  # s


def over_time(keyframes: Sequence[Keyframe], language: str) -> list[SeenFor]:
    """What is seen, in order of time; what stays the same from frame to frame is told once."""
    found: list[SeenFor] = []
    open: dict[str, SeenFor] = {}
    for keyframe in keyframes:
        still: dict[str, SeenFor] = {}
        for text in told(keyframe.scene, language) if keyframe.scene is not None else ():
            before = open.pop(text, None)
            start = keyframe.start if before is None else before.start
            still[text] = SeenFor(text=text, start=start, end=keyframe.end)
        found += open.values()
        open = still
    found += open.values()
    return sorted(found, key=lambda seen: (seen.start, seen.end))


def told(scene: Scene, language: str) -> list[str]:
    """The sentences of a scene that hold for who hears of a video and was not there.

    Directions are left out, as they are those of who held the camera, and so are faults with
    their fixes and quotes, which the text on screen gives. Of basic vision one sentence is left,
    of a vision model all of its own, but for what does as the text in the picture orders.
    """
    faults = {fault.sentence for fault in scene.faults}
    given = [scene.sentence, *(scene.details if scene.engine != "basic" else ())]
    kept = [text for text in given if text not in _NOTHING | faults and not _of_text(text)]
    if scene.engine != "basic":
        kept = [text for text in kept if not obeys(text, scene.texts, language)]
    return [_placeless(scene, text, language) for text in kept]


def too_dark(scene: Scene | None) -> bool:
    """Whether a frame is so dark that nothing can be told of it."""
    return scene is not None and any(fault.kind == _TOO_DARK for fault in scene.faults)


def _of_text(text: str) -> bool:
    return is_quote(text) or bool(_ASK_ME.search(text))


def _placeless(scene: Scene, text: str, language: str) -> str:
    """The sentence that rules made of things and places, made anew without places."""
    made = {sentence.first(scene.objects, language, style) for style in ("words", "clock")}
    if text not in made:
        return text
    bare = [replace(thing, direction=None, proximity=None) for thing in scene.objects]
    return sentence.first(bare, language) or text
