"""What happens in a video, and questions about it, aloud.

Understanding a video takes about as long as a part of it. It goes on in the background: in a
conversation the tool says how far it is, other things can be asked meanwhile, and a live one
tells by itself when it is ready; elsewhere the tool waits.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from assistant.errors import InputError, ToolError
from assistant.events import Announcement, Progress, Sentence, ToolEvent
from assistant.languages import base, joined
from assistant.tools.context import ToolContext
from assistant.tools.files import at_hand
from assistant.types import ToolResult, VideoEvent
from assistant.video import asking, following, spoken, wording
from assistant.video.announcing import announcement, told_of
from assistant.video.answering import VideoAnswer
from assistant.video.background import Task, background
from assistant.video.following import TIMELINE
from assistant.video.understood import Understood, Working

_NONE: Final = (
    "I have no video yet. Give me one, or name its file.",
    "我这里还没有视频。请给我一个，或者说出文件名。",
)  # (English, Chinese)
_PATIENCE_S: Final = 8.0  # s that a conversation waits for a video before other things are asked
_EVENTS: Final = 5  # of the timeline that are told at once
_MORE: Final = ("Say more to hear the timeline.", "想听时间线，请说“更多”。")
_GO_ON: Final = ("There is more. Say more to go on.", "后面还有。想听请说“继续”。")
_ASK_AGAIN: Final = (
    "It goes on while you ask me other things; ask me about the video again later.",
    "您可以先问别的，过一会儿再问我这个视频。",
)
_TELL_YOU: Final = (
    "Ask me other things meanwhile; I'll tell you when it's ready.",
    "您可以先问别的，看完了我会告诉您。",
)
_STAGES: Final = {
    "frames": (
        "I'm still watching it: {done} of {total}.",
        "我还在看这个视频：已经看了{done}，共{total}。",
    ),
    "movements": (
        "I'm still watching what moves in it: {done} of {total}.",
        "我还在看里面有什么动静：已经看了{done}，共{total}。",
    ),
    "words": (
        "I'm still listening to it: {done} of {total}.",
        "我还在听这个视频：已经听了{done}，共{total}。",
    ),
    "pictures": (
        "I'm looking at its pictures: {done} of {total}.",
        "我正在看它的画面：{done}，共{total}。",
    ),
    "telling": ("I'm summing it up; it won't be long.", "我正在总结，快好了。"),
}


def summarize_video(context: ToolContext, *, path: str | None = None) -> Iterator[ToolEvent]:
    """Say what happens in a video: three sentences, the timeline with "more".

    `data` has file, topic, summary, timeline, and the timeline's sentences as `details`.
    """
    file = _file(context, path)
    understood = yield from _understood(context, file)
    if understood is None:
        return
    summary, language = understood.summary, _language(context)
    timeline = [_event(event, language) for event in summary.timeline]
    told: list[Sentence] = []
    rest = timeline
    if not TIMELINE.search(context.request):
        for claim in summary.sentences:
            told += spoken.sentences(claim.text, language, summary.engine)
        rest = [] if context.full else timeline
        first: Sequence[str] = timeline if context.full else ()
        last = _MORE if rest else None
    else:
        count = len(timeline) if context.full else _EVENTS
        first, rest = timeline[:count], timeline[count:]
        last = _GO_ON if rest else None
    for text in first:
        told += spoken.sentences(text, language, summary.engine)
    if last is not None:
        told.append(Sentence(text=_say(context, last), kind="measured", language=language))
    for sentence in told:
        context.cancel.check()
        yield sentence
    details = [one for text in rest for one in spoken.sentences(text, language, summary.engine)]
    yield ToolResult(
        spoken=joined([one.text for one in told]),
        data={
            "file": str(file),
            "topic": summary.topic.text,
            "summary": [claim.text for claim in summary.sentences],
            "timeline": [
                {"start": one.start, "end": one.end, "event": one.text} for one in summary.timeline
            ],
            "details": [one.text for one in details],
            "details_kinds": [one.kind for one in details],
        },
    )


def ask_video(
    context: ToolContext, *, path: str | None = None, question: str
) -> Iterator[ToolEvent]:
    """Answer a question about a video, with times, from what is said, written and seen in it.

    `data` has file, answer, and the start and end of each part that the answer is from.
    """
    file = _file(context, path)
    understood = yield from _understood(context, file)
    if understood is None:
        return
    answer = asking.ask(
        understood,
        question,
        language=_language(context),
        engines=context.engines,
        history=_history(context, file),
        cancel=context.cancel,
    )
    for sentence in answer.sentences:
        context.cancel.check()
        yield sentence
    yield ToolResult(
        spoken=answer.text,
        data={
            "file": str(file),
            "answer": answer.text,
            "found": answer.found,
            "evidence": [{"start": start, "end": end} for start, end in answer.evidence],
            "words": list(answer.words),
        },
    )


def _understood(context: ToolContext, file: Path) -> Generator[ToolEvent, None, Understood | None]:
    """All that is known of a video; None where it is still at work, and that was said."""
    task = background.of(context.engines, file, _language(context))
    task.then(None)  # whoever asks is told by the answer
    yield Progress(message=_say(context, ("I'm watching it.", "我正在看。")))
    try:
        for progress in task.wait(_PATIENCE_S if context.live else None, context.cancel):
            yield Progress(message=_far(context, progress), fraction=_fraction(progress))
    finally:  # whoever waits no longer, told to or not, hears of it later
        ended = task.done
        if not ended and context.announce is not None:
            task.then(_announcing(context.announce, file))
    if ended:
        return _ended(context, task, file)
    last = _TELL_YOU if context.announce is not None else _ASK_AGAIN
    texts = [_far(context, task.progress), _say(context, last)]
    for text in texts:
        yield Sentence(text=text, kind="measured", language=_language(context))
    yield ToolResult(spoken=joined(texts), data={"file": str(file), "understood": False})
    return None


def _announcing(announce: Callable[[Announcement], None], file: Path) -> Callable[[Task], None]:
    def told(task: Task) -> None:
        announce(announcement(task, file, named=background.several))

    return told


def _ended(context: ToolContext, task: Task, file: Path) -> Understood:
    if isinstance(task.error, InputError):
        shown, why = file.name, told_of(task.error, file)
        chinese = f"我看不了{shown}。请换一个文件，太长的请先剪短。"
        raise ToolError(_say(context, (f"I can't watch {shown}: {why}.", chinese))) from task.error
    if task.error is not None:
        raise task.error
    assert task.understood is not None, "a task ends with what it understood, or an error"
    return task.understood


def _far(context: ToolContext, progress: Working | None) -> str:
    """How far it is, as a sentence."""
    if progress is None:
        return _say(context, ("I have just begun to watch it.", "我刚开始看这个视频。"))
    done: Any = round(progress.done)
    total: Any = round(progress.total) if progress.total is not None else None
    if progress.stage in ("frames", "movements", "words"):
        language = _language(context)
        done = wording.clock(progress.done, language)
        total = wording.clock(progress.total, language) if progress.total is not None else None
    if total is None and progress.stage != "telling":
        total = _say(context, ("an unknown length", "长度未知"))
    return _say(context, _STAGES[progress.stage]).format(done=done, total=total)


def _fraction(progress: Working) -> float | None:
    if not progress.total:
        return None
    stages = list(_STAGES)
    return (stages.index(progress.stage) + progress.done / progress.total) / len(stages)


def _event(event: VideoEvent, language: str) -> str:
    """An event with its time."""
    if wording.chinese(language):
        return f"{wording.at(event.start, language)}：{event.text}"
    return wording.opening(event.start, language) + event.text


def _file(context: ToolContext, path: str | None) -> Path:
    """The video that is meant: the one named, at hand, or last spoken of."""
    if path is None and not following.at_hand(context.files):
        for turn in reversed(context.conversation.turns() if context.conversation else []):
            found = turn.result.data.get("file") if turn.result else None
            about = turn.call.name in ("summarize_video", "ask_video")
            if about and found and Path(found).is_file():
                return Path(found)
    return at_hand(context, path, following.VIDEOS, _NONE)


def _history(context: ToolContext, file: Path) -> list[VideoAnswer]:
    """Earlier answers about this video in this conversation, as far as a question may refer."""
    found = []
    for turn in context.conversation.turns() if context.conversation else []:
        data = turn.result.data if turn.result else {}
        if turn.call.name == "ask_video" and data.get("file") == str(file) and "answer" in data:
            parts = tuple((float(one["start"]), float(one["end"])) for one in data["evidence"])
            words = tuple(str(word) for word in data.get("words", ()))
            found.append(
                VideoAnswer(
                    sentences=(), evidence=parts, words=words, found=bool(data.get("found", True))
                )
            )
    return found


def _language(context: ToolContext) -> str:
    return "zh" if base(context.language) == "zh" else "en"


def _say(context: ToolContext, pair: tuple[str, str]) -> str:
    return pair[base(context.language) == "zh"]
