"""How steady partial transcripts are: words told as stable that the final text contradicts.

Each utterance is heard again after every `partial_every_s` of its sound, as in a live session,
and each hypothesis goes through the same stabiliser.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from assistant.audio import Audio
from assistant.errors import AssistantError
from assistant.evaluation import clips
from assistant.evaluation.cases import Case, Report
from assistant.evaluation.hearing import SPEECH
from assistant.interfaces import Cancel
from assistant.languages import base
from assistant.partials import Stabiliser
from assistant.registry import Engines
from assistant.session.minds import EngineEars
from assistant.settings import TurnRules


def evaluate(cases: Iterable[Case], engines: Engines) -> Report:
    """Score the speech among the cases, and the synthesised clips."""
    rules, ears = engines.profile.turns, EngineEars(engines)
    rows: list[dict[str, Any]] = []
    for name, language, audio in _utterances(cases, engines):
        row: dict[str, Any] = {"file": name, "language": language}
        try:
            if audio.duration <= rules.longest_turn_s:
                rows.append(row | steadiness(audio, ears, rules))
        except AssistantError as error:
            rows.append(row | {"error": str(error)})
    scored = [row for row in rows if "error" not in row]
    metrics: dict[str, Any] = {
        language: _metrics([row for row in scored if row["language"] == language])
        for language in sorted({row["language"] for row in scored})
    }
    metrics["all"] = _metrics(scored)
    metrics["failed"] = len(rows) - len(scored)
    return Report(name="partials", n=len(rows), metrics=metrics, rows=rows)


def steadiness(audio: Audio, ears: EngineEars, rules: TurnRules) -> dict[str, Any]:
    """Hypotheses of one utterance, its stable words, and how many of these were wrong."""
    stabiliser = Stabiliser()
    language: str | None = None
    told: list[str] = []
    size = round(rules.partial_every_s * audio.rate)
    for end in range(size, len(audio.samples), size):
        part = Audio(samples=audio.samples[:end], rate=audio.rate)
        heard = ears.hear(part, language, Cancel())
        if heard.text:
            language = language or heard.language
            told.append(stabiliser.update(heard.text)[0])
    final = ears.hear(audio, language, Cancel()).text
    return {
        "hypotheses": len(told),
        "stable": told[-1] if told else "",
        "final": final,
        "told": stabiliser.told,
        "revised": stabiliser.revisions(final),
    }


def _utterances(cases: Iterable[Case], engines: Engines) -> Iterator[tuple[str, str, Audio]]:
    for case in cases:
        if case.kind == SPEECH:
            yield case.name, base(case.truth.get("language", "")), Audio.open(case.file)
    for clip in clips.recipes():
        yield f"{clip.voice}: {clip.text}", clip.language, clips.spoken(clip, engines)


def _metrics(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    told = sum(row["told"] for row in rows)
    revised = sum(row["revised"] for row in rows)
    metrics: dict[str, Any] = {
        "utterances": len(rows),
        "with_stable_words": sum(row["told"] > 0 for row in rows),
        "with_a_revised_word": sum(row["revised"] > 0 for row in rows),
        "stable_words": told,
        "revised_words": revised,
    }
    if told:
        metrics["revised_per_100"] = 100 * revised / told
    return metrics
