"""Tools whose names are routed already, and whose work this build cannot do yet.

Each says so in one true sentence and offers the nearest thing that does work.
"""

from __future__ import annotations

from collections.abc import Iterator

from assistant.events import Sentence, ToolEvent
from assistant.tools.context import ToolContext
from assistant.types import ToolResult

_SAID = {
    "table": (
        "I can't turn tables into text yet; I can read out the words.",
        "我还不能整理表格；我可以读出里面的文字。",
    ),
    "fields": (
        "I can't pick out the fields of a form yet; I can read out its text.",
        "我还不能提取表单内容；我可以读出上面的文字。",
    ),
    "inspect": (
        "I can't inspect parts for defects yet; I can compare two pictures.",
        "我还不能检查零件缺陷；我可以比较两张图片。",
    ),
    "diagnose": (
        "I can't diagnose products yet; I can read out its label.",
        "我还不能诊断产品故障；我可以读出它的标签。",
    ),
}  # (English, Chinese)


def _not_yet(context: ToolContext, subject: str) -> Iterator[ToolEvent]:
    text = _SAID[subject][context.language == "zh"]
    language = "zh" if context.language == "zh" else "en"
    yield Sentence(text=text, kind="measured", language=language)
    yield ToolResult(spoken=text, data={"available": False})


def extract_table(context: ToolContext) -> Iterator[ToolEvent]:
    """Turn the table in a picture or document into rows and columns."""
    yield from _not_yet(context, "table")


def extract_fields(context: ToolContext, *, kind: str | None = None) -> Iterator[ToolEvent]:
    """Take the fields out of an invoice, a receipt or a form."""
    yield from _not_yet(context, "fields")


def inspect_part(context: ToolContext, *, question: str) -> Iterator[ToolEvent]:
    """Check an industrial part for defects."""
    yield from _not_yet(context, "inspect")


def diagnose_product(context: ToolContext, *, question: str) -> Iterator[ToolEvent]:
    """Find the likely cause of a product's problem and what to do."""
    yield from _not_yet(context, "diagnose")
