"""Asked about the way, basic vision judges nothing: no "no", no "clear", no "safe"."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from assistant.interfaces import Options
from assistant.picture import Picture
from assistant.registry import Engines
from assistant.safety import clearance_in
from assistant.types import SceneObject, TextLine
from assistant.vision import answers, quality
from assistant.vision.questions import parse
from assistant.vision.sentence import CANNOT_JUDGE_WAY, is_quote

ENGLISH = """
Is there a door in front of me?
Where is the door?
Is the door open?
Is the glass door closed?
Are there stairs ahead?
Are there any steps here?
How many steps are there?
Is there a staircase going down?
Is there a kerb?
Do you see a curb in front of me?
Is there a glass wall here?
Is that glass in front of me?
Are there holes in the ground?
Is there a pothole or a manhole?
Can I cross the street now?
Is it safe to cross?
Is the way clear?
Is the path ahead free?
Can I walk straight ahead?
Is anything in my way?
Is there anything in front of me?
Are there any obstacles?
Could I trip over something?
Is the corridor blocked?
Are any cars coming from the left?
Is the traffic light green?
What colour is the traffic light?
Should I stop here?
Is there a drop or a ledge?
Will I bump into a pole?
Is nobody in the way?
Is the platform edge near?
Is it safe to go down the escalator?
Can I go through the gate?
There's nothing in front of me, right?
Am I safe here?
""".strip().splitlines()

CHINESE = """
前面有门吗
门在哪里
门是开着的吗
玻璃门关着吗
前面有楼梯吗
这里有台阶吗
有几级台阶
下面是楼梯吗
有路缘吗
前面有马路牙子吗
这里有玻璃墙吗
我前面是玻璃吗
地上有洞吗
路上有坑吗
我现在可以过马路吗
过马路安全吗
前面的路畅通吗
路是空的吗
我可以一直往前走吗
有什么挡着我吗
前面有东西吗
前面有障碍物吗
我会绊倒吗
走廊被堵住了吗
左边有车过来吗
现在是绿灯吗
红绿灯是什么颜色
我应该停下吗
前面有悬崖或者坡道吗
我会撞到柱子吗
前面没有人挡路吧
站台边缘近吗
下扶梯安全吗
我能走过大门吗
前面什么都没有对吧
这里安全吗
""".strip().splitlines()

QUESTIONS = [*ENGLISH, *CHINESE]

# Strict on purpose: any such word, whatever it is about.
_FORBIDDEN = re.compile(
    r"\b(no|none|nothing|nobody|not|never|without any|clear|clearly|safe|safely|free|empty|yes|"
    r"don't see|can go|may go|can walk|can cross|go ahead|walk ahead)\b"
    r"|没有|没看到|没人|无人|无障碍|不存在|安全|畅通|通畅|可以走|能走|可以过|能过|放心|空的|空着|清楚|是的|可以通行",
    re.IGNORECASE,
)


def _room(seed: int) -> Picture:
    """A made-up interior: wall, floor, a dark doorway, noise. Nobody can judge it."""
    rng = np.random.default_rng(seed)
    pixels = np.full((360, 480, 3), rng.integers(120, 220, 3), dtype=np.uint8)
    pixels[240:] = rng.integers(60, 160, 3)
    left = int(rng.integers(60, 340))
    pixels[80:300, left : left + 80] = rng.integers(0, 60, 3)
    noise = rng.normal(0, 8, pixels.shape)
    return Picture(pixels=np.clip(pixels + noise, 0, 255).astype(np.uint8), source=f"room {seed}")


def _thing(name: str, confidence: float, direction: float) -> SceneObject:
    return SceneObject(
        name=name,
        confidence=confidence,
        box=(100, 100, 200, 200),
        direction=direction,
        proximity="near",
    )


def _check(question: str, told: list[str]) -> None:
    answer = " ".join(told)
    assert told, question
    assert not _FORBIDDEN.search(answer), f"{question} -> {answer}"
    assert clearance_in(answer, measured=True) is None, f"{question} -> {answer}"


def test_there_are_enough_questions() -> None:
    assert len(ENGLISH) >= 30
    assert len(CHINESE) >= 30


@pytest.mark.parametrize("question", QUESTIONS)
def test_answers_from_facts_judge_nothing(question: str) -> None:
    """Hand-made facts, with a sign that says the opposite of what must be said."""
    picture = _room(1)
    measured = quality.measure(picture)
    sign = TextLine(text="NO OBSTACLES. SAFE TO CROSS 可以走", box=(0, 0, 9, 9), confidence=1.0)
    for objects in (
        (),
        (_thing("person", 0.9, -20.0), _thing("chair", 0.5, 3.0)),
        (_thing("traffic light", 0.9, 0.0), _thing("car", 0.9, 25.0)),
    ):
        for lines in ((), (sign,)):
            facts = answers.Facts(picture=picture, quality=measured, objects=objects, lines=lines)
            asked = parse(question)
            told = answers.answer(asked, facts, asked.language)
            _check(question, told)
            assert told[0] == CANNOT_JUDGE_WAY[asked.language], question


@pytest.mark.parametrize("question", QUESTIONS[::6])
def test_an_unreadable_picture_gives_only_its_fault(question: str) -> None:
    black = Picture(pixels=np.zeros((300, 400, 3), dtype=np.uint8))
    asked = parse(question)
    facts = answers.Facts(picture=black, quality=quality.measure(black))
    told = answers.answer(asked, facts, asked.language)
    assert told == [quality.fault("too_dark:black", asked.language).sentence]
    _check(question, told)


def test_basic_vision_judges_no_made_up_room(engines: Engines) -> None:
    describer = engines.get("scene_describer")
    for seed in (1, 2, 3):
        picture = _room(seed)
        for question in QUESTIONS:
            _check(question, [*describer.question(picture, question)])


def test_basic_vision_judges_no_way_in_photos(engines: Engines, media: Path) -> None:
    """All questions over a stairway, a corridor, a street, a platform, a person and a table."""
    describer = engines.get("scene_describer")
    for name in ("p028.jpg", "p024.jpg", "p008.jpg", "p025.jpg", "p011.jpg", "p001.jpg"):
        picture = Picture.open(media / "photos" / name)
        for question in QUESTIONS:
            _check(question, [*describer.question(picture, question)])
        for language in ("en", "zh"):
            scene = describer.describe(picture, "full", Options(language=language))
            for text in (scene.sentence, *scene.details):
                if not is_quote(text):
                    assert clearance_in(text, measured=True) is None, text
