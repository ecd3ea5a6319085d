"""How well text in pictures is read, beside RapidOCR called plainly on the same pixels."""

from __future__ import annotations

import re
import time
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import mean, median
from typing import Any, Final

import numpy as np

from assistant.errors import AssistantError
from assistant.evaluation.cases import Case, Report
from assistant.registry import Engines
from assistant.types import Picture

KIND: Final = "text_image"
_HAN: Final = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_BESIDE_HAN: Final = re.compile(rf"(?<=[{_HAN}])\s+|\s+(?=[{_HAN}])")
_WORD: Final = re.compile(rf"[{_HAN}]|[^\W{_HAN}]+")
DIGITS: Final = re.compile(r"\d+(?:[.,:/-]\d+)*")
"""A digit string: a number, price, date, time or part of a telephone number."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a reader said about one picture."""

    text: str
    doubtful: str  # the part of it that was marked unclear
    elapsed_s: float


def evaluate(cases: Iterable[Case], engines: Engines) -> Report:
    """Score the profile's reader and plain RapidOCR on the `text_image` cases.

    Character error rates respect order; recall of words (of characters in Chinese) does not.
    `digits / exact_or_flagged` is the share of digit strings read that stand in the truth or
    were marked unclear; `digits / found` the share of those in the truth that were read.
    """
    chosen = [case for case in cases if case.kind == KIND and case.truth.get("text")]
    reader = engines.get("text_reader")
    plain = _plain_rapidocr()

    def ours(picture: Picture) -> tuple[str, str]:
        reading = reader.read(picture)
        return reading.text, "\n".join(line.text for line in reading.lines if line.unclear)

    rows: list[dict[str, Any]] = []
    for case in chosen:
        row: dict[str, Any] = {"file": case.name, "language": case.truth.get("language", "")}
        try:
            picture = Picture.open(case.file)
            row["reader"] = score(_lines(case), _timed(ours, picture))
            row["rapidocr"] = score(_lines(case), _timed(plain, picture))
        except AssistantError as error:
            row["error"] = str(error)
        rows.append(row)
    metrics = {name: _total(rows, name) for name in ("reader", "rapidocr")}
    failed = sum("error" in row for row in rows)
    return Report(name="reading", n=len(rows), metrics={**metrics, "failed": failed}, rows=rows)


def _lines(case: Case) -> Sequence[str]:
    text = case.truth["text"]
    return [text] if isinstance(text, str) else list(text)


def _timed(read: Callable[[Picture], tuple[str, str]], picture: Picture) -> Answer:
    start = time.perf_counter()
    text, doubtful = read(picture)
    return Answer(text=text, doubtful=doubtful, elapsed_s=time.perf_counter() - start)


def _plain_rapidocr() -> Callable[[Picture], tuple[str, str]]:
    """RapidOCR with its own settings, its lines in its own order."""
    from rapidocr import RapidOCR

    models = RapidOCR(params={"Global.log_level": "critical"})

    def read(picture: Picture) -> tuple[str, str]:
        result: Any = models(np.ascontiguousarray(picture.pixels[:, :, ::-1]))
        return "\n".join(result.txts or ()), ""

    return read


def normalised(text: str) -> str:
    """Compatibility forms unified, one space between words, none beside Chinese characters."""
    flat = " ".join(unicodedata.normalize("NFKC", text).split())
    return _BESIDE_HAN.sub("", flat)


def score(truth: Sequence[str], answer: Answer) -> dict[str, Any]:
    """Counts and rates of one picture."""
    import jiwer

    wanted, given = normalised("\n".join(truth)), normalised(answer.text)
    measured = jiwer.process_characters(wanted, given)
    errors = measured.substitutions + measured.deletions + measured.insertions
    words, said = Counter(_WORD.findall(wanted.lower())), Counter(_WORD.findall(given.lower()))
    digits, read = Counter(DIGITS.findall(wanted)), Counter(DIGITS.findall(given))
    doubtful = Counter(DIGITS.findall(normalised(answer.doubtful)))
    return {
        "text": answer.text,
        "characters": len(wanted),
        "errors": errors,
        "cer": errors / len(wanted),
        "recall": (words & said).total() / max(words.total(), 1),
        "digits_true": digits.total(),
        "digits_found": (digits & read).total(),
        "digits_read": read.total(),
        "digits_wrong_unflagged": sorted(((read - digits) - doubtful).elements()),
        "elapsed_s": round(answer.elapsed_s, 3),
    }


def _total(rows: Sequence[dict[str, Any]], reader: str) -> dict[str, Any]:
    scored = [(row["language"], row[reader]) for row in rows if reader in row]
    if not scored:
        return {}
    languages: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for language, one in scored:
        languages[language].append(one)
    everything = [one for _, one in scored]
    read = sum(one["digits_read"] for one in everything)
    wrong = sum(len(one["digits_wrong_unflagged"]) for one in everything)
    true = sum(one["digits_true"] for one in everything)
    times = sorted(one["elapsed_s"] for one in everything)
    return {
        "cer": _cer(everything),
        "cer_mean_per_picture": mean(one["cer"] for one in everything),
        "cer_by_language": {key: _cer(languages[key]) for key in sorted(languages)},
        "recall": mean(one["recall"] for one in everything),
        "digits": {
            "exact_or_flagged": 1 - wrong / read if read else None,
            "found": sum(one["digits_found"] for one in everything) / true if true else None,
            "in_truth": true,
        },
        "median_s": median(times),
        "p95_s": times[min(round(0.95 * (len(times) - 1)), len(times) - 1)],
    }


def _cer(scores: Sequence[dict[str, Any]]) -> float:
    """Errors over characters, all pictures together."""
    return float(sum(one["errors"] for one in scores) / sum(one["characters"] for one in scores))
