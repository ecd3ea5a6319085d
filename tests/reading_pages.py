"""Pages drawn for the reading tests: columns, turned and tilted pages, prices, both languages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from assistant.picture import Picture

CHINESE_FONTS = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
)
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


def font(size: int, *, chinese: bool = False) -> Font:
    """Pillow's own font for English; a system font for Chinese, or the test is skipped."""
    if not chinese:
        return ImageFont.load_default(size=size)
    for path in CHINESE_FONTS:
        if Path(path).is_file():
            index = 2 if "noto" in path else 0  # simplified Chinese in Noto's collections
            return ImageFont.truetype(path, size, index=index)
    pytest.skip("no Chinese font on this machine (Debian: fonts-noto-cjk)")


@dataclass(frozen=True, kw_only=True)
class Page:
    """A drawn page and its lines in reading order."""

    name: str
    image: Image.Image
    lines: tuple[str, ...]
    language: str = "en"

    @property
    def picture(self) -> Picture:
        return Picture.from_array(np.asarray(self.image.convert("RGB")), source=self.name)

    def turned(self, degrees: float) -> Page:
        """The page turned counter-clockwise, the new corners white."""
        turned = self.image.rotate(
            degrees, expand=True, fillcolor="white", resample=Image.Resampling.BICUBIC
        )
        return Page(
            name=f"{self.name} turned {degrees}",
            image=turned,
            lines=self.lines,
            language=self.language,
        )


COLUMN_ONE = (
    "The harbour opens at seven in the",
    "morning and closes at nine in the",
    "evening. Visitors must keep to the",
    "marked paths and stay behind the",
    "yellow line while boats arrive.",
)
COLUMN_TWO = (
    "Tickets are sold at the kiosk next",
    "to the main gate. Children under",
    "six travel free of charge, and a",
    "family ticket costs 24.50 for two",
    "adults and up to three children.",
)
COLUMN_ONE_ZH = ("图书馆每天早上九点", "开门晚上八点关门", "请保持安静并且关闭", "手机铃声谢谢合作")
COLUMN_TWO_ZH = (
    "借书证可以在一楼的",
    "服务台办理需要带上",
    "身份证和一张照片押",
    "金为一百元人民币",
)
LABEL = (
    "OLIVE OIL 500 ml",
    "Extra virgin, cold pressed",
    "Best before 14.03.2027",
    "Lot L4821B",
    "Price 8.95",
)
LABEL_ZH = (
    "纯牛奶 250ml",
    "生产日期 2026年11月02日",
    "保质期 45天",
    "净含量 250毫升",
    "售价 6.80元",
)
RECEIPT = (
    ("Tomatoes 1kg", "2.49"),
    ("Wholemeal bread", "3.15"),
    ("Butter 250g", "2.80"),
    ("Orange juice", "1.99"),
    ("TOTAL", "10.43"),
)
MENU = (
    ("Spring rolls 春卷", "$6.50"),
    ("Hot and sour soup 酸辣汤", "$5.25"),
    ("Fried rice 扬州炒饭", "$9.80"),
    ("Steamed fish 清蒸鱼", "$18.00"),
)
POEM = ("床前明月光", "疑是地上霜", "举头望明月", "低头思故乡")


def lines_page(
    name: str, lines: Sequence[str], *, size: int = 32, language: str = "en", width: int = 760
) -> Page:
    """Lines one below the other."""
    spacing = round(size * 1.6)
    image = Image.new("RGB", (width, spacing * len(lines) + 80), "white")
    draw = ImageDraw.Draw(image)
    for row, line in enumerate(lines):
        draw.text((40, 40 + row * spacing), line, "black", font(size, chinese=language != "en"))
    return Page(name=name, image=image, lines=tuple(lines), language=language)


def columns_page(
    name: str,
    columns: Sequence[Sequence[str]],
    *,
    title: str = "",
    size: int = 24,
    language: str = "en",
    offset: int = 0,
) -> Page:
    """Columns side by side below a title; `offset` px lower from column to column."""
    letters = font(size, chinese=language != "en")
    widths = [max(letters.getlength(line) for line in column) for column in columns]
    gutter, spacing, top = size * 2, round(size * 1.5), 40 + (size * 3 if title else 0)
    height = top + spacing * max(map(len, columns)) + offset * len(columns) + 40
    image = Image.new(
        "RGB", (round(sum(widths)) + gutter * (len(columns) - 1) + 80, height), "white"
    )
    draw = ImageDraw.Draw(image)
    if title:
        heading = font(size * 2, chinese=language != "en")
        draw.text((image.width / 2, 40), title, "black", heading, anchor="mt")
    x = 40.0
    for number, (column, width) in enumerate(zip(columns, widths, strict=True)):
        for row, line in enumerate(column):
            draw.text((x, top + number * offset + row * spacing), line, "black", letters)
        x += width + gutter
    lines = ((title,) if title else ()) + tuple(line for column in columns for line in column)
    return Page(name=name, image=image, lines=lines, language=language)


def table_page(
    name: str, rows: Sequence[tuple[str, str]], *, size: int = 28, language: str = "en"
) -> Page:
    """Names on the left, prices on the right, as on a receipt or a menu."""
    letters, spacing = font(size, chinese=language != "en"), round(size * 1.5)
    image = Image.new("RGB", (620, spacing * len(rows) + 80), "white")
    draw = ImageDraw.Draw(image)
    for row, (left, right) in enumerate(rows):
        y = 40 + row * spacing
        draw.text((40, y), left, "black", letters)
        draw.text((580 - letters.getlength(right), y), right, "black", letters)
    return Page(name=name, image=image, lines=tuple(f"{a} {b}" for a, b in rows), language=language)


def vertical_page(name: str, columns: Sequence[str], *, size: int = 44) -> Page:
    """Chinese written down the page, columns from right to left."""
    letters, step = font(size, chinese=True), round(size * 1.1)
    pitch = round(size * 2)
    image = Image.new("RGB", (pitch * len(columns) + 80, step * len(columns[0]) + 80), "white")
    draw = ImageDraw.Draw(image)
    for number, column in enumerate(columns):
        x = image.width - 40 - pitch * (number + 1) + pitch / 2
        for row, character in enumerate(column):
            draw.text((x, 40 + row * step), character, "black", letters, anchor="mt")
    return Page(name=name, image=image, lines=tuple(columns), language="zh")


def columns_pages() -> list[Page]:
    return [
        columns_page("two columns", (COLUMN_ONE, COLUMN_TWO)),
        columns_page("two shifted columns", (COLUMN_ONE, COLUMN_TWO[:4]), offset=17),
        columns_page("title and columns", (COLUMN_ONE, COLUMN_TWO), title="Harbour Guide"),
        columns_page("three columns", (COLUMN_ONE, COLUMN_TWO, COLUMN_ONE[:3]), size=20),
        columns_page("two columns zh", (COLUMN_ONE_ZH, COLUMN_TWO_ZH), language="zh", size=28),
        columns_page(
            "title and columns zh",
            (COLUMN_ONE_ZH, COLUMN_TWO_ZH),
            title="读者须知",
            language="zh",
            size=28,
        ),
    ]


def upright_pages() -> list[Page]:
    return [
        lines_page("label", LABEL),
        lines_page("label zh", LABEL_ZH, language="zh"),
        table_page("receipt", RECEIPT),
        table_page("menu", MENU, language="zh"),
        columns_page("two columns", (COLUMN_ONE, COLUMN_TWO)),
    ]


def turned_pages() -> list[Page]:
    return [page.turned(turn) for page in upright_pages() for turn in (90, 180, 270)]


def tilted_pages() -> list[Page]:
    tilts = (5, -8, 10, -15, 15)
    return [page.turned(tilt) for page in upright_pages() for tilt in tilts]


def vertical_pages() -> list[Page]:
    return [vertical_page("poem", POEM), vertical_page("poem, small", POEM, size=26)]
