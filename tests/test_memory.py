"""The store of conversations: what was spoken comes back, is forgotten, survives a kill."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from assistant.errors import SettingsError
from assistant.memory import VERSION, Memory
from assistant.types import ToolCall, ToolResult, Turn


def _turn(request: str, reply: str = "Hello.") -> Turn:
    return Turn(
        request=request,
        call=ToolCall(name="read_text", arguments={"path": "a.jpg"}),
        result=ToolResult(spoken=reply, data={"paragraphs": ["一", "two"]}),
        reply=reply,
        language="zh",
        timings={"route_s": 0.1},
        interrupted=True,
    )


def test_turns_come_back_as_they_were() -> None:
    conversation = Memory().begin()
    conversation.remember(_turn("读一下", "上面写着：你好"))
    assert conversation.turns() == [_turn("读一下", "上面写着：你好")]


def test_the_last_turns_come_oldest_first() -> None:
    conversation = Memory().begin()
    for n in range(30):
        conversation.remember(_turn(str(n)))
    assert [turn.request for turn in conversation.turns(3)] == ["27", "28", "29"]


def test_conversations_are_apart_and_the_latest_is_found() -> None:
    memory = Memory()
    first, second = memory.begin(), memory.begin()
    first.remember(_turn("first"))
    assert second.turns() == []
    latest = memory.latest()
    assert latest is not None
    assert latest.number == first.number


def test_forgotten_words_are_not_on_the_disk() -> None:
    memory = Memory()
    conversation = memory.begin()
    secret = "the password is aardvark"
    conversation.remember(_turn(secret))
    conversation.forget()
    assert conversation.turns() == []
    files = list(memory.path.parent.iterdir())
    assert files
    assert not any(b"aardvark" in file.read_bytes() for file in files)


def test_forgetting_one_conversation_keeps_the_others() -> None:
    memory = Memory()
    kept, gone = memory.begin(), memory.begin()
    kept.remember(_turn("kept"))
    gone.remember(_turn("gone"))
    gone.forget()
    assert [turn.request for turn in kept.turns()] == ["kept"]
    memory.forget()
    assert kept.turns() == []


def test_preferences_last_and_wrong_ones_are_refused() -> None:
    memory = Memory()
    memory.prefer(rate=1.25, voice="joe")
    with pytest.raises(SettingsError, match="rate"):
        memory.prefer(rate=9.0)
    with pytest.raises(SettingsError, match="colour"):
        memory.prefer(colour="red")
    memory.close()
    again = Memory().preferences()
    assert (again.rate, again.voice, again.verbosity) == (1.25, "joe", "brief")


def test_something_is_said_once_a_conversation() -> None:
    memory = Memory()
    conversation = memory.begin()
    assert conversation.first_time("hint")
    assert not conversation.first_time("hint")
    assert memory.begin().first_time("hint")


def test_a_newer_store_is_refused_with_a_fix(tmp_path: Path) -> None:
    path = tmp_path / "newer.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    with pytest.raises(SettingsError, match="newer version") as error:
        Memory(path)
    assert "update" in error.value.fix


def test_a_damaged_store_is_refused_with_a_fix(tmp_path: Path) -> None:
    path = tmp_path / "damaged.sqlite"
    path.write_bytes(b"this is no database" * 100)
    with pytest.raises(SettingsError, match="cannot be used") as error:
        Memory(path)
    assert error.value.fix


def test_many_threads_write_at_once() -> None:
    memory = Memory()
    conversation = memory.begin()
    threads = [
        threading.Thread(target=lambda n=n: conversation.remember(_turn(str(n)))) for n in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {turn.request for turn in conversation.turns(50)} == {str(n) for n in range(20)}


def test_committed_turns_survive_a_killed_process(data_folder: Path) -> None:
    writer = """
import itertools
from assistant.memory import Memory
from assistant.types import ToolCall, Turn
conversation = Memory().begin()
for n in itertools.count():
    conversation.remember(Turn(request=str(n), call=ToolCall(name="reply"), result=None, reply="x"))
    print(n, flush=True)
"""
    process = subprocess.Popen(
        [sys.executable, "-c", writer], stdout=subprocess.PIPE, text=True, env=os.environ.copy()
    )
    assert process.stdout is not None
    seen = [int(process.stdout.readline()) for _ in range(10)]
    process.send_signal(signal.SIGKILL)
    process.wait()
    latest = Memory().latest()
    assert latest is not None
    turns = [int(turn.request) for turn in latest.turns(10_000)]
    assert turns[: len(seen)] == seen
    assert turns == list(range(len(turns)))
