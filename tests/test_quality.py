"""Faults of pictures: measured on drawn pictures that are spoiled in grades; no weights needed."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from assistant.evaluation import degraded
from assistant.evaluation.cases import manifest
from assistant.evaluation.picture_quality import KINDS, Observed, known, score
from assistant.types import Picture, Reading, SceneObject, TextLine
from assistant.vision import faults, framing
from assistant.vision.legibility import hindrance
from assistant.vision.quality import limits, measure


def room() -> Picture:
    """A room with furniture, drawn level, with a little grain."""
    image = Image.new("RGB", (960, 640), (196, 186, 170))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 470, 960, 640), fill=(120, 84, 56))
    draw.rectangle((80, 80, 330, 330), fill=(150, 200, 235), outline=(60, 40, 30), width=12)
    draw.line((205, 80, 205, 330), fill=(60, 40, 30), width=10)
    draw.rectangle((430, 120, 640, 480), fill=(70, 50, 40))
    for y in range(150, 470, 60):
        draw.rectangle((445, y, 625, y + 40), fill=(200, 60 + y // 4, 50))
    draw.rectangle((700, 330, 930, 370), fill=(30, 90, 60))
    draw.rectangle((715, 370, 740, 560), fill=(20, 60, 40))
    draw.rectangle((890, 370, 915, 560), fill=(20, 60, 40))
    draw.ellipse((770, 250, 850, 330), fill=(240, 200, 40), outline=(20, 20, 20), width=4)
    grain = np.random.default_rng(1).normal(0, 2, (640, 960, 1))
    return Picture(pixels=np.clip(np.asarray(image) + grain, 0, 255).astype(np.uint8))


def page() -> Picture:
    """Lines of print on paper, with a margin."""
    image = Image.new("RGB", (900, 700), (246, 244, 238))
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(size=34)
    for row in range(10):
        draw.text((110, 90 + 52 * row), "The quick brown fox jumps over it", font=font, fill=20)
    return Picture(pixels=np.asarray(image))


PICTURES = {"room": room, "page": page}


@pytest.mark.parametrize("name", PICTURES)
def test_a_good_picture_has_no_fault(name: str) -> None:
    measured = measure(PICTURES[name]())
    assert measured.faults == ()
    assert not measured.unreadable


@pytest.mark.parametrize(
    ("kind", "grade"),
    [
        *itertools.product(("defocus", "darkness", "glare", "cover", "wall"), (2, 3)),
        ("motion", 3),  # of the shorter smears little more than half are found (docs/quality.md)
    ],
)
@pytest.mark.parametrize("name", PICTURES)
def test_clear_degradations_are_found(name: str, kind: str, grade: int) -> None:
    made = degraded.spoiled(PICTURES[name](), kind, grade)
    found = {faults.kind(key) for key in measure(made.picture).faults}
    also = {"low_contrast"} if kind == "glare" else set()
    assert found & {made.fault, *also}, found


@pytest.mark.parametrize("degrees", [-25, -15, 15, 25])
@pytest.mark.parametrize("name", PICTURES)
def test_a_tilt_is_told_with_the_way_to_turn(name: str, degrees: float) -> None:
    way = "clockwise" if degrees > 0 else "counterclockwise"
    assert measure(degraded.tilted(PICTURES[name](), degrees)).faults == (f"tilted:{way}",)


def test_the_content_of_a_tilted_picture_leans_clockwise_by_so_many_degrees() -> None:
    assert measure(degraded.tilted(room(), 20)).lean == pytest.approx(20, abs=2)
    assert measure(degraded.tilted(room(), -20)).lean == pytest.approx(-20, abs=2)


@pytest.mark.parametrize("kind", ["darkness", "glare", "cover", "wall", "defocus"])
@pytest.mark.parametrize("name", PICTURES)
def test_nothing_may_be_claimed_where_nothing_is_left(name: str, kind: str) -> None:
    measured = measure(degraded.spoiled(PICTURES[name](), kind, 4).picture)
    assert measured.unreadable
    assert measured.faults


def test_one_thing_that_lies_aslant_tilts_nothing(media: Path) -> None:
    for file in sorted((media / "twoclass").glob("*.jpg")):  # forks and scissors on a table
        assert measure(Picture.open(file)).faults == (), file.name


def test_a_dark_ground_or_a_dim_wall_is_no_finger() -> None:
    ground = np.full((480, 640, 3), 12, np.uint8)
    ground[160:320, 200:440] = (230, 225, 210)
    assert measure(Picture(pixels=ground)).hidden == 0
    wall = room().pixels // 2
    wall[:, :380] = (70, 74, 80)
    assert measure(Picture(pixels=wall)).hidden < 0.2  # the floor
    for glow in ((8, 4, 4), (120, 30, 22)):  # no light comes through a finger, or red light
        wall[:, :380] = glow
        assert measure(Picture(pixels=wall)).hidden > 0.3


def test_who_moved_is_told_to_hold_still_and_who_is_too_near_to_move_away() -> None:
    told = {
        kind: measure(degraded.spoiled(room(), kind, 3).picture).faults
        for kind in ("motion", "defocus")
    }
    assert told == {"motion": ("blurred:moved",), "defocus": ("blurred",)}


def test_thin_print_is_not_pale_because_it_is_small() -> None:
    image = Image.new("RGB", (1280, 720), (252, 252, 252))
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(size=11)
    for row in range(6):
        draw.text((560, 300 + 16 * row), "warm bread and seven eggs", font=font, fill=0)
    assert measure(Picture(pixels=np.asarray(image))).faults == ()


SAMPLE = ("p005.jpg", "p012.jpg", "p018.jpg", "t007.jpeg", "t013.png", "t014.jpg")
"""Small ones, as each is spoiled 18 times; `assistant eval quality` does it with all."""


def observed(
    name: str, kind: str, grade: int, expected: Sequence[str], picture: Picture
) -> Observed:
    return Observed(
        picture=name,
        kind=kind,
        grade=grade,
        expected=tuple(expected),
        way="",
        quality=measure(picture),
    )


def test_faults_of_development_pictures_are_found_and_good_ones_pass(media: Path) -> None:
    """The measures alone; framing needs a detector and a reader: `assistant eval quality`."""
    cases = [c for c in manifest(media) if c.kind in KINDS]
    rows = []
    for case in cases:
        picture = degraded.camera_size(Picture.open(case.file))
        rows.append(observed(case.name, "clean", 0, known(case).get("faults", ()), picture))
        if case.file.name in SAMPLE:
            rows += [
                observed(case.name, m.kind, m.grade, (m.fault,), m.picture)
                for m in degraded.optical(picture, (2, 3, 4))
            ]
    figures = score([(row, row.told(limits())) for row in rows])
    assert figures["f1"] >= 0.85
    assert figures["false_alarms_clean"]["value"] <= 0.05
    lost = [row.told(limits()) for row in rows if row.grade == 4]
    assert sum(key is not None for key in lost) >= 0.95 * len(lost)


def test_degradations_are_the_same_each_time_and_grow() -> None:
    picture = room()
    for kind in ("motion", "darkness", "tilt"):
        one, two = (degraded.spoiled(picture, kind, 2) for _ in range(2))
        assert np.array_equal(one.picture.pixels, two.picture.pixels)
        assert one.way == two.way
    sharp = [measure(degraded.spoiled(picture, "defocus", g).picture).sharpness for g in (1, 2, 3)]
    assert sharp == sorted(sharp, reverse=True)
    bright = [measure(degraded.spoiled(picture, "darkness", g).picture).high for g in (1, 2, 3, 4)]
    assert bright == sorted(bright, reverse=True)


def test_what_is_cropped_reaches_that_edge() -> None:
    picture, box = room(), (430, 120, 640, 480)
    for side in framing.SIDES:
        made = degraded.cropped(picture, box, side, 3)
        assert made.way == side
        assert made.picture.width * made.picture.height < picture.width * picture.height
    left = degraded.cropped(picture, box, "left", 3).picture
    assert left.width == 960 - round(430 + 0.45 * 210)


def test_tiny_text_is_as_small_as_the_grade_says() -> None:
    made = degraded.tiny_text(page(), 34.0, 2).picture
    assert (made.width, made.height) == degraded.CAMERA
    ink = np.nonzero((made.pixels[..., 0] < 200).any(axis=1))[0]
    assert int(ink.max() - ink.min()) == pytest.approx(9 / 34 * (52 * 9 + 30), rel=0.1)


# Framing


def lines(*boxes: tuple[int, int, int, int]) -> Reading:
    return Reading(lines=tuple(TextLine(text="words", box=b, confidence=0.99) for b in boxes))


def sheet(left: int = 0, top: int = 0, right: int = 640, bottom: int = 480) -> Picture:
    """A part of a page with four lines, letters from 60 to 560 across and 70 to 410 down."""
    image = Image.new("RGB", (640, 480), (240, 240, 236))
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(size=40)
    for row in range(4):
        draw.text((60, 60 + 100 * row), "HIMMEL UND ERDE HIM", font=font, fill=20)
    return Picture(pixels=np.asarray(image)[top:bottom, left:right].copy())


def found(picture: Picture, dx: int = 0, dy: int = 0) -> Reading:
    """The lines of `sheet` as a detector gives them, clipped to the part that is left."""
    boxes = []
    for row in range(4):
        x1, y1, x2, y2 = 55 - dx, 60 + 100 * row - dy, 565 - dx, 110 + 100 * row - dy
        box = max(x1, 0), max(y1, 0), min(x2, picture.width), min(y2, picture.height)
        if box[3] - box[1] > 8:
            boxes.append(box)
    return lines(*boxes)


@pytest.mark.parametrize(
    ("part", "side"),
    [
        ((200, 0, 640, 480), "left"),
        ((0, 0, 406, 480), "right"),
        ((0, 84, 640, 480), "top"),
        ((0, 0, 640, 385), "bottom"),
    ],
)
def test_a_text_is_cut_off_where_the_edge_goes_through_letters(
    part: tuple[int, int, int, int], side: str
) -> None:
    picture = sheet(*part)
    assert framing.of_text(found(picture, part[0], part[1]), picture) == f"cut_off:{side}"


def test_a_text_that_fills_its_picture_is_whole() -> None:
    whole = sheet()
    assert framing.of_text(found(whole), whole) is None
    ink = np.nonzero((whole.pixels[..., 0] < 130).any(axis=0))[0]
    tight = int(ink.min()) - 2, 62, int(ink.max()) + 3, 412
    picture = sheet(*tight)
    assert framing.of_text(found(picture, tight[0], tight[1]), picture) is None
    assert framing.of_text(Reading(), whole) is None


def test_what_runs_along_an_edge_is_a_frame_and_no_letter() -> None:
    whole = sheet()
    pixels = whole.pixels.copy()
    pixels[:, :50] = 20
    framed = Picture(pixels=pixels[:, 40:].copy())
    assert framing.of_text(found(framed, 40), framed) is None


def printed(size: int, lines_in_a_box: int = 1) -> tuple[Picture, Reading]:
    """Lines of print, and boxes as readers give them: wide, or around two lines."""
    image = Image.new("RGB", (640, 480), (240, 240, 236))
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(size=size)
    step, found = round(1.4 * size), []
    for row in range(6):
        draw.text((200, 100 + row * step), "warm bread and seven eggs", font=font, fill=20)
    for row in range(0, 6, lines_in_a_box):
        y = 100 + row * step
        found.append((196, y - size // 4, 560, y + lines_in_a_box * step))
    return Picture(pixels=np.asarray(image)), lines(*found)


@pytest.mark.parametrize("lines_in_a_box", [1, 2])
def test_text_is_too_small_by_its_letters_not_by_the_boxes_around_it(lines_in_a_box: int) -> None:
    told = {}
    for size in (6, 7, 12, 20):
        picture, reading = printed(size, lines_in_a_box)
        told[size] = framing.of_text(reading, picture)
    assert told == {6: "text_too_small", 7: "text_too_small", 12: None, 20: None}


def test_writing_that_could_not_be_read_counts_too() -> None:
    picture, reading = printed(6)
    unread = Reading(unread=tuple(line.box for line in reading.lines))
    assert framing.of_text(unread, picture) == "text_too_small"


def test_the_middle_of_a_picture_is_looked_at_again() -> None:
    """A reader that finds print in small pictures only, as readers that scale do."""
    picture, reading = printed(6)

    class Reader:
        name = "far"

        def read(self, shown: Picture, cancel: object = None) -> Reading:
            if shown.width > 400:
                return Reading()
            box = tuple(v - 160 if i % 2 == 0 else v - 120 for i, v in enumerate(boxes[0]))
            return lines(box)  # type: ignore[arg-type]

    boxes = [line.box for line in reading.lines if line.box[1] > 120]
    assert framing.overlooked_text(picture, Reader()) == "text_too_small"
    bare = Picture(pixels=np.full((480, 640, 3), 240, np.uint8))
    assert framing.overlooked_text(bare, Reader()) is None
    assert hindrance(picture, Reading(), Reader()) == "text_too_small"
    assert hindrance(picture, lines((200, 100, 500, 110)), Reader()) == "text_too_small"
    dark = Picture(pixels=np.full((480, 640, 3), 1, np.uint8))
    assert hindrance(dark, Reading(), Reader()) == "too_dark:black"


def test_what_is_far_off_is_to_be_brought_closer_where_no_text_is_found() -> None:
    class Reader:
        name = "blind"

        def read(self, shown: Picture, cancel: object = None) -> Reading:
            return Reading()

    pixels = np.full((480, 640, 3), 200, np.uint8)
    pixels[230:250, 310:340:4] = 30
    assert hindrance(Picture(pixels=pixels), Reading(), Reader()) == "too_small"
    assert hindrance(room(), Reading(), Reader()) is None


def test_the_subject_is_the_large_thing_in_the_middle_and_no_furniture() -> None:
    def thing(name: str, box: tuple[int, int, int, int] | None) -> SceneObject:
        return SceneObject(name=name, confidence=0.9, box=box, direction=0.0, proximity="near")

    table, cup, plate = (
        thing("table", (0, 200, 640, 480)),
        thing("cup", (280, 180, 380, 300)),
        thing("plate", (0, 380, 90, 440)),
    )
    assert framing.subject([table, plate, cup], 640, 480) is cup
    assert framing.subject([table], 640, 480) is table
    assert framing.subject([thing("food", None)], 640, 480) is None


# Words


def test_every_fault_names_one_thing_to_do_in_both_languages() -> None:
    for key, (english, chinese) in faults.SENTENCES.items():
        fix = english.partition("; ")[2]
        assert fix[0].islower(), key
        assert fix.endswith("."), key
        assert "请" in chinese, key


def test_left_and_right_are_the_hearers_own() -> None:
    assert "to the left" in faults.fault("cut_off:left", "en").sentence
    assert "to the right" in faults.fault("cut_off:left", "en", mirrored=True).sentence
    assert "逆时针" in faults.fault("tilted:clockwise", "zh", mirrored=True).sentence
    assert "顺时针" in faults.fault("tilted:clockwise", "zh").sentence
    assert faults.fault("cut_off:top", "en", mirrored=True).kind == "cut_off"


# Scores


def test_scores_count_what_was_found_missed_and_falsely_told() -> None:
    measured = measure(room())

    def row(kind: str, grade: int, *expected: str, way: str = "") -> Observed:
        return Observed(
            picture="a",
            kind=kind,
            grade=grade,
            expected=expected,
            way=way,
            quality=measured,
        )

    told = [
        (row("clean", 0), None),
        (row("clean", 0), "blurred"),
        (row("defocus", 2, "blurred"), "blurred"),
        (row("defocus", 1, "blurred"), None),  # slight: neither found nor missed
        (row("tilt", 3, "tilted", way="clockwise"), "tilted:counterclockwise"),
        (row("darkness", 2, "too_dark"), "blurred"),
    ]
    figures = score(told)
    assert figures["by_fault"]["blurred"]["precision"]["value"] == pytest.approx(1 / 3, abs=0.001)
    assert figures["by_fault"]["too_dark"]["recall"]["value"] == 0
    assert figures["f1"] == pytest.approx(2 * 2 / (2 * 2 + 2 + 1), abs=0.001)
    assert figures["false_alarms_clean"]["value"] == 0.5
    assert figures["way_right"]["value"] == 0
    assert row("clean", 0).told(limits()) is None
