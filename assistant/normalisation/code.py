"""Program text as one says it: names as words, calls without their brackets, paths."""

from __future__ import annotations

import re

from assistant.languages import base
from assistant.normalisation.units import UNITS

_FILE = (
    "txt|md|pdf|docx?|xlsx?|pptx?|csv|json|ya?ml|toml|xml|html?|css|js|ts|py|sh|c|cpp|h|rs|go|java"
    "|jpe?g|png|gif|svg|webp|heic|mp3|mp4|wav|m4a|mov|avi|mkv|zip|gz|tar|exe|log|ini|cfg|conf|lock"
)
_PATH = re.compile(
    r"(?<![\w/.:@-])(?:~/|\.{1,2}/|/(?=[\w.-]+/)|[A-Za-z]:\\)[\w.-]+(?:[/\\][\w.-]+)*[/\\]?"
)
_FILE_NAME = re.compile(rf"(?<![\w.])([\w-]+(?:\.[\w-]+)*)\.({_FILE})\b(?!\.\w|\()", re.IGNORECASE)
_FLAG = re.compile(r"(?<![\w-])(--?)(?=[A-Za-z][\w-]*)")
_CALL = re.compile(r"\b([A-Za-z_]\w*)\(\)")
_FUNCTION = re.compile(r"(?<![\w.])([a-zA-Z])\(([a-zA-Z0-9]+)\)")
_SNAKE = re.compile(r"(?<![\w])_*[A-Za-z0-9]+(?:_+[A-Za-z0-9]+)+_*(?!\w)")
_CAMEL = re.compile(r"\b[a-z]{2,}(?:[A-Z][a-z0-9]*)+\b")  # not iPhone, not JavaScript
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_SOUND = {"en": (" dot ", " slash ", "dash "), "zh": ("点", "斜杠", "杠")}
_SIGNS = [("===", "="), ("!==", "≠"), ("==", "="), ("!=", "≠"), ("<=", "≤"), (">=", "≥"),
          ("->", "→"), ("=>", "→"), (":=", "="), ("&&", "&"), ("**", "^")]  # fmt: skip


def words(code: str, language: str) -> str:
    """A span of code: every name split, brackets and quotes left out."""
    dot, slash, dash = _sounds(language)
    for sign, simple in _SIGNS:
        code = code.replace(sign, f" {simple} ")
    code = _FLAG.sub(lambda m: dash * len(m[1]), code)
    code = _FUNCTION.sub(lambda m: _of(m, language), code)
    code = re.sub(r"[(\[{]+|[\"'`;]+|\$(?=[A-Za-z{])", " ", code)
    code = re.sub(r"[)\]}]+", " ", code)
    code = re.sub(r"(?<=\w)\.(?=[A-Za-z_])", dot, code)
    code = re.sub(r"(?<=\S)/|/(?=\w)", slash, code)
    code = _HUMP.sub(" ", code.replace("_", " "))
    return re.sub(r"\s+([,:])", r"\1", " ".join(code.split()))


def names(text: str, language: str) -> str:
    """File names, paths, options and identifiers within ordinary text."""
    dot, slash, dash = _sounds(language)
    text = _PATH.sub(lambda m: _path(m[0], dot, slash), text)
    text = _FILE_NAME.sub(lambda m: f"{m[1]}.{m[2]}".replace(".", dot), text)
    text = re.sub(r"(?<![\w-])--(?=[A-Za-z])|(?<![\w-])-(?=[a-z]\b)",
                  lambda m: dash * len(m[0]), text)  # fmt: skip
    text = _CALL.sub(r"\1", text)
    text = _FUNCTION.sub(lambda m: _of(m, language), text)
    text = _CAMEL.sub(lambda m: m[0] if m[0] in UNITS else _HUMP.sub(" ", m[0]), text)
    return _SNAKE.sub(lambda m: " ".join(m[0].replace("_", " ").split()), text)


def _path(path: str, dot: str, slash: str) -> str:
    spoken = re.sub(r"[/\\]+", slash, path.replace("~", "").replace(":", ""))
    return re.sub(r"\.(?=\w)", dot, spoken)


def _of(match: re.Match[str], language: str) -> str:
    """`f(x)` is f of x; in Chinese the two letters after each other."""
    return f"{match[1]} {match[2]}" if base(language) == "zh" else f"{match[1]} of {match[2]}"


def _sounds(language: str) -> tuple[str, str, str]:
    return _SOUND["zh" if base(language) == "zh" else "en"]
