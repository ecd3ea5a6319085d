"""Make a folder for `assistant eval finding` in which most pictures are drawn distractors.

    python scripts/make_distractors.py FOLDER --beside EVAL [--count 300]

Copies MANIFEST.jsonl of EVAL and its pictures into FOLDER, and draws pictures beside them:
landscapes, towns, tables with things on them, people, vehicles, textures, pages and signs with
words on them, and crops and collages of pictures of EVAL that have no caption. The same
count gives the same pictures. Blur, uneven light, noise and JPEG make drawings more like photos.
"""

from __future__ import annotations

import argparse
import json
import math
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

WIDTH, HEIGHT = 800, 600  # px
# Kinds of the manifest that crops and collages are made of: none shows what a caption asks for.
CUT_UP = ("text_image", "defect")
PICTURES = (".jpg", ".jpeg", ".png", ".webp", ".gif")
FONT = Path("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc")  # Debian's fonts-wqy-microhei
ENGLISH = (
    "the annual report garden meeting street river market window yellow paper table number total "
    "white station morning train open closed ticket coffee price kitchen road school wall house "
    "green bridge water people summer office notice please photo wood blue door lunch family"
)
CHINESE = (
    "今天 会议 通知 价格 花园 河流 市场 窗户 黄色 桌子 号码 合计 车站 早上 火车 开放 "
    "门票 咖啡 厨房 道路 学校 墙壁 房子 绿色 桥梁 人们 夏天 办公室 蓝色 午餐 家庭 "
    "优惠 出租 安全 注意 请勿 图书馆 医院 电话 地址 水果 蛋糕"
)

Chance = np.random.Generator
Colour = tuple[int, int, int]


def colour(chance: Chance, low: int = 30, high: int = 230) -> Colour:
    red, green, blue = (int(value) for value in chance.integers(low, high, 3))
    return red, green, blue


def near(chance: Chance, base: Sequence[int], spread: int = 25) -> Colour:
    """A colour like another one."""
    red, green, blue = (int(np.clip(c + chance.integers(-spread, spread), 0, 255)) for c in base)
    return red, green, blue


def between(chance: Chance, low: float, high: float) -> int:
    return int(chance.integers(int(low), max(int(low) + 1, int(high))))


def gradient(above: Colour, below: Colour) -> Image.Image:
    """A picture that goes from one colour to another, downwards."""
    share = np.linspace(0, 1, HEIGHT)[:, None, None]
    rows = np.array(above) * (1 - share) + np.array(below) * share
    return Image.fromarray(np.broadcast_to(rows, (HEIGHT, WIDTH, 3)).astype(np.uint8))


def ridge(draw: ImageDraw.ImageDraw, chance: Chance, y: int, rough: int, fill: Colour) -> None:
    """Hills or mountains from edge to edge."""
    heights = np.cumsum(chance.normal(0, rough, 17))
    line = [(x * WIDTH / 16, y + h) for x, h in enumerate(heights - heights.mean())]
    draw.polygon([*line, (WIDTH, HEIGHT), (0, HEIGHT)], fill=fill)


def tree(draw: ImageDraw.ImageDraw, chance: Chance, x: int, y: int, size: int) -> None:
    draw.rectangle(
        (x - size // 12, y - size // 2, x + size // 12, y), fill=near(chance, (90, 60, 40))
    )
    leaf = near(chance, (50, 110, 50), 40)
    if chance.random() < 0.4:
        draw.polygon(
            [(x, y - size), (x - size // 3, y - size // 4), (x + size // 3, y - size // 4)], leaf
        )
        return
    for _ in range(9):
        dx, dy = between(chance, -size / 3, size / 3), between(chance, -size, -size / 2)
        draw.ellipse(
            (x + dx - size // 5, y + dy - size // 5, x + dx + size // 5, y + dy + size // 5),
            near(chance, leaf, 15),
        )


def house(draw: ImageDraw.ImageDraw, chance: Chance, x: int, y: int, size: int) -> None:
    high = between(chance, size, 2.5 * size)
    wall = colour(chance, 90, 240)
    draw.rectangle((x, y - high, x + size, y), fill=wall)
    if chance.random() < 0.7:
        draw.polygon(
            [(x - 8, y - high), (x + size / 2, y - high - size / 2), (x + size + 8, y - high)],
            colour(chance, 60, 150),
        )
    step = max(18, size // 4)
    pane = colour(chance, 30, 120)
    for top in range(y - high + 10, y - step, step):
        for left in range(x + 8, x + size - step // 2, step):
            draw.rectangle((left, top, left + step // 2, top + step // 2), fill=pane)


def person(draw: ImageDraw.ImageDraw, chance: Chance, x: int, y: int, size: int) -> None:
    skin, shirt = near(chance, (200, 150, 120), 40), colour(chance)
    draw.rectangle((x - size // 8, y - size // 2, x - 2, y), fill=colour(chance, 20, 120))
    draw.rectangle((x + 2, y - size // 2, x + size // 8, y), fill=colour(chance, 20, 120))
    draw.rounded_rectangle(
        (x - size // 6, y - size * 4 // 5, x + size // 6, y - size * 2 // 5), 12, shirt
    )
    draw.ellipse((x - size // 11, y - size, x + size // 11, y - size * 4 // 5), fill=skin)


def vehicle(draw: ImageDraw.ImageDraw, chance: Chance, x: int, y: int, size: int) -> None:
    body = colour(chance)
    high = between(chance, size / 4, size / 2)
    draw.rounded_rectangle((x, y - high, x + size, y - 12), 14, body)
    if chance.random() < 0.6:
        draw.rounded_rectangle(
            (x + size // 5, y - high - size // 5, x + size * 4 // 5, y - high + 10),
            12,
            near(chance, body),
        )
    for place in (size // 5, size * 4 // 5):
        draw.ellipse((x + place - 24, y - 36, x + place + 24, y + 12), (25, 25, 25))
        draw.ellipse((x + place - 10, y - 22, x + place + 10, y - 2), (150, 150, 150))


def landscape(chance: Chance) -> Image.Image:
    """Hills, perhaps with water and trees, below a sky."""
    picture = gradient(near(chance, (90, 150, 220), 60), near(chance, (220, 210, 200), 40))
    draw = ImageDraw.Draw(picture)
    for layer in range(between(chance, 1, 4)):
        base = near(
            chance, [(110, 120, 140), (80, 110, 80), (150, 140, 90), (200, 200, 210)][layer]
        )
        ridge(draw, chance, 260 + 80 * layer, between(chance, 5, 45), base)
    if chance.random() < 0.5:
        draw.rectangle((0, 430, WIDTH, HEIGHT), fill=near(chance, (50, 100, 140), 40))
    for _ in range(between(chance, 0, 12)):
        tree(
            draw,
            chance,
            between(chance, 0, WIDTH),
            between(chance, 400, 600),
            between(chance, 60, 260),
        )
    return picture


def town(chance: Chance) -> Image.Image:
    """A row of houses at a road, with people and vehicles."""
    picture = gradient(near(chance, (120, 160, 210), 60), near(chance, (210, 210, 210), 40))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 450, WIDTH, HEIGHT), fill=near(chance, (110, 110, 110), 30))
    x = between(chance, -60, 20)
    while x < WIDTH:
        size = between(chance, 70, 190)
        house(draw, chance, x, 455, size)
        x += size + between(chance, 0, 40)
    for _ in range(between(chance, 0, 4)):
        vehicle(
            draw,
            chance,
            between(chance, 0, WIDTH),
            between(chance, 500, 580),
            between(chance, 120, 260),
        )
    for _ in range(between(chance, 0, 5)):
        person(
            draw,
            chance,
            between(chance, 0, WIDTH),
            between(chance, 480, 590),
            between(chance, 80, 200),
        )
    return picture


def table(chance: Chance) -> Image.Image:
    """Round, long and square things on a table."""
    picture = gradient(colour(chance, 120, 230), colour(chance, 100, 200))
    draw = ImageDraw.Draw(picture)
    draw.rectangle(
        (0, between(chance, 250, 350), WIDTH, HEIGHT), fill=near(chance, (150, 110, 70), 50)
    )
    for _ in range(between(chance, 2, 9)):
        x, y, size = between(chance, 0, WIDTH), between(chance, 330, 560), between(chance, 40, 170)
        fill, kind = colour(chance), between(chance, 0, 4)
        if kind == 0:
            draw.ellipse((x, y - size, x + size, y), fill)
            draw.ellipse(
                (x + size // 5, y - size * 4 // 5, x + size // 2, y - size // 2),
                near(chance, [min(255, c + 50) for c in fill]),
            )
        elif kind == 1:
            draw.rounded_rectangle((x, y - 2 * size, x + size // 2, y), 12, fill)
            draw.rectangle(
                (x + size // 6, y - 2 * size - size // 2, x + size // 3, y - 2 * size), fill
            )
        elif kind == 2:
            draw.rectangle((x, y - size, x + size, y), fill)
            draw.ellipse((x, y - size - 12, x + size, y - size + 12), near(chance, fill))
        else:
            draw.ellipse(
                (x, y - size // 4, x + 2 * size, y + size // 4), near(chance, (230, 230, 225))
            )
            draw.ellipse((x + size // 3, y - size // 3, x + size * 3 // 2, y + size // 8), fill)
    return picture


def group(chance: Chance) -> Image.Image:
    """People side by side."""
    picture = gradient(colour(chance, 100, 230), colour(chance, 80, 200))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 480, WIDTH, HEIGHT), fill=colour(chance, 60, 180))
    for _ in range(between(chance, 1, 7)):
        person(
            draw,
            chance,
            between(chance, 50, WIDTH - 50),
            between(chance, 500, 600),
            between(chance, 250, 460),
        )
    return picture


def traffic(chance: Chance) -> Image.Image:
    """A few vehicles, close by."""
    picture = gradient(near(chance, (150, 180, 210), 50), colour(chance, 90, 170))
    draw = ImageDraw.Draw(picture)
    for _ in range(between(chance, 1, 4)):
        vehicle(
            draw,
            chance,
            between(chance, -50, 500),
            between(chance, 380, 580),
            between(chance, 220, 480),
        )
    return picture


def texture(chance: Chance) -> Image.Image:
    """Noise of several sizes between two colours, or bricks, or boards."""
    field = np.zeros((HEIGHT, WIDTH))
    stretch = 2 ** chance.integers(0, 4)
    for size in (4, 10, 30, 90):
        cells = chance.random((size, max(2, size // int(stretch)))).astype(np.float32)
        field += np.asarray(Image.fromarray(cells).resize((WIDTH, HEIGHT))) / size**0.5
    field = ((field - field.min()) / np.ptp(field))[..., None]
    mixed = np.array(colour(chance)) * field + np.array(colour(chance)) * (1 - field)
    picture = Image.fromarray(mixed.astype(np.uint8))
    if chance.random() < 0.4:
        draw, wide, high = (
            ImageDraw.Draw(picture),
            between(chance, 60, 200),
            between(chance, 25, 90),
        )
        for row, y in enumerate(range(0, HEIGHT, high)):
            draw.line((0, y, WIDTH, y), (60, 55, 50), 3)
            for x in range(-(row % 2) * wide // 2, WIDTH, wide):
                draw.line((x, y, x, y + high), (60, 55, 50), 3)
    return picture


def words(chance: Chance, count: int) -> str:
    if chance.random() < 0.5:
        return " ".join(str(chance.choice(ENGLISH.split())) for _ in range(count))
    return "".join(str(chance.choice(CHINESE.split())) for _ in range(count))


def font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.truetype(str(FONT), size) if FONT.exists() else ImageFont.load_default(size)


def page(chance: Chance) -> Image.Image:
    """Lines of words."""
    picture = Image.new("RGB", (WIDTH, HEIGHT), near(chance, (240, 238, 230), 14))
    draw = ImageDraw.Draw(picture)
    size, y = between(chance, 20, 44), 40
    while y < HEIGHT - 60:
        draw.text(
            (50, y), words(chance, between(chance, 2, 7)), near(chance, (40, 40, 40)), font(size)
        )
        y += size * 3 // 2
    return picture


def sign(chance: Chance) -> Image.Image:
    """A board with a word or two in front of a scene."""
    picture = (landscape, town, texture)[between(chance, 0, 3)](chance)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((380, 300, 420, HEIGHT), (110, 110, 110))
    draw.rounded_rectangle((140, 120, 660, 330), 18, colour(chance, 20, 150))
    draw.text(
        (400, 225), words(chance, 2), (245, 245, 245), font(between(chance, 40, 64)), anchor="mm"
    )
    return picture


def crop(chance: Chance, photos: Sequence[Path]) -> Image.Image:
    """A part of a photo, perhaps mirrored."""
    photo = Image.open(photos[between(chance, 0, len(photos))]).convert("RGB")
    photo.thumbnail((1600, 1600))
    wide, high = (between(chance, side * 0.4, side * 0.9) for side in photo.size)
    x, y = between(chance, 0, photo.width - wide), between(chance, 0, photo.height - high)
    part = photo.crop((x, y, x + wide, y + high))
    return part.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if chance.random() < 0.5 else part


def collage(chance: Chance, photos: Sequence[Path]) -> Image.Image:
    """Two to four parts of photos beside each other."""
    count = between(chance, 2, 5)
    across = 2 if count > 2 else count
    wide, high = WIDTH // across, HEIGHT // math.ceil(count / across)
    picture = Image.new("RGB", (WIDTH, HEIGHT), colour(chance))
    for place in range(count):
        part = crop(chance, photos).resize((wide - 8, high - 8))
        picture.paste(part, (place % across * wide + 4, place // across * high + 4))
    return picture


DRAWN: tuple[Callable[[Chance], Image.Image], ...] = (
    *(landscape, town, table, group, traffic, texture, page, sign),
)
PASTED: tuple[Callable[[Chance, Sequence[Path]], Image.Image], ...] = (crop, collage)


def photographed(picture: Image.Image, chance: Chance) -> Image.Image:
    """Uneven light, blur and noise over a drawing."""
    soft = picture.filter(ImageFilter.GaussianBlur(float(chance.uniform(0.4, 1.6))))
    light = np.linspace(chance.uniform(0.7, 1), chance.uniform(0.8, 1.1), soft.width)[None, :, None]
    noise = chance.normal(0, chance.uniform(2, 9), (soft.height, soft.width, 1))
    return Image.fromarray(np.clip(np.asarray(soft) * light + noise, 0, 255).astype(np.uint8))


def make(folder: Path, count: int, photos: Sequence[Path]) -> None:
    """Draw the distractors; without photos there are no crops and collages."""
    folder.mkdir(parents=True, exist_ok=True)
    kinds = len(DRAWN) + (len(PASTED) if photos else 0)
    for number in range(count):
        chance = np.random.default_rng(number)
        kind = number % kinds
        if kind < len(DRAWN):
            picture = photographed(DRAWN[kind](chance), chance)
        else:
            picture = PASTED[kind - len(DRAWN)](chance, photos)
        picture.save(folder / f"d{number:04}.jpg", quality=85)


def beside(source: Path, folder: Path) -> list[Path]:
    """Copy a manifest and its pictures; returns those that may be cut up."""
    (manifest,) = source.rglob("MANIFEST.jsonl")
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(manifest, folder / manifest.name)
    plain = []
    for row in map(json.loads, manifest.read_text(encoding="utf-8").splitlines()):
        file = manifest.parent / row["file"]
        if file.suffix.lower() not in PICTURES:
            continue
        copy = folder / row["file"]
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, copy)
        if not row["truth"].get("caption") and row["kind"] in CUT_UP:
            plain.append(copy)
    return plain


def main() -> None:
    """Make the folder that is named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--beside", type=Path, required=True)
    parser.add_argument("--count", type=int, default=300)
    arguments = parser.parse_args()
    photos = beside(arguments.beside, arguments.folder)
    make(arguments.folder / "distractors", arguments.count, photos)
    print(f"{arguments.count} distractors in {arguments.folder}")


if __name__ == "__main__":
    main()
