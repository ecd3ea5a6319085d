"""Picture budgets, the answer cache, and stopping work that does not stop by itself."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vision_engines import noise

from assistant.errors import Cancelled, DeadlineExceeded, EngineError, SettingsError
from assistant.interfaces import DEFAULT_OPTIONS, Cancel, Options
from assistant.types import Picture
from assistant.vision import budget as budgets
from assistant.vision.answer_cache import AnswerCache, Remembering, answer_key
from assistant.vision.budget import Budget
from assistant.vision.marks import without_marks
from assistant.vision.streaming import streamed


def blank(width: int, height: int) -> Picture:
    return Picture(pixels=np.zeros((height, width, 3), np.uint8))


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 3000), st.integers(1, 3000), st.integers(16, 2000), st.integers(1000, 2_000_000)
)
def test_a_fitted_picture_keeps_its_aspect(width: int, height: int, side: int, area: int) -> None:
    budget = Budget(side=side, pixels=area)
    made = budgets.fitted(blank(width, height), budget)
    assert max(made.width, made.height) <= max(side, 1)
    assert made.width * made.height <= area or 1 in (made.width, made.height)
    assert made.width <= width
    assert made.height <= height
    if min(made.width, made.height) > 20:
        assert made.width / made.height == pytest.approx(width / height, rel=0.1)


def test_a_square_gets_margins_and_nothing_is_cut_off() -> None:
    made = budgets.fitted(blank(400, 100), Budget(side=200, pixels=10**6, square=True))
    assert made.pixels.shape == (200, 200, 3)
    assert (made.pixels[75:125] == 0).all()
    assert (made.pixels[:74] == 127).all()


def test_parts_are_shown_where_the_whole_loses_too_much() -> None:
    few = Budget(side=500, pixels=250_000, views=5)
    assert budgets.parts(500, 400, few) == []
    assert budgets.parts(700, 500, few) == []
    assert len(budgets.parts(4000, 3000, few)) == 4
    wide = budgets.parts(2000, 500, few)
    assert [(box[1], box[3]) for box in wide] == [(0, 500)] * len(wide)
    assert wide[0][0] == 0
    assert wide[-1][2] == 2000
    assert all(after[0] < before[2] for before, after in pairwise(wide))
    assert budgets.parts(4000, 3000, replace(few, views=1)) == []


def test_small_text_keeps_more_pixels_in_parts() -> None:
    few = Budget(side=500, pixels=250_000, views=5)
    views = budgets.views(blank(2000, 1500), few)
    assert [max(view.width, view.height) for view in views] == [500] * 5
    tile = budgets.parts(2000, 1500, few)[0]
    assert views[1].width / (tile[2] - tile[0]) > 1.5 * views[0].width / 2000
    several, parts = budgets.shown([blank(2000, 1500)] * 2, few)
    assert (len(several), parts) == (2, 0)


@pytest.mark.parametrize("value", [0, -3, "many", True, 1.5])
def test_a_wrong_budget_is_named(value: Any) -> None:
    with pytest.raises(SettingsError, match="picture_views"):
        Budget.of({"picture_views": value})


class Counting:
    """A vision model that counts its calls."""

    name = "counting"

    def __init__(self, id: str = "model") -> None:
        self.id = id
        self.calls = 0
        self.fails = False

    def answer(
        self,
        pictures: Sequence[Picture],
        prompt: str,
        options: Options = DEFAULT_OPTIONS,
        cancel: Cancel | None = None,
    ) -> Iterator[str]:
        self.calls += 1
        yield f"{prompt}: "
        if self.fails:
            raise EngineError("broken", fix="mend it")
        yield str(self.calls)


def test_the_same_question_is_asked_once() -> None:
    model = Counting()
    remembering = Remembering(model)
    one, same, other = noise(1), noise(1), noise(2)
    assert list(remembering.answer([one], "colour")) == ["colour: ", "1"]
    assert list(remembering.answer([same], "colour")) == ["colour: 1"]
    assert "".join(remembering.answer([other], "colour")) == "colour: 2"
    assert "".join(remembering.answer([one], "number")) == "number: 3"
    assert model.calls == 3


@pytest.mark.parametrize(
    "changed",
    [
        {"language": "zh"},
        {"schema": {"type": "object"}},
        {"history": (("user", "a"),)},
        {"max_tokens": 5},
    ],
)
def test_the_key_holds_all_that_an_answer_depends_on(changed: dict[str, Any]) -> None:
    def key(model: str = "m", options: Options = DEFAULT_OPTIONS, *pictures: Picture) -> str:
        return answer_key(model, pictures or (noise(1),), "q", options)

    assert key() == key(options=Options(deadline_s=3.0))
    assert key() != key(options=Options(**changed))
    assert key() != key("other")
    turned = Picture(pixels=np.ascontiguousarray(noise(1).pixels.reshape(60, 40, 3)))
    assert key() != key("m", DEFAULT_OPTIONS, turned)
    assert key() != key("m", DEFAULT_OPTIONS, noise(1), noise(1))


def test_only_whole_answers_are_kept() -> None:
    model = Counting()
    remembering = Remembering(model)
    stream = remembering.answer([noise(1)], "colour")
    next(stream)
    stream.close()
    model.fails = True
    with pytest.raises(EngineError):
        list(remembering.answer([noise(1)], "colour"))
    model.fails = False
    assert "".join(remembering.answer([noise(1)], "colour")) == "colour: 3"
    stopped = Cancel()
    stopped.set()
    with pytest.raises(Cancelled):
        list(remembering.answer([noise(1)], "colour", DEFAULT_OPTIONS, stopped))


def test_the_cache_is_bounded_and_forgets_what_was_not_used() -> None:
    cache = AnswerCache(entries=3, characters=100)
    for key in "abc":
        cache.put(key, key)
    assert cache.get("a") == "a"
    cache.put("d", "d")
    assert [cache.get(key) for key in "abcd"] == ["a", None, "c", "d"]
    cache.put("long", "x" * 99)
    assert len(cache) <= 2
    cache.put("longer", "x" * 101)
    assert cache.get("longer") is None


def test_the_cache_is_safe_among_threads() -> None:
    cache = AnswerCache(entries=20)

    def work(seed: int) -> None:
        for number in range(500):
            cache.put(str((seed * number) % 50), "x" * (number % 30))
            cache.get(str(number % 50))

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(cache) == 20
    assert cache._held == sum(len(answer) for answer in cache._answers.values())


def test_work_that_hears_nothing_is_left_alone() -> None:
    """A step of a library may take long; who waits for it does not have to."""
    ended = threading.Event()

    def deaf(emit: Any, stop: Cancel) -> None:
        emit("first")
        while not stop.is_set:
            time.sleep(0.3)
        ended.set()

    cancel = Cancel()
    stream = streamed(deaf, cancel=cancel)
    assert next(stream) == "first"
    threading.Timer(0.1, cancel.set).start()
    began = time.monotonic()
    with pytest.raises(Cancelled):
        next(stream)
    assert time.monotonic() - began < 0.29
    assert ended.wait(2)
    with pytest.raises(DeadlineExceeded):
        list(streamed(deaf, deadline_s=0.1))


def test_what_work_raises_arrives() -> None:
    def breaks(emit: Any, stop: Cancel) -> None:
        emit("first")
        raise EngineError("broken", fix="mend it")

    stream = streamed(breaks)
    assert next(stream) == "first"
    with pytest.raises(EngineError, match="broken"):
        next(stream)


@pytest.mark.parametrize(
    "mark",
    ["<|im_start|>", "<|vision_pad|>", "<image>", "<__media__>", "</s>", "<end_of_turn>",
     "<end_of_utterance>", "[INST]", "<row_1_col_2>", "<|im_<|x|>end|>", "[IMG]"],
)  # fmt: skip
def test_marks_are_taken_out_and_words_stay(mark: str) -> None:
    assert without_marks(f"a {mark} b").split() == ["a", "b"]


@pytest.mark.parametrize("text", ["2 < 3 | 4 > 1", "<b>bold</b>", "a|b", "[note]", "问<你>好"])
def test_other_text_stays_as_it_is(text: str) -> None:
    assert without_marks(text) == text
