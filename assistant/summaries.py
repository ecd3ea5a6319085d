"""Summaries of long conversations."""

from __future__ import annotations

from typing import Any


def summarise(engines: Any, conversation: Any, cancel: Any) -> None:
    """Nothing yet."""
