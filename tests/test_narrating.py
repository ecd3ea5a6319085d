"""Live narration on a virtual clock: what is said, when, and what is not said again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from test_camera import write_clip

from assistant.audio import Audio
from assistant.devices import footage
from assistant.devices.watching import ConversationCamera
from assistant.errors import Cancelled, InputError, ToolError
from assistant.evaluation.degraded import tilted
from assistant.evaluation.watching import score
from assistant.interfaces import Cancel
from assistant.outlets import Recording
from assistant.picture import Picture
from assistant.registry import Engines
from assistant.settings import CameraSettings, load_profile
from assistant.tools.context import ToolContext
from assistant.tools.watching import watch_scene
from assistant.types import Fault, Proximity, Reading, SceneObject, TextLine
from assistant.vision.motion import difference, fingerprint
from assistant.watching.aiming import instruction
from assistant.watching.attention import Attention
from assistant.watching.live import Inline, Said, Silent, watch
from assistant.watching.modes import mode
from assistant.watching.narrator import Narrator
from assistant.watching.seen import Frame, Glimpse, ModeName, Remark, Seen, Subject
from assistant.watching.sight import Sight, page

ROOT = Path(__file__).resolve().parent.parent
W, H = 640, 480


def thing(
    name: str, x: int = 250, y: int = 150, side: int = 120, *, sure: float = 0.9,
    proximity: Proximity = "middle",
) -> SceneObject:  # fmt: skip
    angle = ((x + side / 2) / W - 0.5) * 65
    return SceneObject(
        name=name,
        confidence=sure,
        box=(x, y, x + side, y + side),
        direction=angle,
        proximity=proximity,
    )


def line(text: str, confidence: float = 0.95) -> TextLine:
    return TextLine(text=text, box=(100, 100, 500, 160), confidence=confidence)


class Clock:
    """A narrator on a virtual clock of tenths of a second."""

    def __init__(self, name: ModeName = "surroundings", target: str = "door", language: str = "en"):
        self.narrator = Narrator(mode(name, target, language, CameraSettings()), language)
        self.voice = Silent(language)
        self.now = 0.0
        self.said: list[Said] = []
        self.subject: Subject = self.narrator.mode.wants[0]

    def see(self, *objects: SceneObject, ago: float = 0.0, **other: Any) -> None:
        at = self.now - ago
        given: dict[str, Any] = {
            "at": at, "since": at, "subject": self.subject, "width": W, "height": H,
            "objects": objects, **other,
        }  # fmt: skip
        self.narrator.see(Seen(**given))

    def run(self, seconds: float, *, still: bool = True, moving: bool = False) -> list[str]:
        """Let time pass; `still` while the camera shows what was looked at last."""
        before = len(self.said)
        for _ in range(round(seconds * 10)):
            self.now = round(self.now + 0.1, 3)
            known = frozenset(self.narrator.mode.wants) if still else frozenset[Subject]()
            self.narrator.glimpse(Glimpse(at=self.now, moving=moving, still=known))
            remark = self.narrator.next(self.now, self.voice.sounding(self.now))
            if remark is not None:
                self.voice.say(remark, self.now)
            self.said += self.voice.begun(self.now)
        return [said.text for said in self.said[before:]]


# --- surroundings -----------------------------------------------------------------------------


def test_each_thing_is_told_once_and_silence_follows() -> None:
    clock = Clock()
    clock.see(thing("chair"))
    assert clock.run(20) == ["A chair in front of you."]
    clock.see(thing("chair", x=255))
    assert clock.run(20) == []
    clock.see(thing("chair"), thing("cup", x=40))
    assert clock.run(20) == ["A cup to your left."]


def test_hazards_come_first_even_before_people() -> None:
    clock = Clock()
    clock.see(thing("person", x=20), thing("car", x=420), thing("bench", x=250))
    said = clock.run(10)
    assert said[0].startswith("A car")
    assert said[0].index("car") < said[0].index("person")
    assert clock.said[0].kind == "hazard"


def test_a_hazard_cuts_a_harmless_remark_short_but_not_another_hazard() -> None:
    clock = Clock()
    clock.see(thing("chair"), thing("table", x=30), thing("cup", x=500))
    clock.run(0.3)
    first = clock.voice.sounding(clock.now)
    assert first is not None
    clock.see(thing("chair"), thing("table", x=30), thing("cup", x=500), thing("dog", y=330))
    assert clock.run(0.3)[0].startswith("A dog")
    clock.see(thing("dog", y=330), thing("bus", x=10, y=10))
    assert clock.run(0.5) == []
    assert clock.run(6)[0].startswith("A bus")


@pytest.mark.parametrize(("language", "word"), [("en", "nearer"), ("zh", "靠近")])
def test_a_person_is_a_hazard_once_the_box_grows(language: str, word: str) -> None:
    clock = Clock(language=language)
    clock.see(thing("person", side=60))
    clock.run(6)
    for side in (70, 85, 105, 130):
        clock.see(thing("person", x=300 - side // 2, y=240 - side // 2, side=side))
        clock.run(0.5, still=False)
    told = [said for said in clock.said if word in said.text]
    assert len(told) == 1
    assert told[0].kind == "hazard"
    clock.run(10)
    assert len([said for said in clock.said if word in said.text]) == 1


def test_a_chair_that_grows_is_no_hazard() -> None:
    clock = Clock()
    for side in (60, 75, 95, 120, 150):
        clock.see(thing("chair", x=300 - side // 2, y=240 - side // 2, side=side))
        clock.run(0.6, still=False)
    clock.run(5)
    assert [said.kind for said in clock.said] == ["change"]


def test_what_is_older_than_two_seconds_is_dropped_unless_the_camera_still_shows_it() -> None:
    slow = Clock()
    slow.run(5, still=False)
    slow.see(thing("chair"), ago=2.5)
    assert slow.run(5, still=False) == []
    static = Clock()
    static.run(5)
    static.see(thing("chair"), ago=2.5)
    assert static.run(5) == ["A chair in front of you."]


def test_less_is_said_while_moving_and_not_all_the_time() -> None:
    things = [thing(n, x=x) for n, x in (("chair", 10), ("table", 150), ("cup", 300), ("bed", 450))]
    calm, moving = Clock(), Clock()
    calm.see(*things)
    moving.see(*things)
    still = calm.run(1)[0]
    brief = moving.run(1, moving=True)[0]
    assert len(brief.split()) < len(still.split())

    busy = Clock()
    for number, name in enumerate(
        ("chair", "table", "cup", "bed", "bottle", "clock", "vase", "sofa", "laptop", "book")
    ):
        busy.see(thing(name, x=30 * number))
        busy.run(1, moving=True)
    for said in busy.said:
        near = [other for other in busy.said if 0 <= other.at - said.at < 10]
        assert len(near) <= 3


def test_a_flicker_is_not_told_again_and_a_doubtful_thing_only_when_seen_twice() -> None:
    clock = Clock()
    clock.see(thing("cat"))
    clock.run(4)
    clock.see()
    clock.run(3, still=False)
    clock.see(thing("cat"))
    assert clock.run(4) == []
    clock.see(thing("cat"), thing("bench", x=10, sure=0.5))
    assert clock.run(3) == []
    clock.see(thing("cat"), thing("bench", x=10, sure=0.5))
    assert clock.run(3) == ["Maybe a bench to your left."]


def test_a_new_scene_is_told_at_once_over_a_remark_about_the_last() -> None:
    clock = Clock()
    clock.see(thing("dog"), thing("bench", x=20), scene=1)
    clock.run(0.3)
    clock.now += 0.1
    clock.narrator.glimpse(Glimpse(at=clock.now, moving=True, cut=True))
    clock.see(thing("table"), scene=2)
    assert clock.run(0.3) == ["A table in front of you."]


def test_a_look_at_a_scene_that_has_gone_is_dropped() -> None:
    clock = Clock()
    clock.run(1)
    clock.narrator.glimpse(Glimpse(at=clock.now, moving=True, cut=True))
    clock.see(thing("dog"), ago=0.5)
    assert clock.run(5) == []


def test_nothing_is_claimed_about_an_unreadable_picture_but_its_fault_once() -> None:
    dark = Fault(kind="too_dark", sentence="The picture is too dark; turn towards the light.")
    clock = Clock()
    clock.see(thing("dog"), faults=(dark,), unreadable=True)
    assert clock.run(30) == [dark.sentence]


def test_a_vision_models_words_pass_the_rules_of_speech() -> None:
    clock = Clock()
    clock.see(sentence="The road ahead is clear and safe to cross.")
    said = " ".join(clock.run(5))
    assert "safe" not in said
    assert "clear" not in said


def test_text_is_announced_once() -> None:
    clock = Clock()
    clock.see(lines=(line("EXIT"),), subject="text")
    assert clock.run(5) == ['It reads: "EXIT".']
    clock.see(lines=(line("EX1T"),), subject="text")
    assert clock.run(5) == []


# --- read, find, aim --------------------------------------------------------------------------


def test_reading_speaks_each_line_once_and_only_when_it_stands_still() -> None:
    clock = Clock("read")
    clock.see(lines=(line("Platform 4"), line("to Leeds")))
    assert clock.run(1, moving=True) == []
    assert clock.run(4) == ['It reads: "Platform 4 to Leeds".']
    clock.see(lines=(line("PLATFORM 4"), line("to Leeds"), line("delayed"), line("~x", 0.4)))
    assert clock.run(20) == ['It reads: "delayed".']


def test_a_page_is_read_in_pieces_that_can_be_interrupted() -> None:
    lines = tuple(line(f"this is line number {word} of it") for word in
                  ("one", "two", "three", "four", "five", "six", "seven", "eight"))  # fmt: skip
    clock = Clock("read")
    clock.see(lines=lines)
    said = clock.run(60)
    assert len(said) >= 2
    assert all(sum(x.text in text for text in said) == 1 for x in lines)


def test_finding_tells_once_where_it_is_and_again_when_the_side_changes() -> None:
    clock = Clock("find", "chair")
    clock.see()
    assert clock.run(5) == []
    clock.see(thing("chair", x=20))
    assert clock.run(10) == ["I see a chair to your left."]
    clock.see(thing("chair"))
    assert clock.run(10) == ["I see a chair in front of you."]
    assert clock.run(10) == []


def test_finding_hedges_what_has_no_box() -> None:
    clock = Clock("find", "door")
    clock.see(replace(thing("door", sure=0.5), box=None, direction=None))
    assert clock.run(4) == ["I may see a door."]


@pytest.mark.parametrize(
    ("box", "wanted"),
    [
        (None, "search"),
        ((0, 100, 300, 400), "left"),
        ((340, 100, 640, 400), "right"),
        ((200, 0, 500, 300), "up"),
        ((200, 200, 500, 480), "down"),
        ((0, 100, 640, 400), "back"),
        ((300, 220, 360, 270), "closer"),
        ((430, 180, 560, 300), "right"),
        ((160, 100, 480, 380), "hold"),
    ],
)
def test_the_camera_is_guided(box: Any, wanted: str) -> None:
    assert instruction(box, W, H) == wanted


def test_a_camera_that_faces_the_user_is_guided_the_other_way() -> None:
    assert instruction((0, 100, 300, 400), W, H, mirrored=True) == "right"


def test_aiming_repeats_slowly_and_says_once_that_it_is_framed() -> None:
    clock = Clock("aim")
    clock.see(box=(0, 100, 300, 400))
    said = clock.run(9)
    assert set(said) == {"Move the camera left."}
    assert 2 <= len(said) <= 3
    clock.see(box=(160, 100, 480, 380))
    assert clock.run(20) == ["Framed. Hold still."]


def test_while_aiming_that_nothing_is_seen_is_said_late_and_seldom() -> None:
    clock = Clock("aim")
    for _ in range(60):
        clock.see(box=None)
        clock.run(0.5)
    ats = [said.at for said in clock.said]
    assert {said.text for said in clock.said} == {"I don't see it yet; turn the camera slowly."}
    assert ats[0] >= 4
    assert min(b - a for a, b in pairwise(ats)) >= 10


@pytest.mark.parametrize("target", ["chair", "door", "unicorn"])
def test_finding_is_silent_until_the_thing_is_seen(target: str) -> None:
    clock = Clock("find", target)
    for step in range(120):
        clock.see()
        assert clock.run(0.5, still=step % 2 == 0, moving=step % 3 == 0) == []
    clock.see(thing(target, x=20))
    assert len(clock.run(5)) == 1


def test_a_fault_is_repeated_every_ten_seconds_at_most_while_aiming() -> None:
    dark = Fault(kind="too_dark", sentence="Too dark; turn towards the light.")
    clock = Clock("aim")
    for _ in range(50):
        clock.see(faults=(dark,), unreadable=True)
        clock.run(0.5)
    told = [said.at for said in clock.said if said.kind == "fault"]
    assert len(told) == 3
    assert min(b - a for a, b in pairwise(told)) >= 10


def test_the_same_inputs_give_the_same_narration() -> None:
    def once() -> list[tuple[float, str]]:
        clock = Clock()
        for step in range(20):
            clock.see(thing("dog", x=20 * step), thing("car", side=60 + 8 * step, y=20))
            clock.run(0.7, still=step % 3 == 0, moving=step % 2 == 0)
        return [(said.at, said.text) for said in clock.said]

    assert once() == once()
    assert once()


# --- frames, attention, the loop ----------------------------------------------------------------


def street() -> Image.Image:
    return Image.open(ROOT / "demo" / "street.jpg").convert("RGB").resize((W, H))


def noisy(image: Image.Image, seed: int) -> Picture:
    noise = np.random.default_rng(seed).normal(0, 3, (H, W, 1))
    pixels = np.clip(np.asarray(image, np.float32) + noise, 0, 255).astype(np.uint8)
    return Picture.from_array(pixels)


def test_noise_exposure_and_a_trembling_hand_make_no_new_frame_but_a_small_thing_does() -> None:
    base = street()
    first = fingerprint(noisy(base, 1))
    before = first.thumbnail.copy()
    assert difference(first, fingerprint(noisy(base, 2))).same
    brighter = Image.fromarray(np.clip(np.asarray(base, np.int16) + 8, 0, 255).astype(np.uint8))
    assert difference(first, fingerprint(noisy(brighter, 3))).same
    trembling = Image.fromarray(np.roll(np.asarray(base), (2, 3), (0, 1)))
    assert difference(first, fingerprint(noisy(trembling, 4))).same
    thing_there = base.copy()
    thing_there.paste((200, 30, 30), (300, 250, 380, 350))  # 2.6 % of the picture
    found = difference(first, fingerprint(noisy(thing_there, 5)))
    assert not found.same
    assert not found.other
    assert (first.thumbnail == before).all()


def test_a_turn_of_the_camera_is_measured_and_a_cut_is_told_from_it() -> None:
    wide = Image.open(ROOT / "demo" / "street.jpg").convert("RGB").resize((800, H))
    first = fingerprint(noisy(wide.crop((0, 0, W, H)), 1))
    turned = difference(first, fingerprint(noisy(wide.crop((64, 0, 64 + W, H)), 2)))
    assert turned.shift[0] == pytest.approx(-0.1, abs=0.02)
    assert not turned.other
    rng = np.random.default_rng(0)
    blocks = rng.integers(0, 255, (12, 16, 3)).astype(np.uint8)
    other = Image.fromarray(blocks).resize((W, H), Image.Resampling.NEAREST)
    assert difference(first, fingerprint(noisy(other, 3))).other


def test_a_static_picture_is_looked_at_once() -> None:
    attention = Attention(("things", "glance", "text"))
    looks: list[str] = []
    for number in range(100):
        attention.frame(Frame(at=number / 10, picture=noisy(street(), number)))
        wanted = attention.wanted()
        if wanted is not None:
            looks.append(wanted[0])
            attention.looked(wanted[0])
    assert sorted(looks) == ["text", "things"]


def test_work_is_followed_by_rest() -> None:
    attention = Attention(("things",))
    rng = np.random.default_rng(0)
    looked = 0
    for number in range(100):  # nothing is ever still
        pixels = np.kron(rng.integers(0, 255, (12, 16, 1)), np.ones((40, 40, 3))).astype(np.uint8)
        attention.frame(Frame(at=number / 10, picture=Picture.from_array(pixels)))
        attention.scene = 1  # a cut would end the rest
        if attention.wanted() is not None:
            attention.looked("things")
            attention.rest(number / 10, 1.5)
            looked += 1
    assert 1 <= looked <= 7


class Looks:
    """Finds a dog wherever red fills the middle of the frame."""

    def __init__(self) -> None:
        self.subjects: list[str] = []

    def look(
        self, subject: Subject, frame: Frame, *, since: float, scene: int, cancel: Cancel
    ) -> Seen:
        self.subjects.append(subject)
        middle = frame.picture.pixels[H // 2, W // 2].astype(int)
        dog = middle[0] > 150 and middle[1] < 90
        objects = (thing("dog"),) if dog and subject == "things" else ()
        return Seen(at=frame.at, since=since, subject=subject, width=W, height=H, scene=scene,
                    objects=objects)  # fmt: skip


def appearing(seconds: float, when: float) -> Iterator[Frame]:
    with_dog = street()
    with_dog.paste((200, 30, 30), (250, 170, 390, 310))
    for number in range(round(seconds * 10)):
        image = with_dog if number / 10 >= when else street()
        yield Frame(at=number / 10, picture=noisy(image, number))


def test_a_change_is_said_soon_once_and_the_rest_is_silence() -> None:
    looks = Looks()
    narrator = Narrator(mode("surroundings", None, "en", CameraSettings()), "en")
    said = list(watch(appearing(20, 8.0), looks, narrator, Silent("en"), Inline()))
    assert [s.text for s in said] == ["A dog in front of you."]
    assert 8.0 <= said[0].at <= 8.6
    assert said[0].latency_s == pytest.approx(said[0].at - 8.0, abs=0.11)
    assert len(looks.subjects) <= 6  # 200 frames


def test_cancelling_ends_a_watch() -> None:
    cancel = Cancel()
    narrator = Narrator(mode("surroundings", None, "en", CameraSettings()), "en")
    seen = 0
    for _ in watch(appearing(20, 0.5), Looks(), narrator, Silent("en"), Inline(), cancel=cancel):
        seen += 1
        cancel.set()
    assert seen == 1


def test_a_video_is_thinned_and_paced(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.mp4", [street()] * 20)
    ats = [frame.at for frame in footage.footage(str(clip))]
    assert ats == pytest.approx([n / 10 for n in range(20)], abs=0.01)
    now = [0.0]
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        now[0] += seconds

    frames = footage.footage(str(clip), footage.paced(lambda: now[0], sleep))
    next(frames)
    now[0] = 1.0  # somebody was slow
    assert next(frames).at >= 0.7
    assert sum(slept) == 0
    assert [frame.at for frame in frames][-1] == pytest.approx(1.9, abs=0.01)


def test_a_folder_is_shown_by_name_and_what_is_no_picture_is_left_out(tmp_path: Path) -> None:
    for number, grey in enumerate((20, 120, 220)):
        Image.new("RGB", (64, 48), (grey,) * 3).save(tmp_path / f"{number}.png")
    (tmp_path / "1.txt").write_text("no picture")
    greys = [int(f.picture.pixels[0, 0, 0]) for f in footage.footage(str(tmp_path))]
    assert sorted(set(greys)) == [20, 120, 220]
    assert greys == sorted(greys)
    assert len(greys) == 30


@pytest.mark.parametrize("name", ["missing.mp4", "broken.mp4", "empty"])
def test_a_bad_source_is_one_sentence_with_a_fix(tmp_path: Path, name: str) -> None:
    (tmp_path / "broken.mp4").write_bytes(b"no video at all")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError) as caught:
        next(footage.footage(str(tmp_path / name)))
    assert caught.value.fix


def test_the_newest_frame_is_given_and_what_waited_is_dropped() -> None:
    def source() -> Iterator[Frame]:
        for number in range(1000):
            yield Frame(at=float(number), picture=Picture.from_array(np.zeros((4, 4), np.uint8)))
        raise InputError("it stopped", fix="plug it in again")

    ats = []
    frames = footage.newest(source)
    with pytest.raises(InputError, match="stopped"):  # noqa: PT012
        for frame in frames:
            ats.append(frame.at)
    assert ats[-1] == 999.0
    assert len(ats) < 20


def test_a_page_is_found_by_its_brightness() -> None:
    desk = Image.new("RGB", (W, H), (70, 50, 40))
    assert page(Picture.from_array(np.asarray(desk))) is None
    desk.paste((235, 235, 230), (180, 90, 460, 420))
    assert page(Picture.from_array(np.asarray(desk))) == pytest.approx((180, 90, 460, 420), abs=6)


@pytest.mark.parametrize(("facing", "way"), [("away", "clockwise"), ("user", "counterclockwise")])
def test_the_way_to_turn_is_that_of_the_person_whom_the_camera_faces(facing: str, way: str) -> None:
    engines = context(None).engines
    camera = CameraSettings.model_validate({"facing": facing})
    engines.profile = engines.profile.model_copy(update={"camera": camera})
    with Image.open(ROOT / "demo" / "street.jpg") as image:
        leaning = tilted(Picture.from_array(np.asarray(image.convert("RGB"))), 15)
    seen = Sight(engines, "en").look(
        "text", Frame(at=0.0, picture=leaning), since=0.0, scene=0, cancel=Cancel()
    )
    assert [fault.kind for fault in seen.faults] == ["tilted"]
    assert f"a little {way}." in seen.faults[0].sentence


# --- the tool -----------------------------------------------------------------------------------


class Detector:
    def detect(self, picture: Picture, cancel: Cancel | None = None) -> list[SceneObject]:
        red = picture.pixels[H // 2, W // 2].astype(int)
        return [thing("dog")] if red[0] > 150 and red[1] < 90 else []


class Reader:
    def read(self, picture: Picture, cancel: Cancel | None = None) -> Reading:
        return Reading()


def context(frames: Callable[[], Any] | None, language: str = "en", **other: Any) -> ToolContext:
    profile = load_profile("embedded")
    engines = {k: v for k, v in profile.engines.items() if k != "image_classifier"}
    loaded = Engines(profile=profile.model_copy(update={"engines": engines}), locator=None)  # type: ignore[arg-type]
    loaded._loaded |= {"object_detector": Detector(), "text_reader": Reader()}
    return ToolContext(engines=loaded, request="watch", language=language, frames=frames, **other)


def test_the_tool_narrates_until_it_is_cancelled() -> None:
    cancel = Cancel()

    def frames() -> Iterator[Frame]:
        for frame in appearing(30, 1.0):
            time.sleep(0.01)  # the looks run on a thread
            yield frame

    said = []
    events = watch_scene(context(frames, cancel=cancel))
    with pytest.raises(Cancelled):  # noqa: PT012
        for event in events:
            said.append(event.text)  # type: ignore[union-attr]
            if len(said) == 2:
                cancel.set()
    assert said[0].startswith("I'm watching")
    assert said[1] == "A dog in front of you."


def test_a_search_in_a_conversation_begins_with_one_sentence_and_is_silent_until_found() -> None:
    before, after = (next(appearing(0.1, when)).picture for when in (9.0, 0.0))

    def frames() -> Iterator[Frame]:
        for number in range(80):
            time.sleep(0.02)  # the looks run on a thread
            yield Frame(at=number / 10, picture=after if number >= 40 else before)

    *said, result = watch_scene(context(frames), mode="find", target="cup")
    over = "No more pictures come; I have stopped watching."
    begun = "I'll tell you when I see a cup. Say stop to end."
    assert [event.text for event in said] == [begun, over]  # type: ignore[union-attr]
    assert result.data["told"] == [begun, over]  # type: ignore[union-attr]
    *said, _ = watch_scene(context(frames), mode="find", target="dog")
    assert [event.text for event in said[1:]] == ["I see a dog in front of you.", over]  # type: ignore[union-attr]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_without_a_camera_the_tool_says_how_to_get_one(language: str) -> None:
    with pytest.raises(ToolError, match=r"Start me again with a camera|带上摄像头重新启动"):
        list(watch_scene(context(None, language)))
    with pytest.raises(ToolError):
        list(watch_scene(context(None, language), mode="find"))


def test_the_conversations_camera_gives_frames_and_goes_on_while_they_are_wanted(
    tmp_path: Path,
) -> None:
    for number in range(8):
        street().save(tmp_path / f"{number}.png")
    camera = ConversationCamera(str(tmp_path), clock=lambda: 1e6)  # nobody has spoken for ages
    frames = list(camera.frames())
    assert 4 <= len(frames) <= 8
    camera.close()


def test_the_speech_of_a_recording_lies_where_it_was_said(tmp_path: Path) -> None:
    recording = Recording(tmp_path / "out.wav")
    recording.add(np.full(24_000, 0.5, np.float32), 2.0)
    assert recording.playing(2.5)
    recording.stop(2.5)
    assert not recording.playing(2.6)
    recording.close()
    audio = Audio.open(tmp_path / "out.wav", rate=24_000)
    assert audio.duration == pytest.approx(2.5, abs=0.01)
    assert abs(audio.samples[: 2 * audio.rate - 10]).max() == 0


def remark(at: float, text: str, latency: float = 0.5) -> Said:
    told = Remark(text=text, topic="change", kind="measured", since=at - latency)
    return Said(at=at, text=text, kind="change", latency_s=latency, remark=told)


def test_the_score_counts_what_was_told_in_time_repeated_and_never_due() -> None:
    changes = [
        {"at": 0.0, "until": 6.0, "file": "a", "words": ["truck"]},
        {"at": 6.0, "until": 12.0, "file": "b", "words": ["dog"]},
        {"at": 6.0, "until": 12.0, "file": "b", "words": ["person", "woman"]},
        {"at": 12.0, "until": 18.0, "file": "c", "words": ["cup"]},
    ]
    said = [
        remark(1.0, "A truck in front of you."),
        remark(5.0, "A truck to your left."),
        remark(5.5, "A truck is getting nearer."),
        remark(7.0, "A dog in front of you; a person to your left."),
        remark(10.0, "A sofa to your left."),
        remark(15.0, "A cup in front of you."),
    ]
    report = score(said, changes)
    assert report.n == 4
    assert report.metrics["told"] == 1.0
    assert report.metrics["told_within_2.5_s"] == 0.75
    assert report.metrics["repeated"] == 1
    assert report.metrics["other"] == 1
    assert report.metrics["seconds_to_speech"]["longest"] == 3.0
    late = score([remark(7.0, "A truck in front of you.", latency=0.2)], changes)
    assert late.metrics["told"] == 0.0
