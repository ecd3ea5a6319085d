"""Words that a recogniser invents where nobody speaks, and how they are told from real ones.

Whisper was trained on subtitles: on noise it writes what subtitle files say ("Thanks for
watching", "字幕由...提供"), describes sounds in brackets, or repeats itself (Koenecke et al.,
"Careless Whisper", FAccT 2024; Bain et al., "WhisperX", Interspeech 2023, section 3).
No single sign is reliable, so a segment is judged by several together.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from assistant.settings import TurnRules
from assistant.types import Transcript

# Credits of subtitle files: nobody says them, whatever the evidence.
_CREDITS = re.compile(
    r"amara\.?\s?org|opensubtitles|^(?:subtitles|captions|transcri(?:bed|ption|pts?)) by\b"
    r"|^sous-titr\w+ (?:par|réalis|st'|:)|^untertitel(?:ung)? (?:der|von|im auftrag|:)"
    r"|^subt[ií]tulos (?:por|realizados)|^napisy (?:by|stworzone)"
    r"|^субтитры (?:сделал|создавал|дела)"
    r"|字幕(?:由|by|製作|制作|提供|志愿者|志願者|组|組)|请不吝点赞|請不吝點贊|點贊訂閱|点赞订阅"
    r"|支持明[镜鏡]|明[镜鏡]需要您|点点栏目|點點欄目|优优独播剧场|優優獨播劇場"
    r"|[词詞]曲?\s*[:：]?\s*李宗盛",
    re.IGNORECASE,
)
# Said by people too: believed only where the sound clearly holds speech.
_SIGN_OFFS = re.compile(
    r"(?:thank(?:s| you)(?: (?:so|very) much)?(?: for (?:watching|listening|viewing))?(?: and .*)?"
    r"|(?:please )?(?:like and )?subscribe(?: to .*)?|see you (?:next time|in the next .*)"
    r"|you|bye(?:[- ]bye)?|okay|oh|uh|hmm|the end|so|i'm sorry"
    r"|谢谢(?:大家|观看|收看|收听|您的观看)*|感谢(?:观看|收看|收听|您的观看)|多谢(?:您的)?(?:观看|收看)"
    r"|謝謝(?:大家|觀看|收看|收聽)*|感謝(?:觀看|收看|收聽)|请订阅.*|請訂閱.*|下次再见|下次再見"
    r"|www\.\S+|中文字幕.{0,6}|嗯|啊|呃"
    r"|ご視聴ありがとうございました|ありがとうございました|시청해주셔서 감사합니다)",
    re.IGNORECASE,
)
_SOUNDS = re.compile(
    r"[\[(（【*♪♫][^\])）】*♪♫]*[\])）】*♪♫]|[♪♫*]+"
)  # "[Music]", "(笑)", "♪ ... ♪"
_EDGES = " \t.,!?;:…-—\"'“”‘’。，！？；：、~·"
_FASTEST = 35.0  # characters a second; fast English speech has about 20
_FASTEST_HAN = 12.0  # Han characters a second; fast Mandarin has about 7
_CLEAR = 0.3  # s of speech that make a sign-off believable; "thank you" takes 0.4


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What is known about a segment beside its words."""

    voiced: float  # s of speech that the voice detector found around it
    peak: float  # highest speech probability there, 0 to 1
    no_speech: float  # the recogniser's own probability that nobody speaks, 0 to 1
    log_probability: float  # mean over the segment's tokens
    compression: float  # length of the text over its length when compressed


def without_sounds(text: str) -> str:
    """The text without descriptions of sounds; empty when nothing else is left."""
    kept = _SOUNDS.sub(" ", text)
    return kept.strip() if kept.strip(_EDGES) else ""


def believable(text: str, evidence: Evidence) -> bool:
    """Whether a segment's words were likely said."""
    words = text.strip(_EDGES)
    if not words or _CREDITS.search(words) or evidence.voiced <= 0:
        return False
    han = len(re.findall(r"[\u3040-\u30ff\u3400-\u9fff]", words))
    if han / _FASTEST_HAN + (len(words) - han) / _FASTEST > evidence.voiced + 0.2:
        return False
    if evidence.compression > 2.4 and evidence.log_probability < -0.8:
        return False  # it repeats itself and is not even sure
    weak = evidence.voiced < _CLEAR or evidence.peak < 0.9
    if _SIGN_OFFS.fullmatch(words) and (weak or evidence.no_speech > 0.5):
        return False
    if weak:
        return evidence.no_speech < 0.4 and evidence.log_probability > -0.9
    return evidence.no_speech < 0.8 or evidence.log_probability > -0.8


def refusal(
    transcript: Transcript,
    *,
    voiced_s: float,
    level: float,
    floor: float,
    rules: TurnRules,
    fall: float | None = None,
) -> Literal["noise", "unclear"] | None:
    """Why believed words still become no turn while the microphone is open, or None.

    Args:
        transcript: what was heard.
        voiced_s: s of speech.
        level: dBFS of the speech.
        floor: dBFS of the noise before it.
        rules: the quietest speech that counts, alone and over the noise.
        fall: dB by which the sound falls within 0.1 s where it falls fastest; None is unknown.
    """
    if level < rules.quietest_db or level < floor + rules.over_noise_db:
        return "noise"  # somebody far away
    if level < rules.soft_db and fall is not None and fall < rules.echoing_db:
        return "noise"  # soft, and more of it echoes than not: a television across the room
    if transcript.confidence < rules.least_confidence or voiced_s < rules.start_s:
        return "unclear"
    return None
