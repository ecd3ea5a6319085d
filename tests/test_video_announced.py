"""A video that goes on behind a conversation is told of by itself, on a virtual clock."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from scripted import Say, ScriptedMind, Stage, Wait, spoken
from test_video_tool import ENGINES, turn, understood

from assistant import trace
from assistant.errors import Cancelled, DiskFull, EngineError, InputError
from assistant.events import Announcement, Notice, Routed, Sentence, Speaking, TurnDone
from assistant.interfaces import Cancel
from assistant.session.workers import told
from assistant.tools import video as tool
from assistant.tools.context import ToolContext
from assistant.types import ToolCall, ToolResult
from assistant.video import background as behind
from assistant.video.announcing import announcement
from assistant.video.understood import Understood, Working

ASKED = "what is the video about?"
ASKED_ZH = "视频讲了什么"
READY = "The video is ready; ask me what happens in it."


@dataclass
class Work:
    """Understands a video when the test lets it."""

    error: BaseException | None = None
    go_on: threading.Event = field(default_factory=threading.Event)

    def __call__(self, engines: Any, path: Path, **options: Any) -> Iterator[Working | Understood]:
        yield Working(stage="words", done=30.0, total=70.0)
        assert self.go_on.wait(20)
        if self.error is not None:
            raise self.error
        yield understood(path, options["language"])


@dataclass
class WatchingMind(ScriptedMind):
    """Answers requests about the video with the real tool."""

    replies: dict[str, Any] = field(default_factory=dict)
    clip: Path = Path()
    stage: Stage | None = None
    patience_s: float = 3.0  # s on the session's clock that the tool's waiting takes

    def route(self, request: str, language: str, cancel: Cancel) -> Routed:
        if request not in (ASKED, ASKED_ZH):
            return super().route(request, language, cancel)
        return Routed(call=ToolCall(name="summarize_video"), via="fast", elapsed_s=0.05)

    def answer(self, request: str, routed: Routed, language: str, cancel: Cancel) -> Iterator[Any]:
        if request not in (ASKED, ASKED_ZH):
            yield from super().answer(request, routed, language, cancel)
            return
        assert self.stage is not None
        context = ToolContext(
            engines=ENGINES, request=request, language=language, files=(self.clip,),
            cancel=cancel, live=True, announce=self.stage.workers.tell,
        )  # fmt: skip
        yield Wait(self.patience_s)
        for event in tool.summarize_video(context):
            if isinstance(event, Sentence):
                yield event
                yield spoken(event.text, exact=True, word_s=0.05)
            elif isinstance(event, ToolResult):
                yield event
                yield TurnDone(turn=turn("summarize_video", request, event))


@pytest.fixture
def play(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[Any]]:
    """Play a conversation; the video's work ends at a time of the session's clock, s."""

    def conversation(work: Work, script: list[Say], seconds: float, ends: float) -> list[Any]:
        clip = tmp_path / "harbour.mp4"
        clip.write_bytes(b"0")
        monkeypatch.setattr("assistant.video.working.understand", work)
        monkeypatch.setattr(tool, "background", behind.Background())
        monkeypatch.setattr(tool, "_PATIENCE_S", 0.0)
        mind = WatchingMind(clip=clip)
        stage = Stage(script=script, mind=mind)
        mind.stage = stage
        events: list[Any] = []
        for step in stage.steps(seconds):
            events += step
            if stage.session.now >= ends and not work.go_on.is_set():
                work.go_on.set()
                language = script[0].language
                task = tool.background.of(ENGINES, clip, language, understand=work)
                list(task.wait(10, Cancel()))
        return events

    return conversation


def of(events: list[Any], kind: type[Any]) -> list[Any]:
    return [event for event in events if isinstance(event, kind)]


def test_it_is_told_after_what_was_asked_meanwhile(play: Callable[..., list[Any]]) -> None:
    other = Say(at=12.0, text="tell me a story.")
    events = play(Work(), [Say(at=1.0, text=ASKED), other], 26.0, 12.5)
    said = [e.text for e in of(events, Speaking)]
    assert said[0].startswith("I'm still listening to it")
    assert said[1] == "Ask me other things meanwhile; I'll tell you when it's ready."
    assert said[2:] == ["You said tell me a story..", READY]
    (notice,) = of(events, Notice)
    assert 12.5 <= notice.at < 13.0, "it is on the screen at once"
    assert of(events, Speaking)[-1].at > of(events, Speaking)[-2].at + 1.0


def test_in_chinese(play: Callable[..., list[Any]]) -> None:
    events = play(Work(), [Say(at=1.0, text=ASKED_ZH, language="zh")], 18.0, 12.0)
    assert of(events, Speaking)[-1].text == "视频看完了，您可以问我里面的内容。"


def test_why_it_failed_is_told(play: Callable[..., list[Any]]) -> None:
    work = Work(error=InputError("harbour.mp4 was changed meanwhile", fix="try again"))
    events = play(work, [Say(at=1.0, text=ASKED)], 18.0, 12.0)
    why = "I could not watch the video: harbour.mp4 was changed meanwhile."
    assert of(events, Speaking)[-1].text == why


def test_what_an_answer_has_told_meanwhile_is_not_told_again(
    play: Callable[..., list[Any]],
) -> None:
    """It becomes ready while it is asked about again."""
    events = play(Work(), [Say(at=1.0, text=ASKED), Say(at=12.0, text=ASKED)], 50.0, 12.5)
    said = [e.text for e in of(events, Speaking)]
    assert "Say more to hear the timeline." in said
    assert READY not in said


@pytest.mark.parametrize(
    ("error", "english", "chinese"),
    [
        (InputError("{path} is cut off", fix=""), "it is cut off.", "文件用不了"),
        (InputError("cannot write /home/me/x", fix=""), "the file cannot be used.", "文件用不了"),
        (DiskFull("the disk of {path} is full", fix=""), "the disk is full.", "磁盘满了。"),
        (EngineError("whisper: CUDA error 7", fix=""), "a model failed.", "有个模型出错了。"),
        (Cancelled(), "the work on it was cancelled", "工作被取消了"),
        (ZeroDivisionError("x"), "something went wrong.", "出了点问题。"),
    ],
)
def test_a_reason_has_no_path_and_no_english_within_chinese(
    error: BaseException, english: str, chinese: str, tmp_path: Path
) -> None:
    if isinstance(error, InputError | DiskFull):
        error = type(error)(str(error).replace("{path}", str(tmp_path / "a.mp4")), fix="")
    task: Any = SimpleNamespace(error=error)
    texts = announcement(task, tmp_path / "a.mp4").texts
    assert f": {english}" in texts["en"]
    assert chinese in texts["zh"]
    assert str(tmp_path) not in texts["en"] + texts["zh"]
    assert not any(c.isascii() and c.isalpha() for c in texts["zh"])


def test_a_name_is_said_where_there_are_several_and_never_clears_a_way() -> None:
    task: Any = SimpleNamespace(error=None)
    named = announcement(task, Path("lecture 3.mp4"), named=True)
    assert named.texts["en"] == "The video lecture 3 is ready; ask me what happens in it."
    assert named.texts["zh"] == "视频lecture 3看完了，您可以问我里面的内容。"
    hostile = announcement(task, Path("It is safe to cross now.mp4"), named=True)
    assert hostile.texts["en"] == READY
    assert "safe" not in hostile.texts["zh"]


def test_a_recording_keeps_it() -> None:
    task: Any = SimpleNamespace(error=None)
    item = told(announcement(task, Path("a.mp4")))
    assert trace._item(json.loads(json.dumps(trace._item_row(item)))) == item


def test_work_that_ended_before_anybody_listened_is_told_at_once() -> None:
    heard: list[Announcement] = []
    task = behind.Task(lambda cancel: iter(()))
    list(task.wait(10, Cancel()))
    task.then(lambda task: heard.append(announcement(task, Path("a.mp4"))))
    assert [one.subject for one in heard] == ["a.mp4"]
