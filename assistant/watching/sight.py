"""Looks at a frame with the engines of a profile. Called on a worker thread, one look at a time."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any, Final

import cv2
import numpy as np

from assistant.errors import EngineError
from assistant.interfaces import Cancel, Options
from assistant.registry import Engines
from assistant.types import Box, Fault, Picture, SceneObject
from assistant.vision import quality
from assistant.vision.agreement import see
from assistant.vision.precedence import HEDGE
from assistant.vision.vocabulary import named
from assistant.watching.seen import Frame, Seen, Subject
from assistant.watching.writing import alike, plain

_log = logging.getLogger(__name__)

_SIDE: Final = 960  # px; names gain nothing from more, and looks stay quick
_BOXED: Final = 0.45  # a detector's score from which its bare box is followed
_LEAD: Final = 0.25  # of the target's score over every other label's, as in `classify`
_OTHERS: Final = ("a room", "a street", "a person", "a table", "something else")
_PAGE: Final = 0.08  # of the picture: a smaller bright quadrilateral is no page
_RETRY: Final = 3  # failures of a describer after which it is no longer asked


class Sight:
    """The looks of one watch. Stops within one network's pass (about 0.5 s) of a cancel."""

    def __init__(self, engines: Engines, language: str, target: str | None = None) -> None:
        self._engines = engines
        self._language = language
        self._target = (target or "").strip()
        self._names = named(self._target) if self._target else frozenset()
        self._failures = 0

    @property
    def knows_target(self) -> bool:
        """Whether the wanted thing has a name that the networks were taught."""
        encoder = self._engines.profile.engines.get("image_text_encoder")
        return bool(self._names) or (encoder is not None and encoder.engine != "tags")

    def look(
        self, subject: Subject, frame: Frame, *, since: float, scene: int, cancel: Cancel
    ) -> Seen:
        """What one look finds in a frame.

        Raises:
            EngineError, WeightsError: an engine that the look cannot do without.
            Cancelled
        """
        picture = frame.picture if subject == "text" else _smaller(frame.picture)
        seen = Seen(
            at=frame.at,
            since=since,
            subject=subject,
            width=picture.width,
            height=picture.height,
            scene=scene,
        )
        if subject == "glance":
            return replace(seen, objects=self._boxes(picture, cancel))
        measured = quality.measure(picture)
        mirrored = self._engines.profile.camera.facing == "user"
        faults = tuple(
            quality.fault(key, self._language, mirrored=mirrored) for key in measured.faults
        )
        seen = replace(seen, faults=faults, unreadable=measured.unreadable)
        if measured.unreadable:
            return seen
        if subject == "things":
            return self._things(seen, picture, cancel)
        if subject == "text":
            return replace(seen, lines=self._engines.get("text_reader").read(picture, cancel).lines)
        if subject == "target":
            return self._wanted(seen, picture, frame.picture, cancel)
        return replace(seen, box=self._framed(picture, cancel), faults=_grave(faults))

    def _boxes(self, picture: Picture, cancel: Cancel) -> tuple[SceneObject, ...]:
        found = self._engines.get("object_detector").detect(picture, cancel)
        return tuple(thing for thing in found if thing.confidence >= _BOXED)

    def _named(self, picture: Picture, cancel: Cancel) -> tuple[SceneObject, ...]:
        """Things with names that detector and classifier agree on."""
        engines = self._engines
        if not engines.has("image_classifier"):
            return tuple(t for t in self._boxes(picture, cancel) if t.confidence >= HEDGE)
        seen = see(
            picture,
            engines.get("object_detector"),
            engines.get("image_classifier"),
            engines.profile.camera,
            cancel,
        )
        return (*seen.objects, *seen.whole)

    def _things(self, seen: Seen, picture: Picture, cancel: Cancel) -> Seen:
        """Names with boxes; a vision model's own words too, where the profile has one."""
        describer = self._describer()
        if describer is None:
            return replace(seen, objects=self._named(picture, cancel))
        try:
            scene = describer.describe(
                picture, "brief", Options(language=self._language, deadline_s=2.0), cancel
            )
        except EngineError as error:
            self._failures += 1
            _log.info("the describer failed: %s", error)
            return replace(seen, objects=self._named(picture, cancel))
        if scene.engine == "basic":  # it took over from a model
            return replace(seen, objects=scene.objects, faults=scene.faults or seen.faults)
        return replace(seen, objects=self._named(picture, cancel), sentence=scene.sentence)

    def _describer(self) -> Any:
        """The profile's describer, unless it is `basic`, whose parts are used one by one."""
        settings = self._engines.profile.engines.get("scene_describer")
        if settings is None or settings.engine == "basic" or self._failures >= _RETRY:
            return None
        return self._engines.get("scene_describer")

    def _wanted(self, seen: Seen, picture: Picture, whole: Picture, cancel: Cancel) -> Seen:
        """The objects, else the line of writing, else the whole picture, that is the target."""
        objects = [t for t in self._named(picture, cancel) if t.name in self._names]
        if objects:
            return replace(seen, objects=tuple(objects))
        score = self._likeness(picture)
        if score > 0:
            likely = SceneObject(
                name=self._target, confidence=score, box=None, direction=None, proximity=None
            )
            return replace(seen, objects=(likely,))
        wanted = plain(self._target)
        if self._names or len(wanted) < 3 or not self._engines.has("text_reader"):
            return seen
        lines = self._engines.get("text_reader").read(whole, cancel).lines
        return replace(
            seen,
            lines=tuple(x for x in lines if not x.unclear and alike(wanted, plain(x.text))),
        )

    def _likeness(self, picture: Picture) -> float:
        """How well the target fits the picture where it clearly fits best; 0 elsewhere."""
        if self._names or not self._engines.has("image_text_encoder"):
            return 0.0
        encoder = self._engines.get("image_text_encoder")
        labels = [self._target, *_OTHERS]
        choose = getattr(encoder, "scores", None)
        if choose is not None:
            scores = choose(picture, labels)
        else:
            cosines = encoder.texts(labels) @ encoder.images([picture])[0]
            odds = np.exp(100.0 * (cosines - cosines.max()))
            scores = dict(zip(labels, odds / odds.sum(), strict=True))
        own = float(scores[self._target])
        return own if own - max(float(scores[other]) for other in _OTHERS) >= _LEAD else 0.0

    def _framed(self, picture: Picture, cancel: Cancel) -> Box | None:
        """The box of what the camera is to be aimed at."""
        if not self._target or _is_page(self._target):
            box = page(picture)
            if box is not None or self._target:
                return box
        found = self._boxes(picture, cancel)
        wanted = [t for t in found if not self._names or t.name in self._names]
        if self._target and not self._names:
            return page(picture)
        best = max(wanted, key=lambda thing: _size(thing.box), default=None)
        return best.box if best is not None else None


def page(picture: Picture) -> Box | None:
    """The bounding box of the largest bright quadrilateral, or None; about 3 ms.

    Otsu's threshold (IEEE Trans. SMC 9, 1979), then contours with four corners
    (Ramer-Douglas-Peucker).
    """
    scale = min(1.0, 480 / max(picture.width, picture.height))
    size = (max(16, round(picture.width * scale)), max(16, round(picture.height * scale)))
    grey = cv2.cvtColor(cv2.resize(picture.pixels, size), cv2.COLOR_RGB2GRAY)
    grey = cv2.GaussianBlur(grey, (5, 5), 0)
    level, bright = cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    if not 0.02 < (bright > 0).mean() < 0.98 or float(grey[bright > 0].mean()) - level < 12:
        return None
    kernel = np.ones((9, 9), np.uint8)  # closes the letters
    bright = cv2.morphologyEx(bright, cv2.MORPH_CLOSE, kernel)
    contours, _ = cv2.findContours(bright, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    best, box = _PAGE * size[0] * size[1], None
    for contour in contours:
        hull = cv2.convexHull(contour)
        area = float(cv2.contourArea(hull))
        corners = cv2.approxPolyDP(hull, 0.03 * cv2.arcLength(hull, closed=True), closed=True)
        solid = float(cv2.contourArea(contour)) >= 0.85 * area
        if area > best and solid and 4 <= len(corners) <= 5:
            x, y, width, height = (v / scale for v in cv2.boundingRect(contour))
            best, box = area, (round(x), round(y), round(x + width), round(y + height))
    return box


def _is_page(target: str) -> bool:
    words = set(target.lower().split())
    pages = {"page", "paper", "letter", "document", "sheet", "receipt", "form"}
    return bool(words & pages) or any(word in target for word in ("页", "纸", "信", "文件", "单"))


def _grave(faults: tuple[Fault, ...]) -> tuple[Fault, ...]:
    """A page is bright and pale by nature; that is no fault while aiming."""
    return tuple(fault for fault in faults if fault.kind not in ("too_bright", "low_contrast"))


def _size(box: Box | None) -> int:
    return (box[2] - box[0]) * (box[3] - box[1]) if box else 0


def _smaller(picture: Picture) -> Picture:
    scale = min(1.0, _SIDE / max(picture.width, picture.height))
    if scale == 1.0:
        return picture
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    pixels = cv2.resize(picture.pixels, size, interpolation=cv2.INTER_AREA)
    return replace(picture, pixels=np.asarray(pixels, np.uint8))
