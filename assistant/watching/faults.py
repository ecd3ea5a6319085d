"""What is wrong with the picture, said once, and again only after a while."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from assistant.types import Fault
from assistant.watching.seen import FRESH_S, Remark

_LASTS_S: Final = 0.8  # s that a fault must last: a hand that moves blurs for a moment
_CLEARED_S: Final = 3.0  # s without it after which it counts as a new one


class Faults:
    """The faults of a watch. `again_s` is after how long one is repeated; None: never."""

    def __init__(self, again_s: float | None = None) -> None:
        self._again_s = again_s
        self._present: dict[str, tuple[Fault, float, float]] = {}  # fault, since, seen; s
        self._told: dict[str, float] = {}

    def see(self, faults: Sequence[Fault], at: float, since: float) -> None:
        """Take what a look found wrong; none where it found nothing."""
        for kind, (_, _, seen) in list(self._present.items()):
            if at - seen > _CLEARED_S:
                del self._present[kind]
                self._told.pop(kind, None)
        for fault in faults:
            begun = self._present[fault.kind][1] if fault.kind in self._present else since
            self._present[fault.kind] = (fault, begun, at)

    def still(self, at: float) -> None:
        """The camera shows the same as before."""
        newest = max((seen for _, _, seen in self._present.values()), default=0.0)
        for kind, (fault, since, seen) in self._present.items():
            if seen >= newest:
                self._present[kind] = (fault, since, at)

    def compose(self, now: float) -> Remark | None:
        """The gravest fault that is to be said now."""
        for kind, (fault, since, seen) in self._present.items():
            if now - seen > FRESH_S or now - since < _LASTS_S:
                continue
            told = self._told.get(kind)
            again = told is not None and self._again_s is not None and now - told >= self._again_s
            if told is None or again:
                return Remark(
                    text=fault.sentence, topic="fault", kind="measured", since=since, keys=(kind,)
                )
        return None

    def told(self, remark: Remark, now: float) -> None:
        """A fault is being said."""
        for kind in remark.keys:
            self._told[kind] = now
