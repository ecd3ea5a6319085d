"""Speech over a reply, with the real canceller, voice detector and Whisper, in rooms made here.

Engines' results arrive after fixed times on the room's clock, and the reply's voice, which is
another one each time, has a seed: a run is the same every time on the same kind of processor.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass

import numpy as np
import onnxruntime
import pytest
from rooms import Late, Room, impulse_response
from scripted import Reply, Say, ScriptedMind, Stage

from assistant.audio import HEARING_RATE, Audio
from assistant.devices import BLOCK, Block
from assistant.events import Ducked, Final, Interrupted, Speaking
from assistant.interfaces import Float32, Options
from assistant.registry import Engines
from assistant.session.core import Session
from assistant.session.front import EchoLevel, Front
from assistant.session.minds import EngineEars
from assistant.session.player import Player
from assistant.session.running import converse
from assistant.settings import TurnRules
from assistant.speech import Speaker, trimmed
from assistant.types import SpokenChunk

COSTS = {"ears": 0.35, "turn": 0.1, "mind": 0.05, "eyes": 0.1, "idle": 0.1}  # s
PERSON_DB = -26.0  # dBFS at the microphone; the reply has -18 dBFS
CLAUSES = (
    "There are two people on the pavement, a little to your left,",
    "and a red truck stands in the middle of the street, near you.",
    "Behind it I can see a row of houses with white windows,",
    "and a bicycle leans on the wall of the second house.",
)
ROOMS = {"headphones": None, "loudspeaker": 0.3}  # gain of the echo
INTERRUPTIONS = (
    ("Wait, please stop talking now.", "en", "am_adam"),
    ("等一下，先别说了。", "zh", "zm_yunjian"),
    ("What did you say about the door?", "en", "af_heart"),
    ("不对，我想问别的。", "zh", "zf_xiaoxiao"),
    ("Can you repeat that?", "en", "am_michael"),
)


def test_what_an_echo_explains_is_learned() -> None:
    echo = EchoLevel()
    for _ in range(60):
        echo.explains(-38.0, -18.0)  # 20 dB below what was played
        echo.learn(speech=False)
    assert echo.explains(-36.0, -18.0)
    assert not echo.explains(-26.0, -18.0)


def test_a_voice_is_not_learned_as_echo() -> None:
    echo = EchoLevel()
    for _ in range(60):
        echo.explains(-38.0, -18.0)
        echo.learn(speech=False)
    for _ in range(200):
        echo.explains(-20.0, -18.0)
        echo.learn(speech=True)
    assert not echo.explains(-20.0, -18.0)


def test_nothing_is_an_echo_of_silence() -> None:
    echo = EchoLevel()
    assert not echo.explains(-50.0, -120.0)


def test_until_the_room_is_known_everything_may_be_echo() -> None:
    echo = EchoLevel()
    assert echo.explains(-10.0, -18.0)


def test_an_echo_that_was_taken_for_a_voice_raises_the_bound() -> None:
    echo = EchoLevel()
    for _ in range(60):
        echo.explains(-38.0, -18.0)
        echo.learn(speech=False)
    assert not echo.explains(-29.0, -18.0)
    echo.louder()
    assert echo.explains(-29.0, -18.0)


@dataclass(frozen=True, kw_only=True)
class Heard:
    """s after the onset of the interruption; None never."""

    ducked: float | None
    stopped: float | None
    before: int  # interruptions although nobody had spoken
    requests: list[str]


class Lines(ScriptedMind):
    """Answers the first question at length, in a real voice."""

    def __init__(self, chunks: Sequence[SpokenChunk]) -> None:
        super().__init__({})
        self._chunks = chunks

    def reply(self, request: str) -> Reply:
        return Reply(clauses=[] if self.answered[1:] else CLAUSES, wait=0.0)

    def answer(self, request, routed, language, cancel):  # type: ignore[no-untyped-def]
        spoken = iter(self._chunks)
        for value in super().answer(request, routed, language, cancel):
            if type(value).__name__ == "SpokenChunk":
                yield next(spoken)
            elif type(value).__name__ != "Wait":
                yield value


_REPLIES: dict[int, list[SpokenChunk]] = {}


def reply(engines: Engines, seed: int) -> list[SpokenChunk]:
    """The clauses in the default voice, whose chances the seed decides."""
    if seed not in _REPLIES:
        onnxruntime.set_seed(seed)  # of what is loaded from now on
        with closing(Engines(profile=engines.profile, locator=engines.locator)) as own:
            _REPLIES[seed] = [next(Speaker(own).speak([text], "en")) for text in CLAUSES]
    return _REPLIES[seed]


def said(engines: Engines, text: str, language: str, voice: str, level: float) -> Audio:
    chunks = Speaker(engines).speak([text], language, Options(voice=voice))
    sound = np.concatenate([trimmed(c.audio).resampled(HEARING_RATE).samples for c in chunks])
    scale = np.float32(10 ** (level / 20) / np.sqrt(np.mean(sound**2)))
    return Audio(samples=sound * scale, rate=HEARING_RATE)


def interrupted(
    engines: Engines,
    response: Float32 | None,
    person: Audio,
    after: float,
    seed: int,
    moved: tuple[float, Float32] | None = None,
) -> Heard:
    """Ask, and speak over the answer `after` s of it; the seed is the reply's and the room's."""
    from assistant.engines.echo_speex import SpeexEcho
    from assistant.engines.echo_webrtc import WebRtcEcho

    room = Room(seconds=20, response=response, seed=seed, moved=moved)
    room.say(said(engines, "What is in front of me?", "en", "af_heart", -22.0), 1.0)
    workers = Late(room, COSTS)
    session = Session(
        rules=TurnRules(),
        front=Front(engines.get("voice_detector").stream(), WebRtcEcho(), SpeexEcho()),
        ears=EngineEars(engines),
        mind=Lines(reply(engines, seed)),
        player=Player(),
        workers=workers,
        open_microphone=True,
    )
    onset: float | None = None
    events = []
    for event in converse(session, room, workers):
        events.append(event)
        if isinstance(event, Speaking) and onset is None:
            onset = event.at + after
            room.say(person, onset)
        if onset is not None and session.now > onset + 4.0:
            room.close()
    assert onset is not None, events

    def first(kind: type) -> float | None:
        return next((e.at - onset for e in events if isinstance(e, kind) and e.at >= onset), None)

    return Heard(
        ducked=first(Ducked),
        stopped=first(Interrupted),
        before=sum(isinstance(e, Interrupted) and e.at < onset for e in events),
        requests=[e.text for e in events if isinstance(e, Final)],
    )


def over_a_reply(engines: Engines, gain: float | None, which: int) -> Heard:
    """One of the interruptions, in a room of its own that is known by then."""
    response = None if gain is None else impulse_response(gain=gain, seed=which + 1)
    person = said(engines, *INTERRUPTIONS[which], PERSON_DB)
    return interrupted(engines, response, person, after=4.0 + 0.7 * which, seed=which)


@pytest.mark.weights
def test_a_person_gets_through_with_headphones(engines: Engines) -> None:
    """The canceller alone takes the whole voice away here, though there is no echo at all."""
    heard = over_a_reply(engines, ROOMS["headphones"], 0)
    assert heard.before == 0
    assert heard.ducked is not None, heard
    assert heard.stopped is not None, heard
    assert heard.ducked <= 0.3, heard
    assert heard.stopped <= 0.9, heard


@pytest.mark.long
@pytest.mark.weights
def test_people_get_through(engines: Engines) -> None:
    """Over a loudspeaker; one of five may be late."""
    runs = [over_a_reply(engines, ROOMS["loudspeaker"], n) for n in range(len(INTERRUPTIONS))]
    assert not any(run.before for run in runs)
    assert sum(run.ducked is not None and run.ducked <= 0.3 for run in runs) >= 4, runs
    assert sum(run.stopped is not None and run.stopped <= 0.9 for run in runs) >= 4, runs


@pytest.mark.weights
@pytest.mark.parametrize("gain", [0.3, 1.0])
def test_its_own_voice_is_no_request(engines: Engines, gain: float) -> None:
    """In a room in which its echo is as loud as itself, too."""
    nobody = Audio.silence(0.1)
    heard = interrupted(engines, impulse_response(gain=gain), nobody, after=10.0, seed=3)
    assert heard.before == 0
    assert heard.stopped is None
    assert len(heard.requests) == 1, heard


@pytest.mark.long
@pytest.mark.weights
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("gain", [0.6, 1.0, 1.6])
def test_its_own_voice_is_no_request_whatever_the_chances(engines: Engines, gain: float) -> None:
    """Of the voice and the room: forty of each. `-s` prints what went wrong."""
    nobody = Audio.silence(0.1)
    wrong = []
    for seed in range(100, 140):
        response = impulse_response(gain=gain, seed=seed)
        heard = interrupted(engines, response, nobody, after=10.0, seed=seed)
        if heard.before or heard.stopped is not None or len(heard.requests) != 1:
            wrong.append(heard)
            print(seed, heard)
    assert len(wrong) <= 1, wrong


@pytest.mark.weights
def test_an_echo_that_grows_is_no_person(engines: Engines) -> None:
    """Somebody turns the loudspeaker up in the middle: what was learned no longer fits."""
    nobody = Audio.silence(0.1)
    heard = interrupted(
        engines,
        impulse_response(gain=0.4),
        nobody,
        after=10.0,
        seed=3,
        moved=(7.5, impulse_response(gain=0.8)),
    )
    assert heard.before == 0
    assert len(heard.requests) == 1, heard


class Hum:
    """Stands for any canceller and any voice: nothing is taken out, everything is speech."""

    delay = 0

    def clean(self, microphone: Float32, reference: Float32) -> Float32:
        return microphone

    def next(self, frame: Float32) -> float:
        return 0.9


def test_another_programs_voice_during_the_cue_is_no_sign_of_a_person() -> None:
    rng = np.random.default_rng(0)
    front = Front(Hum(), Hum())
    for _ in range(30):
        noise = (0.1 * rng.standard_normal(BLOCK)).astype(np.float32)
        frame = front.frame(Block(microphone=noise, reference=noise, played=0), cue=True)
        assert not frame.plain


def test_whoever_speaks_after_the_cue_is_a_person() -> None:
    rng = np.random.default_rng(0)
    front = Front(Hum(), Hum())
    silence = np.zeros(BLOCK, np.float32)
    for number in range(30):
        voice = (0.1 * rng.standard_normal(BLOCK)).astype(np.float32)
        cue = voice if number < 6 else silence
        frame = front.frame(Block(microphone=voice, reference=cue, played=0), cue=True)
    assert frame.plain


@pytest.mark.parametrize(("after", "obeyed"), [(0.3, False), (9.0, True)])
def test_a_command_no_louder_than_the_echo_waits_until_the_room_is_known(
    after: float, obeyed: bool
) -> None:
    """What a canceller leaves of the first words of a reply is misheard, as "repeat" for one."""
    stage = Stage(
        script=[Say(at=1.0, text="tell me something."), Say(at=4.5 + after, text="repeat")],
        replies={"tell me something.": Reply(clauses=CLAUSES, wait=2.0)},
        canceller=Hum(),
    )
    events = stage.run(5.5 + after)
    begins = next(event.at for event in events if isinstance(event, Speaking))
    assert begins == pytest.approx(4.5, abs=0.2)
    stopped = any(isinstance(event, Interrupted) for event in events)
    assert stopped == obeyed
