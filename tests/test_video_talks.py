"""Scripted talks agree with themselves, and made videos are as long and loud as was asked."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from assistant.evaluation.video_scoring import told
from assistant.evaluation.video_slides import fitted, slide, theme
from assistant.evaluation.video_talks import Talk, talks
from assistant.evaluation.video_writing import SOUND_RATE, repeat, write

ALL = [*talks("dev"), *talks("frozen")]


@pytest.mark.parametrize("talk", ALL, ids=lambda talk: talk.name)
def test_each_part_tells_its_facts_and_nothing_tells_what_is_absent(talk: Talk) -> None:
    for number, fact in talk.facts:
        part = talk.parts[number]
        source = part.say if fact.by == "said" else " ".join(part.slide)
        assert told(source, fact.words, talk.language), fact
    everything = " ".join(f"{part.say} {' '.join(part.slide)}" for part in talk.parts)
    for question in talk.absent:
        assert not any(told(everything, [words], talk.language) for words in question.never)
    for asked in talk.present:
        part = talk.parts[asked.part - 1]
        assert told(f"{part.say} {' '.join(part.slide)}", asked.words, talk.language), asked


def test_ten_frozen_talks_of_both_languages_have_eight_facts_and_four_absences() -> None:
    frozen = list(talks("frozen"))
    assert sorted(talk.language for talk in frozen) == ["en"] * 5 + ["zh"] * 5
    assert all(8 <= len(talk.facts) <= 12 and len(talk.absent) >= 4 for talk in frozen)


def test_a_slide_is_drawn_with_its_lines() -> None:
    style = theme("a talk")
    empty = np.asarray(slide((" ",), style, "en", (320, 180)))
    full = np.asarray(slide(("Title", "One line"), style, "en", (320, 180)))
    assert full.shape == (180, 320, 3)
    assert (full != empty).any(axis=2).mean() > 0.005
    assert fitted(slide(("x",), style, "en", (300, 300)), (320, 180)).size == (320, 180)


def test_picture_and_sound_are_written_and_repeated(tmp_path: Path) -> None:
    pictures = [np.full((48, 64, 3), 20 * n, np.uint8) for n in range(10)]
    tone = np.sin(np.arange(SOUND_RATE) / 20).astype(np.float32)
    once, long = tmp_path / "once.mp4", tmp_path / "long.mp4"
    assert write(once, pictures, rate=10, sound=tone) == 1.0
    assert repeat(once, long, 60) >= 55
    with av.open(str(long)) as container:
        times = [packet.dts * packet.time_base for packet in container.demux(video=0) if packet.dts]
        assert container.duration / av.time_base >= 60
        assert times == sorted(times)
    with av.open(str(long)) as container:
        frames = [frame for _, frame in zip(range(15), container.decode(video=0), strict=False)]
    assert len(frames) == 15
