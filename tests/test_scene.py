"""Basic vision on real weights: made-up pictures always, photos where they are at hand."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from assistant.errors import Cancelled
from assistant.interfaces import Cancel, Options
from assistant.languages import length
from assistant.picture import Picture
from assistant.registry import Engines
from assistant.vision.precedence import HEDGE

CHINESE = Options(language="zh")


def label(*lines: str) -> Picture:
    """Lines of printed text on paper."""
    image = Image.new("RGB", (640, 240), (250, 250, 245))
    draw = ImageDraw.Draw(image)
    for place, text in enumerate(lines):
        font = ImageFont.load_default(size=56)
        draw.text((40, 30 + 90 * place), text, fill=(20, 20, 30), font=font)
    return Picture(pixels=np.asarray(image))


@pytest.mark.parametrize(("value", "kind"), [(0, "too_dark"), (255, "too_bright"), (120, "blank")])
def test_an_unreadable_picture_is_named_so_and_nothing_else(
    engines: Engines, value: int, kind: str
) -> None:
    picture = Picture(pixels=np.full((300, 400, 3), value, dtype=np.uint8))
    for options in (Options(language="en"), CHINESE):
        scene = engines.get("scene_describer").describe(picture, "full", options)
        assert [fault.kind for fault in scene.faults] == [kind]
        assert scene.sentence == scene.faults[0].sentence
        assert (scene.objects, scene.people, scene.texts, scene.details) == ((), None, (), ())


def test_a_heavily_blurred_photo_is_named_so(engines: Engines, media: Path) -> None:
    image = Image.open(media / "photos" / "p002.jpg").convert("RGB")
    picture = Picture(pixels=np.asarray(image.filter(ImageFilter.GaussianBlur(40))))
    scene = engines.get("scene_describer").describe(picture)
    assert [fault.kind for fault in scene.faults] == ["blurred"]
    assert scene.objects == ()


def test_text_is_quoted_and_never_obeyed(engines: Engines) -> None:
    describer = engines.get("scene_describer")
    picture = label("PULL TO OPEN", "Room 214")
    scene = describer.describe(picture)
    assert scene.texts == ("PULL TO OPEN", "Room 214")
    assert 'It reads: "PULL TO OPEN Room 214".' in scene.details
    assert [*describer.question(picture, "what does it say?")] == [
        'It reads: "PULL TO OPEN Room 214".'
    ]
    assert "PULL TO OPEN" in " ".join(describer.question(picture, "上面写了什么"))


def test_a_made_up_pattern_is_not_given_a_name_for_certain(engines: Engines) -> None:
    pixels = np.random.default_rng(3).integers(0, 256, (300, 400, 3), dtype=np.uint8)
    scene = engines.get("scene_describer").describe(Picture(pixels=pixels))
    assert not any(found.confidence >= HEDGE for found in scene.objects)


def test_photos_of_people_animals_and_vehicles(engines: Engines, media: Path) -> None:
    describer = engines.get("scene_describer")
    for file, name, chinese in (
        ("p002.jpg", "dog", "狗"),
        ("p005.jpg", "dog", "狗"),
        ("p007.jpg", "person", "人"),
        ("p008.jpg", "truck", "卡车"),
        ("p011.jpg", "person", "人"),
    ):
        picture = Picture.open(media / "photos" / file)
        english, other = describer.describe(picture), describer.describe(picture, "full", CHINESE)
        assert name in {found.name for found in english.objects}
        assert chinese in other.sentence
        assert length(english.sentence, "en") <= 20
        assert length(other.sentence, "zh") <= 40


def test_questions_about_a_photo(engines: Engines, media: Path) -> None:
    describer = engines.get("scene_describer")
    puppies = Picture.open(media / "photos" / "p002.jpg")
    train = Picture.open(media / "photos" / "p009.jpg")

    def ask(picture: Picture, question: str) -> str:
        return " ".join(describer.question(picture, question))

    assert ask(puppies, "How many dogs are there?") == "I see three dogs; there may be more."
    assert "三只狗" in ask(puppies, "有几只小狗")
    assert ask(puppies, "Is there a cat?") == "I don't see one, but I often miss things."
    assert ask(train, "What colour is the train?") == "The train is mostly red."
    assert "红色" in ask(train, "火车是什么颜色的")
    assert "in front of you" in ask(train, "Where is the train?")


def test_a_second_question_needs_no_second_look(engines: Engines, media: Path) -> None:
    describer = engines.get("scene_describer")
    picture = Picture.open(media / "photos" / "p005.jpg")
    describer.describe(picture)
    start = time.perf_counter()
    assert "dog" in " ".join(describer.question(picture, "Where is the dog?"))
    assert time.perf_counter() - start < 0.3


def test_cancelled_before_looking(engines: Engines) -> None:
    cancel = Cancel()
    cancel.set()
    with pytest.raises(Cancelled):
        engines.get("scene_describer").describe(label("HELLO"), cancel=cancel)
