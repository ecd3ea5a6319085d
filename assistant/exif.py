"""What a picture's EXIF tags tell: when, where and with which camera it was taken.

Tags are of CIPA DC-008. Nothing in them is trusted: what is malformed or impossible is left out.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from PIL import ExifTags, Image


def tags_of(image: Image.Image) -> dict[int, Any]:
    """All EXIF tags, flat, the GPS ones below `GPSInfo`; empty when there are none or bad ones."""
    try:
        exif = image.getexif()
        tags = dict(exif) | exif.get_ifd(ExifTags.IFD.Exif)
        tags[ExifTags.Base.GPSInfo] = exif.get_ifd(ExifTags.IFD.GPSInfo)
    except Exception:  # malformed EXIF must not hide a picture that decodes
        return {}
    return tags


def taken_at(tags: Mapping[int, Any]) -> datetime | None:
    """DateTimeOriginal, else DateTimeDigitized, with its OffsetTime where there is one."""
    base = ExifTags.Base
    for tag, offset in (
        (base.DateTimeOriginal, base.OffsetTimeOriginal),
        (base.DateTimeDigitized, base.OffsetTimeDigitized),
    ):
        text = str(tags.get(tag, "")).strip("\0 ")
        zone = str(tags.get(offset) or tags.get(base.OffsetTime) or "").strip("\0 ")
        with contextlib.suppress(ValueError):
            moment = datetime.strptime(text[:19], "%Y:%m:%d %H:%M:%S")
            with contextlib.suppress(ValueError):
                return datetime.strptime(f"{moment:%Y-%m-%dT%H:%M:%S}{zone}", "%Y-%m-%dT%H:%M:%S%z")
            return moment
    return None


def camera(tags: Mapping[int, Any]) -> str:
    """Maker and model, the maker once: "Canon EOS 80D", "Apple iPhone 12"."""
    maker, model = (
        " ".join(str(tags.get(tag) or "").replace("\0", " ").split())[:80]
        for tag in (ExifTags.Base.Make, ExifTags.Base.Model)
    )
    if model.casefold().startswith(maker.casefold()[:5]):
        return model or maker
    return f"{maker} {model}".strip()


def place(tags: Mapping[int, Any]) -> tuple[float, float] | None:
    """Latitude and longitude from the GPS tags; None when absent or impossible."""
    gps = tags.get(ExifTags.Base.GPSInfo) or {}
    try:
        latitude = _degrees(gps[ExifTags.GPS.GPSLatitude], gps[ExifTags.GPS.GPSLatitudeRef])
        longitude = _degrees(gps[ExifTags.GPS.GPSLongitude], gps[ExifTags.GPS.GPSLongitudeRef])
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None
    possible = abs(latitude) <= 90 and abs(longitude) <= 180  # also False for NaN
    return (latitude, longitude) if possible else None


def _degrees(parts: tuple[Any, Any, Any], reference: str | bytes) -> float:
    degrees, minutes, seconds = (float(part) for part in parts)
    value = degrees + minutes / 60 + seconds / 3600
    letter = reference.decode() if isinstance(reference, bytes) else reference
    return -value if letter.strip("\0 ").upper() in ("S", "W") else value


def field_of_view(tags: Mapping[int, Any], *, landscape: bool) -> float | None:
    """Degrees across the width, from the focal length for 35 mm film (frame 36 x 24 mm)."""
    try:
        focal = float(tags.get(ExifTags.Base.FocalLengthIn35mmFilm, 0))
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    if not 1 <= focal <= 5000:
        return None
    return math.degrees(2 * math.atan((36 if landscape else 24) / (2 * focal)))
