"""Any sound file becomes mono samples; what is no sound is refused with a reason."""

from __future__ import annotations

import io
import wave
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

from assistant.audio import Audio, AudioChunk, resampled_blocks
from assistant.errors import InputError

RATE = 16_000


def tone(seconds: float = 0.5, rate: int = 44_100, hertz: float = 440.0) -> np.ndarray:
    """A sine at half of full scale, [n]."""
    times = np.arange(round(seconds * rate)) / rate
    return (0.5 * np.sin(2 * np.pi * hertz * times)).astype(np.float32)


def strongest(audio: Audio) -> float:
    """The loudest frequency, Hz."""
    spectrum = np.abs(np.fft.rfft(audio.samples))
    return float(np.argmax(spectrum)) * audio.rate / len(audio.samples)


@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "ULAW"])
@pytest.mark.parametrize("channels", [1, 2])
def test_wav_of_any_depth_and_channels(tmp_path: Path, subtype: str, channels: int) -> None:
    path = tmp_path / "tone.wav"
    soundfile.write(path, np.stack([tone()] * channels, axis=1), 44_100, subtype=subtype)
    audio = Audio.open(path)
    assert audio.rate == RATE
    assert audio.samples.dtype == np.float32
    assert audio.duration == pytest.approx(0.5, abs=0.01)
    assert strongest(audio) == pytest.approx(440, abs=5)
    assert np.abs(audio.samples).max() == pytest.approx(0.5, abs=0.06)


def test_stereo_is_averaged_so_that_it_cannot_clip(tmp_path: Path) -> None:
    path = tmp_path / "stereo.wav"
    loud = 1.9 * tone()
    soundfile.write(path, np.stack([loud, loud], axis=1), 44_100, subtype="FLOAT")
    assert np.abs(Audio.open(path).samples).max() < 0.97


@pytest.mark.parametrize(
    ("suffix", "codec"),
    [
        ("mp3", "libmp3lame"),
        ("m4a", "aac"),
        ("webm", "libopus"),
        ("flac", "flac"),
        ("ogg", "libopus"),
    ],
)
def test_compressed_formats(tmp_path: Path, suffix: str, codec: str) -> None:
    path = tmp_path / f"tone.{suffix}"
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=48_000, layout="stereo")
        samples = np.stack([tone(rate=48_000)] * 2)
        frame = av.AudioFrame.from_ndarray(samples, format="fltp", layout="stereo")
        frame.rate = 48_000
        frames = av.AudioResampler(format=stream.format, layout="stereo", rate=48_000)
        size = stream.codec_context.frame_size or 1024
        fifo = av.AudioFifo()
        for converted in frames.resample(frame):
            converted.pts = None
            fifo.write(converted)
        while (block := fifo.read(size, partial=True)) is not None:
            block.pts = None
            for packet in stream.encode(block):
                container.mux(packet)
        for packet in stream.encode(None):
            container.mux(packet)
    audio = Audio.open(path)
    assert audio.duration == pytest.approx(0.5, abs=0.1)
    assert strongest(audio) == pytest.approx(440, abs=6)


def wav_bytes(samples: np.ndarray) -> bytearray:
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, 16_000, format="WAV", subtype="PCM_16")
    return bytearray(buffer.getvalue())


def test_a_wav_of_no_seconds_is_allowed() -> None:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
    assert len(Audio.decode(buffer.getvalue()).samples) == 0


def test_a_cut_wav_gives_what_is_there() -> None:
    whole = wav_bytes(tone(1.0, 16_000))
    audio = Audio.decode(bytes(whole[: len(whole) // 2]))
    assert audio.duration == pytest.approx(0.5, abs=0.02)


def broken(kind: str) -> bytes:
    content = wav_bytes(tone(0.2, 16_000))
    if kind == "no header":
        return bytes(content[44:])
    if kind == "zero channels":
        content[22:24] = b"\0\0"
    if kind == "zero rate":
        content[24:28] = b"\0\0\0\0"
    if kind == "garbage header":
        content[:44] = bytes(range(44))
    return {"empty": b"", "one byte": b"R", "text": b"hello, this is no sound\n" * 40}.get(
        kind, bytes(content)
    )


@pytest.mark.parametrize(
    "kind",
    ["no header", "zero channels", "zero rate", "garbage header", "empty", "one byte", "text"],
)
def test_what_is_no_sound_is_refused(kind: str) -> None:
    with pytest.raises(InputError) as refused:
        Audio.decode(broken(kind), name="upload.wav")
    assert "upload.wav" in str(refused.value)
    assert refused.value.fix


def test_missing_and_folder_and_silent_picture(tmp_path: Path) -> None:
    from PIL import Image

    Image.new("RGB", (8, 8)).save(tmp_path / "picture.png")
    for path in (tmp_path / "none.wav", tmp_path, tmp_path / "picture.png", Path("/dev/null")):
        with pytest.raises(InputError):
            Audio.open(path)


def test_a_playlist_opens_no_other_file(tmp_path: Path) -> None:
    other = tmp_path / "other.wav"
    other.write_bytes(wav_bytes(tone(0.5, 16_000)))
    for name, content in {
        "list.m3u8": f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{other}\n#EXT-X-ENDLIST\n",
        "list.ffconcat": f"ffconcat version 1.0\nfile {other}\n",
    }.items():
        (tmp_path / name).write_text(content)
        with pytest.raises(InputError):
            Audio.open(tmp_path / name)


def test_not_a_number_becomes_silence() -> None:
    buffer = io.BytesIO()
    samples = np.full(1600, np.nan, np.float32)
    samples[::2] = 4.0
    soundfile.write(buffer, samples, 16_000, format="WAV", subtype="FLOAT")
    decoded = Audio.decode(buffer.getvalue()).samples
    assert np.isfinite(decoded).all()
    assert np.abs(decoded).max() <= 1.0


def test_write_and_open_again(tmp_path: Path) -> None:
    audio = Audio(samples=tone(0.5, 24_000), rate=24_000)
    audio.write(tmp_path / "new" / "out.wav")
    again = Audio.open(tmp_path / "new" / "out.wav", rate=24_000)
    np.testing.assert_allclose(again.samples, audio.samples, atol=1e-4)
    with pytest.raises(InputError):
        audio.write(tmp_path)


def test_chunks_resample_like_the_whole() -> None:
    whole = tone(1.0, 48_000)
    chunks = [
        AudioChunk(samples=part, rate=48_000, start=i * 0.1)
        for i, part in enumerate(np.split(whole, 10))
    ]
    joined = np.concatenate(list(resampled_blocks(((c.samples, c.rate) for c in chunks), RATE)))
    expected = Audio(samples=whole, rate=48_000).resampled(RATE).samples
    assert len(joined) == len(expected) == RATE
    np.testing.assert_allclose(joined[100:-100], expected[100:-100], atol=1e-3)
