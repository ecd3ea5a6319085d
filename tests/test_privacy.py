"""What a user's shell asks of other programs does not make this one send anything."""

from __future__ import annotations

import pytest

from assistant.cli.output import open_engines


def test_tracing_that_the_shell_asks_for_stays_off(monkeypatch: pytest.MonkeyPatch) -> None:
    from langsmith import utils

    for name in ("LANGSMITH_TRACING", "LANGCHAIN_TRACING_V2"):
        monkeypatch.setenv(name, "true")
    utils.get_env_var.cache_clear()
    assert utils.tracing_is_enabled()
    open_engines("embedded")
    utils.get_env_var.cache_clear()
    assert not utils.tracing_is_enabled()
