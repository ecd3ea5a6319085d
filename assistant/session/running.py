"""A session joined to a microphone, a loudspeaker, keys and, if wanted, a recording."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

from assistant.devices import Sound
from assistant.events import SessionEvent
from assistant.session.core import Session
from assistant.session.parts import Inputs
from assistant.session.workers import Workers


class Records(Protocol):
    """Takes down each step."""

    def add(self, inputs: Inputs, events: list[SessionEvent]) -> None:
        """A step and what followed from it."""


def converse(
    session: Session,
    sound: Sound,
    workers: Workers,
    *,
    keys: Callable[[], tuple[str, ...]] = tuple,
    record: Records | None = None,
) -> Iterator[SessionEvent]:
    """Yield the session's events until the sound ends or the key `quit` is pressed.

    Then what is still at work is stopped.
    """
    player = session.player
    try:
        for block in sound.blocks(player.render):
            pressed = keys()
            if "quit" in pressed:
                return
            inputs = Inputs(
                block=block,
                keys=pressed,
                items=tuple(workers.items()),
                position=player.position(),
            )
            events = session.step(inputs)
            if record is not None:
                record.add(inputs, events)
            yield from events
    finally:
        workers.close()
        sound.close()
