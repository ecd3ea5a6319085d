"""The store of conversations: what was spoken comes back, is forgotten, survives a kill."""

from __future__ import annotations

import json
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


# --- the schema -----------------------------------------------------------------------------------

_VERSION_1 = """
CREATE TABLE conversations (
    id INTEGER PRIMARY KEY,
    started_at REAL NOT NULL,
    marks TEXT NOT NULL DEFAULT '[]'
);
CREATE TABLE turns (
    id INTEGER PRIMARY KEY,
    conversation INTEGER NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    ended_at REAL NOT NULL,
    request TEXT NOT NULL,
    tool TEXT NOT NULL,
    arguments TEXT NOT NULL,
    result TEXT,
    reply TEXT NOT NULL,
    language TEXT NOT NULL,
    timings TEXT NOT NULL,
    interrupted INTEGER NOT NULL
);
CREATE INDEX turns_of_conversation ON turns (conversation, id);
CREATE TABLE preferences (name TEXT PRIMARY KEY, value TEXT NOT NULL);
INSERT INTO conversations (id, started_at) VALUES (3, 1000.0);
INSERT INTO turns VALUES
    (7, 3, 1001.0, 'my dog is called Rufus', 'reply', '{}', NULL, 'Hello, Rufus.', 'en', '{}', 0);
INSERT INTO preferences VALUES ('rate', '1.5');
PRAGMA user_version = 1;
"""
"""As released before summaries came."""


def test_a_file_of_the_first_version_is_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "first.sqlite"
    with sqlite3.connect(path) as connection:
        connection.executescript(_VERSION_1)
    connection.close()
    memory = Memory(path)
    latest = memory.latest()
    assert latest is not None
    assert [turn.request for turn in latest.turns()] == ["my dog is called Rufus"]
    assert [note.text for note in latest.summary()] == ["my dog is called Rufus"]
    assert memory.preferences().rate == 1.5
    memory.close()
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (VERSION,)
    assert Memory(path).preferences().rate == 1.5  # and again, nothing left to do


# --- preferences ----------------------------------------------------------------------------------


def test_a_row_that_cannot_be_used_is_told_of_once_and_the_others_go_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    memory = Memory()
    memory.prefer(voice="joe", rate=1.5)
    with sqlite3.connect(memory.path) as connection:
        connection.execute("UPDATE preferences SET value = '\"fast' WHERE name = 'rate'")
        connection.execute("INSERT INTO preferences VALUES ('verbosity', '\"endless\"')")
        connection.execute("INSERT INTO preferences VALUES ('colour', '1')")
        connection.execute("INSERT INTO preferences VALUES ('language', X'00ff')")
    connection.close()
    again = Memory()
    for _ in range(2):
        liked = again.preferences()
        assert (liked.voice, liked.rate, liked.verbosity) == ("joe", 1.0, "brief")
    told = [record.getMessage() for record in caplog.records]
    assert len(told) == 4
    assert any("'rate'" in text and "assistant preferences --set rate=" in text for text in told)
    assert again.prefer(rate=2.0).rate == 2.0  # setting it mends it
    again.reset("colour", "verbosity", "language")
    assert Memory().preferences() == again.preferences()
    assert again.reset().rate == 1.0


def test_two_stores_of_one_file_see_each_others_preferences() -> None:
    first, second = Memory(), Memory()
    first.prefer(verbosity="full")
    second.prefer(wake_word="hey computer")
    assert first.preferences() == second.preferences()
    assert second.preferences().verbosity == "full"


def test_processes_that_write_at_once_lose_nothing(data_folder: Path) -> None:
    writer = """
import sys
from assistant.memory import Memory
from assistant.types import ToolCall, Turn
name, value = sys.argv[1:]
memory = Memory()
conversation = memory.begin()
for n in range(20):
    memory.prefer(**{name: value})
    conversation.remember(Turn(request=f"my {name} is {n}", call=ToolCall(name="reply"),
                               result=None, reply="x"))
    conversation.summary()
"""
    wishes = {"voice": "joe", "language": "zh", "verbosity": "full", "wake_word": "hey you"}
    running = [
        subprocess.Popen([sys.executable, "-c", writer, *wish], env=os.environ.copy())
        for wish in wishes.items()
    ]
    assert [process.wait(timeout=120) for process in running] == [0, 0, 0, 0]
    memory = Memory()
    liked = memory.preferences().model_dump()
    assert {name: liked[name] for name in wishes} == wishes
    with sqlite3.connect(memory.path) as connection:
        assert connection.execute("SELECT count(*) FROM turns").fetchone() == (80,)


def test_the_command_shows_sets_and_resets(data_folder: Path) -> None:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "assistant", "preferences", *arguments],
            capture_output=True,
            text=True,
            env=os.environ.copy(),
        )

    done = run("--set", "rate=1.5", "--set", "verbosity=full", "--set", "wake_word=hey you")
    assert done.returncode == 0, done.stderr
    row = json.loads(run("--json").stdout)
    assert (row["rate"], row["verbosity"], row["wake_word"]) == (1.5, "full", "hey you")
    assert "verbosity: full" in run().stdout
    wrong = run("--set", "rate=1.2", "--set", "verbosity=endless")
    assert wrong.returncode == 1
    assert "verbosity" in wrong.stderr
    assert "fix:" in wrong.stderr
    assert json.loads(run("--set", "wake_word=", "--json").stdout)["wake_word"] is None
    assert json.loads(run("--json").stdout)["rate"] == 1.5  # all or nothing was set
    assert json.loads(run("--reset", "--json").stdout)["rate"] == 1.0
    assert run("--set", "rate").returncode == 2
