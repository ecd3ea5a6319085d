"""The answering half of a session: speculation, release, speech, interruption, memory."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal

from assistant import invented, wake
from assistant.earcons import earcon
from assistant.events import (
    Final,
    FirstToken,
    Interrupted,
    Routed,
    Sentence,
    Speaking,
    SpokenUpTo,
    ToolFinished,
    ToolStarted,
    TurnDone,
    TurnEnded,
    TurnRouted,
)
from assistant.interfaces import Cancel
from assistant.languages import base, joined
from assistant.registry import EFFECTS
from assistant.session.answer import Answer, Piece
from assistant.session.parts import Mind
from assistant.session.player import Position
from assistant.session.utterance import Utterance
from assistant.session.workers import Broken, Done, Job
from assistant.types import SpokenChunk, ToolResult, Transcript

if TYPE_CHECKING:
    from assistant.session.core import Session

_THINKING_S = 0.25  # s of silence after a request before a sound tells that it was heard
_WAITING_S = 2.5  # s between two soft sounds while a tool works
_MEMORY_S = 20.0  # s for which what was spoken is kept against echoes
_UNHEARD = {
    "en": "I didn't hear any words. Please say it again.",
    "zh": "我没有听到话。请再说一遍。",
}
_FAILED = {
    "en": "Sorry, something went wrong. Please say it again.",
    "zh": "抱歉，出了点问题。请再说一遍。",
}


class Replying:
    """Answers one request after the other; part of a `Session`, which calls it."""

    def __init__(
        self, session: Session, *, mind: Mind, wake_word: str | None, language: str = "en"
    ) -> None:
        self.position = Position()  # of the player, at the beginning of this step
        self.wake_word = wake_word
        self._session = session
        self._mind = mind
        self._answer: Answer | None = None
        self._spoken: deque[tuple[float, str]] = deque()  # (s when it ended, text)
        self._language = language  # of the last turn
        self._ended: float | None = None  # s, when the last turn did
        self._sounded = 0.0  # s, of the last sound that tells that work goes on

    # --- what the session asks ------------------------------------------------------------

    @property
    def idle(self) -> bool:
        """Whether nothing is answered, prepared or said."""
        return self._answer is None

    @property
    def own_language(self) -> str:
        """That of the session's own sentences: "en" or "zh"."""
        return "zh" if base(self._language) == "zh" else "en"

    @property
    def released(self) -> bool:
        """Whether a turn is being answered for good."""
        return self._answer is not None and self._answer.released is not None

    @property
    def speculating(self) -> bool:
        """Whether an answer is being prepared that may still be thrown away."""
        return self._answer is not None and self._answer.released is None

    @property
    def audible(self) -> bool:
        return self._answer is not None and self._answer.audible

    @property
    def sounding(self) -> bool:
        """Whether speech of the assistant sounds now."""
        answer = self._answer
        return answer is not None and (answer.audible or answer.filler is not None)

    @property
    def reopens(self) -> bool:
        """Whether the request being answered may still be gone on with."""
        answer = self._answer
        if answer is None or answer.released is None or answer.audible or answer.asked:
            return False
        return self._session.now - answer.released <= self._session.rules.reopen_s

    def recently_spoken(self, since: float) -> str:
        """What the loudspeaker said, in order, since then; empty when nothing."""
        texts = [text for ended, text in self._spoken if ended >= since]
        if self._answer is not None:
            texts += [p.chunk.text for p in self._answer.pieces[: self._answer.told]]
        return joined([text for text in texts if text])

    def refusal(self, utterance: Utterance, transcript: Transcript) -> Any:
        """Why words that were heard are no request, or None."""
        if not self._session.open_microphone:
            return None
        asleep = self.wake_word is not None and not self._awake()
        if asleep and wake.strip(transcript.text, self.wake_word or "") is None:
            return "no wake word"
        rules, level = self._session.rules, utterance.level
        return invented.refusal(
            transcript,
            voiced_s=utterance.voiced,
            level=level,
            floor=utterance.floor,
            rules=rules,
            fall=utterance.fall if level < rules.soft_db else None,
        )

    # --- a request ----------------------------------------------------------------------------

    def speculate(self, utterance: Utterance, transcript: Transcript) -> None:
        """Begin to answer what was said so far, without a sound."""
        request, language = self._request(transcript), self._spoken_in(transcript)
        answer = self._answer
        if answer is not None and answer.request == request:
            return
        self.forget_speculation()
        if not request:
            return
        mind = self._mind

        def job(cancel: Cancel) -> Iterator[Any]:
            routed = mind.route(request, language, cancel)
            yield routed
            if routed.call.name not in EFFECTS:
                yield from mind.answer(request, routed, language, cancel)

        self._answer = Answer(
            generation=self._session.start("mind", job),
            request=request,
            language=language,
            speech_end=utterance.last_voiced,
            transcribed=self._session.now,
        )

    def forget_speculation(self) -> None:
        """Throw away what was prepared."""
        if self.speculating:
            self._session.drop("mind")
            self._answer = None

    def release(self, utterance: Utterance) -> bool:
        """It is sure that the speaker has finished; whether there was a request."""
        answer, session = self._answer, self._session
        if answer is None:  # the wake word alone
            self._ended = session.now
            session.player.overlay(earcon("listening"))
            return False
        answer.speech_end = utterance.last_voiced
        answer.released = self._sounded = session.now
        answer.mark("transcript_s", answer.transcribed)
        answer.mark("end_of_turn_s", session.now)
        self._language = answer.language
        session.tell(Final(at=session.now, text=answer.request, language=answer.language))
        if answer.routed is not None:
            self._routed(answer, answer.routed)
        waiting, answer.waiting = answer.waiting, []
        for value in waiting:
            self._use(answer, value)
        return True

    def reopen(self) -> bool:
        """The speaker goes on: take the request back, if nothing of its answer was heard."""
        if not self.reopens:
            return False
        self._session.drop("mind")
        self._session.player.stop()
        self._answer = None
        return True

    def unheard(self) -> None:
        """Say that no words were heard, to somebody who pressed a key to speak."""
        self.say(_UNHEARD)

    def failed(self) -> None:
        """Say that hearing failed, unless an answer is under way."""
        if self._answer is None:
            self.say(_FAILED, apologised=True)

    def say(self, texts: Mapping[str, str], *, apologised: bool = False) -> None:
        """Say a sentence of the session's own, outside any turn."""
        language = self.own_language
        now = self._session.now
        self._answer = Answer(
            generation=self._session.start("mind", self._saying(texts[language], language)),
            request="",
            language=language,
            speech_end=now,
            transcribed=now,
            released=now,
            remembered=False,
            apologised=apologised,
        )

    def _saying(self, text: str, language: str) -> Job:
        mind = self._mind

        def job(cancel: Cancel) -> Iterator[Any]:
            yield from mind.say(text, language, cancel)

        return job

    def interrupt(self, by: Literal["speech", "key"]) -> None:
        """Stop speaking at once; what was heard is remembered."""
        self.forget_speculation()
        answer, session = self._answer, self._session
        if answer is None:
            return
        session.drop("mind")
        session.player.stop()
        heard = answer.heard(self.position)
        session.tell(Interrupted(at=session.now, by=by, heard=heard))
        self._end(answer, interrupted=True)

    # --- what the mind yields ---------------------------------------------------------------

    def take(self, value: Any) -> None:
        """Something of the answer has arrived."""
        answer, session = self._answer, self._session
        if answer is None:
            return
        if isinstance(value, Routed):
            answer.routed = value
            answer.arrived("route_s", session.now)
            if answer.released is not None:
                self._routed(answer, value)
        elif isinstance(value, FirstToken):
            answer.arrived("first_token_s", session.now)
        elif isinstance(value, Sentence):
            answer.arrived("first_sentence_s", session.now)
        elif isinstance(value, Done) and self._asks_leave(answer):
            return  # only the routing is done; the tool itself waits
        elif answer.released is None:
            answer.waiting.append(value)
        else:
            self._use(answer, value)

    def _asks_leave(self, answer: Answer) -> bool:
        """Whether the tool changes something and has not been set to work."""
        routed = answer.routed
        return routed is not None and routed.call.name in EFFECTS and not answer.asked

    def _routed(self, answer: Answer, routed: Routed) -> None:
        session, mind = self._session, self._mind
        session.tell(TurnRouted(at=session.now, call=routed.call, via=routed.via))
        session.tell(ToolStarted(at=session.now, tool=routed.call.name))
        if mind.looks(routed.call.name):
            session.player.overlay(earcon("capture"))
        if self._asks_leave(answer):
            answer.asked = True
            request, language = answer.request, answer.language

            def job(cancel: Cancel) -> Iterator[Any]:
                yield from mind.answer(request, routed, language, cancel)

            answer.generation = session.start("mind", job)

    def _use(self, answer: Answer, value: Any) -> None:
        session = self._session
        if isinstance(value, SpokenChunk):
            answer.pieces.append(Piece(number=session.player.add(value.audio), chunk=value))
        elif isinstance(value, ToolResult):
            answer.mark("tool_s", session.now)
            name = answer.routed.call.name if answer.routed else "reply"
            session.tell(ToolFinished(at=session.now, tool=name))
        elif isinstance(value, TurnDone):
            answer.turn = value.turn
        elif isinstance(value, Broken):
            self._broken(answer, value)
        elif isinstance(value, Done):
            answer.finished = True

    def _broken(self, answer: Answer, broken: Broken) -> None:
        """Something of the answer failed: say so once, where nothing of it was said."""
        if answer.apologised or answer.pieces:
            answer.finished = True
        if not answer.apologised:
            self._session.fail(broken)
        if not answer.finished:
            answer.apologised = True
            language = "zh" if base(answer.language) == "zh" else "en"
            job = self._saying(_FAILED[language], language)
            answer.generation = self._session.start("mind", job)

    # --- as time goes on ----------------------------------------------------------------------

    def step(self) -> None:
        """Tell how far speech has come; end the turn; fill silence."""
        now = self._session.now
        answer = self._answer
        if answer is None or answer.released is None:
            return
        self._progress(answer)
        if answer.over(self.position):
            self._end(answer, interrupted=False)
        elif not answer.pieces and not answer.finished:
            self._fill(answer, now)

    def _progress(self, answer: Answer) -> None:
        now, position = self._session.now, self.position
        while answer.told < len(answer.pieces):
            piece = answer.pieces[answer.told]
            if piece.number > position.piece or (
                piece.number == position.piece and not position.samples
            ):
                break
            answer.mark("first_audio_s", now)
            answer.told += 1
            if piece.chunk.text:
                self._session.tell(Speaking(at=now, text=piece.chunk.text))
        while answer.spoken < answer.told:
            piece = answer.pieces[answer.spoken]
            if piece.number >= position.piece:
                break
            answer.spoken += 1
            self._said(piece.chunk.text)
            if piece.chunk.text:
                self._session.tell(SpokenUpTo(at=now, text=answer.heard(position)))

    def _said(self, text: str) -> None:
        now = self._session.now
        self._spoken.append((now, text))
        while self._spoken and self._spoken[0][0] < now - _MEMORY_S:
            self._spoken.popleft()

    def _fill(self, answer: Answer, now: float) -> None:
        """Tell by a sound, and once by a phrase, that the work goes on."""
        session = self._session
        since = now - (answer.released or now)
        if answer.filler is None and answer.routed and since >= session.rules.filler_after_s:
            phrases = self._mind.fillers(answer.routed.call.name, answer.language)
            if phrases:
                chosen = phrases[answer.generation % len(phrases)]
                answer.filler = session.player.add(chosen.audio)
                self._said(chosen.text)
                session.tell(Speaking(at=now, text=chosen.text, filler=True))
                self._sounded = now
        quiet = _THINKING_S if self._sounded == answer.released else _WAITING_S
        if now - self._sounded >= quiet:
            name = "thinking" if self._sounded == answer.released else "waiting"
            session.player.overlay(earcon(name))
            self._sounded = now

    def _end(self, answer: Answer, *, interrupted: bool) -> None:
        session = self._session
        if interrupted:
            for piece in answer.pieces[answer.spoken : answer.told]:
                self._said(piece.chunk.text)
        turn = answer.ended(self.position, interrupted=interrupted, at=session.now)
        self._answer = None
        session.quiet()
        if answer.remembered:
            self._ended = session.now
            self._mind.remember(turn)
            session.answered(turn)
            session.tell(TurnEnded(at=session.now, turn=turn))
            session.work_ahead()

    # --- words --------------------------------------------------------------------------------

    def _awake(self) -> bool:
        """Whether the wake word was said, or an answer given, a moment ago."""
        if self._answer is not None:
            return True
        return self._ended is not None and (
            self._session.now - self._ended <= self._session.rules.follow_up_s
        )

    def _request(self, transcript: Transcript) -> str:
        """The words of a request, without the wake word."""
        text = transcript.text.strip()
        if self.wake_word and self._session.open_microphone:
            rest = wake.strip(text, self.wake_word)
            return text if rest is None else rest.strip()
        return text

    def _spoken_in(self, transcript: Transcript) -> str:
        return transcript.language or self._language
