"""What is said by itself when a video that went on behind the conversation has ended."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from assistant import errors
from assistant.events import Announcement, Sentence
from assistant.languages import joined
from assistant.safety import SpeechFilter
from assistant.video.background import Task

_READY: Final = (
    "The video{name} is ready; ask me what happens in it.",
    "视频{name}看完了，您可以问我里面的内容。",
)  # (English, Chinese)
_FAILED: Final = ("I could not watch the video{name}: {why}.", "视频{name}没能看完：{why}。")

# From the most special to the most general. An error's own words are English and may hold
# paths, which nobody wants to hear; those about the file itself are told in English.
_REASONS: Final[tuple[tuple[type[BaseException], str, str], ...]] = (
    (
        errors.Cancelled,
        "the work on it was cancelled; ask again, and I go on",
        "工作被取消了，您再问一次，我就接着看",
    ),
    (errors.DiskFull, "the disk is full", "磁盘满了"),
    (errors.InputError, "the file cannot be used", "文件用不了，可能太长、损坏了，或者已经不在"),
    (errors.WeightsError, "a model cannot be used", "有个模型用不了"),
    (errors.EngineError, "a model failed", "有个模型出错了"),
    (errors.SettingsError, "what I know of it cannot be kept", "看到的内容没法保存"),
    (BaseException, "something went wrong", "出了点问题"),
)


def announcement(task: Task, file: Path, *, named: bool = False) -> Announcement:
    """That a video is ready, or why it could not be watched; `named` with the file's name.

    A name that is no speech, or that would clear a way, is left out.
    """
    pair = _READY if task.error is None else _FAILED
    texts = {}
    for language, text, why in zip(("en", "zh"), pair, _reasons(task, file), strict=True):
        gap = " " if language == "en" else ""
        whole = text.format(name=f"{gap}{file.stem}", why=why) if named else ""
        texts[language] = _spoken(whole, language) or text.format(name="", why=why)
    return Announcement(subject=str(file), texts=texts)


def told_of(error: errors.InputError, file: Path) -> str:
    """What is wrong with a file, in English, its path left out."""
    text = str(error)
    for path in (str(file.resolve()), str(file)):
        text = text.replace(path, "it")
    return text


def _reasons(task: Task, file: Path) -> tuple[str, str]:
    if task.error is None:
        return "", ""
    english, chinese = next((en, zh) for kind, en, zh in _REASONS if isinstance(task.error, kind))
    if isinstance(task.error, errors.InputError):
        own = told_of(task.error, file)
        english = own if "/" not in own and "\\" not in own else english
    return english, chinese


def _spoken(text: str, language: str) -> str:
    """The sentence, where the rules of speech leave it whole; else nothing."""
    if not text:
        return ""
    rules = SpeechFilter(about="scene")
    found = rules.sentence(Sentence(text=text, kind="measured", language=language))
    return text if joined([one.text for one in found]) == text else ""
