"""Tags of a picture: people, place, event, mood, each only where something supports it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from assistant.library.tagging import Tag, event_of, tagged
from assistant.types import Picture, SceneObject
from assistant.vision.agreement import Seen

GREY = Picture.from_array(np.full((40, 40, 3), 128, np.uint8))


@pytest.mark.parametrize(
    ("found", "event"),
    [
        ({"cake": 0.9, "candle": 0.6}, Tag(value="birthday", confidence=0.6)),
        ({"cake": 0.9}, None),
        ({"cake": 0.9, "candle": 0.3}, None),
        ({"bridegroom": 0.8, "person": 0.9}, Tag(value="wedding", confidence=0.8)),
        ({"beach": 0.9}, None),
        ({"beach": 0.9, "person": 0.7}, Tag(value="beach day", confidence=0.7)),
        ({}, None),
    ],
)
def test_tags_tell_of_an_event_only_together(found: Mapping[str, float], event: Tag | None) -> None:
    assert event_of(found) == event


def test_nothing_is_told_of_nothing() -> None:
    told = tagged(GREY, Seen())
    assert (told.people, told.place, told.event, told.mood) == (None, None, None, None)


def test_people_are_as_sure_as_the_least_sure() -> None:
    people = tuple(
        SceneObject(
            name="person", confidence=sure, box=(0, 0, 9, 9), direction=None, proximity=None
        )
        for sure in (0.9, 0.6)
    )
    told = tagged(GREY, Seen(objects=people, people=2))
    assert told.people == Tag(value=2, confidence=0.6)


def test_place_is_the_nearest_town() -> None:
    here = Picture(pixels=GREY.pixels, place=(36.07, 120.38))
    told = tagged(here, None).place
    assert told is not None
    assert "Qingdao" in str(told.value)


@pytest.mark.parametrize(("best", "sure", "value"), [
    ("wedding", 0.8, "wedding"), ("wedding", 0.4, None), ("ordinary", 0.9, None),
])  # fmt: skip
def test_an_encoder_chooses_among_sentences(best: str, sure: float, value: str | None) -> None:
    def scores(picture: Picture, texts: Sequence[str]) -> Mapping[str, float]:
        rest = (1 - sure) / (len(texts) - 1)
        return {text: sure if best in text else rest for text in texts}

    told = tagged(GREY, None, scores)
    assert (told.event and told.event.value) == value


def test_the_command_goes_on_after_a_bad_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], engines: object
) -> None:
    from assistant.cli import app

    (tmp_path / "bad.png").write_bytes(b"no picture")
    Image.fromarray(GREY.pixels).save(tmp_path / "grey.png")
    with pytest.raises(SystemExit) as ended:
        app(["tags", str(tmp_path / "bad.png"), str(tmp_path / "grey.png"), "--json"])
    assert ended.value.code == 1
    bad, grey = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert "error" in bad
    assert grey == {
        "file": str(tmp_path / "grey.png"), "people": None, "place": None, "event": None,
        "mood": None,
    }  # fmt: skip
