"""The mode "surroundings": what is new, hazards first, each thing once."""

from __future__ import annotations

from typing import Final

from assistant.languages import base, length
from assistant.types import SceneObject, SentenceKind
from assistant.vision import sentence
from assistant.vision.names import names
from assistant.vision.precedence import ANIMALS, MOVING, rank
from assistant.vision.sentence import LIMITS, Style
from assistant.watching import words
from assistant.watching.faults import Faults
from assistant.watching.seen import FRESH_S, Glimpse, Remark, Seen, Subject
from assistant.watching.tracks import Track, Tracks
from assistant.watching.writing import Writing, worth

_AT_ONCE: Final = 2  # things told together while the camera moves
_SAME_WORDS_S: Final = 10.0  # s in which one sentence is not said twice, even of another scene


def is_hazard(thing: SceneObject) -> bool:
    """A vehicle or an animal."""
    known = names().get(thing.name)
    return thing.name in MOVING or (known is not None and known.kind in ANIMALS)


class Surroundings:
    """Vehicles, animals and whatever comes nearer first; then the rest; then writing."""

    wants: tuple[Subject, ...] = ("things", "glance", "text")

    def __init__(self, language: str, style: Style = "words") -> None:
        self._language = language
        self._style: Style = style
        self._tracks = Tracks()
        self._writing = Writing()
        self._faults = Faults()
        self._text: Seen | None = None
        self._words: Seen | None = None  # a look with a vision model's own words
        self._cut = -1e9  # s, when the scene last changed
        self._said: dict[str, float] = {}  # sentence -> s

    def glimpse(self, glimpse: Glimpse) -> None:
        """Keep fresh what the camera still shows, and move what it has turned away from."""
        if glimpse.cut:  # what was not told of the scene before is old
            self._cut = glimpse.at
            self._tracks.clear()
            self._text = self._words = None
        self._tracks.shift(*glimpse.shift)
        if "things" in glimpse.still:
            self._tracks.still(glimpse.at)
            self._faults.still(glimpse.at)

    def see(self, seen: Seen) -> None:
        """Take a look's things, writing or boxes."""
        if seen.at < self._cut:
            return
        if seen.subject == "text":
            self._text = seen
            return
        if seen.subject == "glance":
            self._tracks.update(seen, adds=False)
            return
        self._faults.see(seen.faults, seen.at, seen.since)
        if not seen.unreadable:
            self._tracks.update(seen)
            self._words = seen if seen.sentence else None

    def compose(self, now: float, *, moving: bool) -> Remark | None:
        """Hazards, then what is new, then writing, then what is wrong with the picture."""
        fresh = self._tracks.fresh(now)
        coming = [t for t in fresh if t.approaching and _may_come(t)]
        if coming:
            return self._coming(coming)
        new = [t for t in fresh if not t.told and t.sure]
        remark = self._new(new, now, moving=moving)
        if remark is not None:
            return remark
        if moving:
            return None
        return self._own_words(now) or self._writes(now) or self._faults.compose(now)

    def told(self, remark: Remark, now: float) -> None:
        """Never tell it again while it is there."""
        self._said[remark.text] = now
        if remark.kind == "generated":
            self._words = None
        if remark.topic == "fault":
            self._faults.told(remark, now)
        elif remark.topic == "text":
            self._writing.told(remark.keys, now)
        else:
            self._tracks.told(remark.keys)

    def _coming(self, tracks: list[Track]) -> Remark:
        track = min(tracks, key=lambda t: rank(t.thing))
        return Remark(
            text=words.nearer(track.thing, self._language, self._style),
            topic="hazard",
            kind="measured",
            since=track.seen,
            urgent=True,
            keys=(track.key,),
        )

    def _new(self, tracks: list[Track], now: float, *, moving: bool) -> Remark | None:
        """New things, hazards first, in one sentence where they fit."""
        tracks = sorted(tracks, key=lambda t: (not is_hazard(t.thing), rank(t.thing)))
        if moving:
            tracks = tracks[:_AT_ONCE]
        hazards = [t for t in tracks if is_hazard(t.thing)]
        chosen = hazards or tracks
        if not chosen:
            return None
        text = self._sentence(chosen)
        if hazards and len(hazards) < len(tracks):
            both = self._both(text, self._sentence(tracks[len(hazards) :]))
            if length(both, self._language) <= LIMITS[sentence.key(self._language)]:
                text, chosen = both, tracks
        keys = tuple(track.key for track in chosen)
        if not text or now - self._said.get(text, -1e9) < _SAME_WORDS_S:
            self._tracks.told(keys)
            return None
        return Remark(
            text=text,
            topic="hazard" if hazards else "change",
            kind="measured",
            since=min(track.since for track in chosen),
            urgent=bool(hazards),
            keys=keys,
        )

    def _sentence(self, tracks: list[Track]) -> str:
        """Things with their places; "and more" is left out, which only a question brings."""
        things = [track.thing for track in tracks]
        text = sentence.first(things, self._language, self._style) or ""
        return text.replace("; and more.", ".").replace("，还有别的。", "。")

    def _both(self, first: str, second: str) -> str:
        if base(self._language) == "zh":
            return f"{first.rstrip('。')}，{second.removeprefix('在你')}"
        return f"{first.rstrip('.')}; {second[:1].lower()}{second[1:]}"

    def _own_words(self, now: float) -> Remark | None:
        seen = self._words
        if seen is None or now - seen.at > FRESH_S or seen.sentence in self._said:
            return None
        return Remark(text=seen.sentence, topic="change", kind="generated", since=seen.since)

    def _writes(self, now: float) -> Remark | None:
        seen = self._text
        if seen is None:
            return None
        texts = self._writing.new(worth(seen.lines), now)
        told = sentence.brief_text(texts, self._language)
        if told is None or now - seen.at > FRESH_S:
            self._text = None
            return None
        kind: SentenceKind = "quoted" if sentence.is_quote(told) else "measured"
        return Remark(text=told, topic="text", kind=kind, since=seen.since, keys=tuple(texts))


def _may_come(track: Track) -> bool:
    """What moves by itself, a person too; furniture grows only since somebody walks."""
    return track.sure and (track.thing.name == "person" or is_hazard(track.thing))
