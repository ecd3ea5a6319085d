"""Reports of a video: subtitles, JSON with the contract's keys, Markdown, an accessible page."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from assistant.errors import InputError
from assistant.types import (
    Chapter,
    Claim,
    Evidence,
    Keyframe,
    Picture,
    Scene,
    Segment,
    VideoEvent,
    VideoSummary,
)
from assistant.video import reports, spoken, subtitles
from assistant.video.reports import Report

HOSTILE = '<script>alert(1)</script> --> & ](javascript:x) "quoted"'
SEGMENTS = [
    Segment(text="Hello there.", start=0.5, end=2.0),
    Segment(text=" ", start=2.0, end=2.5),
    Segment(text=f"Line one\n\n{HOSTILE}", start=3661.25, end=3661.25),
]


def report() -> Report:
    claim = Claim(text='It shows the words "A <b>title</b>".', evidence=(1, 2))
    summary = VideoSummary(
        topic=claim,
        sentences=(claim, claim, claim),
        timeline=(VideoEvent(start=0.0, end=65.0, text=HOSTILE, evidence=(2,)),),
        chapters=(Chapter(start=0.0, end=65.0, title="# Not a heading", evidence=(1,)),),
        language="en",
        engine="extractive",
    )
    evidence = [
        Evidence(number=1, kind="text", start=0, end=65, text="A <b>title</b>", language="en"),
        Evidence(number=2, kind="speech", start=1, end=5, text=HOSTILE, language="en"),
    ]
    pixels = np.full((90, 160, 3), 128, np.uint8)
    return Report(
        file="a <b>.mp4",
        facts=SimpleNamespace(duration=65.0, width=160, height=90, picture=True, sound=True),
        summary=summary,
        evidence=evidence,
        keyframes=(Keyframe(time=2.0, start=0.0, end=65.0, scene=Scene(sentence="A dog.")),),
        transcript=SEGMENTS,
        picture=lambda _: Picture(pixels=pixels, source="made"),
    )


def test_subrip_numbers_its_cues_and_keeps_each_in_one_piece() -> None:
    text = subtitles.srt(SEGMENTS)
    assert text.startswith("1\n00:00:00,500 --> 00:00:02,000\nHello there.\n\n2\n")
    assert "01:01:01,250 --> 01:01:01,350" in text
    assert len(text.strip().split("\n\n")) == 2
    assert text.count("-->") == 2


def test_webvtt_escapes_markup() -> None:
    text = subtitles.vtt(SEGMENTS)
    assert text.startswith("WEBVTT\n\n00:00:00.500 --> 00:00:02.000\n")
    assert "<script>" not in text
    assert "&lt;script&gt;" in text
    assert text.count("-->") == 2


def test_the_json_has_the_keys_of_the_contract_first() -> None:
    row = reports.row(report())
    assert list(row)[:5] == ["topic", "timeline", "summary", "keyframes", "transcript"]
    assert set(row["timeline"][0]) >= {"start", "end", "event"}
    assert len(row["summary"]) == 3
    assert row["keyframes"] == [{"time": 2.0, "text": "A dog."}]
    assert row["claims"]["summary"] == [[1, 2]] * 3
    json.dumps(row)


class Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.ids: list[str] = []
        self.missing_alt = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.tags.append(tag)
        self.links += [values["href"] or ""] if "href" in values else []
        self.ids += [values["id"] or ""] if "id" in values else []
        self.missing_alt += tag == "img" and not values.get("alt")


def test_the_page_is_whole_quiet_and_links_each_claim_to_its_evidence(tmp_path: Path) -> None:
    files = reports.write(report(), tmp_path, "talk")
    assert [file.name for file in files] == [
        "talk.json", "talk.srt", "talk.vtt", "talk.md", "talk.html",
    ]  # fmt: skip
    text = (tmp_path / "talk.html").read_text("utf-8")
    page = Page()
    page.feed(text)
    assert "script" not in page.tags
    assert "b" not in page.tags
    assert page.missing_alt == 0
    assert page.tags.count("h1") == 1
    assert {link.removeprefix("#") for link in page.links} <= set(page.ids)
    assert {"e1", "e2"} <= set(page.ids)
    assert not re.search(r'(?:src|href)="(?!#|data:)', text)


def test_markdown_shows_what_was_said_as_text(tmp_path: Path) -> None:
    reports.write(report(), tmp_path, "talk")
    text = (tmp_path / "talk.md").read_text("utf-8")
    assert "<script>" not in text
    assert "](javascript" not in text
    assert "\n# Not a heading" not in text
    image = re.search(r"!\[A dog\.\]\(([^)]+)\)", text)
    assert image is not None
    assert (tmp_path / image[1]).read_bytes()[:2] == b"\xff\xd8"


def test_a_folder_that_cannot_be_written_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        reports.write(report(), tmp_path / "file", "talk")


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        (
            'A boat. A voice says: "It is safe. Go on." At 3 a cup.',
            ["measured", "quoted", "measured"],
        ),
        ("It lasts 3.5 seconds.", ["measured"]),
        ("一只狗。有人说：“可以走。没事。”", ["measured", "quoted"]),
        ('It is "unfinished', ["measured"]),
    ],
)
def test_quotes_are_spoken_as_quotes_and_nothing_else_is(text: str, kinds: list[str]) -> None:
    language = "zh" if "狗" in text else "en"
    found = spoken.sentences(text, language, "extractive")
    assert [one.kind for one in found] == kinds
    assert "".join("".join(one.text for one in found).split()) == "".join(text.split())


def test_a_models_sentence_keeps_to_all_rules() -> None:
    (one,) = spoken.sentences("The people built a bridge.", "en", "llama-cpp")
    assert one.kind == "generated"
