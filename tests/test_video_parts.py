"""The parts that understanding a video is made of: its store, words, screen text, scenes."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assistant.errors import Cancelled, InputError, SettingsError
from assistant.interfaces import DEFAULT_OPTIONS, Cancel, Float32, Options
from assistant.types import (
    Audio,
    AudioChunk,
    Claim,
    Evidence,
    Fault,
    Keyframe,
    Picture,
    Reading,
    Scene,
    SceneObject,
    Segment,
    Shot,
    TextLine,
    Transcript,
    VideoEvent,
    VideoSummary,
    Word,
)
from assistant.video import evidence, screen_text, seeing, words
from assistant.video.content import content_hash
from assistant.video.store import VideoStore, name_of
from assistant.vision import sentence
from assistant.vision.sentence import CANNOT_TELL
from assistant.voiced import FRAME_S

RATE = 16_000


def store(tmp_path: Path, hash: str = "a" * 32) -> VideoStore:
    return VideoStore(hash, tmp_path / "video")


def line(text: str, confidence: float = 0.95, *, unclear: bool = False) -> TextLine:
    return TextLine(text=text, box=(0, 0, 10, 10), confidence=confidence, unclear=unclear)


def frame(start: float, end: float, *lines: TextLine, scene: Scene | None = None) -> Keyframe:
    reading = Reading(lines=lines, text="\n".join(one.text for one in lines))
    return Keyframe(time=start, start=start, end=end, reading=reading, scene=scene)


# --- the store


def test_a_stage_goes_on_after_the_last_chunk_that_was_written(tmp_path: Path) -> None:
    with_chunks = store(tmp_path)
    with_chunks.begin("frames", "one")
    keyframe = Keyframe(time=1.0, start=0.0, end=4.0)
    with_chunks.write_frames(
        (0.0, 4.0), [Shot(start=0.0, end=4.0)], [(keyframe, "x")], goes_on=False, last=False
    )
    with_chunks.close()
    again = store(tmp_path)
    again.begin("frames", "one")
    assert again.reached("frames") == 4.0
    assert not again.finished("frames")
    assert again.frames() == [(keyframe, "x")]
    again.write_frames((4.0, 6.0), [Shot(start=4.0, end=6.0)], [], goes_on=False, last=True)
    assert again.finished("frames")
    assert again.shots() == (Shot(start=0.0, end=4.0), Shot(start=4.0, end=6.0))


def test_what_another_maker_left_is_thrown_away_and_other_stages_stay(tmp_path: Path) -> None:
    one = store(tmp_path)
    one.begin("words", "whisper base")
    one.begin("frames", "six a minute")
    one.write_words((0.0, 9.0), [Segment(text="Hello.", start=0.5, end=1.0)], "en", last=True)
    one.write_frames((0.0, 9.0), [Shot(start=0.0, end=9.0)], [], goes_on=False, last=True)
    one.begin("words", "whisper base")
    assert one.segments()
    one.begin("words", "whisper large")
    assert (one.segments(), one.finished("words"), one.reached("words")) == ([], False, 0.0)
    assert one.finished("frames")


def test_a_shot_that_was_cut_by_the_end_of_a_chunk_is_whole_again(tmp_path: Path) -> None:
    one = store(tmp_path)
    spans = [(0.0, 3.0), (3.0, 10.0), (10.0, 12.0), (12.0, 14.0)]
    first, second, third, fourth = (Shot(start=start, end=end) for start, end in spans)
    one.write_frames((0.0, 10.0), [first, second], [], goes_on=True, last=False)
    one.write_frames((10.0, 14.0), [third, fourth], [], goes_on=False, last=True)
    assert one.shots() == (first, Shot(start=3.0, end=12.0), fourth)


def test_a_chunk_written_twice_is_there_once(tmp_path: Path) -> None:
    one = store(tmp_path)
    for _ in range(2):
        one.write_words((0.0, 9.0), [Segment(text="Hello.", start=0.5, end=1.0)], "en", last=False)
    assert len(one.segments()) == 1
    assert one.reached("words") == 9.0


def test_a_frame_is_kept_with_what_was_read_and_seen_in_it(tmp_path: Path) -> None:
    one = store(tmp_path)
    pixels = np.full((90, 160, 3), (200, 30, 30), np.uint8)
    keyframe = Keyframe(time=61.25, start=60.0, end=70.0)
    hash = one.save_picture(keyframe, Picture(pixels=pixels))
    one.write_frames((0.0, 70.0), [], [(keyframe, hash)], goes_on=False, last=True)
    reading = Reading(lines=(line("Exit"),), text="Exit", unread=((1, 2, 3, 4),))
    thing = SceneObject(
        name="dog", confidence=0.9, box=(1, 2, 3, 4), direction=-5.0, proximity="near"
    )
    scene = Scene(sentence="A dog.", objects=(thing,), people=None, texts=("Exit",), engine="basic")
    one.write_reading(hash, "reader", reading)
    one.write_scene(hash, "describer en", scene)
    (found,) = one.keyframes("reader", "describer en")
    assert (found.reading, found.scene) == (reading, scene)
    assert one.keyframes("reader", "describer zh")[0].scene is None
    kept = one.picture(keyframe)
    assert (kept.width, kept.height) == (160, 90)
    assert np.abs(kept.pixels.astype(int) - pixels).mean() < 5
    one.frame(keyframe).unlink()
    with pytest.raises(InputError, match="has gone"):
        one.picture(keyframe)


def test_a_summary_belongs_to_its_evidence(tmp_path: Path) -> None:
    one = store(tmp_path)
    piece = Evidence(number=1, kind="speech", start=0.0, end=2.0, text="Hello.", language="en")
    claim = Claim(text='A voice says: "Hello."', evidence=(1,))
    summary = VideoSummary(
        topic=claim,
        sentences=(claim, claim, claim),
        timeline=(VideoEvent(start=0.0, end=2.0, text=claim.text, evidence=(1,)),),
        chapters=(),
        language="en",
        engine="extractive",
    )
    name = name_of((piece,), "en", "extractive")
    one.write_summary(name, (piece,), summary)
    assert one.summary(name) == summary
    assert name_of((), "en", "extractive") != name != name_of((piece,), "zh", "extractive")
    one.put("part 1", {"events": [1, 2]})
    assert (one.get("part 1"), one.get("part 2")) == ({"events": [1, 2]}, None)


def test_a_file_is_known_by_its_content(tmp_path: Path) -> None:
    for name, content in (("a.mp4", b"one"), ("b.mp4", b"one"), ("c.mp4", b"two")):
        (tmp_path / name).write_bytes(content)
    a, b, c = (content_hash(tmp_path / name) for name in ("a.mp4", "b.mp4", "c.mp4"))
    assert a == b != c
    with pytest.raises(InputError, match="cannot be read"):
        content_hash(tmp_path / "none.mp4")


def test_only_one_process_works_on_a_content(tmp_path: Path) -> None:
    one = store(tmp_path)
    cancel = Cancel()
    with one.alone():
        other = VideoStore("a" * 32, tmp_path / "video")
        threading.Timer(0.2, cancel.set).start()
        with pytest.raises(Cancelled):
            other.alone(cancel)


def test_a_store_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    one = store(tmp_path)
    one.rows("PRAGMA user_version = 99")
    one.close()
    with pytest.raises(SettingsError, match="newer version"):
        store(tmp_path)


# --- words


class Loudness:
    """`VoiceDetector` by loudness."""

    def stream(self) -> object:
        raise NotImplementedError

    def probabilities(self, audio: Audio) -> Float32:
        size = round(FRAME_S * RATE)
        frames = [audio.samples[i : i + size] for i in range(0, len(audio.samples), size)]
        return np.array([float(np.abs(f).max(initial=0) > 0.1) for f in frames], np.float32)


class Script:
    """`Transcriber` that hears what the test says, and notes the languages asked for."""

    def __init__(self, *heard: Transcript) -> None:
        self.heard = list(heard)
        self.asked: list[str | None] = []

    def stream(
        self,
        chunks: Iterable[AudioChunk],
        options: Options = DEFAULT_OPTIONS,
        cancel: Cancel | None = None,
    ) -> Iterator[Transcript]:
        list(chunks)
        self.asked.append(options.language)
        yield self.heard.pop(0)

    def transcribe(
        self, audio: Audio, options: Options = DEFAULT_OPTIONS, cancel: Cancel | None = None
    ) -> Transcript:
        raise NotImplementedError


def said(text: str, language: str, start: float, end: float) -> Transcript:
    segment = Segment(text=text, start=start, end=end)
    return Transcript(text=text, language=language, segments=(segment,))


def tone(*stretches: tuple[float, float], seconds: float) -> Float32:
    sound = np.zeros(round(seconds * RATE), np.float32)
    for start, end in stretches:
        sound[round(start * RATE) : round(end * RATE)] = 0.5
    return sound


def test_a_sound_that_begins_late_keeps_its_times() -> None:
    late = AudioChunk(samples=tone((0, 1), seconds=1), rate=RATE, start=65.0)
    sound = words.gathered([late], 60.0, 240.0)
    assert len(sound) == 6 * RATE
    assert not sound[: 5 * RATE].any()
    assert sound[5 * RATE :].all()
    assert len(words.gathered([], 60.0, 240.0)) == 0


def test_a_chunk_ends_in_the_longest_pause_of_its_last_part() -> None:
    sound = tone((0, 165), (165.2, 171), (172, 200), seconds=200)
    assert words.chunk_end(sound, Loudness(), 180.0) == pytest.approx(171.5, abs=0.1)


def test_speech_without_any_pause_is_cut_at_the_end() -> None:
    assert words.chunk_end(tone((0, 200), seconds=200), Loudness(), 180.0) == pytest.approx(
        180.0, abs=0.1
    )


def heard(script: Script, sound: Float32, **given: Any) -> tuple[words.Heard, list[float]]:
    """What is heard, and how far it was told meanwhile."""
    work, told = words.hear(script, sound, **given), []
    while True:
        try:
            told.append(next(work))
        except StopIteration as stop:
            return stop.value, told


def test_times_of_a_chunk_are_times_of_the_video() -> None:
    script = Script(said(" Hello. ", "en", 1.0, 2.0))
    found, told = heard(script, tone((1, 2), seconds=9), start=171.5)
    assert found.segments == (Segment(text=" Hello. ", start=172.5, end=173.5),)
    assert told == [173.5]


def test_a_few_words_do_not_change_the_language_and_many_do() -> None:
    few = Script(said("嗯。", "zh", 0.0, 2.0), said("Uh-huh.", "en", 0.0, 2.0))
    sound = tone((0, 2), seconds=9)
    assert heard(few, sound, start=0, before="en")[0].language == "en"
    assert few.asked == [None, "en"]
    many = Script(said("现在讲中文。", "zh", 0.0, 20.0))
    assert heard(many, tone((0, 20), seconds=30), start=0, before="en")[0].language == "zh"


def test_digital_silence_is_not_transcribed() -> None:
    script = Script()
    assert heard(script, np.zeros(5 * RATE, np.float32), start=0) == (words.Heard(), [])
    assert script.asked == []


def test_a_segment_of_several_sentences_is_parted_by_the_times_of_its_words() -> None:
    segment = Segment(text="The air is pure. Ask Dr. Lee! 好的。", start=1.0, end=9.0)
    times = [("The", 1.0), ("air", 1.5), ("is", 2.0), ("pure.", 2.2), ("Ask", 5.0), ("Dr.", 5.4),
             ("Lee!", 6.0), ("好的。", 8.0)]  # fmt: skip
    own = [Word(text=text, start=start, end=start + 0.4) for text, start in times]
    other = [Word(text="Before.", start=0.0, end=0.4), Word(text="After.", start=9.5, end=9.9)]
    parts = words.by_sentence(segment, [other[0], *own, other[1]])
    assert [(one.text, one.start, pytest.approx(one.end)) for one in parts] == [
        ("The air is pure.", 1.0, 2.6), ("Ask Dr. Lee!", 5.0, 6.4), ("好的。", 8.0, 9.0),
    ]  # fmt: skip
    shared = words.by_sentence(Segment(text="One two. Six ten.", start=0.0, end=4.0), [])
    assert [(one.start, one.end) for one in shared] == [(0.0, 2.0), (2.0, 4.0)]
    assert words.by_sentence(segment, [])[1].start > 4.0
    whole = Segment(text="没有标点的一句话", start=0.0, end=3.0)
    assert words.by_sentence(whole, own) == [whole]


def test_the_transcript_is_in_the_language_of_most_of_it() -> None:
    found = words.transcript(
        [
            (Segment(text="Hello there.", start=0, end=9), "en"),
            (Segment(text="你好。", start=9, end=12), "zh"),
        ]
    )
    assert (found.language, found.text) == ("en", "Hello there.你好。")
    assert words.transcript([]).language == ""


# --- text on screen


def test_a_line_that_stays_is_one_line_in_its_surest_reading() -> None:
    frames = [
        frame(0, 10, line("Photosynthesls", 0.8), line("Leaves")),
        frame(10, 20, line("Photosynthesis", 0.97)),
        frame(20, 30, line("Water")),
        frame(30, 40, line("Photosynthesis", 0.9)),
    ]
    found = [(one.text, one.start, one.end) for one in screen_text.over_time(frames)]
    assert found == [
        ("Photosynthesis", 0, 20),
        ("Leaves", 0, 10),
        ("Water", 20, 30),
        ("Photosynthesis", 30, 40),
    ]


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("Slide 3 of 10", "Slide 4 of 10", False),
        ("12:01", "12:02", False),
        ("HELLO, world", "Hello world!", True),
        ("cat", "car", False),
        ("光合作用的过程", "光合作用的过理", True),
        ("水分", "水面", False),
        ("", "", True),
    ],
)
def test_likeness_of_readings(first: str, second: str, same: bool) -> None:
    assert (screen_text.likeness(first, second) >= 82) is same


def test_doubtful_readings_and_single_marks_are_no_evidence() -> None:
    frames = [
        frame(0, 5, line("Perhaps", 0.6), line("Unclear", unclear=True), line("l"), line("—"))
    ]
    assert screen_text.over_time(frames) == []
    assert [one.text for one in screen_text.over_time([frame(0, 5, line("水"))])] == ["水"]


# --- what is seen


def thing(name: str, direction: float = -20.0, confidence: float = 0.9) -> SceneObject:
    return SceneObject(
        name=name, confidence=confidence, box=(0, 0, 9, 9), direction=direction, proximity="near"
    )


def test_directions_of_who_held_the_camera_are_left_out() -> None:
    things = (thing("person"), thing("dog", 15.0))
    for language, wanted in (("en", "A person and a dog."), ("zh", "有一个人、一只狗。")):
        first = sentence.first(things, language)
        assert first is not None
        assert first != wanted
        scene = Scene(sentence=first, details=("More.",), objects=things, engine="basic")
        assert seeing.told(scene, language) == [wanted]


def test_advice_to_who_holds_a_camera_is_not_told() -> None:
    assert seeing.told(Scene(sentence=CANNOT_TELL["en"], engine="basic"), "en") == []
    dark = Fault(kind="too_dark", sentence="The picture is too dark; switch on a light.")
    scene = Scene(sentence=dark.sentence, faults=(dark,), engine="basic")
    assert seeing.told(scene, "en") == []
    assert seeing.too_dark(scene)


def test_of_a_vision_model_every_sentence_of_its_own_is_told() -> None:
    scene = Scene(
        sentence="A woman throws a ball.",
        details=("A dog runs.", 'It reads: "Exit".', "There is some text; ask me to read it."),
        engine="vlm",
    )
    assert seeing.told(scene, "en") == ["A woman throws a ball.", "A dog runs."]


def test_what_stays_the_same_is_told_once() -> None:
    dog, cup = (Scene(sentence=text, engine="vlm") for text in ("A dog.", "A cup."))
    frames = [
        frame(0, 3, scene=dog), frame(3, 6, scene=dog), frame(6, 8, scene=cup),
        frame(8, 9, scene=dog), frame(9, 10),
    ]  # fmt: skip
    found = [(one.text, one.start, one.end) for one in seeing.over_time(frames, "en")]
    assert found == [("A dog.", 0, 6), ("A cup.", 6, 8), ("A dog.", 8, 9)]


# --- evidence


def test_evidence_is_numbered_in_order_of_time() -> None:
    measured = [
        Evidence(number=7, kind="measure", start=0, end=20, text="20 seconds.", language="en")
    ]
    frames = [
        frame(0, 10, line("Title"), line("题目"), scene=Scene(sentence="A cup.", engine="vlm")),
        frame(10, 20, line("Title")),
    ]
    spoken = [
        (Segment(text="One.", start=0, end=4), "en"),
        (Segment(text="二。", start=12, end=14), "zh"),
    ]
    found = evidence.gathered(frames, spoken, measured, language="en")
    assert [(e.number, e.kind, e.text, e.start, e.end, e.language) for e in found] == [
        (1, "measure", "20 seconds.", 0, 20, "en"),
        (2, "scene", "A cup.", 0, 10, "en"),
        (3, "text", "Title", 0, 20, "en"),
        (4, "text", "题目", 0, 10, "zh"),
        (5, "speech", "One.", 0, 4, "en"),
        (6, "speech", "二。", 12, 14, "zh"),
    ]


def test_a_count_in_doubt_without_a_place_ends_like_a_sentence() -> None:
    things = (thing("cup"), thing("cup", confidence=0.35))
    first = sentence.first(things, "en")
    assert first is not None
    scene = Scene(sentence=first, objects=things, engine="basic")
    assert seeing.told(scene, "en") == ["A cup, maybe more."]
