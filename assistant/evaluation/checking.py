"""What the checker leaves of what vision models write: false claims stopped, true claims kept.

The set holds outputs as models write them about the development pictures, with each claim
marked true or false by somebody who looked. Whatever would be spoken after the checker and the
rules of speech counts: a claim is `kept` when its words are spoken without doubt, `hedged`
when they are spoken with doubt, else `dropped`.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

from assistant.errors import EngineError
from assistant.evaluation.cases import Case, Report
from assistant.evaluation.describing import rate
from assistant.events import Sentence
from assistant.languages import language_of
from assistant.registry import Engines
from assistant.safety import SpeechFilter
from assistant.types import Picture
from assistant.vision.answers import Facts
from assistant.vision.checking import Evidence, check, output

Split = Literal["development", "held_out"]
SPLITS: Final[tuple[Split, ...]] = ("development", "held_out")
_SET: Final = Path(__file__).with_name("checker_set")
_CLAIM: Final = re.compile(r"‹([+-])([^›]*)›")
_DOUBT: Final = re.compile(r"\b(?:perhaps|maybe|may be|might|not sure)\b|可能|好像|不确定", re.I)


@dataclass(frozen=True, kw_only=True)
class Claim:
    """Words of an output that are true or false of its picture."""

    text: str
    true: bool


@dataclass(frozen=True, kw_only=True)
class Scripted:
    """One output of a vision model, as a model would write it."""

    file: str  # of the picture, below the media folder
    style: str
    question: str
    raw: str
    language: str
    claims: tuple[Claim, ...]


def scripted(split: Split) -> list[Scripted]:
    """The outputs of a part of the set."""
    return list(_read(_SET / f"{split}.txt"))


def evaluate(cases: Iterable[Case], engines: Engines) -> Report:
    """Score the checker on the pictures among the cases that the set names.

    `false_stopped` is the share of false claims dropped or hedged, `true_kept` the share of true
    ones spoken without doubt, each with its 95 % interval (Wilson's), for both splits.

    Raises:
        EngineError: the profile's describer does not tell what it measured.
    """
    describer = engines.get("scene_describer")
    measure: Callable[[Picture], Facts] | None = getattr(describer, "facts", None)
    if measure is None:
        raise EngineError("the scene describer measures nothing", fix="use the engine basic or vlm")

    files = {case.name: case.file for case in cases}

    @cache
    def evidence(name: str) -> Evidence:
        return Evidence(measure(Picture.open(files[name])))

    rows: list[dict[str, Any]] = []
    for split in SPLITS:
        for case in scripted(split):
            if case.file in files:
                rows += [{"split": split, **row} for row in judged(case, evidence(case.file))]
    return Report(name="checker", n=len(rows), metrics=metrics(rows), rows=rows)


def judged(case: Scripted, evidence: Evidence) -> list[dict[str, Any]]:
    """What became of each claim of an output."""
    said = spoken(case, evidence)
    return [
        {
            "file": case.file,
            "style": case.style,
            "claim": claim.text,
            "true": claim.true,
            "fate": _fate(claim.text, said),
            "spoken": said,
        }
        for claim in case.claims
    ]


def spoken(case: Scripted, evidence: Evidence) -> list[str]:
    """The sentences of an output that are spoken, after the checker and the rules of speech."""
    checked = check(output.sentences(case.raw), evidence, case.language)
    read = [line.text for line in evidence.facts.lines]
    rules = SpeechFilter(about="scene", request=case.question, texts=lambda: read)
    return [
        heard.text
        for text in checked.sentences
        for heard in rules.sentence(Sentence(text=text, kind="generated", language=case.language))
    ]


def metrics(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Shares of claims stopped and kept, for each split."""
    told: dict[str, Any] = {}
    for split in SPLITS:
        mine = [row for row in rows if row["split"] == split]
        false = [row["fate"] for row in mine if not row["true"]]
        true = [row["fate"] for row in mine if row["true"]]
        told[split] = {
            "false_stopped": rate(sum(f != "kept" for f in false), len(false)),
            "false": dict(Counter(false)),
            "true_kept": rate(sum(f == "kept" for f in true), len(true)),
            "true": dict(Counter(true)),
        }
    return told


def _fate(claim: str, said: Sequence[str]) -> Literal["kept", "hedged", "dropped"]:
    wanted = _plain(claim)
    heard = [text for text in said if wanted in _plain(text)]
    if not heard:
        return "dropped"
    return "hedged" if all(_DOUBT.search(text) for text in heard) else "kept"


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).lower()


def _read(file: Path) -> Iterator[Scripted]:
    picture = ""
    for line in file.read_text(encoding="utf-8").splitlines():
        if line.startswith("# ") and re.fullmatch(r"\S+\.\w+", line[2:]):
            picture = line[2:]
        if not line or line.startswith("#"):
            continue
        styles, *middle, marked = line.split(" | ")
        for style in styles.split(","):
            question = "" if style == "bilingual" or not middle else middle[0]
            body = f"{middle[0]} {marked}" if style == "bilingual" else marked
            claims = [Claim(text=t, true=sign == "+") for sign, t in _CLAIM.findall(body)]
            own, other = (middle[0], marked) if style == "bilingual" else (marked, "")
            plain = _CLAIM.sub(r"\2", own).replace("\\n", "\n")
            extra = _CLAIM.sub(r"\2", other)
            yield Scripted(
                file=picture,
                style=style,
                question=question,
                raw=_STYLES[style](plain) + (f"\n\n{extra}" if extra else ""),
                language=language_of(question or plain),
                claims=tuple(claims),
            )


def _sentences(text: str) -> list[str]:
    return [s for s in re.split(r"(?<=[.!?])\s+|(?<=。)", text) if s]


def _thinking(text: str) -> str:
    return (
        "<think>The user wants to know what is shown. I see two cars and maybe a tiger, but "
        f"let me look again. It is safe to cross.</think>\n\n{text}"
    )


_STYLES: Final[Mapping[str, Callable[[str], str]]] = {
    "plain": str,
    "markdown": str,
    "refusal": str,
    "orders": str,
    "bilingual": str,
    "json": lambda text: json.dumps({"sentences": _sentences(text)}, ensure_ascii=False),
    "fenced": lambda text: (
        "```json\n"
        + json.dumps({"description": text, "confidence": 0.97}, ensure_ascii=False, indent=2)
        + "\n```"
    ),
    "broken": lambda text: '{"sentences": ["' + '", "'.join(_sentences(text.replace('"', '\\"'))),
    "thinking": _thinking,
    "preamble": lambda text: f"Sure! Here is a description of the image:\n\n{text}",
    "markdown_list": lambda text: (
        "**Description**\n\n" + "\n".join(f"- {sentence}" for sentence in _sentences(text))
    ),
    "disclaimer": lambda text: (
        f"As an AI language model, I may be mistaken. {text} Let me know if you need anything else!"
    ),
    "repeated": lambda text: "\n".join([text] * 4),
}
