"""A video file opened by what it holds, whatever its name, with FFmpeg's errors translated."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from assistant.errors import InputError

OTHER_FILE: Final = "give a video file, such as MP4, MOV, MKV, WebM or AVI"
MAX_PIXELS: Final = 40_000_000
"""Of one frame: 8K and 360-degree recordings pass, a frame that takes 120 MB as RGB is the most."""

_BUFFER: Final = 1 << 20  # bytes read at a time; a read crosses into Python
_NETWORK: Final = (
    "http,https,httpproxy,tcp,tls,udp,rtp,srtp,rtsp,rtmp,rtmpe,rtmps,rtmpt,mmsh,mmst,srt,crypto"
)
"""Protocols of a stream: one that is a playlist opens no file of this machine."""
_STILL: Final = ("heic", "heix", "mif1", "avif")  # brands of pictures in an MP4 container


@contextlib.contextmanager
def opened(path: Path | str) -> Iterator[Any]:
    """The open PyAV container of a file.

    Raises:
        InputError: missing, empty, a picture, or nothing that FFmpeg can open; also for what
            FFmpeg raises while the container is in use.
    """
    import av

    path = Path(path)
    try:
        if path.is_dir():
            raise InputError(f"{path} is a folder", fix="name a video file in it")
        if not path.exists():
            raise InputError(f"there is no file {path}", fix="check the name")
        if not path.is_file():
            raise InputError(f"{path} is not an ordinary file", fix=OTHER_FILE)
        if path.stat().st_size == 0:
            raise InputError(f"{path} is empty (zero bytes)", fix="copy or record it again")
        # The name is not told, so the content alone counts; and with this whitelist a playlist
        # that names other files or addresses opens none of them.
        with (
            path.open("rb") as file,
            av.open(
                file,
                metadata_errors="ignore",
                options={"protocol_whitelist": "pyav"},
                buffer_size=_BUFFER,
            ) as container,
        ):
            _refuse_picture(container, path)
            yield container
    except (av.error.FFmpegError, ValueError, OverflowError, IndexError) as error:
        raise InputError(f"{path} is not a video that can be read", fix=OTHER_FILE) from error
    except OSError as error:
        raise InputError(
            f"cannot read {path}: {error.strerror or error}", fix="check its permissions"
        ) from error


@contextlib.contextmanager
def opened_stream(url: str, answer_s: float) -> Iterator[Any]:
    """The open PyAV container of a network stream, with at least one stream of pictures.

    Args:
        answer_s: s that it may take to open, or to send on.

    Raises:
        InputError: nothing that FFmpeg can open. What goes wrong later is FFmpeg's own error.
    """
    import av

    try:
        container = av.open(
            url,
            timeout=answer_s,
            options={"protocol_whitelist": _NETWORK},
            metadata_errors="ignore",
        )
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise InputError(
            f"{url} is not a stream that can be read", fix="check the address"
        ) from error
    with container:
        if picture_stream(container) is None:
            raise InputError(f"{url} is a stream without pictures", fix="check the address")
        yield container


def _refuse_picture(container: Any, path: Path) -> None:
    name = container.format.name
    brand = str(container.metadata.get("major_brand", ""))
    if name.endswith("_pipe") or name.startswith("image2") or brand in _STILL:
        raise InputError(f"{path} is a picture, not a video", fix=f"assistant describe {path}")


def picture_stream(container: Any) -> Any | None:
    """The first stream of moving pictures; a cover picture is none."""
    from av.stream import Disposition

    covers = Disposition.attached_pic | Disposition.timed_thumbnails
    return next((s for s in container.streams.video if not s.disposition & covers), None)


def sound_stream(container: Any) -> Any | None:
    """The first stream of sound."""
    return next(iter(container.streams.audio), None)


def origin(container: Any) -> float:
    """The file's own time that a player shows as zero, in seconds."""
    return float((container.start_time or 0) / 1_000_000)


def only(container: Any, stream: Any) -> None:
    """Let the container leave the packets of all other streams out; much less is read."""
    from av.stream import Discard

    for other in container.streams:
        if other.index != stream.index:
            other.discard = Discard.all


def codec_name(stream: Any) -> str | None:
    """The decoder's name, such as "h264"; None without a stream or a decoder."""
    context = None if stream is None else stream.codec_context
    return None if context is None else str(context.name)


def packets_end(container: Any) -> float | None:
    """Where the last packet ends, s, for a file that does not tell how long it is."""
    end = 0.0
    for packet in container.demux():
        if packet.pts is not None:
            end = max(end, float((packet.pts + (packet.duration or 0)) * packet.time_base))
    container.seek(0)
    return max(0.0, end - origin(container)) if end else None


def cut_off(container: Any, path: Path) -> str | None:
    """What is missing of a file whose index names places beyond its end, in a sentence."""
    size = path.stat().st_size
    for stream in container.streams:
        entries = stream.index_entries
        if not len(entries) or entries[len(entries) - 1].pos + 1 < size:
            continue
        there = sum(1 for entry in entries if entry.pos + entry.size <= size)
        return f"it is cut off: only {there / len(entries):.0%} of it is there"
    return None
