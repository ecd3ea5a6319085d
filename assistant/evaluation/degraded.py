"""Pictures made worse on purpose, in grades, as cameras and hands make them worse.

Grade 1 is slight: a fault may be told or not. Grades 2 and 3 are clear faults. At grade 4
nothing in the picture can be made out, and whatever is told about it is invented. Sizes are
shares of the picture's longer side, so that pictures of any size are spoiled alike, and light
is handled in linear light (IEC 61966-2-1), where lenses and sensors work. The same picture,
kind, grade and seed give the same pixels.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from assistant.types import Box, Picture

Pixels = NDArray[np.uint8]  # [h, w, 3] RGB
Light = NDArray[np.float32]  # [h, w, 3] linear light in [0, 1]
Side = Literal["left", "right", "top", "bottom"]

GRADES: Final = (1, 2, 3, 4)
CAMERA: Final = (1280, 720)  # pixels of the frame that `tiny_text` puts a page in
_LONGEST: Final = 1280  # pixels; larger pictures are made smaller first, as cameras give them

_ELECTRONS: Final = 4000.0  # that fill a pixel of a telephone's sensor of about 1 um
_READ_NOISE: Final = 3.0  # electrons

DEFOCUS: Final = (0.003, 0.007, 0.014, 0.09)  # radius of the circle of confusion
MOTION: Final = (0.006, 0.015, 0.03, 0.3)  # length of the smear
DARKNESS: Final = (0.3, 0.08, 0.03, 0.001)  # exposure against the right one
GLARE: Final = ((2.0, 0.05), (3.0, 0.5), (5.0, 0.7), (10.0, 0.99))  # exposure, veil
TILT: Final = (6.0, 15.0, 25.0, 35.0)  # degrees
CROP: Final = (0.08, 0.25, 0.45, 0.7)  # share of the thing beyond the edge
TINY: Final = (20.0, 9.0, 7.0, 3.0)  # pixels between the top and the bottom of a line
COVER: Final = (0.25, 0.65, 0.85, 1.0)  # share of the picture behind the finger
WALL: Final = (0.02, 0.012, 0.006, 0.0)  # luma of the plaster's grain
"""Each kind's four grades. Sources: a smear of 1.5 % is a hand's turn of 1 degree (field of
view 65) while the shutter is open; a third of the light is a room in the evening, a hundredth
and less a room at night; ten degrees are seen at once as tilted."""

FAULT: Final[Mapping[str, str]] = {
    "defocus": "blurred",
    "motion": "blurred",
    "darkness": "too_dark",
    "glare": "too_bright",
    "tilt": "tilted",
    "crop": "cut_off",
    "tiny_text": "text_too_small",
    "cover": "covered",
    "wall": "blank",
}
"""Kind of degradation -> the fault that is to be found."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Degraded:
    """A spoiled picture and how it was spoiled."""

    picture: Picture
    kind: str  # a key of `FAULT`
    grade: int  # 1 to 4
    way: str = ""  # the side that is cut off, or `clockwise` or `counterclockwise` for the fix

    @property
    def fault(self) -> str:
        """What is to be found."""
        return FAULT[self.kind]


def camera_size(picture: Picture) -> Picture:
    """The picture at most 1280 pixels long."""
    scale = _LONGEST / max(picture.width, picture.height)
    if scale >= 1:
        return picture
    size = round(picture.width * scale), round(picture.height * scale)
    return _as(picture, cv2.resize(picture.pixels, size, interpolation=cv2.INTER_AREA))


def spoiled(picture: Picture, kind: str, grade: int) -> Degraded:
    """One grade of a kind that needs nothing but the picture; for `tilt` the way is seeded."""
    random = _random(picture, kind, grade)
    if kind == "tilt":
        degrees = TILT[grade - 1] * random.choice((-1, 1))
        way = "counterclockwise" if degrees < 0 else "clockwise"
        return Degraded(picture=tilted(picture, degrees), kind=kind, grade=grade, way=way)
    made = _OPTICAL[kind](_linear(picture.pixels), grade, random)
    return Degraded(picture=_as(picture, _encoded(made)), kind=kind, grade=grade)


def tilted(picture: Picture, degrees: float) -> Picture:
    """What the camera sees that is turned: the content leans clockwise by so many degrees.

    The largest upright part without foreign corners, of the picture's own shape. A strip
    would lose its ends: pictures over twice as long as high get more of their ground instead.
    """
    width, height = picture.width, picture.height
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), -degrees, 1.0)
    sine, cosine = abs(math.sin(math.radians(degrees))), abs(math.cos(math.radians(degrees)))
    if max(width, height) > 2 * min(width, height):
        wide, high = width * cosine + height * sine, width * sine + height * cosine
        ground = [float(v) for v in _ground(picture.pixels)]
    else:
        shrink = min(
            width / (width * cosine + height * sine), height / (width * sine + height * cosine)
        )
        wide, high, ground = width * shrink, height * shrink, [0.0, 0.0, 0.0]
    turn[0, 2] += (wide - width) / 2
    turn[1, 2] += (high - height) / 2
    made = cv2.warpAffine(
        picture.pixels, turn, (int(wide), int(high)), flags=cv2.INTER_AREA, borderValue=ground
    )
    return _as(picture, made)


def cropped(picture: Picture, subject: Box, side: Side, grade: int) -> Degraded:
    """The subject's part beyond one edge is lost; what lies around it on the other sides stays."""
    x1, y1, x2, y2 = subject
    share = CROP[grade - 1]
    left, top, right, bottom = 0, 0, picture.width, picture.height
    if side == "left":
        left = round(x1 + share * (x2 - x1))
    elif side == "right":
        right = round(x2 - share * (x2 - x1))
    elif side == "top":
        top = round(y1 + share * (y2 - y1))
    else:
        bottom = round(y2 - share * (y2 - y1))
    made = np.ascontiguousarray(picture.pixels[top:bottom, left:right])
    return Degraded(picture=_as(picture, made), kind="crop", grade=grade, way=side)


def tiny_text(picture: Picture, line_height: float, grade: int) -> Degraded:
    """The page far off: its lines as small as the grade says, within a camera's frame.

    Args:
        line_height: pixels of the picture's lines as they are.
    """
    width, height = CAMERA
    scale = min(
        TINY[grade - 1] / line_height, 0.95 * width / picture.width, 0.95 * height / picture.height
    )
    size = max(round(picture.width * scale), 2), max(round(picture.height * scale), 2)
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    page = cv2.resize(picture.pixels, size, interpolation=method)
    left, top = (width - size[0]) // 2, (height - size[1]) // 2
    frame = np.full((height, width, 3), _ground(picture.pixels), dtype=np.uint8)
    frame[top : top + size[1], left : left + size[0]] = page
    noisy = _encoded(_sensed(_linear(frame), 1.0, _random(picture, "tiny_text", grade)))
    return Degraded(picture=_as(picture, noisy), kind="tiny_text", grade=grade)


def optical(picture: Picture, grades: Sequence[int] = GRADES) -> Iterator[Degraded]:
    """Every grade of every kind of light and lens."""
    for kind in _OPTICAL:
        for grade in grades:
            yield spoiled(picture, kind, grade)


def _defocus(light: Light, grade: int, random: np.random.Generator) -> Light:
    radius = DEFOCUS[grade - 1] * max(light.shape[:2])
    reach = math.ceil(radius)
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1].astype(np.float32)
    disc = np.clip(radius + 0.5 - np.hypot(x, y), 0, 1).astype(np.float32)
    return _sensed(_filtered(light, disc), 1.0, random)


def _motion(light: Light, grade: int, random: np.random.Generator) -> Light:
    length = MOTION[grade - 1] * max(light.shape[:2])
    angle = random.uniform(0, math.pi)
    reach = math.ceil(length / 2)
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1].astype(np.float32)
    along = np.abs(x * math.cos(angle) + y * math.sin(angle))
    across = np.abs(y * math.cos(angle) - x * math.sin(angle))
    smear = np.clip(length / 2 + 0.5 - along, 0, 1) * np.clip(1 - across, 0, 1)
    return _sensed(_filtered(light, smear.astype(np.float32)), 1.0, random)


def _darkness(light: Light, grade: int, random: np.random.Generator) -> Light:
    return _sensed(light, DARKNESS[grade - 1], random)


def _glare(light: Light, grade: int, random: np.random.Generator) -> Light:
    exposure, veil = GLARE[grade - 1]
    return _sensed(light * np.float32(exposure) + np.float32(veil), 1.0, random)


def _cover(light: Light, grade: int, random: np.random.Generator) -> Light:
    """A finger before the lens, far out of focus, from one side; light shines through it red."""
    height, width = light.shape[:2]
    glow = np.array((0.10, 0.012, 0.008), dtype=np.float32) * np.float32(random.uniform(0.02, 2))
    angle = random.choice((0, 90, 180, 270)) + random.uniform(-20, 20)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    along = x * math.cos(math.radians(angle)) + y * math.sin(math.radians(angle))
    edge = float(np.quantile(along[::8, ::8], COVER[grade - 1]))
    soft = 0.12 * max(height, width)
    hidden = np.ones_like(along) if grade == 4 else np.clip(0.5 + (edge - along) / soft, 0, 1)
    shade = 0.7 + 0.3 * (along - along.min()) / max(float(np.ptp(along)), 1.0)
    finger = glow * shade[..., None]
    return _sensed(light * (1 - hidden[..., None]) + finger * hidden[..., None], 1.0, random)


def _wall(light: Light, grade: int, random: np.random.Generator) -> Light:
    """A wall of the picture's own mean colour, close up: shaded from one side, with its grain."""
    height, width = light.shape[:2]
    colour = np.clip(light.mean(axis=(0, 1)), 0.05, 0.6).astype(np.float32)  # well exposed
    angle = random.uniform(0, 2 * math.pi)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    along = (x - width / 2) / width * math.cos(angle) + (y - height / 2) / height * math.sin(angle)
    shade = 1 + random.uniform(0.05, 0.4) * along
    grain = cv2.GaussianBlur(random.standard_normal((height, width)).astype(np.float32), (0, 0), 2)
    # A grain of so much luma is about twice as much in linear light, near the middle.
    rough = 1 + 2 * WALL[grade - 1] * grain / max(float(grain.std()), 1e-6)
    return _sensed(colour * (shade * rough)[..., None].astype(np.float32), 1.0, random)


_OPTICAL: Final[Mapping[str, Callable[[Light, int, np.random.Generator], Light]]] = {
    "defocus": _defocus,
    "motion": _motion,
    "darkness": _darkness,
    "glare": _glare,
    "cover": _cover,
    "wall": _wall,
}


def _sensed(light: Light, exposure: float, random: np.random.Generator) -> Light:
    """What a sensor makes of the light: shot noise, read noise, whole electrons, clipping."""
    electrons = np.clip(light, 0, 1) * np.float32(exposure * _ELECTRONS)
    noise = random.standard_normal(light.shape, dtype=np.float32)
    caught = electrons + noise * np.sqrt(electrons + np.float32(_READ_NOISE**2))
    return np.asarray(np.clip(np.round(caught) / _ELECTRONS, 0, 1), dtype=np.float32)


def _filtered(light: Light, kernel: NDArray[np.float32]) -> Light:
    made = cv2.filter2D(light, -1, kernel / kernel.sum(), borderType=cv2.BORDER_REFLECT)
    return np.asarray(made, dtype=np.float32)


def _linear(pixels: Pixels) -> Light:
    value = np.arange(256, dtype=np.float32) / 255
    table = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    return np.asarray(table.astype(np.float32)[pixels])


def _encoded(light: Light) -> Pixels:
    light = np.clip(light, 0, 1)
    value = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.asarray(np.round(value * 255), dtype=np.uint8)


def _ground(pixels: Pixels) -> NDArray[np.float64]:
    """The median colour along the picture's edges."""
    edges = (pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1])
    return np.asarray(np.median(np.concatenate(edges), axis=0))


def _as(picture: Picture, pixels: NDArray[np.generic]) -> Picture:
    made = np.ascontiguousarray(pixels, dtype=np.uint8)
    return Picture(pixels=made, source=picture.source, field_of_view=picture.field_of_view)


def _random(picture: Picture, kind: str, grade: int) -> np.random.Generator:
    """Seeded by the content, not the name, so that a picture is spoiled alike anywhere."""
    return np.random.default_rng(
        [zlib.crc32(picture.pixels.tobytes()), zlib.crc32(kind.encode()), grade]
    )
