"""The video tools: three sentences first, the timeline with "more", other things meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from assistant.errors import Cancelled, InputError, ToolError
from assistant.events import Progress, Sentence
from assistant.interfaces import Cancel
from assistant.registry import Engines
from assistant.safety import SpeechFilter
from assistant.tools import video as tool
from assistant.tools.context import ToolContext
from assistant.tools.control import control
from assistant.types import Evidence, EvidenceKind, ToolCall, ToolResult, Turn, VideoSummary
from assistant.video import background as behind
from assistant.video.telling import tell
from assistant.video.understood import Understood, Working

ROWS: list[tuple[EvidenceKind, float, float, str]] = [
    ("measure", 0.0, 70.0, "The video lasts 1 minute 10 seconds."),
    ("measure", 0.0, 70.0, "The picture is 640 pixels wide and 360 pixels high."),
    ("measure", 0.0, 70.0, "I hear speech in it."),
    ("text", 0.0, 10.0, "The Harbour Crane"),
    ("speech", 0.5, 8.0, "This talk is about the old crane in the harbour of Lund."),
    ("text", 10.0, 20.0, "Built in 1874"),
    ("speech", 10.3, 17.0, "It was built by the shipwright Anna Falk in 1874."),
    ("scene", 20.0, 30.0, "A boat and a dog."),
    ("speech", 20.4, 26.0, "Steam drove it until 1931, and then it stood still."),
    ("text", 30.0, 40.0, "Repairs"),
    ("speech", 30.4, 36.0, "Forty people painted it. Now it is safe to cross the bridge."),
    ("text", 40.0, 50.0, "Visits"),
    ("speech", 40.4, 46.0, "Visitors may climb it, but bring strong shoes."),
    ("text", 50.0, 60.0, "Prices"),
    ("speech", 50.4, 56.0, "Children climb it for free."),
    ("text", 60.0, 70.0, "Thanks to all"),
    ("speech", 60.4, 66.0, "Many neighbours helped with the paint."),
]


class NoEngines:
    profile = SimpleNamespace(name="none")

    def has(self, capability: str) -> bool:
        return False


ENGINES: Any = NoEngines()


class Store:
    closed = False

    def close(self) -> None:
        self.closed = True


def understood(path: Path, language: str) -> Understood:
    evidence = tuple(
        Evidence(number=n, kind=k, start=a, end=b, text=t, language="en")
        for n, (k, a, b, t) in enumerate(ROWS, 1)
    )
    facts: Any = SimpleNamespace(path=path, duration=70.0, width=640, height=360)
    *_, summary = tell(evidence, facts, language=language)
    assert isinstance(summary, VideoSummary)
    store: Any = Store()
    return Understood(
        path=path, store=store, facts=facts, end=70.0, shots=(), keyframes=(),
        transcript=SimpleNamespace(text=""),  # type: ignore[arg-type]
        evidence=evidence, summary=summary, faults=(), elapsed_s=0.0,
    )  # fmt: skip


Work = Callable[..., Iterator[Working | Understood]]


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    file = tmp_path / "harbour.mp4"
    file.write_bytes(b"0")
    return file


@pytest.fixture
def begin(monkeypatch: pytest.MonkeyPatch) -> Callable[[Work], None]:
    """Let videos be understood by a function of the test's, in a background of its own."""

    def use(work: Work) -> None:
        monkeypatch.setattr("assistant.video.working.understand", work)
        monkeypatch.setattr(tool, "background", behind.Background())

    return use


def at_once(engines: Engines, path: Path, **options: Any) -> Iterator[Working | Understood]:
    yield Working(stage="frames", done=1.0, total=70.0)
    yield understood(path, options["language"])


def context(clip: Path | None, request: str, **more: Any) -> ToolContext:
    files = (clip,) if clip is not None else ()
    return ToolContext(
        engines=ENGINES, request=request, language=more.pop("language", "en"), files=files, **more
    )


def told(events: Iterator[Any]) -> tuple[list[Sentence], ToolResult]:
    *before, result = list(events)
    assert isinstance(result, ToolResult)
    return [one for one in before if isinstance(one, Sentence)], result


def turn(name: str, request: str, result: ToolResult, **arguments: Any) -> Turn:
    call = ToolCall(name=name, arguments=arguments)
    return Turn(request=request, call=call, result=result, reply=result.spoken)


def conversation(*turns: Turn) -> Any:
    return SimpleNamespace(turns=lambda count=None: list(turns))


def test_three_sentences_first_then_the_timeline_with_more(
    clip: Path, begin: Callable[[Work], None]
) -> None:
    begin(at_once)
    said, result = told(tool.summarize_video(context(clip, "What happens in it?")))
    assert [one.text for one in said[:-1]] == list(result.data["summary"])
    assert len(result.data["summary"]) == 3
    assert said[-1].text == "Say more to hear the timeline."
    assert len(result.data["timeline"]) == 7
    first = turn("summarize_video", "What happens in it?", result)
    more, again = told(
        control(context(clip, "more", conversation=conversation(first)), command="more")
    )
    assert more[0].text.startswith("At the beginning: On screen: ")
    assert again.data["details_told"] == len(more) == 3
    assert {one.kind for one in more} == {"quoted"}


def test_the_timeline_is_told_when_it_is_asked_for(
    clip: Path, begin: Callable[[Work], None]
) -> None:
    begin(at_once)
    said, result = told(tool.summarize_video(context(clip, "Give me the timeline.")))
    starts = [one.text for one in said if one.text.startswith("At ")]
    assert len(starts) == 5
    assert said[-1].text == "There is more. Say more to go on."
    assert result.data["details"][0].startswith("At 50 seconds")


def test_everything_is_told_to_who_wants_full_answers(
    clip: Path, begin: Callable[[Work], None]
) -> None:
    begin(at_once)
    wishes = {"verbosity": "full"}
    said, result = told(tool.summarize_video(context(clip, "sum it up", preferences=wishes)))
    assert sum(one.text.startswith("At ") for one in said) == 7
    assert result.data["details"] == []


def test_words_of_the_video_are_quoted_and_never_a_clearance_of_ours(
    clip: Path, begin: Callable[[Work], None]
) -> None:
    begin(at_once)
    said, _ = told(tool.summarize_video(context(clip, "the timeline please")))
    rules = SpeechFilter(about="scene")
    spoken = [out for one in said for out in rules.sentence(one)]
    for one in spoken:
        if "safe to cross" in one.text:
            assert one.kind == "quoted"
            assert 'A voice says: "' in one.text
    assert any("1874" in one.text for one in spoken), "numbers of the video are kept"


def test_in_a_conversation_it_says_how_far_it_is_and_goes_on(
    clip: Path, begin: Callable[[Work], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on, runs = threading.Event(), []

    def slowly(engines: Engines, path: Path, **options: Any) -> Iterator[Working | Understood]:
        runs.append(path)
        yield Working(stage="words", done=30.0, total=70.0)
        assert go_on.wait(20)
        yield understood(path, options["language"])

    begin(slowly)
    monkeypatch.setattr(tool, "_PATIENCE_S", 0.3)
    said, result = told(tool.summarize_video(context(clip, "sum it up", live=True)))
    assert said[0].text == "I'm still listening to it: 30 seconds of 1 minute 10 seconds."
    assert result.data["understood"] is False
    go_on.set()
    said, result = told(tool.summarize_video(context(clip, "is it ready?")))
    assert len(result.data["summary"]) == 3
    assert len(runs) == 1, "the second request joined the first one's work"


def test_waiting_stops_at_once_and_the_work_goes_on(
    clip: Path, begin: Callable[[Work], None]
) -> None:
    go_on = threading.Event()

    def slowly(engines: Engines, path: Path, **options: Any) -> Iterator[Working | Understood]:
        yield Working(stage="frames", done=3.0, total=None)
        assert go_on.wait(20)
        yield understood(path, options["language"])

    begin(slowly)
    cancel = Cancel()
    events = tool.summarize_video(context(clip, "sum it up", cancel=cancel))
    assert isinstance(next(events), Progress)
    cancel.set()
    with pytest.raises(Cancelled):
        list(events)
    go_on.set()
    _, result = told(tool.summarize_video(context(clip, "sum it up")))
    assert len(result.data["summary"]) == 3


def test_a_file_that_is_no_video_is_said_so_and_tried_again_next_time(
    clip: Path, begin: Callable[[Work], None]
) -> None:
    tries = []

    def broken(engines: Engines, path: Path, **options: Any) -> Iterator[Working | Understood]:
        tries.append(path)
        raise InputError(f"{path} holds no video", fix="give another file")
        yield

    begin(broken)
    for _ in range(2):
        with pytest.raises(ToolError, match=r"I can't watch harbour\.mp4: it holds no video"):
            list(tool.summarize_video(context(clip, "sum it up")))
    assert len(tries) == 2


def test_without_a_video_it_asks_for_one(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="I have no video yet"):
        list(tool.summarize_video(context(None, "what is the video about")))
    with pytest.raises(ToolError, match="找不到文件"):
        list(tool.ask_video(context(None, "问 x.mp4", language="zh"), path="x.mp4", question="谁"))


def test_a_path_that_only_a_model_named_is_not_opened(clip: Path) -> None:
    with pytest.raises(ToolError, match="can't find a file"):
        list(tool.summarize_video(context(None, "what is the video about"), path=str(clip)))


def test_questions_go_on_about_the_video_that_was_spoken_of(
    clip: Path, begin: Callable[[Work], None]
) -> None:
    begin(at_once)
    asked = "Who built the crane?"
    said, result = told(tool.ask_video(context(clip, asked), question=asked))
    assert result.data["found"]
    assert "Anna Falk" in result.data["answer"]
    assert result.data["evidence"] == [{"start": 10.3, "end": 17.0}]
    assert said[0].text.startswith("At 10 seconds: ")
    before = conversation(turn("ask_video", asked, result, question=asked))
    wish = "Play me that part."
    _, played = told(tool.ask_video(context(None, wish, conversation=before), question=wish))
    assert played.data["evidence"] == [{"start": 10.3, "end": 17.0}]
    assert played.spoken == "That part goes from 10 seconds to 17 seconds."


def test_what_the_video_does_not_tell_is_said_so(clip: Path, begin: Callable[[Work], None]) -> None:
    begin(at_once)
    asked = "Which king visited the crane?"
    said, result = told(tool.ask_video(context(clip, asked), question=asked))
    assert result.data["found"] is False
    assert result.data["evidence"] == []
    assert [one.kind for one in said] == ["measured"]


def test_videos_are_forgotten_and_closed_oldest_first(
    tmp_path: Path, begin: Callable[[Work], None]
) -> None:
    begin(at_once)
    held = tool.background
    tasks = []
    for number in range(7):
        file = tmp_path / f"{number}.mp4"
        file.write_bytes(b"0")
        task = held.of(ENGINES, file, "en")
        list(task.wait(None, Cancel()))
        tasks.append(task)
    stores = [task.understood.store for task in tasks if task.understood is not None]
    closed: list[bool] = [getattr(store, "closed") for store in stores]  # noqa: B009
    assert closed == [True, True, True, False, False, False, False]
