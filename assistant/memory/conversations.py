"""One conversation in the store: its turns, its summary, what is said in it only once."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from assistant.memory.summary import Note, merged, notes_of
from assistant.types import ToolCall, ToolResult, Turn

if TYPE_CHECKING:
    from assistant.memory.store import Memory


class Conversation:
    """One conversation in the store."""

    def __init__(self, memory: Memory, number: int) -> None:
        self.memory = memory
        self.number = number

    def remember(self, turn: Turn) -> None:
        """Add a turn that has ended."""
        result = None
        if turn.result is not None:
            result = _json({"spoken": turn.result.spoken, "data": dict(turn.result.data)})
        with self.memory.transaction() as connection:
            connection.execute(
                "INSERT INTO turns (conversation, ended_at, request, tool, arguments, result,"
                " reply, language, timings, interrupted) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    self.number,
                    time.time(),
                    turn.request,
                    turn.call.name,
                    _json(dict(turn.call.arguments)),
                    result,
                    turn.reply,
                    turn.language,
                    _json(dict(turn.timings)),
                    turn.interrupted,
                ),
            )

    def amend(self, turn: Turn) -> None:
        """Replace the last turn's reply with what was spoken before it was cut short."""
        with self.memory.transaction() as connection:
            connection.execute(
                "UPDATE turns SET reply = ?, interrupted = ? WHERE id ="
                " (SELECT max(id) FROM turns WHERE conversation = ?) AND request = ?",
                (turn.reply, turn.interrupted, self.number, turn.request),
            )

    def turns(self, last: int = 20) -> list[Turn]:
        """The last turns, oldest first."""
        with self.memory.transaction() as connection:
            rows = connection.execute(
                f"SELECT {_COLUMNS} FROM turns WHERE conversation = ? ORDER BY id DESC LIMIT ?",
                (self.number, last),
            ).fetchall()
        return [_turn(row) for row in reversed(rows)]

    def summary(self) -> list[Note]:
        """What is kept of all turns so far, oldest first; brought up to date and stored.

        Made from the summary so far and the turns since, by rules, so it takes about a
        millisecond and needs no language model.
        """
        with self.memory.transaction() as connection:
            row = connection.execute(
                "SELECT summary, summarised FROM conversations WHERE id = ?", (self.number,)
            ).fetchone()
            if row is None:
                return []
            notes = [Note(kind, text) for kind, text in json.loads(row[0])]
            rows = connection.execute(
                f"SELECT id, {_COLUMNS} FROM turns WHERE conversation = ? AND id > ? ORDER BY id",
                (self.number, row[1]),
            ).fetchall()
            if rows:
                new = [note for found in rows for note in notes_of(_turn(found[1:]))]
                notes = merged(notes, new)
                connection.execute(
                    "UPDATE conversations SET summary = ?, summarised = ? WHERE id = ?",
                    (_json(notes), rows[-1][0], self.number),
                )
        return notes

    def first_time(self, mark: str) -> bool:
        """Whether something is to be said now because it was not said before; remembers it."""
        with self.memory.transaction() as connection:
            row = connection.execute(
                "SELECT marks FROM conversations WHERE id = ?", (self.number,)
            ).fetchone()
            marks = json.loads(row[0]) if row else []
            if mark in marks:
                return False
            connection.execute(
                "UPDATE conversations SET marks = ? WHERE id = ?",
                (json.dumps([*marks, mark]), self.number),
            )
        return True

    def said(self, mark: str) -> bool:
        """Whether something that is said once was said already; changes nothing."""
        with self.memory.transaction() as connection:
            row = connection.execute(
                "SELECT marks FROM conversations WHERE id = ?", (self.number,)
            ).fetchone()
        return row is not None and mark in json.loads(row[0])

    def forget(self) -> None:
        """Delete every turn of this conversation, and its summary."""
        with self.memory.transaction() as connection:
            connection.execute("DELETE FROM turns WHERE conversation = ?", (self.number,))
            connection.execute(
                "UPDATE conversations SET summary = '[]', summarised = 0 WHERE id = ?",
                (self.number,),
            )
        self.memory.scrub()


_COLUMNS = "request, tool, arguments, result, reply, language, timings, interrupted"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def _turn(row: Sequence[Any]) -> Turn:
    request, tool, arguments, stored, reply, language, timings, interrupted = row
    result = None
    if stored is not None:
        content = json.loads(stored)
        result = ToolResult(spoken=content["spoken"], data=content["data"])
    return Turn(
        request=request,
        call=ToolCall(name=tool, arguments=json.loads(arguments)),
        result=result,
        reply=reply,
        language=language,
        timings=json.loads(timings),
        interrupted=bool(interrupted),
    )
