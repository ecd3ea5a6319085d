"""Who comes and goes within a shot: by scripted boxes, and by the real detector on real clips."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assistant.errors import WeightsMissing
from assistant.events import Sentence
from assistant.interfaces import Cancel
from assistant.languages import joined, length
from assistant.registry import Engines
from assistant.safety import SpeechFilter
from assistant.types import Picture, SceneObject, Shot
from assistant.video.movement_words import sentence
from assistant.video.movements import Movement, movements
from assistant.video.observing import observed
from assistant.video.shots import shots
from assistant.video.store import VideoStore
from assistant.video.tracks import Kind, Look, Spotted, spotted, tracks
from assistant.video.understood import Understood
from assistant.video.working import understand
from assistant.vision.sentence import LIMITS
from tests import small_video
from tests import tiny_videos as tiny

EVERY_S = 0.5
HEIGHT = 0.3  # widths, of a person


def thing(
    x: float, name: str = "person", *, wide: float = 0.1, foot: float = 0.5, sure: float = 0.9
) -> Spotted:
    """Somebody whose middle is at `x` of the picture's width; what reaches out of it is cut."""
    kind: Kind = "person" if name == "person" else "vehicle" if name == "car" else "animal"
    spot = (max(0.0, x - wide / 2), foot - HEIGHT, min(1.0, x + wide / 2), foot)
    return Spotted(kind=kind, name=name, confidence=sure, spot=spot)


def film(*rows: list[Spotted], steady: bool = True) -> list[Look]:
    """Looks half a second apart."""
    return [
        Look(time=EVERY_S * number, things=tuple(row), steady=steady)
        for number, row in enumerate(rows)
    ]


def told(looks: list[Look]) -> list[tuple[str, str, str | None]]:
    return [(one.kind, one.name, one.side) for one in movements(looks)]


NOBODY: list[list[Spotted]] = [[], [], [], []]
ACROSS = [[thing(x)] for x in (0.05, 0.2, 0.35, 0.5, 0.65, 0.8, 0.95)]


def test_somebody_walks_through_the_picture() -> None:
    found = movements(film(*NOBODY, *ACROSS, *NOBODY))
    assert [(one.kind, one.name, one.side) for one in found] == [
        ("in", "person", "left"),
        ("out", "person", "right"),
    ]
    came, went = found
    assert came.start == 2.0  # the first look that shows it
    assert 5.0 < went.start < went.end == 5.5


def test_who_comes_after_one_left_may_be_the_same() -> None:
    looks = film(*NOBODY, *ACROSS, *NOBODY, *reversed(ACROSS), *NOBODY)
    assert told(looks) == [
        ("in", "person", "left"),
        ("out", "person", "right"),
        ("again", "person", "right"),
        ("out", "person", "left"),
    ]


def test_who_is_there_from_the_beginning_did_not_come_in() -> None:
    assert told(film(*ACROSS, *NOBODY)) == [("out", "person", "right")]


def test_where_the_shot_ends_too_soon_nothing_is_known() -> None:
    assert told(film(*ACROSS, [])) == []


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([*NOBODY, *([thing(0.5)],) * 6, *NOBODY], id="found and lost where it stands"),
        pytest.param([*NOBODY, *([thing(0.95)],) * 6, *NOBODY], id="stands at the edge"),
        pytest.param([*ACROSS[:4], *NOBODY, *ACROSS[4:], [thing(0.95)]], id="hidden on its way"),
        pytest.param([*NOBODY, ACROSS[0], ACROSS[1], *NOBODY], id="two looks are a flicker"),
        pytest.param(
            [*NOBODY, *([thing(x, sure=0.4)] for x in (0.05, 0.3, 0.5, 0.7, 0.95)), *NOBODY],
            id="never sure",
        ),
        pytest.param(
            [[*row, *(thing(0.3 + 0.1 * n) for n in range(4))] for row in (*NOBODY, *ACROSS)],
            id="in a crowd",
        ),
    ],
)
def test_a_detector_that_loses_somebody_is_no_departure(rows: list[list[Spotted]]) -> None:
    assert told(film(*rows)) == []


def test_while_the_camera_moves_nothing_comes_or_goes() -> None:
    assert told(film(*NOBODY, *ACROSS, *NOBODY, steady=False)) == []


def test_one_weak_look_does_not_break_a_track() -> None:
    weak = [replace(one, confidence=0.35) for one in ACROSS[-1]]
    assert told(film(*ACROSS[:-1], weak, *NOBODY)) == [("out", "person", "right")]


def test_a_weak_box_at_the_edge_is_where_it_came_in() -> None:
    first = [replace(one, confidence=0.35) for one in ACROSS[0]]
    found = movements(film(*NOBODY, first, [thing(0.3)], *ACROSS[3:6]))
    assert [(one.kind, one.side, one.start) for one in found] == [("in", "left", 2.0)]


def test_a_name_that_is_not_sure_is_that_of_its_group() -> None:
    names = ["dog", "cat", "dog", "cat", "dog", "cat", "dog"]
    rows = [[thing(one.middle[0], name)] for (one,), name in zip(ACROSS, names, strict=True)]
    assert told(film(*rows, *NOBODY)) == [("out", "animal", "right")]
    names[1] = "dog"
    rows = [[thing(one.middle[0], name)] for (one,), name in zip(ACROSS, names, strict=True)]
    assert told(film(*rows, *NOBODY)) == [("out", "dog", "right")]


def test_two_that_pass_each_other_stay_themselves() -> None:
    rows = [[thing(x), thing(1 - x, foot=0.55)] for x in (0.15, 0.3, 0.45, 0.6, 0.75, 0.85)]
    first, second = tracks(film(*rows))
    assert [one.middle[0] for _, one in first.seen] == pytest.approx(
        [0.15, 0.3, 0.45, 0.6, 0.75, 0.85]
    )
    assert [one.middle[0] for _, one in second.seen] == pytest.approx(
        [0.85, 0.7, 0.55, 0.4, 0.25, 0.15]
    )


def _dog(*places: float, foot: float = 0.5) -> list[list[Spotted]]:
    """A dog beside a person who stands at 0.3."""
    return [[thing(0.3), thing(x, "dog", foot=foot)] for x in places]


def test_a_dog_comes_up_to_somebody_and_moves_away() -> None:
    found = movements(film(*_dog(0.7, 0.7, 0.6, 0.5, 0.4, 0.4, 0.4, 0.4, 0.4, 0.5, 0.6, 0.7, 0.7)))
    assert [(one.kind, one.name, one.other, one.start) for one in found] == [
        ("to", "dog", "person", 2.0),
        ("from", "dog", "person", 4.0),
    ]


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param(_dog(0.7, 0.6, 0.5, 0.4, 0.4, 0.4, foot=0.85), id="in front of them"),
        pytest.param(_dog(0.7, 0.5, 0.7, 0.5, 0.7, 0.5), id="near and far of neither"),
        pytest.param(
            [[*row, thing(0.05)] for row in _dog(0.7, 0.6, 0.5, 0.4, 0.4, 0.4)], id="of two people"
        ),
        pytest.param(
            [[thing(x), thing(0.4, "dog")] for x in (0.8, 0.7, 0.6, 0.5, 0.5, 0.5)],
            id="the person came",
        ),
    ],
)
def test_who_came_to_whom_is_not_guessed(rows: list[list[Spotted]]) -> None:
    assert told(film(*rows)) == []


def test_running_off_out_of_the_picture_is_one_movement() -> None:
    looks = film(*_dog(0.4, 0.4, 0.5, 0.7, 0.9), *([thing(0.3)] for _ in range(4)))
    assert told(looks) == [("out", "dog", "right")]


def test_boxes_of_one_thing_are_one() -> None:
    def box(name: str, confidence: float, *place: int) -> SceneObject:
        left, top, right, bottom = place
        return SceneObject(
            name=name, confidence=confidence, box=(left, top, right, bottom),
            direction=None, proximity=None,
        )  # fmt: skip

    found = spotted(
        [
            box("dog", 0.6, 100, 100, 200, 200),
            box("cat", 0.8, 105, 100, 205, 200),
            box("person", 0.9, 100, 0, 200, 200),
            box("chair", 0.9, 300, 0, 400, 200),
            box("car", 0.2, 300, 0, 400, 200),
        ],
        width=400,
    )
    assert [(one.kind, one.name) for one in found] == [("person", "person"), ("animal", "cat")]
    assert found[1].spot == (0.2625, 0.25, 0.5125, 0.5)


EVERY = [
    Movement(kind="in", name="person", side="left", start=1, end=2),
    Movement(kind="again", name="dog", side="right", start=1, end=2),
    Movement(kind="out", name="car", side="left", start=1, end=2),
    Movement(kind="to", name="animal", other="person", start=1, end=2),
    Movement(kind="from", name="dog", other="person", start=1, end=2),
]


TEXTS = {
    "en": [
        "A person comes into the picture from the left.",
        "A dog comes into the picture from the right, maybe back again.",
        "A dog moves away from a person.",
    ],
    "zh": [
        "一个人从画面左边进来。",
        "一只狗从画面右边进来，可能是又回来了。",
        "一只狗从一个人身边走开。",
    ],
}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_sentences_pass_the_rules_of_speech(language: str) -> None:
    texts = [sentence(one, language) for one in EVERY]
    for text in texts:
        given = Sentence(text=text, kind="measured", language=language)
        passed = SpeechFilter(about="scene", has_picture=True).sentence(given)
        assert joined([one.text for one in passed]) == text
        assert length(text, language) <= LIMITS[language]
    assert [texts[0], texts[1], texts[4]] == TEXTS[language]


class Squares:
    """A detector of one red square, which it calls a dog."""

    def __init__(self) -> None:
        self.looks = 0

    def detect(self, picture: Picture, cancel: Cancel | None = None) -> list[SceneObject]:
        self.looks += 1
        red = (picture.pixels[..., 0] > 150) & (picture.pixels[..., 1] < 100)
        rows, columns = np.nonzero(red)
        if len(rows) < 50:
            return []
        box = (int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1)
        return [SceneObject(name="dog", confidence=0.9, box=box, direction=None, proximity=None)]


def _room(wide: int, seed: int = 5) -> tiny.Pixels:
    """A grey room of blocks of 8 pixels."""
    made = np.random.default_rng(seed).integers(60, 200, (tiny.SIZE[1] // 8, -(-wide // 8)))
    grey = made.repeat(8, 0).repeat(8, 1)[:, :wide]
    return np.stack([grey] * 3, axis=-1).astype(np.uint8)


def _square(at: float, number: int) -> tiny.Pixels:
    """The room with a red square whose middle is at `at` of its width, and a camera's noise."""
    wide = tiny.SIZE[0]
    noise = np.random.default_rng(number).integers(-8, 9, (*_room(wide).shape[:2], 1))
    pixels = (_room(wide).astype(int) + noise).clip(0, 255).astype(np.uint8)
    left, right = round(at * wide) - 15, round(at * wide) + 15
    if right > 0 and left < wide:
        pixels[60:90, max(0, left) : right] = (240, 30, 30)
    return pixels


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds of nobody, three of a walk from left to right, two of nobody."""
    places = [-1.0] * 50 + list(np.linspace(-0.1, 1.1, 75)) + [-1.0] * 50
    path = tmp_path_factory.mktemp("walk") / "walk.mp4"
    return tiny.write(path, [_square(float(at), n) for n, at in enumerate(places)])


def _found(events: Iterator[float | list[Movement]]) -> list[Movement]:
    return [one for event in events if isinstance(event, list) for one in event]


def test_a_file_is_looked_at_twice_a_second_while_something_moves(walk: Path) -> None:
    detector = Squares()
    found = _found(
        observed(
            walk, detector, [Shot(start=0, end=7)], start=0, until=100, cancel=Cancel()
        )
    )  # fmt: skip
    assert [(one.kind, one.side) for one in found] == [("in", "left"), ("out", "right")]
    assert found[0].start == pytest.approx(2.3, abs=0.6)
    assert found[1].start == pytest.approx(4.9, abs=0.6)
    assert 6 <= detector.looks <= 10  # frames that show what the last one showed are not looked at


def test_a_camera_that_turns_makes_nobody_come_or_go(tmp_path: Path) -> None:
    """The square stays at its place in the room while the camera turns past it."""
    wide = _room(480)
    wide[60:90, 225:255] = (220, 30, 30)
    pictures = [wide[:, at : at + 160] for at in (0,) * 50] + [
        wide[:, at : at + 160] for at in range(0, 300, 4)
    ]
    pictures += [pictures[-1]] * 50
    path = tiny.write(tmp_path / "pan.mp4", [np.ascontiguousarray(p) for p in pictures])
    detector = Squares()
    whole = [Shot(start=0, end=7)]
    assert _found(observed(path, detector, whole, start=0, until=100, cancel=Cancel())) == []
    assert detector.looks >= 6


def test_a_walk_over_a_cut_is_none(walk: Path) -> None:
    parts = [Shot(start=0, end=3.5), Shot(start=3.5, end=7)]
    found = _found(observed(walk, Squares(), parts, start=0, until=100, cancel=Cancel()))
    assert [(one.kind, one.side) for one in found] == [("in", "left"), ("out", "right")]
    parts = [Shot(start=0, end=2.5), Shot(start=2.5, end=4.8), Shot(start=4.8, end=7)]
    assert _found(observed(walk, Squares(), parts, start=0, until=100, cancel=Cancel())) == []


def test_a_chunk_ends_the_looks(walk: Path) -> None:
    one = [Shot(start=0, end=7)]
    assert _found(observed(walk, Squares(), one, start=0, until=2.5, cancel=Cancel())) == []
    late = _found(observed(walk, Squares(), one, start=3.5, until=100, cancel=Cancel()))
    assert [(one.kind, one.side) for one in late] == [("out", "right")]


def test_what_happened_is_kept(tmp_path: Path) -> None:
    store = VideoStore("0" * 24, tmp_path)
    store.begin("movements", "first")
    store.write_movements((0.0, 10.0), EVERY[:2], last=False)
    store.write_movements((10.0, 20.0), [replace(EVERY[2], start=12.0)], last=True)
    assert store.movements() == [*EVERY[:2], replace(EVERY[2], start=12.0)]
    assert store.finished("movements")
    store.begin("movements", "another")
    assert store.movements() == []
    assert store.reached("movements") == 0.0
    store.close()


def test_a_dog_runs_off_and_comes_back(engines: Engines, media: Path) -> None:
    file = media / "video" / "v001.mp4"
    parts = list(shots(file))
    detector = engines.get("object_detector")
    found = _found(observed(file, detector, parts, start=0, until=100, cancel=Cancel()))
    assert [(one.kind, one.name, one.side, one.other) for one in found] == [
        ("out", "dog", "right", None),
        ("again", "dog", "right", None),
        ("to", "dog", None, "person"),
        ("from", "dog", None, "person"),
        ("to", "dog", None, "person"),
    ]
    assert [one.start for one in found] == pytest.approx([2.3, 3.6, 5.5, 6.8, 9.3], abs=1.0)


def test_nobody_moves_while_coffee_is_poured(engines: Engines, media: Path) -> None:
    file = media / "video" / "v002.mp4"
    detector = engines.get("object_detector")
    whole = [Shot(start=0, end=9.6)]
    assert _found(observed(file, detector, whole, start=0, until=100, cancel=Cancel())) == []


def _understood(engines: Engines, path: Path) -> Understood:
    *_, last = understand(engines, path)
    assert isinstance(last, Understood)
    last.store.close()
    return last


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_DATA", str(tmp_path / "data"))


@pytest.mark.usefixtures("data")
def test_a_video_is_told_with_who_comes_and_goes(walk: Path) -> None:
    small = small_video.engines(chunk_s=180.0)
    small._loaded["object_detector"] = Squares()
    found = _understood(small, walk)
    happened = {one.number: one.text for one in found.evidence if one.kind == "action"}
    assert list(happened.values()) == [
        "A dog comes into the picture from the left.",
        "A dog goes out of the picture on the right.",
    ]
    for number, text in happened.items():
        assert any(text in e.text and number in e.evidence for e in found.summary.timeline)


@pytest.mark.usefixtures("data")
def test_without_a_detector_the_rest_is_told(walk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = small_video.engines()
    get = type(whole).get

    def missing(engines: Engines, capability: str) -> Any:
        if capability == "object_detector":
            raise WeightsMissing("there are no weights", fix="fetch them")
        return get(engines, capability)

    monkeypatch.setattr(Engines, "get", missing)
    found = _understood(whole, walk)
    assert {one.kind for one in found.evidence} == {"measure", "scene", "text"}
    assert found.summary.timeline


@pytest.mark.usefixtures("data")
def test_a_profile_may_leave_it_out(walk: Path) -> None:
    detector = Squares()
    small = small_video.engines(movements=False)
    small._loaded["object_detector"] = detector
    assert "action" not in {one.kind for one in _understood(small, walk).evidence}
    assert detector.looks == 0
