"""Speech over a reply: made way for at once, then judged.

The first sign of a voice makes the reply quiet. Then there is time to hear what is said: a
person who means to be heard stops the reply, a nod, a cough or the assistant's own echo lets
it go on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant import overlap
from assistant.events import Ducked, Resumed
from assistant.session.front import Frame, Front
from assistant.session.replying import Replying
from assistant.session.utterance import Utterance
from assistant.voiced import SPEECH

if TYPE_CHECKING:
    from assistant.session.core import Session

_CHECK_S = 0.3  # s of speech over a reply before each look at what is said
_SOON_S = 0.15  # s that are kept of a deadline: speech is seen late, and takes time to stop
_LATE_S = 0.33  # the same since the reply was made quiet, which may take 0.3 s
_ECHO_S = 1.5  # s after the reply's last sound in which the microphone may still hear it
_SUSPECT_S = 0.4  # s for which a reply stays quiet after a block that may have been a voice
_OWN_S = 0.09  # s of a person's voice that are clearly louder than the echo, once it is quiet
_OWN_SHARE = 0.2  # of all that was said; in a long echo some blocks always stand out
_PERSON_S = 0.2  # s of such a voice that is still heard then: no cough, whatever is said
_WORDS, _MUCH_S = 3, 0.5  # what a canceller leaves of an echo is a word or two, and brief
_SURE = 0.8  # probability of speech, in one block that the echo canceller had to clean


class BargeIn:
    """Makes way for speech over a reply, and decides what it is; part of a `Session`."""

    def __init__(self, session: Session, replying: Replying, front: Front) -> None:
        self._session = session
        self._replying = replying
        self._front = front
        self._ducked: float | None = None  # s, since when the reply is quiet
        self._voiced = 0.0  # s, end of the last block that may have been a voice

    # --- loudness -----------------------------------------------------------------------------

    def watch(self, frame: Frame) -> None:
        """Look for the first sign of a voice while nobody is known to speak."""
        now = self._session.now
        if frame.probability >= (SPEECH if frame.plain else _SURE):
            self._voiced = now
            self.duck()
        elif now - self._voiced > _SUSPECT_S:
            self.go_on()

    def duck(self) -> None:
        """Make the reply quiet, if one sounds."""
        if self._replying.sounding and self._ducked is None:
            self._ducked = self._session.now
            self._session.player.duck(self._session.rules.duck_db)
            self._session.tell(Ducked(at=self._session.now))

    def go_on(self) -> None:
        """It was nothing: the reply becomes loud again."""
        if self._ducked is not None:
            self.over()
            self._session.tell(Resumed(at=self._session.now))

    def over(self) -> None:
        """The reply is over, so nothing of it is quiet."""
        self._ducked = None
        self._session.player.duck(0.0)

    # --- judging ------------------------------------------------------------------------------

    def refusal(self, utterance: Utterance) -> str | None:
        """Why words that were heard are nobody's request, or None."""
        spoken = self._spoken(utterance)
        if utterance.speech:
            return None
        if not spoken:  # another program may speak, whose words nobody knows here
            own = _plain(utterance, _OWN_S) or not self._session.open_microphone
            return None if own else "echo"
        kind = self._kind(utterance, spoken)
        if kind == "echo":
            self._front.was_echo()
        if kind in ("echo", "noise") or (kind == "backchannel" and utterance.over_reply):
            return kind
        return None

    def heard(self, utterance: Utterance) -> None:
        """Decide by the words that were just heard; without any, the reply stays quiet."""
        kind = self._kind(utterance, self._spoken(utterance))
        utterance.checked = utterance.voiced
        utterance.echoed |= kind == "echo"
        if kind == "speech":
            self.take_over(utterance)
        elif kind in ("backchannel", "echo"):
            self.go_on()

    def follow(self, utterance: Utterance) -> bool:
        """While it lasts: whether it is time to hear what is said. At the latest, decide."""
        session = self._session
        elapsed = session.now - utterance.onset
        left = session.rules.decide_within_s - _SOON_S - elapsed
        if self._ducked is not None and self._front.compares:
            left = min(left, session.rules.decide_within_s - _LATE_S - (session.now - self._ducked))
        if utterance.transcript is None:  # it may still come
            late = left <= 0
        else:  # what was heard first had no words, and there is no time to hear more
            late = left <= _CHECK_S and not utterance.transcript.text.strip()
        if late and self._ducked is not None and _plain(utterance, _PERSON_S):
            self.take_over(utterance)
        if not utterance.asked:
            return elapsed >= _CHECK_S
        return utterance.voiced - utterance.checked >= _CHECK_S

    def take_over(self, utterance: Utterance) -> None:
        """It is a person who means to be heard: the reply stops."""
        utterance.speech = True
        self._replying.interrupt("speech")

    def _spoken(self, utterance: Utterance) -> str:
        return self._replying.recently_spoken(utterance.onset - _ECHO_S)

    def _kind(self, utterance: Utterance, spoken: str) -> overlap.Kind:
        kind = overlap.kind(utterance.transcript, spoken, voiced_s=utterance.voiced)
        heard = utterance.transcript
        several = heard is not None and len(overlap.tokens(heard.text)) >= _WORDS
        command = overlap.is_command(heard)
        # A syllable of an echo may stand out and be misheard as a word, "pioneered" as "here".
        least = _OWN_S if several or command else _PERSON_S
        if kind not in ("speech", "undecided") or not spoken or _plain(utterance, least):
            return kind
        if heard is None:
            return kind
        adapted = self._front.adapted(self._session.now - utterance.onset)
        if command:  # what a canceller leaves of the first words is misheard: "people", "repeat"
            return kind if adapted or utterance.plain else "noise"
        if not (several and utterance.voiced >= _MUCH_S and adapted):
            return "noise"
        # A long echo is misheard worse the longer it is, but begins as the reply does.
        return "echo" if utterance.echoed or overlap.repeats(heard.text, spoken) else kind


def _plain(utterance: Utterance, least: float) -> bool:
    """Whether so many seconds, and a share of it all, are clearly louder than any echo."""
    return utterance.plain >= max(least, _OWN_SHARE * utterance.voiced)
