"""What is said when something fails: what happened and the fix, in the turn's language."""

from __future__ import annotations

from assistant import errors
from assistant.events import Sentence
from assistant.languages import base

# From the most special to the most general: (English, Chinese), with the error's own words.
_WORDS: tuple[tuple[type[Exception], str, str], ...] = (
    (errors.ToolError, "{what}.", "{what}。"),
    (errors.InputError, "Sorry, I can't use that: {what}.", "抱歉，这个我用不了：{what}。"),
    (errors.WeightsMissing, "Sorry, a model is missing: {what}.", "抱歉，缺少模型：{what}。"),
    (errors.WeightsError, "Sorry, a model can't be used: {what}.", "抱歉，模型不可用：{what}。"),
    (errors.EngineMissing, "Sorry, a part of me is missing: {what}.", "抱歉，缺少组件：{what}。"),
    (errors.DeadlineExceeded, "Sorry, that took too long.", "抱歉，花的时间太长了。"),
    (errors.EngineError, "Sorry, that failed: {what}.", "抱歉，出错了：{what}。"),
    (errors.SettingsError, "Sorry, a setting is wrong: {what}.", "抱歉，设置有误：{what}。"),
)
_UNEXPECTED = (
    "Sorry, something went wrong. Please try again; if it goes on, run: assistant doctor.",
    "抱歉，出了点问题。请再试一次；如果还不行，请运行：assistant doctor。",
)
_FIX = (" To fix it: {fix}.", "解决办法：{fix}。")
_FIXES_ZH = {
    "try again": "请再试一次",
    "make setup": "运行 make setup",
    "start the command again": "重新启动",
}
_LONGEST = 200  # characters of a message; a spoken sentence is no log


def apology(error: Exception, language: str) -> Sentence:
    """One spoken apology that names the fix. The error's own words are data, so `quoted`."""
    chinese = base(language) == "zh"
    text = _UNEXPECTED[chinese]
    for kind, *words in _WORDS:
        if isinstance(error, kind):
            text = words[chinese].format(what=_tidy(str(error)))
            break
    fix = getattr(error, "fix", "")
    if fix and isinstance(error, errors.AssistantError):
        text += _FIX[chinese].format(fix=_tidy(_FIXES_ZH.get(fix, fix) if chinese else fix))
    return Sentence(text=text, kind="quoted", language="zh" if chinese else "en")


def _tidy(text: str) -> str:
    text = " ".join(text.split())[:_LONGEST]
    return text.rstrip(".。") if not text.endswith(("?", "？")) else text
