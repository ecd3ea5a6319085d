"""A picture: one way in (`Picture.open`, `decode`, `from_array`), whatever the file format."""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, UnidentifiedImageError
from PIL.Image import Transpose

from assistant import exif
from assistant.errors import InputError

MAX_PIXELS: Final = 100_000_000
"""Pictures with more pixels are refused before they are decoded (300 MB as RGB)."""

# Pillow picks the decoder by content among these; others (EPS runs Ghostscript) stay shut.
# A multi-picture file (MPO) opens as JPEG.
_FORMATS: Final = frozenset(
    ("JPEG", "PNG", "WEBP", "GIF", "BMP", "DIB", "TIFF", "AVIF", "JPEG2000", "PPM", "ICO", "HEIF")
)
_HEIF_BRANDS: Final = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
_CONVERT: Final = "give a JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF, JPEG 2000 or HEIC picture"

# EXIF tag 0x0112: what turns the stored pixels upright (CIPA DC-008, "Orientation").
_UPRIGHT: Final[Mapping[int, Transpose]] = {
    2: Transpose.FLIP_LEFT_RIGHT,
    3: Transpose.ROTATE_180,
    4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_270,
    7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_90,
}
_ON_ITS_SIDE: Final = frozenset(
    (Transpose.TRANSPOSE, Transpose.ROTATE_270, Transpose.TRANSVERSE, Transpose.ROTATE_90)
)

# `MAX_PIXELS` is checked by us on every picture, with a message that names the fix.
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)


@dataclass(frozen=True, kw_only=True, eq=False)
class Picture:
    """An oriented picture without alpha."""

    pixels: NDArray[np.uint8]  # [h, w, 3] RGB
    source: str = ""  # file name or device, for messages
    taken_at: datetime | None = None  # with a time zone only where EXIF gives one
    place: tuple[float, float] | None = None  # latitude, longitude in degrees
    field_of_view: float | None = None  # degrees across the width, when EXIF tells
    camera: str = ""  # maker and model, when EXIF tells
    full_size: tuple[int, int] | None = None  # width, height of the file, where it was made smaller

    @property
    def width(self) -> int:
        """Pixels."""
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        """Pixels."""
        return int(self.pixels.shape[0])

    @classmethod
    def open(cls, path: Path | str) -> Picture:
        """Read a picture file; its extension is not looked at.

        Raises:
            InputError: missing, not a picture, damaged, or over 100 megapixels.
        """
        path = Path(path)
        if path.is_dir():
            raise InputError(f"{path} is a folder", fix="name a picture inside it")
        if not path.exists():
            raise InputError(f"there is no file {path}", fix="check the name")
        if not path.is_file():
            raise InputError(f"{path} is not an ordinary file", fix="name a picture file")
        try:
            with path.open("rb") as stream:
                return _read(stream, str(path))
        except OSError as error:
            raise InputError(
                f"cannot read {path}: {error.strerror or error}", fix="check its permissions"
            ) from error

    @classmethod
    def decode(
        cls, content: bytes, *, source: str = "upload", longest: int | None = None
    ) -> Picture:
        """Read a picture file's content.

        Args:
            longest: pixels of the longer side to which a larger picture is made smaller; a JPEG
                is then decoded at half, a quarter or an eighth where that is enough, which
                takes a third of the time.

        Raises:
            InputError: not a picture, damaged, or over 100 megapixels.
        """
        return _read(io.BytesIO(content), source, longest)

    @classmethod
    def from_array(cls, pixels: NDArray[np.uint8], *, source: str = "array") -> Picture:
        """A picture from [h, w] grey, [h, w, 3] RGB or [h, w, 4] RGBA pixels.

        Raises:
            InputError: another shape or type, no pixels, or over 100 megapixels.
        """
        grey = pixels.ndim == 2
        if pixels.dtype != np.uint8 or not (
            grey or (pixels.ndim == 3 and pixels.shape[2] in (3, 4))
        ):
            raise InputError(
                f"{source} has shape {pixels.shape} of {pixels.dtype}",
                fix="give 8-bit grey, RGB or RGBA pixels",
            )
        _check_size((pixels.shape[1], pixels.shape[0]), source)
        if not grey and pixels.shape[2] == 3:
            return cls(pixels=np.ascontiguousarray(pixels), source=source)
        return cls(pixels=np.asarray(_rgb(Image.fromarray(pixels))), source=source)


def _read(stream: BinaryIO, source: str, longest: int | None = None) -> Picture:
    head = stream.read(32)
    stream.seek(0)
    if not head:
        raise InputError(f"{source} is empty (zero bytes)", fix="copy or take it again")
    Image.init()  # every decoder, so that the ones allowed here can be named
    _prepare_heif(head, source)
    allowed = sorted(_FORMATS & Image.OPEN.keys())
    with _translated(source), Image.open(stream, formats=allowed) as image:
        _check_size(image.size, source)
        # Read before loading: Pillow's TIFF reader turns the pixels itself and drops the tag.
        tags = exif.tags_of(image)
        if image.format == "TIFF":
            tags.pop(ExifTags.Base.Orientation, None)
        stored = image.size
        if longest is not None and max(stored) > longest:
            image.draft(None, _within(stored, longest))  # of a JPEG: never below the size asked
        image.load()
        turn = _UPRIGHT.get(tags.get(ExifTags.Base.Orientation, 1))
        upright = _rgb(image if turn is None else image.transpose(turn))
        whole = stored[::-1] if turn in _ON_ITS_SIDE else stored
        if longest is not None and max(upright.size) > longest:
            upright = upright.resize(_within(whole, longest), Image.Resampling.BOX)
        pixels = np.asarray(upright)
    return Picture(
        pixels=pixels,
        source=source,
        taken_at=exif.taken_at(tags),
        place=exif.place(tags),
        camera=exif.camera(tags),
        full_size=whole if upright.size != whole else None,
        field_of_view=exif.field_of_view(tags, landscape=pixels.shape[1] >= pixels.shape[0]),
    )


def _prepare_heif(head: bytes, source: str) -> None:
    """Register the HEIC decoder when this file needs it."""
    if head[4:8] != b"ftyp" or not any(brand in head[8:] for brand in _HEIF_BRANDS):
        return
    if b"avif" in head[8:]:
        return
    try:
        import pillow_heif
    except ImportError as error:
        raise InputError(
            f"{source} is a HEIC picture and no decoder for it is installed",
            fix="pip install pillow-heif, or save it as JPEG",
        ) from error
    pillow_heif.register_heif_opener()


@contextlib.contextmanager
def _translated(source: str) -> Iterator[None]:
    """Turn whatever a decoder raises on hostile content into an `InputError`."""
    try:
        yield
    except InputError:
        raise
    except UnidentifiedImageError as error:
        raise InputError(f"{source} is not a picture that can be read", fix=_CONVERT) from error
    except Image.DecompressionBombError as error:
        raise _too_large(source) from error
    except MemoryError as error:
        raise InputError(f"{source} does not fit into memory", fix="make it smaller") from error
    except Exception as error:  # decoders raise struct.error, SyntaxError, IndexError, ...
        raise InputError(
            f"{source} is damaged or incomplete ({error})", fix="copy or take it again"
        ) from error


def _check_size(size: tuple[int, int], source: str) -> None:
    width, height = size
    if width * height > MAX_PIXELS:
        raise _too_large(source, f" ({width} x {height})")
    if width * height == 0:
        raise InputError(f"{source} has no pixels", fix="give another picture")


def _too_large(source: str, size: str = "") -> InputError:
    return InputError(
        f"{source} has more than {MAX_PIXELS // 1_000_000} megapixels{size}",
        fix="make it smaller, or cut out the part that matters",
    )


def _rgb(image: Image.Image) -> Image.Image:
    """Any mode as 8-bit RGB without alpha."""
    if image.mode.startswith("I") or image.mode == "F":
        return _deep_grey(image)
    if image.has_transparency_data:
        return _flattened(image.convert("RGBA"))
    return image if image.mode == "RGB" else image.convert("RGB")


def _deep_grey(image: Image.Image) -> Image.Image:
    """Grey of more than 8 bits: 16-bit by its upper byte, others by their own range."""
    values = np.asarray(image)
    if values.dtype.itemsize == 2 and values.dtype.kind == "u":
        return Image.fromarray((values >> 8).astype(np.uint8)).convert("RGB")
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    if low >= 0 and 255 < high <= 65535 and values.dtype.kind == "i":
        low, high = 0.0, 65535.0  # a 16-bit picture in a wider type
    scale = 255.0 / (high - low) if high > low else 1.0
    grey = np.nan_to_num((values.astype(np.float32) - low) * scale).clip(0, 255)
    return Image.fromarray(grey.astype(np.uint8)).convert("RGB")


def _flattened(image: Image.Image) -> Image.Image:
    """RGBA on white, or on black where the opaque pixels are light.

    Text that lives only in the alpha channel (one colour everywhere) stands out either way.
    """
    alpha = image.getchannel("A")
    weights = np.asarray(alpha, dtype=np.float32)
    opacity = float(weights.sum())
    light = opacity > 0 and (
        float((np.asarray(image.convert("L"), dtype=np.float32) * weights).sum()) / opacity > 127.5
    )
    ground = Image.new("RGB", image.size, "black" if light else "white")
    ground.paste(image, mask=alpha)
    return ground


def _within(size: tuple[int, int], longest: int) -> tuple[int, int]:
    """A size of the same shape whose longer side has so many pixels."""
    scale = longest / max(size)
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))
