"""The looking tools, as the agent calls them, and the two commands."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont
from typer.testing import CliRunner

from assistant.cli import app
from assistant.cli import describe as command
from assistant.errors import ToolError
from assistant.events import Sentence, ToolEvent
from assistant.picture import Picture
from assistant.registry import Engines
from assistant.tools import vision
from assistant.tools.context import ToolContext
from assistant.types import ToolResult


def printed(text: str, shade: int = 235) -> Picture:
    image = Image.new("RGB", (640, 200), (shade, shade, shade - 10))
    draw = ImageDraw.Draw(image)
    draw.text((40, 60), text, fill=(20, 20, 30), font=ImageFont.load_default(size=64))
    return Picture(pixels=np.asarray(image))


def run(
    engines: Engines,
    tool: Callable[..., Iterator[ToolEvent]],
    *pictures: Picture,
    request: str = "",
    language: str = "en",
    **arguments: Any,
) -> tuple[list[Sentence], ToolResult]:
    context = ToolContext(engines=engines, request=request, language=language, pictures=pictures)
    *sentences, result = tool(context, **arguments)
    assert isinstance(result, ToolResult)
    assert all(isinstance(event, Sentence) for event in sentences)
    said = [event for event in sentences if isinstance(event, Sentence)]
    assert all(event.language == language for event in said)
    assert result.spoken == ("" if language == "zh" else " ").join(s.text for s in said)
    assert result.final
    return said, result


def photo(media: Path, name: str) -> Picture:
    return Picture.open(media / name)


def test_describe_scene_says_little_and_keeps_the_rest_for_more(
    engines: Engines, media: Path
) -> None:
    picture = photo(media, "photos/p002.jpg")
    said, result = run(engines, vision.describe_scene, picture)
    assert said[0].text.startswith("Three dogs")
    assert said[0].kind == "measured"
    assert "A dog in front of you, near." in result.data["details"]
    full, _ = run(engines, vision.describe_scene, picture, language="zh", detail="full")
    assert len(full) > len(said)


def test_describe_scene_judges_no_way(engines: Engines, media: Path) -> None:
    picture = photo(media, "photos/p007.jpg")
    said, _ = run(engines, vision.describe_scene, picture, request="is there anything to trip over")
    assert said[0].text == "Without a vision model I can't judge the way."
    assert "person" in said[1].text
    said, _ = run(
        engines, vision.describe_scene, picture, request="前面有什么障碍物吗", language="zh"
    )
    assert said[0].text == "未装视觉模型，我判断不了路况。"


def test_text_is_a_quote(engines: Engines) -> None:
    said, result = run(engines, vision.describe_scene, printed("GREEN TEA"))
    assert [s.kind for s in said] == ["measured", "quoted"]
    assert result.data["texts"] == ["GREEN TEA"]


def test_identify_object(engines: Engines, media: Path) -> None:
    said, result = run(engines, vision.identify_object, photo(media, "photos/p020.jpg"))
    assert "scissors" in said[0].text
    assert result.data["name"] == "scissors"
    said, _ = run(engines, vision.identify_object, photo(media, "photos/p020.jpg"), language="zh")
    assert "剪刀" in said[0].text


def test_identify_object_owns_up(engines: Engines) -> None:
    said, result = run(engines, vision.identify_object, printed("GREEN TEA"))
    assert said[0].text == "I can't tell what this is, but I see text."
    assert said[1].text == 'It reads: "GREEN TEA".'
    assert result.data["name"] is None
    black = Picture(pixels=np.zeros((200, 200, 3), dtype=np.uint8))
    said, _ = run(engines, vision.identify_object, black)
    assert "black; uncover the lens" in said[0].text


def test_ask_image(engines: Engines) -> None:
    picture = printed("TOTAL 12.50")
    said, _ = run(engines, vision.ask_image, picture, question="how much is it?")
    assert (said[0].kind, said[0].text) == ("quoted", 'It reads: "TOTAL 12.50".')
    said, _ = run(engines, vision.ask_image, picture, question="是谁", language="zh")
    assert said[0].kind == "measured"


def test_classify_forks_and_scissors(engines: Engines, media: Path) -> None:
    """No fork may be called scissors or the other way round; most are decided."""
    decided = 0
    for number in range(1, 9):
        picture, right = photo(media, f"twoclass/c00{number}.jpg"), int(number > 4)
        labels = ["fork", "scissors"]
        _, result = run(engines, vision.classify_image, picture, labels=labels)
        assert sum(result.data["scores"].values()) == pytest.approx(1)
        assert result.data["label"] in (None, labels[right])
        decided += result.data["label"] is not None
        if number in (1, 5):
            labels = ["叉子", "剪刀"]
            said, result = run(
                engines, vision.classify_image, picture, labels=labels, language="zh"
            )
            assert said[0].text == f"这几个里，“{labels[right]}”最符合。"
    assert decided >= 5


def test_classify_owns_up_when_nothing_fits(engines: Engines) -> None:
    noise = np.random.default_rng(5).integers(0, 256, (240, 320, 3), dtype=np.uint8)
    said, result = run(
        engines, vision.classify_image, Picture(pixels=noise), labels=["violin", "cello"]
    )
    assert said[0].text == "I can't decide between violin and cello."
    assert result.data["label"] is None
    with pytest.raises(ToolError, match="two or more labels"):
        run(engines, vision.classify_image, Picture(pixels=noise), labels=["violin"])


def test_compare_pictures(engines: Engines, media: Path) -> None:
    dog, dogs = photo(media, "photos/p005.jpg"), photo(media, "photos/p002.jpg")
    said, _ = run(engines, vision.compare_pictures, dog, dogs, question="what is different?")
    assert said[0].text == "I see a dog in the first and three dogs in the second."
    assert said[1].text == "I may have missed some of it."
    said, _ = run(engines, vision.compare_pictures, dog, dog, question="有区别吗", language="zh")
    assert said[0].text == "就我能量出的，两张图片一样。"


def test_compare_light_and_text(engines: Engines) -> None:
    said, _ = run(
        engines, vision.compare_pictures, printed("MILK", 150), printed("JUICE", 240), question=""
    )
    told = [s.text for s in said]
    assert "The second picture is brighter." in told
    assert 'It reads: "MILK".' in told
    assert 'It reads: "JUICE".' in told


def test_compare_needs_two_pictures(engines: Engines) -> None:
    with pytest.raises(ToolError, match="two pictures"):
        run(engines, vision.compare_pictures, printed("A"), question="what changed?")


def test_tags_put_pictures_near_their_words(engines: Engines, media: Path) -> None:
    encoder = engines.get("image_text_encoder")
    pictures = [photo(media, f"photos/{name}") for name in ("p002.jpg", "p008.jpg", "p001.jpg")]
    vectors = encoder.images(pictures)
    assert vectors.shape == (3, encoder.dim)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-4)
    for words in (["a dog", "a truck", "a cup"], ["一只狗", "一辆卡车", "一个杯子"]):
        assert (vectors @ encoder.texts(words).T).argmax(axis=0).tolist() == [0, 1, 2]


@pytest.fixture
def commands(engines: Engines, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """The command line over engines that are loaded already."""
    monkeypatch.setattr(command, "open_engines", lambda profile: engines)
    return CliRunner()


def test_describe_command(commands: CliRunner, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.png", tmp_path / "bad.jpg"
    Image.fromarray(printed("EXIT 4B").pixels).save(good)
    bad.write_text("not a picture")
    done = commands.invoke(app, ["describe", str(bad), str(good), "--json"])
    assert done.exit_code == 1
    broken, row = (json.loads(line) for line in done.stdout.splitlines())
    assert set(broken) == {"file", "error"}
    assert set(row) == {
        *("file", "text", "objects", "people", "texts", "faults", "engine", "elapsed_s")
    }
    assert row["texts"] == ["EXIT 4B"]
    assert 'There seems to be a sign that reads: "EXIT 4B".' in row["text"]
    assert commands.invoke(app, ["describe"]).exit_code == 2
    chinese = commands.invoke(app, ["describe", str(good), "--language", "zh"])
    assert "好像有个牌子，写着：“EXIT 4B”。" in chinese.stdout


def test_classify_command(commands: CliRunner, media: Path) -> None:
    file = media / "twoclass" / "c005.jpg"
    done = commands.invoke(app, ["classify", str(file), "--labels", "fork,scissors", "--json"])
    row = json.loads(done.stdout)
    assert (done.exit_code, row["label"]) == (0, "scissors")
    assert set(row) == {"file", "label", "scores"}
    assert commands.invoke(app, ["classify", str(file), "--labels", "fork"]).exit_code == 2
