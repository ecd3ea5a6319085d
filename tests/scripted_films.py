"""Films made of real pictures whose cuts are known, for the cut detection to be measured on.

Each is a list of frames and the truth about it: cuts, changes that take a while (fades through
black or white, dissolves), and much that is neither: flashes, light that is turned down and up
again, pans, whip pans, zooms, a shaking hand, bullets that appear on a slide.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from assistant.picture import Picture
from assistant.video.container import frames
from tests.tiny_videos import RATE, Pixels

WIDTH, HEIGHT = 320, 180

Moving = Callable[[float], Pixels]  # the picture at a time (s) since the shot began


@dataclass
class Film:
    """Frames at 25 a second, and where a shot ends."""

    name: str
    frames: list[Pixels] = field(default_factory=list)
    cuts: list[float] = field(default_factory=list)  # s
    gradual: list[tuple[float, float]] = field(default_factory=list)  # s, from and to

    @property
    def length(self) -> float:
        return len(self.frames) / RATE

    def cut(self, shot: Moving, seconds: float) -> Film:
        """The next shot, after a cut."""
        if self.frames:
            self.cuts.append(self.length)
        return self.on(shot, seconds)

    def on(self, shot: Moving, seconds: float, since: float = 0.0) -> Film:
        """The same shot goes on."""
        self.frames += [shot(since + n / RATE) for n in range(round(seconds * RATE))]
        return self

    def through(self, colour: int, first: Moving, second: Moving, seconds: float) -> Film:
        """The shot fades into black (0) or white (255), and the next out of it."""
        begun, ground = self.length, np.full((HEIGHT, WIDTH, 3), colour, np.uint8)
        self._mixed(first, lambda _: ground, seconds / 2)
        self._mixed(lambda _: ground, second, seconds / 2)
        self.gradual.append((begun, self.length))
        return self

    def dissolve(self, first: Moving, second: Moving, seconds: float) -> Film:
        """The shot turns into the next."""
        begun = self.length
        self._mixed(first, second, seconds)
        self.gradual.append((begun, self.length))
        return self

    def _mixed(self, first: Moving, second: Moving, seconds: float) -> None:
        count = round(seconds * RATE)
        for n in range(count):
            share = (n + 1) / (count + 1)
            mixed = (1 - share) * first(n / RATE).astype(np.float32) + share * second(n / RATE)
            self.frames.append(np.rint(mixed).astype(np.uint8))

    def flash(self, at: float, shown: int = 2, light: float = 2.5) -> Film:
        """Somebody takes a photo with a flash."""
        for n in range(round(at * RATE), round(at * RATE) + shown):
            bright = self.frames[n].astype(np.float32) * light + 60
            self.frames[n] = np.clip(bright, 0, 255).astype(np.uint8)
        return self


@cache
def clip(path: Path) -> tuple[Pixels, ...]:
    """A clip's frames at 25 a second, small."""
    found, wanted = [], 0.0
    for frame in frames(path, longest=WIDTH):
        while frame.time >= wanted - 1e-3:
            found.append(cv2.resize(frame.pixels, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA))
            wanted += 1 / RATE
    return tuple(np.asarray(pixels, np.uint8) for pixels in found)


def played(path: Path, since: float = 0.0) -> Moving:
    """A clip from a moment on."""
    whole = clip(path)
    return lambda time: whole[min(len(whole) - 1, round((since + time) * RATE))]


@cache
def photo(path: Path) -> Pixels:
    """A photo, 640 pixels wide."""
    pixels = Picture.open(path).pixels
    height = round(640 * pixels.shape[0] / pixels.shape[1])
    return np.asarray(cv2.resize(pixels, (640, height), interpolation=cv2.INTER_AREA), np.uint8)


def filmed(
    path: Path,
    *,
    speed: float = 0.0,
    zoom: float = 0.0,
    shake: float = 0.0,
    since: float = 0.0,
) -> Moving:
    """A photo as a camera films it.

    Args:
        speed: widths of the frame a second by which it turns, to and fro.
        zoom: part a second by which it comes nearer.
        shake: pixels of a hand that is not steady.
        since: s; where the turn begins.
    """
    whole = photo(path)
    height, width = whole.shape[:2]

    def at(time: float) -> Pixels:
        wide = min(width, height * WIDTH / HEIGHT) * 0.6 / (1 + zoom * time)
        tall = wide * HEIGHT / WIDTH
        room = width - wide - 8
        way = (since + speed * time * wide) % (2 * room)
        left = 4 + min(way, 2 * room - way)
        top = (height - tall) / 2
        moment = time + since
        left += shake * np.sin(11 * moment) * np.sin(5 * moment + 1)
        top += shake * np.sin(9 * moment + 2) * np.sin(6 * moment)
        matrix = np.array([[wide / WIDTH, 0, left], [0, tall / HEIGHT, top]], np.float32)
        seen = cv2.warpAffine(
            whole,
            matrix,
            (WIDTH, HEIGHT),
            flags=cv2.INTER_AREA | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REFLECT,
        )
        return np.asarray(seen, np.uint8)

    return at


_WORDS = (
    "Photosynthesis", "turns light into sugar", "Water rises through the stem", "Green leaves",
    "Summary and outlook", "Cells and their parts", "Why roots matter", "A garden in winter",
    "Questions?", "Nitrogen from the air", "The seasons", "What bees do", "Seeds that travel",
)  # fmt: skip


@cache
def slide(number: int, bullets: int = 4, dark: bool = False) -> Pixels:
    """A slide of a talk; all look alike but for their words."""
    ground, ink = ((20, 24, 40), (235, 235, 235)) if dark else ((252, 252, 250), (30, 30, 30))
    image = Image.new("RGB", (WIDTH, HEIGHT), ground)
    draw = ImageDraw.Draw(image)
    draw.text((16, 10), _WORDS[number % 13], fill=(170, 60, 30), font=ImageFont.load_default(22))
    for line in range(bullets):
        words = f"- {_WORDS[(3 * number + 5 * line + 1) % 13]}"
        draw.text((22, 50 + 28 * line), words, fill=ink, font=ImageFont.load_default(15))
    return np.asarray(image)


def shown(pixels: Pixels) -> Moving:
    """A picture that does not move."""
    return lambda _: pixels


def films(media: Path, variant: int = 0) -> Iterator[Film]:
    """The films, made of the development media; a variant has other photos and other cuts."""
    dog, coffee = media / "video" / "v001.mp4", media / "video" / "v002.mp4"
    # Photos of many kinds, wide enough to be filmed.
    wide = [p for p in sorted((media / "photos").glob("p*.jpg")) if _wide(p)]
    if variant:
        dog, coffee = coffee, dog
        wide = [wide[int(n)] for n in np.random.default_rng(variant).permutation(len(wide))]
    yield _hard(dog, coffee, wide)
    yield _restless(dog, coffee, wide)
    yield _flashes(dog, coffee, wide)
    yield _pans(wide)
    yield _light(dog, wide)
    yield _fades(dog, coffee, wide)
    yield _dissolves(dog, coffee, wide)
    yield _slides(dog)


def _wide(path: Path) -> bool:
    with Image.open(path) as image:
        return image.width >= 400 and image.width > 1.2 * image.height


def _hard(dog: Path, coffee: Path, photos: Sequence[Path]) -> Film:
    film = Film("hard cuts")
    made = np.random.default_rng(1)
    for n in range(16):
        shots = (
            played(dog, n % 6),
            played(coffee, n % 5),
            filmed(photos[n % len(photos)], shake=2, speed=0.03, since=n),
            filmed(photos[(3 * n + 1) % len(photos)], zoom=0.05),
        )
        film.cut(shots[n % 4], float(made.choice([0.8, 1.2, 2.0, 3.0])))
    return film


def _restless(dog: Path, coffee: Path, photos: Sequence[Path]) -> Film:
    """Cuts between shots whose camera moves fast."""
    film = Film("cuts between moving cameras")
    for n in range(12):
        film.cut(filmed(photos[(5 * n) % len(photos)], speed=0.5, shake=4, since=7 * n), 1.6)
        film.cut(played((dog, coffee)[n % 2], n % 7), 1.6)
    return film


def _flashes(dog: Path, coffee: Path, photos: Sequence[Path]) -> Film:
    film = Film("flashes").on(played(dog), 8).cut(filmed(photos[0], shake=2), 6)
    film.cut(played(coffee), 7).cut(shown(slide(2)), 4)
    for at, count in ((1, 1), (2.5, 2), (4, 3), (4.4, 2), (6, 2), (9, 1), (10, 2), (12, 4), (15, 2),
                      (17, 3), (19.2, 1), (22.4, 2), (23.6, 3)):  # fmt: skip
        film.flash(at, count)
    return film


def _pans(photos: Sequence[Path]) -> Film:
    film = Film("pans, zooms, a shaking hand")
    for n, speed in enumerate((0.1, 0.3, 0.7, 1.2, 2.0, 0.5)):
        film.cut(filmed(photos[(2 * n) % len(photos)], speed=speed, shake=1, since=3 * n), 3)
    film.cut(filmed(photos[3], zoom=0.5), 3).cut(filmed(photos[1], shake=12), 3)
    # A whip pan: still, very fast, still.
    still, turned = filmed(photos[5]), filmed(photos[5], speed=3.0)
    film.cut(still, 2).on(turned, 0.3).on(lambda _: turned(0.3), 2)
    return film


def _light(dog: Path, photos: Sequence[Path]) -> Film:
    """Light goes down and up again, in one shot."""
    film = Film("light").on(played(dog), 9)
    film.cut(filmed(photos[2], shake=2), 8).cut(filmed(photos[4], shake=1), 6)
    for n in range(len(film.frames)):
        time = n / RATE
        level = 1.0
        if 2 <= time < 5:  # slowly darker, slowly lighter
            level = 0.25 + 0.75 * abs(time - 3.5) / 1.5
        if 11 <= time < 13:  # a lamp is turned down, and up again
            level = 0.45
        film.frames[n] = np.clip(film.frames[n] * level, 0, 255).astype(np.uint8)
    return film


def _fades(dog: Path, coffee: Path, photos: Sequence[Path]) -> Film:
    film = Film("fades")
    shots = [played(dog), filmed(photos[0], shake=2), played(coffee), filmed(photos[6], zoom=0.05),
             shown(slide(1)), played(dog, 4)]  # fmt: skip
    for n, shot in enumerate(shots):
        film.on(shot, 3)
        if n + 1 < len(shots):
            held = shot(3.0)
            film.through(
                255 if n == 2 else 0, shown(held), shots[n + 1], (1.0, 1.6, 1.0, 2.0, 1.2)[n]
            )
    return film


def _dissolves(dog: Path, coffee: Path, photos: Sequence[Path]) -> Film:
    """Both shots go on moving while one turns into the other."""
    film = Film("dissolves")
    shots = [filmed(photos[0], shake=1), played(coffee), filmed(photos[3], zoom=0.03), played(dog),
             shown(slide(4)), filmed(photos[7], shake=1)]  # fmt: skip
    since = 0.0
    for n, shot in enumerate(shots):
        film.on(shot, 3, since)
        if n + 1 < len(shots):
            seconds = (0.5, 1.0, 0.8, 1.0, 0.6)[n]
            ending = 3 + since
            film.dissolve(lambda t, s=shot, e=ending: s(e + t), shots[n + 1], seconds)  # type: ignore[misc]
            since = seconds
    return film


def _slides(dog: Path) -> Film:
    """A talk: slides, bullets that appear, a clip that is played in between."""
    film = Film("slides")
    for n in range(5):
        film.cut(shown(slide(n)), 4)
    film.cut(played(dog, 1), 4).cut(shown(slide(6, bullets=1)), 2)
    film.on(shown(slide(6, bullets=2)), 2).on(shown(slide(6, bullets=3)), 2)
    for n in range(7, 11):
        film.cut(shown(slide(n, dark=True)), 4)
    return film
