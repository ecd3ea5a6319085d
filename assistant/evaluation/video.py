"""How truly videos are told: scripted talks with planted facts, made clips, development clips.

Talks: topic, planted key facts, inventions, evidence, questions about what is there and what is
not. Clips: cuts and events whose times are known. Events are found where an event of the
timeline starts within 2 s of a true one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

from assistant.errors import AssistantError, InputError
from assistant.evaluation.cases import Case, Report
from assistant.evaluation.describing import rate
from assistant.evaluation.video_asking import asked
from assistant.evaluation.video_claims import Script, carried, claims, seen_wrongly, unseen
from assistant.evaluation.video_clips import Clip, clips, development, needed, within
from assistant.evaluation.video_making import made
from assistant.evaluation.video_scoring import f1, matched, told
from assistant.evaluation.video_talks import Made, Set, Talk, talks
from assistant.registry import Engines
from assistant.types import VideoSummary
from assistant.video import movement_words
from assistant.video.understood import Understood
from assistant.video.working import understand

EVENT_S: Final = 2.0  # between the starts of an event that was told and a true one
CUT_S: Final = 0.3
_LATE_S: Final = 3.0  # around its part, in which an event counts as telling the part's fact


def evaluate(
    cases: Sequence[Case], media: Path, engines: Engines, *, chosen: Set = "frozen"
) -> Report:
    """Understand and score ten talks, made clips, and the clips among the cases.

    Args:
        media: the folder of the cases' files, which talks show too.

    Raises:
        InputError: a file that a talk or a clip shows is missing.
    """
    spoken = list(talks(chosen))
    shown = needed() | {part.file for talk in spoken for part in talk.parts if part.file}
    missing = sorted(file for file in shown if not (media / file).is_file())
    if missing:  # told now, and not when the clips are made after all talks
        raise InputError(
            f"there is no {missing[0]} in {media}", fix="name the folder of the development media"
        )
    rows: list[dict[str, Any]] = []
    known = {case.name: case for case in cases}
    for talk in spoken:
        rows.append(_row(talk.name, partial(_talk, talk, media, known, engines)))
    for clip in (*clips(media, known), *development(cases)):
        rows.append(_row(clip.name, partial(_clip, clip, engines)))
    return Report(name="video", n=len(rows), metrics=metrics(rows), rows=rows)


def _row(name: str, work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    try:
        return {"name": name, **work()}
    except AssistantError as error:
        return {"name": name, "error": str(error)}


def _understood(file: Path, language: str | None, engines: Engines) -> tuple[Understood, float]:
    """All that is known of a video, and the seconds that took."""
    began = time.perf_counter()
    found = [e for e in understand(engines, file, language=language) if isinstance(e, Understood)]
    return found[-1], time.perf_counter() - began


def _talk(talk: Talk, media: Path, known: Mapping[str, Case], engines: Engines) -> dict[str, Any]:
    video = made(talk, media, engines)
    understood, seconds = _understood(video.file, talk.language, engines)
    try:
        answers = list(asked(video, understood, engines))
        return {
            "kind": "talk",
            "language": talk.language,
            "duration_s": video.duration,
            "elapsed_s": seconds,
            "engine": understood.summary.engine,
            **scored(video, understood, known),
            "answers": answers,
        }
    finally:
        understood.store.close()


def scored(video: Made, understood: Understood, known: Mapping[str, Case]) -> dict[str, Any]:
    """What was told of a talk, against its script."""
    talk, summary = video.talk, understood.summary
    script, every = Script(talk), list(claims(summary))
    facts = []
    for place, fact in talk.facts:
        stretch = video.stretches[place]
        by = [
            claim.kind
            for claim in every
            if told(claim.text, fact.words, talk.language)
            and (
                claim.start is None
                or claim.end is None
                or (claim.start <= stretch.end + _LATE_S and claim.end >= stretch.start - _LATE_S)
            )
        ]
        facts.append({"fact": fact.fact, "by": fact.by, "told_in": sorted(set(by))})
    measured = {one.number for one in understood.evidence if one.kind == "measure"}
    bare = {c: unseen(c, understood.evidence) for c in every if not measured.issuperset(c.evidence)}
    made_up = [c for c, text in bare.items() if script.invented(text)]
    never = [words for absent in talk.absent for words in absent.never]
    return {
        **_worded(summary),
        "topic_right": told(summary.topic.text, talk.topic, talk.language),
        "facts": facts,
        "claims": len(every),
        "without_evidence": [c.text for c in every if not carried(c, understood.evidence)],
        "invented": [script.judged(bare[claim]) for claim in made_up],
        "misheard": [
            script.judged(text)
            for claim, text in bare.items()
            if claim not in made_up and script.foreign(text)[0]
        ],
        "about_absent": [c.text for c in every if _any(c.text, never, talk.language)],
        "seen_wrongly": seen_wrongly(
            video, understood.keyframes, known, understood.store.movements()
        ),
        "cuts": _agreement([shot.start for shot in understood.shots[1:]], video.cuts, CUT_S),
        "movements": [movement_words.sentence(m, "en") for m in understood.store.movements()],
        "events": _agreement(
            [event.start for event in summary.timeline], _events(video, known), EVENT_S
        ),
    }  # fmt: skip


def _events(video: Made, known: Mapping[str, Case]) -> list[float]:
    """When something begins in a talk, s: its parts, and what happens in the clips it shows."""
    return [
        stretch.start + after
        for part, stretch in zip(video.talk.parts, video.stretches, strict=True)
        for after in (0.0, *within(part.file, part.start, stretch.end - stretch.start, known))
    ]


def _clip(clip: Clip, engines: Engines) -> dict[str, Any]:
    understood, seconds = _understood(clip.file, None, engines)
    try:
        summary = understood.summary
        every = list(claims(summary))
        row: dict[str, Any] = {
            "kind": clip.kind,
            "duration_s": understood.end,
            "elapsed_s": seconds,
            "topic": summary.topic.text,
            "summary": [claim.text for claim in summary.sentences],
            "timeline": [
                {"start": e.start, "end": e.end, "text": e.text} for e in summary.timeline
            ],
            "claims": len(every),
            "without_evidence": [c.text for c in every if not carried(c, understood.evidence)],
            "events": _agreement([e.start for e in summary.timeline], clip.events, EVENT_S),
        }
        if clip.cuts is not None:
            row["cuts"] = _agreement(
                [shot.start for shot in understood.shots[1:]], clip.cuts, CUT_S
            )
        return row
    finally:
        understood.store.close()


def _worded(summary: VideoSummary) -> dict[str, Any]:
    """What was told, for people to read."""
    return {
        "topic": summary.topic.text,
        "summary": [claim.text for claim in summary.sentences],
        "timeline": [{"start": e.start, "end": e.end, "text": e.text} for e in summary.timeline],
    }


def _any(text: str, words: Sequence[str], language: str) -> bool:
    return any(told(text, [alternatives], language) for alternatives in words)


def _agreement(found: Sequence[float], true: Sequence[float], within: float) -> dict[str, int]:
    return {"hits": len(matched(found, true, within)), "found": len(found), "true": len(true)}


def metrics(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The figures of all rows."""
    good = [row for row in rows if "error" not in row]
    spoken = [row for row in good if row["kind"] == "talk"]
    found: dict[str, Any] = {"failed": len(rows) - len(good)}
    if spoken:
        found["talks"] = _talks(spoken)
    for kind in dict.fromkeys(row["kind"] for row in good):
        same = [row for row in good if row["kind"] == kind]
        found[kind] = {
            what: _f1([row[what] for row in same if what in row]) for what in ("cuts", "events")
        }
    found["claims_with_evidence"] = rate(
        sum(row["claims"] - len(row["without_evidence"]) for row in good),
        sum(row["claims"] for row in good),
    )
    seconds = sum(row["duration_s"] for row in good)
    if seconds:
        found["times_duration"] = sum(row["elapsed_s"] for row in good) / seconds
    return found


def _f1(rows: Iterable[Mapping[str, int]]) -> dict[str, Any]:
    together = dict.fromkeys(("hits", "found", "true"), 0)
    for row in rows:
        for key in together:
            together[key] += row[key]
    return {**together, "f1": f1(**together)}


def _talks(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    facts = [fact for row in rows for fact in row["facts"]]
    answers = [answer for row in rows for answer in row["answers"]]
    absent = [answer for answer in answers if answer["kind"] == "absent"]
    present = [answer for answer in answers if answer["kind"] == "present"]
    return {
        "n": len(rows),
        "engines": sorted({row["engine"] for row in rows}),
        "topic_right": sum(row["topic_right"] for row in rows),
        "key_facts": {
            "all": _told(facts),
            **{by: _told([f for f in facts if f["by"] == by]) for by in ("said", "shown")},
            **{
                language: _told([f for r in rows if r["language"] == language for f in r["facts"]])
                for language in ("en", "zh")
            },
            "in_summary": rate(
                sum(bool({"sentence", "topic"} & set(f["told_in"])) for f in facts), len(facts)
            ),
        },
        "claims": sum(row["claims"] for row in rows),
        "claims_invented": sum(len(row["invented"]) for row in rows),
        "claims_misheard": sum(len(row["misheard"]) for row in rows),
        "claims_about_absent": sum(len(row["about_absent"]) for row in rows),
        "things_seen_wrongly": sum(len(row["seen_wrongly"]) for row in rows),
        "absent_claimed": rate(sum(answer["claim"] for answer in absent), len(absent)),
        "present_right": rate(sum(answer["right"] for answer in present), len(present)),
        "present_in_time": rate(sum(answer["in_time"] for answer in present), len(present)),
    }


def _told(facts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return rate(sum(bool(fact["told_in"]) for fact in facts), len(facts))
