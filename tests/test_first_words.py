"""No first word of a request is lost, however long after silence or noise it begins.

Real ears and a real voice detector in a live session; only the mind is scripted, and the clock.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from pypinyin import lazy_pinyin
from scripted import ScriptedMind, ScriptedWorkers

from assistant.audio import HEARING_RATE, Audio
from assistant.devices import FileSound
from assistant.evaluation.clips import Clip, spoken
from assistant.evaluation.hearing import tokens
from assistant.events import Final
from assistant.interfaces import Cancel, Float32
from assistant.registry import Engines
from assistant.session.core import Session
from assistant.session.front import Front
from assistant.session.minds import EngineEars
from assistant.session.parts import Inputs
from assistant.session.player import Player
from assistant.session.utterance import BLOCK_S
from assistant.settings import TurnRules

pytestmark = pytest.mark.weights

REQUESTS = (
    ("What is in front of me?", "en", "af_bella"),
    ("How many dogs are there?", "en", "am_michael"),
    ("Please read this letter to me.", "en", "bf_emma"),
    ("Stop reading and go back.", "en", "bm_george"),
    ("Find the photos of the sea.", "en", "af_sarah"),
    ("Is the door open?", "en", "am_eric"),
    ("Help me to find the exit.", "en", "bf_isabella"),
    ("这个牌子上写着什么？", "zh", "zf_xiaoyi"),
    ("什么时候会下雨？", "zh", "zm_yunjian"),
    ("请描述一下这张图片。", "zh", "zf_xiaoyi"),
    ("前面有几个人？", "zh", "zm_yunxi"),
    ("把声音调大一点。", "zh", "zm_yunyang"),
)
SHIFTS = tuple(range(0, 501, 50))  # ms
BACKGROUNDS = ("start", "silence", "noise")
_BEFORE_S, _AFTER_S = 2.0, 3.5  # s of no speech; a turn ends after at most 2.2 s
_NOISE = 10 ** (-58 / 20)  # root mean square; the speech has -26 dBFS
_RULES = TurnRules(partial_every_s=60.0)  # partial transcripts change nothing here


def _clip(text: str, language: str, voice: str, engines: Engines) -> Audio:
    clip = Clip(
        text=text, language=language, voice=voice, rate=1.0, level=-26.0,
        noise=None, before=0.0, after=0.0, seed=0,
    )  # fmt: skip
    return spoken(clip, engines)


def _shifted(clip: Audio, background: str, shift: int) -> Audio:
    """The clip after so many ms of the sound, of silence or of noise."""
    lead = shift / 1000 + (0.0 if background == "start" else _BEFORE_S)
    parts: list[Float32] = [
        np.zeros(round(lead * HEARING_RATE), np.float32),
        clip.samples,
        np.zeros(round(_AFTER_S * HEARING_RATE), np.float32),
    ]
    samples = np.concatenate(parts)
    if background == "noise":
        noise = np.random.default_rng(shift).standard_normal(len(samples))
        samples = (samples + _NOISE * noise).astype(np.float32)
    return Audio(samples=samples, rate=HEARING_RATE)


def _requests(engines: Engines, audio: Audio) -> Iterator[str]:
    """What a session takes for requests; hearing takes it 0.4 s."""
    workers, player = ScriptedWorkers(), Player()
    session = Session(
        rules=_RULES,
        front=Front.of(engines),
        ears=EngineEars(engines),
        mind=ScriptedMind({}),
        player=player,
        workers=workers,
        open_microphone=True,
    )
    for number, block in enumerate(FileSound(audio, tail_s=0.0).blocks(player.render)):
        workers.now = number * BLOCK_S
        inputs = Inputs(block=block, items=tuple(workers.items()), position=player.position())
        for event in session.step(inputs):
            if isinstance(event, Final):
                yield event.text
                return  # its first word is what counts


def first_sound(text: str, language: str) -> list[str]:
    """The first word, of Mandarin its syllable: a homophone ("8" for "把") is not lost."""
    return [lazy_pinyin(word)[0] for word in tokens(text, language)[:1]]


def _lost(
    engines: Engines, requests: tuple[tuple[str, str, str], ...], shifts: tuple[int, ...]
) -> list[tuple[str, str, int, str]]:
    """Clip, background, shift and what was heard, where the first word is another one."""
    lost = []
    for text, language, voice in requests:
        clip = _clip(text, language, voice, engines)
        whole = EngineEars(engines).hear(clip, None, Cancel()).text
        assert tokens(whole, language)[:1] == tokens(text, language)[:1], "an unclear voice"
        for background in BACKGROUNDS:
            for shift in shifts:
                heard = next(_requests(engines, _shifted(clip, background, shift)), "")
                if first_sound(heard, language) != first_sound(whole, language):
                    lost.append((whole, background, shift, heard))
    return lost


def test_first_words_are_kept(engines: Engines) -> None:
    assert _lost(engines, (REQUESTS[0], REQUESTS[2], REQUESTS[9]), (0, 350)) == []


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_first_words_are_kept_at_every_onset(engines: Engines) -> None:
    lost = _lost(engines, REQUESTS, SHIFTS)
    print(
        f"{len(REQUESTS) * len(BACKGROUNDS) * len(SHIFTS)} requests, {len(lost)} first words lost"
    )
    assert lost == []
