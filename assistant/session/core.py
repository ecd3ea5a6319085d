"""The live session: one step for every 32 ms of sound, in which everything is decided.

A step takes the block of sound, the keys, what the workers yielded and how far playing has
come (`Inputs`), and gives the events that follow. It reads no clock and waits for nothing, so
the same inputs always give the same events: on devices, on files, in tests on a virtual clock
and in a replay.

Work begins before it is sure that the speaker has finished: a short pause starts
transcription, routing and the answer's speech; only playing waits. Whoever goes on speaking
makes all of it stale, by a new generation.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from assistant.earcons import earcon
from assistant.endpointing import required_pause
from assistant.events import (
    Failed,
    Ignored,
    Listening,
    Partial,
    SessionEvent,
    SpeechStarted,
    SpeechStopped,
)
from assistant.interfaces import Cancel
from assistant.partials import Stabiliser
from assistant.session.barge_in import BargeIn
from assistant.session.front import BLOCK_S, Front
from assistant.session.notices import Notices
from assistant.session.parts import Ears, Heard, Inputs, Mind, Prosody, Watch
from assistant.session.player import Player
from assistant.session.replying import Replying
from assistant.session.utterance import Onset, Utterance
from assistant.session.workers import Broken, Item, Workers
from assistant.settings import TurnRules
from assistant.types import Turn

_CUE_ECHO_S = 1.0  # s after a cue's end in which the microphone may still hear it
_STUCK_S = 10.0  # s after which nobody waits for a transcription any more


class Session:
    """One conversation. `step` is called on one thread, once a block, in order."""

    def __init__(
        self,
        *,
        rules: TurnRules,
        front: Front,
        ears: Ears,
        mind: Mind,
        player: Player,
        workers: Workers,
        watch: Watch | None = None,
        open_microphone: bool = False,
        wake_word: str | None = None,
        language: str = "en",
    ) -> None:
        """`language` is that of the first sentence, before anybody has spoken."""
        self.rules = rules
        self.now = 0.0  # s of sound since the start
        self.open_microphone = open_microphone
        self.listening = open_microphone
        self.utterance: Utterance | None = None
        self._front = front
        self._ears = ears
        self._mind = mind
        self._player = player
        self._workers = workers
        self._watch = watch
        self._onset = Onset(rules)
        self._partials = Stabiliser()
        self._before: Utterance | None = None  # the request being answered, should it go on
        self._closing = False  # the key that ends a request was pressed
        self._events: list[SessionEvent] = []
        self._awaited: dict[str, int] = {}  # lane -> generation
        self._generation = 0
        self._cue_until = 0.0  # s, while the echo of the cue for listening may be heard
        self._replying = Replying(self, mind=mind, wake_word=wake_word, language=language)
        self._notices = Notices(self, self._replying)
        self._barge_in = BargeIn(self, self._replying, front)

    # --- for the parts ------------------------------------------------------------------

    @property
    def player(self) -> Player:
        return self._player

    @property
    def replying(self) -> bool:
        """Whether a turn is being answered."""
        return self._replying.released

    def tell(self, event: SessionEvent) -> None:
        """Add an event to this step's."""
        self._events.append(event)

    def answered(self, turn: Turn) -> None:
        """A turn has ended; what it told is not announced again."""
        self._notices.answered(turn)

    def quiet(self) -> None:
        """The reply is over, so nothing of it is ducked."""
        self._barge_in.over()

    def start(self, lane: Any, job: Any) -> int:
        """Start a job in a lane; what its last one still yields is stale from now on."""
        self._generation += 1
        self._awaited[lane] = self._generation
        self._workers.start(lane, self._generation, job)
        return self._generation

    def drop(self, lane: Any) -> None:
        """Cancel a lane's job and ignore what it still yields."""
        self._awaited.pop(lane, None)
        self._workers.cancel(lane)

    def work_ahead(self) -> None:
        """Between two turns; nobody waits for it, so it needs no generation."""
        self._workers.start("idle", 0, self._mind.idle)

    # --- a step ---------------------------------------------------------------------------

    def step(self, inputs: Inputs) -> list[SessionEvent]:
        """What follows from the next 32 ms."""
        self._events = []
        if not self.now:  # a sound tells that it is ready, and in which way
            self._listen(self.listening)
            self.start("eyes", self._mind.look)
            self.work_ahead()
        self.now = round(self.now + BLOCK_S, 3)
        self._replying.position = inputs.position
        for name in inputs.block.notices:
            self._notices.add(name)
        cue = self.now < self._cue_until and not self._replying.sounding
        frame = self._front.frame(inputs.block, cue=cue)
        for key in inputs.keys:
            self._key(key)
        for item in inputs.items:
            self._item(item)
        if self._before is not None:
            self._before.add(frame, self.now)
            if self._replying.audible or not self._replying.reopens:
                self._before = None
        if self.utterance is not None:
            self.utterance.add(frame, self.now)
        elif self.listening:
            found = self._onset.add(frame, self.now)
            if found is not None:
                self._begin(found)
            else:
                self._barge_in.watch(frame)
        else:
            self._onset.wait(frame)
        if self.utterance is not None:
            self._follow(self.utterance)
        elif self._closing:
            self._closing = False
            self._replying.unheard()
        self._replying.step()
        self._notices.step()
        return self._events

    def _key(self, key: str) -> None:
        if key == "open":
            self.open_microphone = not self.open_microphone
            self._listen(self.open_microphone)
        elif key == "space" or self.open_microphone:
            self._replying.interrupt("key")
        elif key == "enter" and self.listening:
            self._closing = True
            self._listen(False)
        elif key == "enter":
            self._replying.interrupt("key")
            self._listen(True)

    def _listen(self, on: bool) -> None:
        self.listening = on
        cue = earcon("listening" if on else "stopped")
        self._player.overlay(cue)
        self._cue_until = self.now + cue.duration + _CUE_ECHO_S
        self.tell(Listening(at=self.now, on=on))
        if on:
            self._onset.listen()
        if on and self._watch is not None:
            self._watch.speech_began()

    def _item(self, item: Item) -> None:
        if item.lane == "behind":
            self._notices.announce(item.value)
            return
        if self._awaited.get(item.lane) != item.generation:
            return
        value = item.value
        if item.lane == "eyes":
            return  # the engines keep what they saw
        if item.lane == "mind":
            self._replying.take(value)
        elif isinstance(value, Broken):
            self._awaited.pop(item.lane)
            if item.lane == "ears":
                self.fail(value)
                self._drop_utterance()
                self._replying.failed()
        elif self.utterance is not None and isinstance(value, Prosody):
            self.utterance.prosody = value.finished
        elif self.utterance is not None and isinstance(value, Heard):
            self._awaited.pop(item.lane)
            self._understand(self.utterance, value)

    def fail(self, broken: Broken) -> None:
        """Tell, by an event and a sound, that an engine failed."""
        self._player.overlay(earcon("error"))
        self.tell(Failed(at=self.now, message=broken.message, fix=broken.fix))

    # --- an utterance -----------------------------------------------------------------------

    def _begin(self, utterance: Utterance) -> None:
        """Somebody speaks."""
        self._workers.cancel("idle")
        before, self._before = self._before, None
        if before is not None and self._replying.reopen():
            before.transcript, before.prosody = None, None
            before.asked = before.prosody_asked = 0.0
            utterance = before  # the request goes on; it has all the sound since
        else:
            self._partials = Stabiliser()
            utterance.over_reply = self._replying.released
        self.utterance = utterance
        if self._watch is not None:
            self._watch.speech_began()
        self.drop("turn")
        self.tell(SpeechStarted(at=round(utterance.onset, 3)))
        if utterance.over_reply:
            self._barge_in.duck()

    def _follow(self, utterance: Utterance) -> None:
        """What an utterance that goes on, or pauses, calls for now."""
        silence = self.now - utterance.last_voiced
        if silence < BLOCK_S:  # speaking
            if self._replying.speculating and utterance.last_voiced > utterance.covers:
                self._replying.forget_speculation()
            if utterance.over_reply and not utterance.speech:
                if self._barge_in.follow(utterance) and "ears" not in self._awaited:
                    self._hear(utterance)
            elif "ears" not in self._awaited and (
                utterance.until - max(utterance.asked, utterance.begins)
                > self.rules.partial_every_s
            ):
                self._hear(utterance)
            if utterance.until - utterance.begins < self.rules.longest_turn_s:
                return
            self._closing = True
        if silence >= self.rules.speculate_s or self._closing:
            self._listen_closely(utterance)
            self._decide(utterance, silence)

    def _listen_closely(self, utterance: Utterance) -> None:
        """In a pause: have all that was said transcribed, and its melody judged."""
        judging = utterance.over_reply and not utterance.speech and "ears" in self._awaited
        if utterance.asked < utterance.last_voiced and not judging:  # its words are wanted soon
            self._hear(utterance)
        if utterance.prosody_asked < utterance.last_voiced:
            utterance.prosody_asked = covers = utterance.until
            utterance.prosody = None
            sound = utterance.audio()

            def job(cancel: Cancel) -> Iterator[Prosody]:
                yield Prosody(finished=self._ears.finished(sound), covers=covers)

            self.start("turn", job)

    def _hear(self, utterance: Utterance) -> None:
        """Have the utterance transcribed as far as it goes."""
        covers = utterance.asked = utterance.until
        sound, language = utterance.audio(), utterance.language

        def job(cancel: Cancel) -> Iterator[Heard]:
            yield Heard(transcript=self._ears.hear(sound, language, cancel), covers=covers)

        self.start("ears", job)

    def _understand(self, utterance: Utterance, heard: Heard) -> None:
        """Take a transcription; in a pause it is what was said."""
        utterance.transcript, utterance.covers = heard.transcript, heard.covers
        text = heard.transcript.text
        if utterance.language is None and text:
            utterance.language = heard.transcript.language
        if utterance.over_reply and not utterance.speech:
            self._barge_in.heard(utterance)
        if text and utterance.covers < utterance.last_voiced:
            stable, unsure = self._partials.update(text)
            self.tell(
                Partial(
                    at=self.now,
                    text=stable,
                    unsure=unsure,
                    language=heard.transcript.language,
                )
            )

    def _decide(self, utterance: Utterance, silence: float) -> None:
        """Whether the turn has ended; meanwhile its answer is prepared."""
        if utterance.transcript is None or utterance.covers < utterance.last_voiced:
            if silence > _STUCK_S:
                self.fail(Broken(message="hearing took too long", fix="assistant doctor"))
                self._drop_utterance()
            return
        reason = self._refusal(utterance)
        if reason is not None:
            if silence >= self.rules.shortest_pause_s or self._closing:
                self._ignore(utterance, reason)
            return
        if utterance.over_reply and not utterance.speech:
            self._barge_in.take_over(utterance)
        self._replying.speculate(utterance, utterance.transcript)
        if silence >= self._needed(utterance):
            self.utterance, self._closing = None, False
            self._onset.clear()
            self.tell(SpeechStopped(at=round(utterance.last_voiced, 3)))
            if self._replying.release(utterance):
                self._before = utterance

    def _needed(self, utterance: Utterance) -> float:
        """Seconds of silence that end the turn."""
        if self._closing:
            return 0.0
        if not self.open_microphone:
            return self.rules.push_to_talk_pause_s
        heard = utterance.transcript
        return required_pause(
            self.rules,
            prosody=utterance.prosody,
            text=heard.text if heard else None,
            language=heard.language if heard else "en",
            voiced_s=utterance.voiced,
        )

    # --- what is no request -------------------------------------------------------------------

    def _refusal(self, utterance: Utterance) -> Any:
        """Why an utterance becomes no turn, or None."""
        transcript = utterance.transcript
        if transcript is None or not transcript.text.strip():
            return "noise"
        kind = self._barge_in.refusal(utterance)
        if kind is not None:
            return kind
        return self._replying.refusal(utterance, transcript)

    def _ignore(self, utterance: Utterance, reason: Any) -> None:
        text = utterance.transcript.text if utterance.transcript else ""
        self._barge_in.go_on()
        self.tell(SpeechStopped(at=round(utterance.last_voiced, 3)))
        self.tell(Ignored(at=self.now, reason=reason, text=text))
        asked = self._closing
        self._drop_utterance()
        if asked:
            self._replying.unheard()

    def _drop_utterance(self) -> None:
        self.utterance, self._closing = None, False
        self.drop("ears")
        self.drop("turn")
        self._replying.forget_speculation()
        self._onset.clear()
