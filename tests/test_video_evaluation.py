"""The score of video understanding: what counts as told, invented, carried and in time."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.errors import InputError
from assistant.evaluation.cases import Case
from assistant.evaluation.video import evaluate
from assistant.evaluation.video_claims import Script, Told, carried, seen_wrongly
from assistant.evaluation.video_clips import within
from assistant.evaluation.video_scoring import f1, matched, told
from assistant.evaluation.video_talks import Made, Stretch, Talk, talks
from assistant.types import Evidence, Keyframe, Scene, SceneObject
from assistant.video.movements import Movement

MILL, GARDEN = (
    next(t for t in talks("dev") if t.name == n) for n in ("ashford-mill", "roof-garden")
)


@pytest.mark.parametrize(
    ("text", "words", "is_told"),
    [
        ("It was built in 1786 by a farmer.", ("1786", "built"), True),
        ("IT WAS BUILT in seventeen-eighty.", ("1786", "built"), False),
        ("The gate is closing at high water", ("gate", "clos|shut"), True),
        ("Forty-two volunteers", ("42|forty-two",), True),
        ("Nothing of that", ("42|forty-two",), False),
    ],
)
def test_what_counts_as_told(text: str, words: tuple[str, ...], is_told: bool) -> None:
    assert told(text, words, "en") is is_told


def test_chinese_is_told_in_either_script_and_with_digits() -> None:
    assert told("菜園在2018年春天開始", ("2018年|二零一八年", "春"), "zh")
    assert not told("菜园在冬天开始", ("春",), "zh")


@pytest.mark.parametrize(
    "text",
    [
        'A voice says: "It was built in 1786 by a farmer, Thomas Hale."',
        'On screen: "Saturday and Sunday, from 10 to 4".',
        "At 0:35, the speaker says that 42 volunteers made a new wheel out of oak.",
    ],
)
def test_what_the_script_says_is_not_invented(text: str) -> None:
    script = Script(MILL)
    assert not script.invented(text), script.judged(text)


@pytest.mark.parametrize(
    "text",
    [
        "It was built in 1886 by a farmer, Thomas Hale.",
        "The talk presents medieval windmills throughout the Netherlands.",
        "Fifty-two volunteers made a new wheel out of oak.",
    ],
)
def test_other_numbers_and_other_matter_are_invented(text: str) -> None:
    assert Script(MILL).invented(text)


def test_chinese_inventions_and_mishearings() -> None:
    script = Script(GARDEN)
    assert not script.invented("有人说：“浇水不用自来水，我们把雨水收集在六个大桶里。”")
    assert not script.invented(
        "有人说：“浇水不用自来水，我们把雨水收集在六个大筒里。”"
    )  # one wrong
    assert not script.wrong_numbers("去年一共收了200公斤。")
    assert script.foreign("我们把雨水收集在六个大筒里")[0]
    assert script.invented("浇水不用自来水，我们把雨水收集在十六个大桶里。")
    assert script.invented("居民们在广场上举行了盛大的音乐会。")


def test_claims_need_evidence_that_there_is() -> None:
    one = Evidence(number=1, kind="speech", start=0, end=1, text="Hello", language="en")
    assert carried(Told(kind="event", text="Hello", evidence=(1,)), [one])
    assert not carried(Told(kind="event", text="Hello", evidence=()), [one])
    assert not carried(Told(kind="event", text="Hello", evidence=(1, 2)), [one])


def test_times_are_matched_once_and_nearest_first() -> None:
    assert sorted(matched([0.0, 5.2, 5.9], [0.5, 5.0, 20.0], 2.0)) == [(0, 0), (1, 1)]
    assert f1(2, 3, 3) == pytest.approx(2 / 3)
    assert f1(0, 0, 0) == 1.0


def test_a_thing_on_a_slide_was_seen_wrongly() -> None:
    video = Made(talk=MILL, file=Path("mill.mp4"), stretches=_seconds(MILL))
    thing = SceneObject(name="dog", confidence=0.9, box=None, direction=None, proximity=None)
    seen = Keyframe(time=0.5, start=0, end=1, scene=Scene(sentence="A dog.", objects=(thing,)))
    assert seen_wrongly(video, [seen], {}) == [(0.5, "dog")]
    assert video.cuts == tuple(map(float, range(1, 8)))


def test_in_a_slide_nothing_moves() -> None:
    video = Made(talk=MILL, file=Path("mill.mp4"), stretches=_seconds(MILL))
    moved = Movement(kind="out", name="dog", side="left", start=0.5, end=1)
    assert seen_wrongly(video, [], {}, [moved]) == [(0.5, "dog")]


def test_what_happens_in_a_clip_happens_where_it_is_shown(tmp_path: Path) -> None:
    truth = {"events": [[0.3, "stands"], [2.3, "runs off"], [3.6, "comes back"], [9.0, "sits"]]}
    clip = Case(file=tmp_path / "dog.mp4", kind="video", truth=truth, name="dog.mp4")
    known = {"dog.mp4": clip}
    assert within("dog.mp4", 0.0, 5.0, known) == [2.3, 3.6]
    assert within("dog.mp4", 1.5, 5.0, known) == pytest.approx([2.1])
    assert within("photo.jpg", 0.0, 5.0, known) == []


def test_a_folder_without_the_media_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"there is no photos/p001.jpg in"):
        evaluate([], tmp_path, None)  # type: ignore[arg-type]


def _seconds(talk: Talk) -> tuple[Stretch, ...]:
    return tuple(
        Stretch(start=n, end=n + 1, speech_start=n, speech_end=n + 1)
        for n in range(len(talk.parts))
    )
