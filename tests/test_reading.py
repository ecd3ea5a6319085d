"""Reading real and drawn pictures with the real recogniser."""

from __future__ import annotations

import socket
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import reading_pages as pages
from PIL import Image, ImageDraw, ImageFilter

from assistant.engines.ocr_rapidocr import RapidOcr
from assistant.errors import Cancelled
from assistant.evaluation.cases import manifest
from assistant.evaluation.reading import DIGITS, Answer, evaluate, normalised, score
from assistant.interfaces import Cancel
from assistant.picture import Picture
from assistant.types import Reading


@pytest.fixture(scope="module")
def reader() -> RapidOcr:
    return RapidOcr.load(SimpleNamespace(options={}))  # type: ignore[arg-type]


def error_rate(reading: Reading, page: pages.Page) -> float:
    answer = Answer(text=reading.text, doubtful="", elapsed_s=0)
    return float(score(page.lines, answer)["cer"])


def test_loading_reaches_no_network_and_prints_nothing(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def refuse(*arguments: object) -> None:
        raise AssertionError("a connection was tried")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    reader = RapidOcr.load(SimpleNamespace(options={}))  # type: ignore[arg-type]
    assert reader.read(pages.lines_page("label", pages.LABEL[:1]).picture).text == pages.LABEL[0]
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("number", [0, 2])
def test_columns_are_read_one_after_the_other(reader: RapidOcr, number: int) -> None:
    page = pages.columns_pages()[number]
    assert error_rate(reader.read(page.picture), page) < 0.01


@pytest.mark.parametrize("degrees", [90, 180, 270, 10, -15])
def test_turned_and_tilted_pages_read_like_upright_ones(reader: RapidOcr, degrees: int) -> None:
    page = pages.lines_page("label", pages.LABEL).turned(degrees)
    reading = reader.read(page.picture)
    assert error_rate(reading, page) < 0.02
    first = reading.lines[0].box
    assert 0 <= first[0] < first[2] <= page.image.width
    assert 0 <= first[1] < first[3] <= page.image.height
    if degrees == 180:  # the boxes lie in the picture as it was given
        assert first[1] > page.image.height / 2


@pytest.mark.parametrize("degrees", [0, 90, -10])
def test_mixed_languages_and_prices_keep_their_rows(reader: RapidOcr, degrees: int) -> None:
    page = pages.table_page("menu", pages.MENU, language="zh").turned(degrees)
    assert error_rate(reader.read(page.picture), page) < 0.03


def test_vertical_chinese_is_read_from_right_to_left(reader: RapidOcr) -> None:
    page = pages.vertical_page("poem", pages.POEM)
    assert error_rate(reader.read(page.picture), page) == 0


def test_a_vertical_sign_beside_a_page_does_not_tear_its_lines(reader: RapidOcr) -> None:
    label = pages.lines_page("label", pages.LABEL, width=560)
    sign = pages.vertical_page("sign", ("安全出口",), size=48)
    height = max(label.image.height, sign.image.height)
    image = Image.new("RGB", (label.image.width + sign.image.width, height), "white")
    image.paste(label.image, (0, 0))
    image.paste(sign.image, (label.image.width, 0))
    page = pages.Page(name="both", image=image, lines=(*pages.LABEL, "安全出口"))
    assert error_rate(reader.read(page.picture), page) < 0.02


def test_tiny_pictures_are_read(reader: RapidOcr) -> None:
    page = pages.lines_page("label", ("OPEN 24 HOURS",), size=15, width=200)
    assert reader.read(page.picture).text == "OPEN 24 HOURS"


def test_what_is_found_in_the_frame_around_a_picture_is_no_line(
    reader: RapidOcr, monkeypatch: pytest.MonkeyPatch
) -> None:
    beside = np.array([[3, 20], [9, 20], [9, 60], [3, 60]], np.float32)

    def found(framed: object, options: object) -> tuple[None, SimpleNamespace]:
        return None, SimpleNamespace(boxes=[beside])

    monkeypatch.setattr(reader._models, "detect_and_crop", found)
    assert not reader.read(Picture.from_array(np.full((200, 300, 3), 90, np.uint8))).lines


def test_a_blank_picture_has_no_text(reader: RapidOcr) -> None:
    blank = Picture.from_array(np.full((300, 400, 3), 200, np.uint8))
    assert reader.read(blank) == Reading()


def test_wrong_digits_are_flagged_when_the_picture_is_bad(reader: RapidOcr) -> None:
    """Blur until the digits begin to go: what is spoken as sure must be right."""
    prices = ("Coffee 3.85", "Sandwich 6.40", "Order 592736", "Call 01714668830")
    page = pages.lines_page("prices", prices, size=20, width=400)
    wanted = set(DIGITS.findall(" ".join(prices)))
    wrong = []
    for radius in (1.5, 2.5, 3.0):
        image = page.image.filter(ImageFilter.GaussianBlur(radius))
        reading = reader.read(Picture.from_array(np.asarray(image)))
        sure = " ".join(line.text for line in reading.lines if not line.unclear)
        wrong += [digits for digits in DIGITS.findall(sure) if digits not in wanted]
    assert wrong == []


@pytest.mark.parametrize(
    "text", ["새로운 발전을 이끌어 가는 기술", "ΕΞΟΔΟΣ ΚΙΝΔΥΝΟΥ", "Осторожно, двери закрываются"]
)
def test_writing_that_it_does_not_know_is_not_spoken_as_sure(reader: RapidOcr, text: str) -> None:
    letters = pages.font(40, chinese=True)  # the CJK fonts hold these scripts too
    image = Image.new("RGB", (700, 160), "white")
    ImageDraw.Draw(image).text((30, 50), text, "black", letters)
    reading = reader.read(Picture.from_array(np.asarray(image)))
    assert all(line.unclear for line in reading.lines)
    assert reading.lines or reading.unread


def test_a_set_cancel_stops_it(reader: RapidOcr) -> None:
    cancel = Cancel()
    cancel.set()
    with pytest.raises(Cancelled):
        reader.read(pages.lines_page("label", pages.LABEL).picture, cancel)


def test_a_sparse_photo_is_read_quickly(reader: RapidOcr) -> None:
    """Generous: 0.45 s on two idle cores, several times that on a busy machine."""
    noise = np.random.default_rng(7).normal(120, 6, (960, 1280, 3)).clip(0, 255).astype(np.uint8)
    photo = Image.fromarray(noise)
    photo.paste(pages.lines_page("sign", ("EXIT",), size=40, width=220).image, (500, 300))
    picture = Picture.from_array(np.asarray(photo))
    reader.read(picture)
    start = time.process_time()
    assert "EXIT" in reader.read(picture).text
    assert time.process_time() - start < 6  # CPU seconds, all threads


def test_scores_count_what_they_say() -> None:
    answer = Answer(text="Total 12.50 now 7", doubtful="7", elapsed_s=0.1)
    row = score(["Total 12.50 naw", "Code 88"], answer)
    assert row["digits_true"] == 2
    assert row["digits_found"] == 1
    assert row["digits_wrong_unflagged"] == []
    assert score(["同一 天"], Answer(text="同一天", doubtful="", elapsed_s=0))["cer"] == 0
    assert normalised("日常价￥ 10.0 起") == "日常价¥ 10.0起"


@pytest.mark.slow
def test_development_data_is_read_no_worse_than_by_plain_rapidocr(
    media: Path, reader: RapidOcr
) -> None:
    engines = SimpleNamespace(get=lambda capability: reader)
    report = evaluate(manifest(media), engines)  # type: ignore[arg-type]
    ours, plain = report.metrics["reader"], report.metrics["rapidocr"]
    assert report.n >= 18
    assert ours["cer"] <= plain["cer"]
    assert ours["recall"] >= plain["recall"]
    assert ours["digits"]["exact_or_flagged"] == 1
    assert ours["digits"]["found"] >= 0.95
