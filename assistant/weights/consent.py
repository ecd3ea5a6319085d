"""What the user declined to fetch, so that nobody asks twice."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from assistant.settings import data_folder


def declined(profile: str, names: Iterable[str]) -> bool:
    """Whether the user declined all of these weights for a profile before."""
    return set(names) <= set(_answers().get(profile, ()))


def remember_declined(profile: str, names: Iterable[str]) -> None:
    """Write a refusal down."""
    answers = _answers()
    answers[profile] = sorted({*answers.get(profile, ()), *names})
    _path().parent.mkdir(parents=True, exist_ok=True)
    _path().write_text(json.dumps(answers, indent=1), encoding="utf-8")


def _path() -> Path:
    return data_folder() / "declined.json"


def _answers() -> dict[str, Any]:
    try:
        answers = json.loads(_path().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return answers if isinstance(answers, dict) else {}
