"""When a turn has ended."""

from __future__ import annotations

from assistant.settings import TurnRules


def completeness(text: str, language: str) -> float:
    words = text.rstrip(" .,").split()
    if words and words[-1].casefold() in {"and", "the", "a", "to"}:
        return 0.1
    return 0.9 if text.rstrip().endswith((".", "?", "!", "。")) else 0.6


def required_pause(
    rules: TurnRules, *, prosody: float | None, text: str | None, language: str, voiced_s: float
) -> float:
    sure = completeness(text or "", language)
    if prosody is not None:
        sure = (sure + prosody) / 2
    return rules.shortest_pause_s + (1 - sure) * (rules.longest_pause_s - rules.shortest_pause_s)
