"""Twenty drawn pictures with known answers, by which a vision model shows that it sees.

They prove that weights, projector, prompt and pictures come together. They are far easier
than photographs: how good a model is, `assistant eval scene` measures.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from assistant.errors import AssistantError, Cancelled
from assistant.interfaces import Options, VisionModel
from assistant.types import Picture

_WIDTH, _HEIGHT = 480, 360  # pixels
_HINT = " Answer with one word or number."
_MAX_TOKENS = 40
_BRIEF = 12  # words; a longer answer names everything and proves nothing

_NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven")

Draw = Callable[[ImageDraw.ImageDraw], None]


@dataclass(frozen=True, kw_only=True)
class Case:
    """A picture, a question about it, and what a right answer holds."""

    name: str
    question: str
    right: tuple[str, ...]  # one of these words is in the answer
    wrong: tuple[str, ...]  # ... and none of these
    draw: Draw

    def picture(self) -> Picture:
        """The picture, drawn now."""
        image = Image.new("RGB", (_WIDTH, _HEIGHT), "white")
        self.draw(ImageDraw.Draw(image))
        return Picture(pixels=np.asarray(image), source=self.name)

    def judge(self, answer: str) -> bool:
        """Whether a short answer says what is there and nothing else."""
        words = re.findall(r"[a-z]+|\d+(?::\d+)?", answer.lower())
        if not words or len(words) > _BRIEF:
            return False
        return bool(set(self.right) & set(words)) and not set(self.wrong) & set(words)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of a case."""

    name: str
    passed: bool
    expected: str
    answer: str  # the model's words, or why there are none
    elapsed_s: float


def run(model: VisionModel, deadline_s: float | None = None) -> Iterator[Outcome]:
    """Ask a model about every picture; one that fails does not keep the others back.

    Raises:
        Cancelled
    """
    for case in CASES:
        began = time.monotonic()
        options = Options(language="en", max_tokens=_MAX_TOKENS, deadline_s=deadline_s)
        try:
            answer = "".join(model.answer([case.picture()], case.question + _HINT, options)).strip()
            passed = case.judge(answer)
        except Cancelled:
            raise
        except AssistantError as error:
            answer, passed = f"error: {error}", False
        yield Outcome(
            name=case.name,
            passed=passed,
            expected=case.right[0],
            answer=answer,
            elapsed_s=time.monotonic() - began,
        )


def _write(draw: ImageDraw.ImageDraw, text: str, size: int = 90) -> None:
    font = ImageFont.load_default(size)
    draw.text((_WIDTH / 2, _HEIGHT / 2), text, "black", font=font, anchor="mm")


def _circle(draw: ImageDraw.ImageDraw, x: int, y: int, radius: int, colour: str) -> None:
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)


def _colour(colour: str) -> Case:
    others = tuple({"red", "green", "blue", "yellow", "black"} - {colour})
    return Case(
        name=f"colour {colour}",
        question="What colour is the circle?",
        right=(colour,),
        wrong=others,
        draw=lambda draw: _circle(draw, 240, 180, 120, colour),
    )


def _count(number: int) -> Case:
    def dots(draw: ImageDraw.ImageDraw) -> None:
        for place in range(number):
            _circle(draw, 60 + 85 * (place % 5), 120 + 110 * (place // 5), 28, "black")

    others = [n for n in range(len(_NUMBERS)) if n != number]
    return Case(
        name=f"count {number}",
        question="How many black dots are there?",
        right=(str(number), _NUMBERS[number]),
        wrong=tuple(word for n in others for word in (str(n), _NUMBERS[n])),
        draw=dots,
    )


def _shape(kind: Literal["triangle", "square", "circle"]) -> Case:
    def draw(canvas: ImageDraw.ImageDraw) -> None:
        if kind == "triangle":
            canvas.polygon([(240, 60), (100, 300), (380, 300)], fill="blue")
        elif kind == "square":
            canvas.rectangle((130, 70, 350, 290), fill="blue")
        else:
            _circle(canvas, 240, 180, 100, "blue")

    others = {"triangle", "square", "circle"} - {kind}
    return Case(
        name=f"shape {kind}",
        question="Which shape is it: a triangle, a square or a circle?",
        right=(kind,),
        wrong=tuple(others),
        draw=draw,
    )


def _text(text: str, *right: str) -> Case:
    return Case(
        name=f"text {text}",
        question="What is written here?",
        right=right or (text.lower(),),
        wrong=(),
        draw=lambda draw: _write(draw, text),
    )


def _side(side: Literal["left", "right"]) -> Case:
    def draw(canvas: ImageDraw.ImageDraw) -> None:
        red, blue = (110, 370) if side == "left" else (370, 110)
        _circle(canvas, red, 180, 70, "red")
        canvas.rectangle((blue - 70, 110, blue + 70, 250), fill="blue")

    return Case(
        name=f"side {side}",
        question="Is the red circle on the left or on the right?",
        right=(side,),
        wrong=("right" if side == "left" else "left",),
        draw=draw,
    )


def _larger(draw: ImageDraw.ImageDraw) -> None:
    _circle(draw, 130, 180, 40, "red")
    _circle(draw, 330, 180, 120, "green")


def _bars(draw: ImageDraw.ImageDraw) -> None:
    font = ImageFont.load_default(40)
    for x, top, name in ((70, 200, "A"), (200, 70, "B"), (330, 250, "C")):
        draw.rectangle((x, top, x + 80, 300), fill="gray")
        draw.text((x + 40, 330), name, "black", font=font, anchor="mm")


def _arrow(draw: ImageDraw.ImageDraw) -> None:
    draw.rectangle((215, 150, 265, 320), fill="black")
    draw.polygon([(240, 40), (150, 160), (330, 160)], fill="black")


def _stripes(draw: ImageDraw.ImageDraw) -> None:
    for top in range(0, _HEIGHT, 60):
        draw.rectangle((0, top, _WIDTH, top + 30), fill="black")


CASES = (
    *(_colour(colour) for colour in ("red", "green", "blue", "yellow")),
    *(_count(number) for number in (1, 2, 3, 5)),
    *(_shape(kind) for kind in ("triangle", "square", "circle")),
    _text("EXIT"),
    _text("PUSH"),
    _text("ROOM 12", "12"),
    _side("left"),
    _side("right"),
    Case(
        name="larger",
        question="Which circle is larger, the red one or the green one?",
        right=("green",),
        wrong=("red",),
        draw=_larger,
    ),
    Case(
        name="tallest bar",
        question="Which bar is the tallest: A, B or C?",
        right=("b",),
        wrong=("c",),
        draw=_bars,
    ),
    Case(
        name="arrow",
        question="Does the arrow point up or down?",
        right=("up", "upward", "upwards"),
        wrong=("down", "downward", "downwards"),
        draw=_arrow,
    ),
    Case(
        name="stripes",
        question="Are the stripes horizontal or vertical?",
        right=("horizontal",),
        wrong=("vertical",),
        draw=_stripes,
    ),
)
"""Twenty, each with one short answer."""
