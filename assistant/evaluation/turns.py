"""How well the ends of turns are found: false ends, and the wait after true ones.

What a session knows in each pause (`pauses`) is found once, so that any rules, and a fixed
silence, can be judged on the same pauses.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assistant.endpointing import required_pause
from assistant.evaluation.cases import Case, Report
from assistant.evaluation.pauses import Heard, Pause, heard_clips, heard_requests
from assistant.registry import Engines
from assistant.settings import TurnRules

PAUSES_S = (0.4, 0.7, 1.0, 1.5)  # s that the pauses inside requests are given in turn
ANSWERS_S = (1.6, 0.8)  # s from the end of speech to the first sound of an answer
"""The first is the median of `assistant bench voice` on 2 cores, the second half of it."""

READY_S = 0.58
"""s of silence after which the transcript is there: `assistant bench voice`, 2 cores, median."""

Needs = Callable[["Pause"], float]
"""A pause -> seconds of silence that end the turn in it."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a rule makes of one request, whose inner pauses are of one length."""

    cut: bool  # the turn ended before the last word
    mended: tuple[bool, ...]  # of a cut one, for each of `ANSWERS_S`: taken back in time
    delay_s: float | None  # s from the acoustic end to the end of the turn; None where cut
    longest: bool  # it waited for (nearly) the longest pause


def ruled(rules: TurnRules, ready_s: float = READY_S) -> Needs:
    """The session's own rule, which needs the transcript; `ready_s` is when it has it."""

    def needs(pause: Pause) -> float:
        needed = required_pause(
            rules,
            prosody=pause.prosody,
            text=pause.text,
            language=pause.language,
            voiced_s=pause.voiced_s,
        )
        return max(ready_s, needed)

    return needs


def fixed(seconds: float) -> Needs:
    """The rule of a plain pipeline: so much silence ends a turn."""
    return lambda _: seconds


def outcomes(heard: Heard, needs: Needs, rules: TurnRules) -> list[Outcome]:
    """What a rule makes of a request; once for each length of the pauses put into it."""
    lengths = PAUSES_S if any(pause.put for pause in heard.pauses) else (0.0,)
    return [_outcome(heard.pauses, length, needs, rules) for length in lengths]


def _outcome(pauses: Sequence[Pause], length: float, needs: Needs, rules: TurnRules) -> Outcome:
    cut, mended = False, [True] * len(ANSWERS_S)
    for pause in pauses[:-1]:
        if pause.refused:
            continue
        ended = needs(pause)
        silence = length - pause.late_s if pause.put else pause.length_s
        if ended > silence:
            continue
        cut = True
        again = silence + rules.start_s  # s after the pause began, when speech is noticed
        for place, answer in enumerate(ANSWERS_S):
            soon = again - ended <= rules.reopen_s and again < max(ended, answer)
            mended[place] = mended[place] and soon
    last = pauses[-1]
    needed = needs(last)
    return Outcome(
        cut=cut,
        mended=tuple(mended) if cut else (),
        delay_s=None if cut else last.late_s + needed,
        longest=needed >= 0.95 * rules.longest_pause_s,
    )


def figures(heard: Iterable[Heard], needs: Needs, rules: TurnRules) -> dict[str, Any]:
    """False ends and the wait after true ones."""
    found = [outcome for one in heard for outcome in outcomes(one, needs, rules)]
    delays = sorted(o.delay_s for o in found if o.delay_s is not None)
    total = len(found)
    if not total:
        return {"n": 0}
    spoken: dict[str, Any] = {"n": total, "cut": sum(o.cut for o in found) / total}
    for place, answer in enumerate(ANSWERS_S):
        lost = sum(o.cut and not o.mended[place] for o in found)
        spoken[f"cut_and_not_mended_within_{answer:g}_s"] = lost / total
    if delays:
        spoken["delay_median_s"] = statistics.median(delays)
        spoken["delay_p95_s"] = delays[min(len(delays) - 1, round(0.95 * len(delays)))]
    spoken["waited_longest"] = sum(o.longest for o in found) / total
    return spoken


def by_group(
    heard: Sequence[Heard], needs: Needs, rules: TurnRules
) -> Mapping[str, Mapping[str, Any]]:
    """Figures in all, by language and by kind."""
    groups: dict[str, list[Heard]] = {"all": list(heard)}
    for one in heard:
        groups.setdefault(one.language, []).append(one)
    for one in heard:
        groups.setdefault(one.kind, []).append(one)
    return {name: figures(members, needs, rules) for name, members in groups.items()}


def evaluate(cases: Iterable[Case], engines: Engines) -> Report:
    """Judge the profile's rules and two fixed silences on the same pauses.

    The synthesised requests' held-out half and, where there are any, recorded utterances;
    thresholds were chosen on the other half (scripts/calibrate_turns.py).
    """
    rules = engines.profile.turns
    made = list(heard_requests(engines))
    groups = {
        "held-out": [one for one in made if one.half == "held-out"],
        "development": [one for one in made if one.half == "development"],
        "recorded": list(heard_clips(cases, engines)),
    }
    ways: dict[str, Needs] = {
        "rules": ruled(rules),
        "rules, hearing at once": ruled(rules, rules.speculate_s),
        "0.8 s": fixed(0.8),
        "0.3 s": fixed(0.3),
    }
    metrics = {
        name: {way: by_group(heard, needs, rules) for way, needs in ways.items()}
        for name, heard in groups.items()
        if heard
    }
    rows = [row for heard in groups.values() for one in heard for row in _rows(one, rules)]
    return Report(name="turns", n=len(made) + len(groups["recorded"]), metrics=metrics, rows=rows)


def _rows(heard: Heard, rules: TurnRules) -> Iterator[dict[str, Any]]:
    needs = ruled(rules)
    for number, pause in enumerate(heard.pauses):
        last = number + 1 == len(heard.pauses)
        yield {
            "name": heard.name, "kind": heard.kind, "half": heard.half, "end": last,
            "text": pause.text, "prosody": pause.prosody, "needed_s": round(needs(pause), 3),
            "length_s": None if last else round(pause.length_s, 3), "refused": pause.refused,
        }  # fmt: skip
