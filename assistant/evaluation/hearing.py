"""How well speech is heard, beside faster-whisper called plainly on the same sounds.

Word error rates (Chinese and Japanese: character error rates) come from jiwer after both
sides were normalised: case, punctuation, numbers as words, one Chinese script. Rows whose
truth is partial are scored only on what they must contain.
"""

from __future__ import annotations

import re
import time
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any, Final

from assistant.audio import Audio
from assistant.errors import AssistantError
from assistant.evaluation.cases import Case, Report
from assistant.languages import base
from assistant.normalisation import chinese, english
from assistant.registry import Engines

SPEECH: Final = "speech"
NON_SPEECH: Final = "nonspeech_audio"
_BY_CHARACTER: Final = {"zh", "ja"}

Hear = Callable[[Audio, str], tuple[str, str]]
"""Sound and its true language -> text and the language that was found."""


def evaluate(cases: Iterable[Case], engines: Engines, *, baseline: bool = True) -> Report:
    """Score the profile's transcriber, which must find the language out by itself.

    With `baseline`, faster-whisper itself is called on the same sounds, told the language.
    """
    chosen = [case for case in cases if case.kind in (SPEECH, NON_SPEECH)]
    hearers = {"transcriber": _ours(engines)}
    if baseline:
        hearers["faster_whisper"] = _plain_faster_whisper(engines)
    rows: list[dict[str, Any]] = []
    for case in chosen:
        row: dict[str, Any] = {"file": case.name, "kind": case.kind}
        row["language"] = base(case.truth.get("language", ""))
        try:
            audio = Audio.open(case.file)
            row["duration_s"] = audio.duration
            for name, hear in hearers.items():
                row[name] = _row(case, audio, hear)
        except AssistantError as error:
            row["error"] = str(error)
        rows.append(row)
    metrics: dict[str, Any] = {
        name: _metrics([r for r in rows if name in r], name) for name in hearers
    }
    if baseline:
        ours, plain = (metrics[name].get("en", {}) for name in hearers)
        metrics["english_errors_more_than_plain"] = ours.get("errors", 0) - plain.get("errors", 0)
    metrics["failed"] = sum("error" in row for row in rows)
    return Report(name="hearing", n=len(rows), metrics=metrics, rows=rows)


def _ours(engines: Engines) -> Hear:
    transcriber = engines.get("transcriber")

    def hear(audio: Audio, language: str) -> tuple[str, str]:
        heard = transcriber.transcribe(audio)
        return heard.text, heard.language

    return hear


def _plain_faster_whisper(engines: Engines) -> Hear:
    from faster_whisper import WhisperModel

    settings = engines.profile.engines["transcriber"]
    same = settings.engine == "faster-whisper" and settings.weights
    folder = engines.locator.folder(same or "whisper-base")
    model = WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=2)

    def hear(audio: Audio, language: str) -> tuple[str, str]:
        segments, info = model.transcribe(audio.samples, language=language or None, beam_size=5)
        return "".join(segment.text for segment in segments).strip(), info.language

    return hear


def _row(case: Case, audio: Audio, hear: Hear) -> dict[str, Any]:
    """One sound heard once, and what is wrong with the text."""
    language = base(case.truth.get("language", ""))
    start = time.perf_counter()
    text, found = hear(audio, language)
    row: dict[str, Any] = {"text": text, "language": found}
    row["elapsed_s"] = time.perf_counter() - start
    if case.kind == NON_SPEECH:
        return row | {"invented": len(tokens(text, "zh" if found == "zh" else "en"))}
    if case.truth.get("truth_confidence") == "partial":
        wanted = [unified(part, language) for part in case.truth.get("must_contain", ())]
        heard = unified(text, language)
        return row | {"wanted": len(wanted), "contained": sum(part in heard for part in wanted)}
    references = [case.truth["transcript"], *case.truth.get("accept", ())]
    scores = [errors(reference, text, language) for reference in references]
    wrong, length = min(scores, key=lambda score: score[0])
    return row | {"errors": wrong, "length": length}


def errors(reference: str, text: str, language: str) -> tuple[int, int]:
    """Substitutions, deletions and insertions, and the reference's length, in tokens."""
    import jiwer

    said, heard = tokens(reference, language), tokens(text, language)
    if not said:
        return len(heard), 0
    result = jiwer.process_words(" ".join(said), " ".join(heard))
    return result.substitutions + result.deletions + result.insertions, len(said)


def tokens(text: str, language: str) -> Sequence[str]:
    """Words of the normalised text; characters of a Chinese or Japanese one."""
    plain = unified(text, language)
    return plain.replace(" ", "") if language in _BY_CHARACTER else plain.split()


def unified(text: str, language: str) -> str:
    """The text without what spelling may vary: case, punctuation, digits, Chinese script."""
    text = unicodedata.normalize("NFKC", text)
    if language == "zh":
        text = chinese.spoken(_simplified(text))
    elif language == "en":
        text = english.spoken(text)
    text = re.sub(r"[’‘]", "'", text.casefold())
    return " ".join(re.sub(r"[^\w']|_", " ", text).split())


def _simplified(text: str) -> str:
    return str(_converter("tw2s").convert(_converter("s2tw").convert(text)))


@cache
def _converter(name: str) -> Any:
    """Reading its tables takes longer than converting a sentence."""
    from opencc import OpenCC

    return OpenCC(name)


def _metrics(rows: Sequence[Mapping[str, Any]], name: str) -> dict[str, Any]:
    spoken = [row for row in rows if row["kind"] == SPEECH]
    silent = [row for row in rows if row["kind"] == NON_SPEECH]
    metrics: dict[str, Any] = {}
    for language in sorted({row["language"] for row in spoken}):
        scored = [r[name] for r in spoken if r["language"] == language and "errors" in r[name]]
        length = sum(row["length"] for row in scored)
        if length:
            wrong = sum(row["errors"] for row in scored)
            rate = "cer" if language in _BY_CHARACTER else "wer"
            metrics[language] = {"n": len(scored), "errors": wrong, rate: wrong / length}
    partial = [row[name] for row in spoken if "wanted" in row[name]]
    metrics["partial"] = {
        "wanted": sum(row["wanted"] for row in partial),
        "contained": sum(row["contained"] for row in partial),
    }
    metrics["language_found"] = sum(r[name]["language"] == r["language"] for r in spoken)
    metrics["of"] = len(spoken)
    metrics["non_speech"] = {
        "n": len(silent),
        "invented_words": sum(row[name]["invented"] for row in silent),
    }
    seconds = sum(row["duration_s"] for row in spoken)
    if seconds:
        metrics["real_time_factor"] = sum(row[name]["elapsed_s"] for row in spoken) / seconds
    return metrics
