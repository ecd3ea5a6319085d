"""Arguments found by rules: files, labels, detail, queries, speech, in both languages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from assistant.errors import InputError
from assistant.registry import TOOLS
from assistant.routing.arguments import asked_of_model, by_rules
from assistant.routing.files import mentioned, replaced
from assistant.routing.schema import arguments_model, call_schema, validated


@pytest.mark.parametrize(
    ("request_text", "name"),
    [
        ("what is said in /home/me/a-b.wav?", "/home/me/a-b.wav"),
        (r"please write out C:\sounds\x.mp3.", r"C:\sounds\x.mp3"),
        ("the gist of 'our last day.mp4' please", "our last day.mp4"),
        ("看《第一 课.mp4》讲了什么", "第一 课.mp4"),
        ("概述harbour.mp4的内容", "harbour.mp4"),
        ("总结一下视频会议.mp4", "会议.mp4"),
        ("把会议.wav转写出来", "会议.wav"),
        ("在2023_生日.mov里谁切蛋糕", "2023_生日.mov"),
        ("who speaks in clip.final.mkv", "clip.final.mkv"),
        ("sum up harbour dot mp4", "harbour.mp4"),
        ("HARBOUR.MP4 in short", "HARBOUR.MP4"),
        ("is version 1.2 better than 1.3", None),
        ("what is this", None),
    ],
)
def test_a_file_name_is_found_exactly(request_text: str, name: str | None) -> None:
    assert mentioned(request_text) == name


def test_files_at_hand_win_and_are_given_whole() -> None:
    files = [Path("/data/day.mp4"), Path("/data/our last day.mp4"), Path("/data/毕业典礼.mov")]
    assert mentioned("sum up our last day.mp4", files) == "/data/our last day.mp4"
    assert mentioned("what happens in our last day", files) == "/data/our last day.mp4"
    assert mentioned("毕业典礼里谁在发言", files) == "/data/毕业典礼.mov"
    assert mentioned("have a nice day", files) is None  # three letters are too few to go by


def test_what_a_file_is_called_does_not_count() -> None:
    assert replaced("transcribe stop_talking.wav") == "transcribe  audio.wav "
    assert replaced("sum up read_the_label.mp4") == "sum up  video.mp4 "


@pytest.mark.parametrize(
    ("request_text", "labels"),
    [
        ("Is that a cello or a violin?", ["cello", "violin"]),
        ("would you say this is a barn, a shed or a garage", ["barn", "shed", "garage"]),
        ("classify the photo as happy, sad or angry", ["happy", "sad", "angry"]),
        ("Which of these is it, nut, bolt or washer?", ["nut", "bolt", "washer"]),
        ("The options are tea and coffee", ["tea", "coffee"]),
        ("这是大提琴还是小提琴", ["大提琴", "小提琴"]),
        ("把照片分类为高兴、悲伤或愤怒", ["高兴", "悲伤", "愤怒"]),
        ("从春天、夏天和秋天里选一个", ["春天", "夏天", "秋天"]),
        ("给图片分类，类别有帆船、渡轮和快艇", ["帆船", "渡轮", "快艇"]),
    ],
)
def test_labels_are_split(request_text: str, labels: list[str]) -> None:
    assert by_rules("classify_image", request_text) == {"labels": labels}


@pytest.mark.parametrize("request_text", ["classify this picture", "给这张图分类", "or"])
def test_labels_that_are_not_there_are_asked_of_the_model(request_text: str) -> None:
    found = by_rules("classify_image", request_text)
    assert found == {}
    assert asked_of_model("classify_image", found) == ("labels",)


@pytest.mark.parametrize(
    ("tool", "request_text", "arguments"),
    [
        ("describe_scene", "give me every detail, a thorough account", {"detail": "full"}),
        ("describe_scene", "仔细讲讲这里", {"detail": "full"}),
        ("describe_scene", "what's here", {}),
        ("find_photos", "could you find me some photos of the lighthouse", {"query": "lighthouse"}),
        ("find_photos", "帮我找一下在海边放风筝的照片", {"query": "在海边放风筝"}),
        ("make_album", "create a photo album about our sailing trip", {"theme": "sailing trip"}),
        ("make_album", "做一个关于外婆的相册", {"theme": "外婆"}),
        ("extract_fields", "the data of this purchase order", {"kind": "order"}),
        ("extract_fields", "把收据信息列出来", {"kind": "receipt"}),
        ("set_speech", "you are too fast", {"rate": "slower"}),
        ("set_speech", "set your rate to 1.5 times", {"rate": 1.5}),
        ("set_speech", "at 120 percent", {"rate": 1.2}),
        ("set_speech", "语速调到一点五倍", {"rate": 1.5}),
        ("set_speech", "讲得太慢了", {"rate": "faster"}),
        ("set_speech", "换一种嗓音", {"voice": "other"}),
        (
            "set_speech",
            "from now on in Mandarin, and quicker",
            {"rate": "faster", "language": "zh"},
        ),
        ("watch_scene", "let me know when a tram comes", {"target": "tram"}),
        ("watch_scene", "看到电梯就告诉我", {"target": "电梯"}),
        ("ask_image", " is the kettle on? ", {"question": "is the kettle on?"}),
        ("read_text", "read", {}),
    ],
)
def test_rules(tool: str, request_text: str, arguments: dict[str, Any]) -> None:
    assert by_rules(tool, request_text) == arguments


def test_a_video_question_has_its_path_and_itself() -> None:
    request = "who opens the door in hall.mp4"
    assert by_rules("ask_video", request) == {"question": request, "path": "hall.mp4"}


@pytest.mark.parametrize("tool", TOOLS)
def test_every_tool_has_a_schema_of_its_own_signature(tool: str) -> None:
    schema = arguments_model(tool).model_json_schema()
    assert schema["additionalProperties"] is False
    assert "context" not in schema["properties"]


def test_arguments_are_checked_by_the_signature() -> None:
    assert validated("control", {"command": "stop"}) == {"command": "stop"}
    assert validated("set_speech", {"rate": 1.5}) == {"rate": 1.5}
    assert validated("read_text", {}) == {}
    with pytest.raises(InputError, match="command"):
        validated("control", {"command": "explode"})
    with pytest.raises(InputError, match="question"):
        validated("ask_image", {})
    with pytest.raises(InputError, match="volume"):
        validated("set_speech", {"volume": 3})


def test_the_schema_of_a_call_has_one_variant_a_tool() -> None:
    schema = call_schema({"classify_image": ("labels",), "reply": ()})
    labels, reply = schema["anyOf"]
    assert labels["required"] == ["tool", "labels"]
    assert labels["properties"]["labels"]["minItems"] == 2
    assert reply == {
        "type": "object",
        "properties": {"tool": {"const": "reply"}},
        "required": ["tool"],
        "additionalProperties": False,
    }
