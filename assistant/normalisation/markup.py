"""Markdown and HTML as plain sentences.

Blocks (headings, lists, tables, fenced code) are recognised line by line while a text
arrives; what stands within a line (links, emphasis, tags) in the whole sentence. A row of
a table is read as "header: value", a fenced program by its language, one line of code as
it is.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator

from assistant.languages import base, language_of
from assistant.normalisation import code, symbols

_MARK_ONLY = re.compile(r"\s*[`~|#>\-*+•·▪◦=_]*\s*")
_ITEM = re.compile(
    r"\s*(?:(?:#{1,6}(?=\s)|>(?=\s*[^\s\d=<])|[-*+•·▪◦](?=\s))\s*)+(?:\[[ xX]\]\s+)?"
)
_RULE = re.compile(r"\s*(?:([-*_=])\s*)(?:\1\s*){2,}$")
_FENCE = re.compile(r"\s*(?P<mark>`{3,}|~{3,})\s*(?P<name>[\w+#-]*)")
_DELIMITER = re.compile(r"\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$")
_STOP = tuple(".!?:;,。！？：；，、…")

_LANGUAGES = {
    "py": "Python", "python": "Python", "js": "JavaScript", "javascript": "JavaScript",
    "ts": "TypeScript", "typescript": "TypeScript", "java": "Java", "c": "C", "go": "Go",
    "cpp": "C plus plus", "c++": "C plus plus", "cs": "C sharp", "csharp": "C sharp",
    "rust": "Rust", "html": "HTML", "css": "CSS", "sql": "SQL", "php": "PHP", "ruby": "Ruby",
}  # fmt: skip
_DATA = {"json", "jsonl", "yaml", "yml", "xml", "toml", "csv"}  # nothing in them is said
_SHELL = {"", "text", "txt", "plaintext", "sh", "bash", "shell", "console", "zsh", "powershell"}

_LINK = re.compile(r"!?\[([^\[\]]*)\](?:\((?:<[^<>]*>|[^()\s]*)(?:\s+[\"'][^)]*)?\)|\[[^\]]*\])")
_FOOTNOTE = re.compile(r"\[\^\w+\]:?")
_AUTOLINK = re.compile(r"<((?:https?|mailto|ftp):[^<>\s]+)>")
_COMMENT = re.compile(
    r"<!--.*?(?:-->|$)|<!\[CDATA\[|\]\]>|<[!?][A-Za-z][^<>]*>|<\|[^<>|]*\|>", re.S
)
_TAG = re.compile(
    r"</?[A-Za-z][\w-]*(?:\s+[\w:-]+\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s<>\"']+))*\s*/?>"
)
_SCRIPT = re.compile(r"<(script|style)\b[^<>]*>.*?</\1\s*>", re.S | re.I)
_ENTITY = re.compile(r"&(?:[A-Za-z]{2,8}|#\d{1,6}|#x[0-9A-Fa-f]{1,6});")
_CODE = re.compile(r"(`+)(?=[^`])(.+?)(?<=[^`])\1(?!`)", re.S)
_PRODUCT = re.compile(r"(?<=[\d)])\s*\*\s*(?=[\d(])|(?<=[\w)]) \* (?=[\w(])")
_EMPHASIS = [
    re.compile(r"(\*{2,3})(?=[^\s*])(.+?)(?<=[^\s*])\1", re.S),
    re.compile(r"(?<![\w*])(\*)(?=[^\s*])(.+?)(?<=[^\s*])\1(?![\dA-Za-z*])", re.S),
    re.compile(r"(?<![\w])(_{1,3})(?=[^\s_])(.+?)(?<=[^\s_])\1(?![\w])", re.S),
    re.compile(r"(~~|==)(?=[^\s~=])(.+?)(?<=[^\s~=])\1", re.S),
]
_HAN_STAR = re.compile(r"(?<=[\u3400-\u9fff])\*(?=[^\s*])([^*]+)\*")
_ESCAPE = re.compile(r"\\([\\`*_{}\[\]()#+.!|~>-])")
_LATEX = [
    (re.compile(r"\\(?:times|cdot)(?![A-Za-z])"), "×"), (re.compile(r"\\div(?![A-Za-z])"), "÷"),
    (re.compile(r"\\pm(?![A-Za-z])"), "±"), (re.compile(r"\\leq?(?![A-Za-z])"), "≤"),
    (re.compile(r"\\geq?(?![A-Za-z])"), "≥"), (re.compile(r"\\approx(?![A-Za-z])"), "≈"),
    (re.compile(r"\\d?frac\{([^{}]*)\}\{([^{}]*)\}"), r"\1/\2"),
    (re.compile(r"\\sqrt\{([^{}]*)\}"), r"√\1"), (re.compile(r"\\[()\[\]]"), " "),
    (re.compile(r"(?<![\w$])\$(?=[^\s$\d])([^$]+)(?<=\S)\$(?![\w$])"), r"\1"),
]  # fmt: skip


def plain(text: str, language: str | None = None) -> str:
    """The text without markup; lines that are no sentence end like one."""
    language = language or language_of(text)
    return inline("".join(blocks([text], language)), language)


def inline(text: str, language: str) -> str:
    """The text of a sentence without links, emphasis, tags and code marks."""
    text = _CODE.sub(lambda m: f" {code.words(m[2], language)} ", text)
    text = _SCRIPT.sub(" ", _AUTOLINK.sub(r"\1", text))
    text = _TAG.sub(" ", _COMMENT.sub(" ", text))
    while (unescaped := _ENTITY.sub(lambda m: html.unescape(m[0]), text)) != text:
        text = unescaped  # also what was escaped twice: a number must not hide from the rules
    text = _FOOTNOTE.sub("", _LINK.sub(r"\1", _LINK.sub(r"\1", text)))
    for pattern, words in _LATEX:
        text = pattern.sub(words, text)
    text = re.sub(r"(?<=\d) ?\*\* ?(?=\d)", "^", text)
    text = _PRODUCT.sub(" × ", text)
    for pattern in _EMPHASIS:
        text = pattern.sub(r"\2", text)
    return _ESCAPE.sub(r"\1", _HAN_STAR.sub(r"\1", text))


def blocks(pieces: Iterable[str], language: str) -> Iterator[str]:
    """A text that arrives in pieces, as sentences without block marks.

    An ordinary line goes on as it comes; a line is held back only until its beginning
    shows what it is, a row of a table and a program until they are whole.
    """
    reader = _Blocks(language)
    for piece in pieces:
        yield from filter(None, reader.take(piece))
    yield from filter(None, reader.finish())


class _Blocks:
    """What the lines so far have been."""

    def __init__(self, language: str) -> None:
        self._chinese = base(language) == "zh"
        self._language = language
        self._line = ""  # held back
        self._going = False  # whether the rest of this line goes on as it comes
        self._item = False  # whether this line is a heading or a list's item
        self._last = ""  # the last character that was given and is no blank
        self._fence = ""
        self._name = ""
        self._program: list[str] = []
        self._header: list[str] | None = None
        self._table = False  # whether the header's delimiter has come

    def take(self, piece: str) -> Iterator[str]:
        for part in piece.splitlines(keepends=True):
            whole = part[-1] in "\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"
            part = part[:-1] if whole else part
            if self._going:
                yield self._given(part)
            else:
                self._line += part
                yield from self._begun()
            if whole:
                yield from self._ended()

    def finish(self) -> Iterator[str]:
        """What is still held back."""
        if self._line or self._item:
            yield from self._ended(last=True)
        if self._fence:
            yield self._code()
        yield self._heading_row()

    def _given(self, text: str) -> str:
        self._last = text.rstrip()[-1:] or self._last
        return text

    def _begun(self) -> Iterator[str]:
        """Go on with a line as soon as its beginning shows that it is ordinary."""
        line = self._line
        if self._fence or not line or _MARK_ONLY.fullmatch(line):
            return
        if line.lstrip().startswith("|") or _FENCE.match(line):
            return
        yield self._heading_row()
        mark = _ITEM.match(line)
        if mark and mark[0].strip():
            self._item = True
            line = line[mark.end() :]
        self._line, self._going = "", True
        yield self._given(line)

    def _ended(self, *, last: bool = False) -> Iterator[str]:
        """A line is whole."""
        line, self._line = self._line, ""
        fence = _FENCE.match(line)
        if self._fence:
            mark = self._fence
            if not line.lstrip().startswith(mark):
                self._program.append(line)
                return
            yield self._code()
            rest = line.lstrip()[len(mark) :].strip(mark[0] + " ")
            yield self._given(rest) + ("" if last or not rest else "\n")
            return
        if self._going:
            yield self._stop() if self._item else ""
            yield "" if last else "\n"
            self._going = self._item = False
        elif fence and not _closed(line, fence):
            yield self._heading_row()
            self._fence, self._name = fence["mark"], fence["name"].lower()
        elif line.lstrip().startswith("|"):
            yield from self._row(line)
        elif not _RULE.match(line) and line.strip():
            yield self._heading_row() + self._given(line) + ("" if last else "\n")
        else:
            yield self._heading_row() + ("" if last else "\n")

    def _stop(self) -> str:
        if not self._last or self._last in _STOP:
            return ""
        return "。" if self._chinese else "."

    def _code(self) -> str:
        lines = [line.strip() for line in self._program if line.strip()]
        name, self._fence, self._program = self._name, "", []
        if not lines or name in _DATA or lines[0][0] in "{[":
            return ""
        said = _LANGUAGES.get(name, "")
        if len(lines) == 1:
            spoken = code.words(lines[0].removeprefix("$ "), self._language)
            return f"代码：{spoken}。\n" if self._chinese else f"Code: {spoken}.\n"
        if self._chinese:
            return f"一段{said}代码。\n"
        return f"Code in {said}.\n" if said else "Some code.\n"

    def _row(self, line: str) -> Iterator[str]:
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))]
        if self._header is None:
            self._header = cells
        elif not self._table and _DELIMITER.match(line):
            self._table = True
        elif self._table:
            yield self._sentence(cells, self._header)
        else:
            yield self._sentence(self._header, [])
            self._header = cells

    def _heading_row(self) -> str:
        """A row that turned out to head no table; nothing after one."""
        header, table = self._header, self._table
        self._header, self._table = None, False
        return "" if header is None or table else self._sentence(header, [])

    def _sentence(self, cells: list[str], header: list[str]) -> str:
        colon, comma, stop = ("：", "，", "。") if self._chinese else (": ", ", ", ".")
        named = [
            f"{header[n]}{colon}{cell}" if n < len(header) and header[n] else cell
            for n, cell in enumerate(cells)
            if cell
        ]
        row = comma.join(named)
        return f"{row}{'' if row.endswith(_STOP) else stop}\n" if row else ""


def _closed(line: str, fence: re.Match[str]) -> bool:
    """Whether a fence opens and closes in the same line, as inline code does."""
    return fence["mark"] in line[fence.end() :]


def without_markup(text: str, language: str | None = None) -> str:
    """The words of a text alone, in one line: no markup, emoji or control characters."""
    return symbols.finished(plain(text, language))
