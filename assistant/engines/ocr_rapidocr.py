"""Reads text in pictures with RapidOCR: PP-OCR's detector and recogniser in ONNX Runtime.

Both models lie inside the `rapidocr` package, so nothing is fetched. What is added to them:
a detection scale chosen by the size of the letters, every way up, tilt, reading order,
and a mark on what was read with doubt.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Any, ClassVar, Final, Self

import cv2
import numpy as np
from rapidocr import RapidOCR
from rapidocr.main import RapidOCRError

from assistant.errors import EngineError, EngineMissing
from assistant.interfaces import Cancel, EngineContext
from assistant.recent import Recent
from assistant.types import Picture, Reading
from assistant.vision import quads
from assistant.vision.page import Seen, compose, page_turn, resolved
from assistant.vision.quads import Pixels, Quad, Turn

# Detection. Its time goes with the pixels (0.7 s a megapixel on 2 cores).
_AREA: Final = 550_000  # px of the first look
_FINE_AREA: Final = 1_800_000  # px of the second look, at small print
_SIDE: Final = 1280  # px, longest side of the first look
_ENLARGE: Final = 3.0  # tiny pictures are made at most this much larger
_SMALL: Final = 13.0  # px; thinner lines in the first look call for the second
_GOOD: Final = 22.0  # px; thickness that the second look aims at
_LARGE: Final = 0.25  # of the picture's shorter side; such letters call for a look from afar
_MARGIN: Final = 0.06  # of the shorter side, added around, as text at the edge is missed

# Recognition.
_BATCH: Final = 6
_DOUBTED: Final = 0.9  # less confident lines are read the other way up as well
_NUMBER: Final = re.compile(r"\S*\d\S*")  # a word with a digit
_UPSIDE_DOWN: Final = 0.9  # probability from which the direction classifier is believed


class RapidOcr:
    """PP-OCRv6 small through RapidOCR. English, Chinese and other Latin writing.

    A cancelled call stops before the next look or batch of lines: within about 2 s.
    """

    name: ClassVar[str] = "rapidocr"

    def __init__(self, models: RapidOCR) -> None:
        self._recent: Recent[Reading] = Recent()
        self._models: Any = models  # its own types are too narrow to be checked against

    @classmethod
    def load(cls, context: EngineContext) -> Self:
        """Load the packaged models; option `threads` (default 2).

        Raises:
            EngineMissing: the package lies without its models.
        """
        folder = Path(str(resources.files("rapidocr"))) / "models"
        files = {
            "Det": folder / "PP-OCRv6_det_small.onnx",
            "Cls": folder / "ch_ppocr_mobile_v2.0_cls_mobile.onnx",
            "Rec": folder / "PP-OCRv6_rec_small.onnx",
        }
        missing = [file.name for file in files.values() if not file.is_file()]
        if missing:
            raise EngineMissing(
                f"the package rapidocr lies without {', '.join(missing)}",
                fix="pip install --force-reinstall 'rapidocr>=3.10,<4'",
            )
        # Paths given outright keep RapidOCR from looking for a download.
        parameters: dict[str, Any] = {f"{k}.model_path": str(v) for k, v in files.items()}
        parameters |= {
            "Global.log_level": "critical",
            "Global.return_word_box": True,  # brings each character's confidence
            "Global.use_vertical_padding": False,
            "Det.limit_type": "max",
            "Det.limit_side_len": 1 << 14,  # the scale is chosen here
            "EngineConfig.onnxruntime.intra_op_num_threads": int(context.options.get("threads", 2)),
        }
        return cls(RapidOCR(params=parameters))

    def read(self, picture: Picture, cancel: Cancel | None = None) -> Reading:
        """The lines in reading order; none when there is no text.

        Raises:
            EngineError: a model failed. Cancelled: the caller gave up.
        """
        given = cancel or Cancel()
        return self._recent.of(picture, lambda: self._read(picture, given))

    def _read(self, picture: Picture, cancel: Cancel) -> Reading:
        try:
            pixels = np.ascontiguousarray(picture.pixels[:, :, ::-1])  # BGR, as trained
            near, far = self._detect(pixels, cancel)
            seen = self._all_ways_up(pixels, near + far, cancel)
            seen = resolved(seen[: len(near)], seen[len(near) :])
        except (cv2.error, RuntimeError, ValueError) as error:
            raise EngineError(f"reading failed: {error}", fix="try another picture") from error
        return compose(seen, picture.width, picture.height)

    def _detect(self, pixels: Pixels, cancel: Cancel) -> tuple[list[Quad], list[Quad]]:
        """Lines at the scale that suits their size, and lines seen from afar."""
        height, width = pixels.shape[:2]
        scale = min(math.sqrt(_AREA / (width * height)), _SIDE / max(width, height), _ENLARGE)
        found = self._look(pixels, scale, cancel)
        sizes = [quads.thickness(quad) for quad in found]
        far: list[Quad] = []
        if not found or max(sizes) > _LARGE * min(width, height):
            far = self._look(pixels, scale / 3, cancel)
        small = [q for q, s in zip(found, sizes, strict=True) if s * scale < _SMALL]
        if small:
            found = self._look_closely(pixels, found, small, scale, cancel)
        return found, far

    def _look_closely(
        self, pixels: Pixels, found: list[Quad], small: list[Quad], scale: float, cancel: Cancel
    ) -> list[Quad]:
        """Look again, larger, where small print was found."""
        edges = np.concatenate(small)
        margin = 4 * max(quads.thickness(quad) for quad in small)
        height, width = pixels.shape[:2]
        left, top = np.maximum(edges.min(axis=0) - margin, 0).astype(int)
        right, bottom = np.minimum(edges.max(axis=0) + margin, (width, height)).astype(int)
        wanted = _GOOD / min(quads.thickness(quad) for quad in small)
        area = (right - left) * (bottom - top)
        finer = min(wanted, _ENLARGE, math.sqrt(_FINE_AREA / max(area, 1)))
        if finer < 1.25 * scale:
            return found
        corner = np.array([left, top], dtype=np.float32)
        again = [q + corner for q in self._look(pixels[top:bottom, left:right], finer, cancel)]
        return again + [q for q in found if not any(quads.same_line(q, a) for a in again)]

    def _look(self, pixels: Pixels, scale: float, cancel: Cancel) -> list[Quad]:
        """One run of the detector over the picture at a scale."""
        cancel.check()
        height, width = pixels.shape[:2]
        size = max(round(width * scale), 16), max(round(height * scale), 16)
        method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        small = cv2.resize(pixels, size, interpolation=method)
        margin = max(round(_MARGIN * min(size)), 16)
        ground = [float(v) for v in np.median(np.concatenate((small[0], small[-1])), axis=0)]
        framed = cv2.copyMakeBorder(
            small, margin, margin, margin, margin, cv2.BORDER_CONSTANT, value=ground
        )
        try:
            _, result = self._models.detect_and_crop(framed, {})
        except RapidOCRError:  # its way to say that there is no text
            return []
        limits = np.array([width, height], dtype=np.float32)
        factors = limits / np.array(size, dtype=np.float32)
        inside = [
            np.clip((np.asarray(box, dtype=np.float32) - margin) * factors, 0, limits)
            for box in result.boxes
        ]
        return [quad for quad in inside if quads.thickness(quad) >= 1]  # others lie in the frame

    def _all_ways_up(self, pixels: Pixels, found: list[Quad], cancel: Cancel) -> list[Seen]:
        """Each line read the way up that fits it and the page."""
        cuts = [quads.cut(pixels, quad) for quad in found]
        turns: list[Turn] = [90 if quads.is_tall(quad) else 0 for quad in found]
        seen = self._recognise(found, cuts, turns, cancel)
        doubtful = self._doubtful(seen, cuts)
        seen = self._better(seen, cuts, dict.fromkeys(doubtful, 180), cancel)
        page = page_turn(seen)
        others = {
            i: (page - s.turn) % 360
            for i, s in enumerate(seen)
            if s.turn != page and (s.confidence < _DOUBTED or (s.turn - page) % 180 == 0)
        }
        return self._better(seen, cuts, others, cancel, favour=0.15)

    def _doubtful(self, seen: Sequence[Seen], cuts: Sequence[Pixels]) -> list[int]:
        """Lines that may be upside down: read badly, or so says the direction classifier."""
        if not seen:
            return []
        _, votes = self._models.cls_and_rotate(
            [quads.turned(c, s.turn) for c, s in zip(cuts, seen, strict=True)]
        )
        return [
            i
            for i, (s, (label, score)) in enumerate(zip(seen, votes.cls_res, strict=True))
            if s.confidence < _DOUBTED or ("180" in label and score >= _UPSIDE_DOWN)
        ]

    def _better(
        self,
        seen: Sequence[Seen],
        cuts: Sequence[Pixels],
        further: dict[int, int],
        cancel: Cancel,
        favour: float = 0.0,
    ) -> list[Seen]:
        """Read the lines named in `further` turned by that much more; keep the better reading."""
        chosen = list(seen)
        indices = list(further)
        turns: list[Turn] = [(seen[i].turn + further[i]) % 360 for i in indices]  # type: ignore[misc]
        again = self._recognise(
            [seen[i].quad for i in indices], [cuts[i] for i in indices], turns, cancel
        )
        for i, other in zip(indices, again, strict=True):
            if other.confidence + favour > chosen[i].confidence:
                chosen[i] = other
        return chosen

    def _recognise(
        self,
        found: Sequence[Quad],
        cuts: Sequence[Pixels],
        turns: Sequence[Turn],
        cancel: Cancel,
    ) -> list[Seen]:
        """The text of each cut-out, turned as told."""
        ready = [quads.turned(cut, turn) for cut, turn in zip(cuts, turns, strict=True)]
        # Lines of like length share a batch, as each is padded to the longest of its batch.
        order = sorted(range(len(ready)), key=lambda i: ready[i].shape[1] / ready[i].shape[0])
        seen: dict[int, Seen] = {}
        for start in range(0, len(order), _BATCH):
            cancel.check()
            batch = order[start : start + _BATCH]
            result = self._models.recognize_txt([ready[i] for i in batch])
            for i, text, confidence, word in zip(
                batch, result.txts, result.scores, result.word_results, strict=True
            ):
                seen[i] = Seen(
                    quad=found[i],
                    turn=turns[i],
                    text=text.strip(),
                    confidence=float(confidence) if text.strip() else 0.0,
                    weakest_in_number=_weakest_in_number(text, word.confs),
                )
        return [seen[i] for i in range(len(ready))]


def _weakest_in_number(text: str, confidences: Sequence[float]) -> float:
    """Least confidence among the characters of words that hold a digit; 1 without any.

    The point of a price and the letter of a lot number count as much as their digits.
    """
    spans = [word.span() for word in _NUMBER.finditer(text)]
    return min((c for start, end in spans for c in confidences[start:end]), default=1.0)
