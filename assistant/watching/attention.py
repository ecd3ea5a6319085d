"""Which frames are worth a look, and when. Pure: the same frames and answers, the same looks.

Looks cost most of a core for half a second and more, so none is spent on a frame that is
near-identical to one that was looked at, and after each there is a pause in proportion.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from assistant.vision.motion import Fingerprint, difference, fingerprint
from assistant.watching.seen import Frame, Glimpse, Subject

_SETTLE_S: Final = 0.2  # s without movement before a frame is sharp enough to look at
_PATIENCE_S: Final = 0.7  # s of movement after which a moving frame has to do
_READ_AFTER_S: Final = 0.4  # s without movement before writing is read
_EVERY_S: Final[dict[Subject, float]] = {
    "glance": 0.4, "things": 1.5, "text": 1.0, "target": 1.2, "aim": 0.5,
}  # fmt: skip
"""s between two looks while the picture keeps changing."""
_SETTLED_EVERY_S: Final = 1.0  # s, where the picture came to rest again and again
_LOAD: Final = 0.6  # of one core: looks pause until they took no more than this, on average


@dataclass
class _Look:
    at: float = -1e9  # s, of the frame
    scene: int = -1
    print: Fingerprint | None = None
    since: float | None = None  # s, since when frames differ from it


class Attention:
    """Follows the frames of one watch."""

    def __init__(self, wants: Sequence[Subject]) -> None:
        self.scene = 0
        self._wants = tuple(wants)
        self._looks: dict[Subject, _Look] = {subject: _Look() for subject in wants}
        self._before: Fingerprint | None = None
        self._anchor: Fingerprint | None = None
        self._steady_since = 0.0
        self._busy_until = 0.0
        self._print: Fingerprint | None = None
        self._glimpse = Glimpse(at=0.0, moving=True)

    def frame(self, frame: Frame) -> Glimpse:
        """Take the next frame."""
        now, own = frame.at, fingerprint(frame.picture)
        shift, cut = (0.0, 0.0), self._before is None
        if self._before is not None:
            step = difference(self._before, own)
            shift, cut = step.shift, step.other
        if cut:
            self.scene += 1
            self._busy_until = min(self._busy_until, now)
        if cut or self._anchor is None or not difference(self._anchor, own).same:
            self._anchor, self._steady_since = own, now
        still = set()
        for subject, look in self._looks.items():
            if look.print is not None and not cut and difference(look.print, own).same:
                still.add(subject)
                look.since = None
            elif look.since is None or (cut and look.print is not None):
                look.since = now
        self._before = self._print = own
        steady = now - self._steady_since
        self._glimpse = Glimpse(
            at=now,
            moving=steady < _SETTLE_S,
            still=frozenset(still),
            shift=shift,
            cut=cut,
            steady_s=steady,
        )
        return self._glimpse

    def wanted(self) -> tuple[Subject, float] | None:
        """What to look for in the newest frame, and since when it shows something new."""
        for subject in self._wants:
            look = self._looks[subject]
            if look.since is not None and self._due(subject, look):
                return subject, look.since
        return None

    def looked(self, subject: Subject) -> None:
        """A look at the newest frame begins."""
        now = self._glimpse.at
        covered: tuple[Subject, ...] = ("things", "glance") if subject == "things" else (subject,)
        for name in covered:
            self._looks[name] = _Look(at=now, scene=self.scene, print=self._print)

    def rest(self, now: float, took_s: float) -> None:
        """Pause after work of `took_s` of a core's time that ended `now`."""
        self._busy_until = now + took_s * (1 / _LOAD - 1)

    def _due(self, subject: Subject, look: _Look) -> bool:
        now, steady = self._glimpse.at, self._glimpse.steady_s
        if now < self._busy_until and subject != "glance":
            return False
        if subject == "text":
            return steady >= _READ_AFTER_S
        if subject == "aim":
            return now - look.at >= _EVERY_S[subject]
        if subject == "glance":
            named = self._looks["things"].scene == self.scene  # there are things to follow
            return named and self._glimpse.moving and now - look.at >= _EVERY_S[subject]
        assert look.since is not None
        settled = steady >= _SETTLE_S and (
            look.scene != self.scene or now - look.at >= _SETTLED_EVERY_S
        )
        late = now - look.since >= _PATIENCE_S and now - look.at >= _EVERY_S[subject]
        return settled or late
