"""Speech becomes text; what is no speech becomes none; Mandarin is in the chosen script."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assistant.audio import HEARING_RATE, Audio, AudioChunk
from assistant.errors import Cancelled, DeadlineExceeded, SettingsError, ToolError
from assistant.evaluation import hearing
from assistant.evaluation.cases import manifest
from assistant.events import Sentence
from assistant.interfaces import Cancel, Options
from assistant.invented import Evidence, believable, without_sounds
from assistant.listening import joined
from assistant.registry import Engines
from assistant.tools.context import ToolContext
from assistant.tools.hearing import transcribe_audio
from assistant.types import ToolResult
from assistant.voiced import FRAME_S, stretches, voiced

SURE = Evidence(voiced=1.5, peak=1.0, no_speech=0.05, log_probability=-0.4, compression=0.9)
WEAK = replace(SURE, voiced=0.2, peak=0.6)


@pytest.fixture(scope="session")
def said(engines: Engines) -> Audio:
    """A spoken English sentence, 16 kHz."""
    return _spoken(engines, "Please open the window and close the door.", "en")


@pytest.fixture(
    scope="session",
    params=["faster-whisper", pytest.param("openai-whisper", marks=pytest.mark.slow)],
)
def transcriber(request: pytest.FixtureRequest, engines: Engines) -> Any:
    """Each transcriber; what follows holds for all."""
    if request.param == "openai-whisper":
        engines = request.getfixturevalue("openai_engines")
    return engines.get("transcriber")


def _spoken(engines: Engines, text: str, language: str) -> Audio:
    chunks = list(engines.synthesizer(language).speak([text], Options(language=language)))
    samples = np.concatenate([chunk.audio.samples for chunk in chunks])
    return Audio(samples=samples, rate=chunks[0].audio.rate).resampled(HEARING_RATE)


def _chunks(audio: Audio, seconds: float) -> Iterator[AudioChunk]:
    size = round(seconds * audio.rate)
    for start in range(0, len(audio.samples), size):
        part = audio.samples[start : start + size]
        yield AudioChunk(samples=part, rate=audio.rate, start=start / audio.rate)


def test_english_with_word_times(transcriber: Any, said: Audio) -> None:
    heard = transcriber.transcribe(said, Options(words=True))
    assert hearing.tokens(heard.text, "en") == hearing.tokens(
        "Please open the window and close the door.", "en"
    )
    assert heard.language == "en"
    assert heard.final
    assert 0.3 < heard.confidence <= 1.0
    assert [word.text.strip(".,").lower() for word in heard.words][:3] == ["please", "open", "the"]
    assert all(0 <= w.start <= w.end <= said.duration + 0.1 for w in heard.words)
    assert heard.segments[-1].end <= said.duration + 0.1


def test_stream_ends_with_what_the_batch_hears(transcriber: Any, said: Audio) -> None:
    whole = transcriber.transcribe(said, Options(language="en"))
    *partial, final = transcriber.stream(_chunks(said, 0.8), Options(language="en"))
    assert final.final
    assert final.text == whole.text
    assert partial
    assert not any(transcript.final for transcript in partial)
    assert any("open" in transcript.text.lower() for transcript in partial)


def test_times_count_from_the_start_of_the_sound(transcriber: Any, said: Audio) -> None:
    quiet = Audio.silence(4.0).samples
    padded = Audio(samples=np.concatenate([quiet, said.samples, quiet]), rate=said.rate)
    heard = transcriber.transcribe(padded, Options(language="en"))
    assert "window" in heard.text.lower()
    assert 3.4 < heard.segments[0].start < 4.6
    assert heard.segments[-1].end < 4.0 + said.duration + 1.0


def test_long_recordings_are_cut_in_a_silence(
    transcriber: Any, said: Audio, monkeypatch: pytest.MonkeyPatch
) -> None:
    from assistant import listening

    monkeypatch.setattr(listening, "_BLOCK_S", said.duration + 1.0)
    pause = Audio.silence(0.8).samples
    twice = Audio(samples=np.concatenate([said.samples, pause] * 2), rate=said.rate)
    heard = transcriber.transcribe(twice, Options(language="en"))
    once = hearing.tokens("Please open the window and close the door.", "en")
    assert hearing.tokens(heard.text, "en") == [*once, *once]
    starts = [segment.start for segment in heard.segments]
    assert starts == sorted(starts)
    assert said.duration < starts[-1] < said.duration + 1.2


def test_very_quiet_speech_is_heard(transcriber: Any, said: Audio) -> None:
    faint = Audio(samples=said.samples * np.float32(0.003), rate=said.rate)
    assert "window" in transcriber.transcribe(faint).text.lower()


def test_mandarin_in_the_chosen_script(engines: Engines, transcriber: Any) -> None:
    chosen = type(transcriber)(transcriber._model, transcriber.detector, script="traditional")
    audio = _spoken(engines, "请打开这扇门。", "zh")
    heard = chosen.transcribe(audio)
    assert heard.language == "zh"
    assert "開" in heard.text
    assert "門" in heard.text


def test_scripts_are_not_mixed(transcriber: Any) -> None:
    assert transcriber.written("享受著涼爽,裡面显著", "zh") == "享受着凉爽，里面显著"
    assert transcriber.written("単に与えられた", "ja") == "単に与えられた"


@pytest.mark.slow
def test_translation_is_english(engines: Engines, transcriber: Any) -> None:
    audio = _spoken(engines, "请打开窗户。", "zh")
    heard = transcriber.transcribe(audio, Options(language="zh", translate=True))
    assert "window" in heard.text.lower()


@pytest.mark.parametrize("kind", ["nothing", "silence", "noise", "hum", "tone", "clicks"])
def test_no_words_where_nobody_speaks(transcriber: Any, kind: str) -> None:
    times = np.arange(4 * HEARING_RATE) / HEARING_RATE
    random = np.random.default_rng(3)
    samples = {
        "nothing": np.zeros(0),
        "silence": np.zeros(len(times)),
        "noise": 0.1 * random.standard_normal(len(times)),
        "hum": sum(0.2 / k * np.sin(2 * np.pi * 50 * k * times) for k in range(1, 9)),
        "tone": 0.4 * np.sin(2 * np.pi * 440 * times),
        "clicks": (np.arange(len(times)) % 8000 < 20) * 0.8,
    }[kind]
    audio = Audio(samples=np.asarray(samples, np.float32), rate=HEARING_RATE)
    heard = transcriber.transcribe(audio)
    assert heard.text == ""
    assert heard.segments == ()
    assert heard.language == ""


def test_cancel_deadline_and_unknown_language(transcriber: Any, said: Audio) -> None:
    cancel = Cancel()
    cancel.set()
    with pytest.raises(Cancelled):
        transcriber.transcribe(said, cancel=cancel)
    with pytest.raises(DeadlineExceeded):
        transcriber.transcribe(said, Options(deadline_s=0.0))
    with pytest.raises(SettingsError):
        transcriber.transcribe(said, Options(language="xx"))


def test_detector_tells_speech_from_noise(engines: Engines, said: Audio) -> None:
    detector = engines.get("voice_detector")
    speech = detector.probabilities(said)
    assert len(speech) == -(-len(said.samples) // 512)
    assert voiced(speech) > 0.6 * said.duration
    noise = np.random.default_rng(1).standard_normal(2 * HEARING_RATE).astype(np.float32) * 0.1
    assert voiced(detector.probabilities(Audio(samples=noise, rate=HEARING_RATE))) == 0


def test_stretches() -> None:
    probabilities = np.zeros(200, np.float32)
    probabilities[20:40] = 0.9
    probabilities[45:60] = 0.4  # not loud enough to begin a stretch
    probabilities[100:110] = 0.9
    probabilities[180] = 0.9  # too short
    found = stretches(probabilities, pause=0.5, margin=0.1, shortest=0.1)
    starts = [20 * FRAME_S - 0.1, 100 * FRAME_S - 0.1]
    assert [stretch.start for stretch in found] == pytest.approx(starts)
    together = stretches(probabilities, pause=9.0, margin=0.1, shortest=0.1)
    assert len(together) == 1
    assert together[0].end == pytest.approx(181 * FRAME_S + 0.1)


@pytest.mark.parametrize(
    ("text", "evidence", "expected"),
    [
        ("Thank you.", SURE, True),
        ("Thank you.", WEAK, False),
        ("No.", WEAK, True),
        ("字幕由Amara.org社区提供", SURE, False),
        ("Subtitles by the Amara.org community", SURE, False),
        ("Read the subtitles from this video.", SURE, True),
        ("谢谢观看", WEAK, False),
        ("谢谢大家", SURE, True),
        ("A whole sentence that nobody can say in so little time.", WEAK, False),
        ("...", SURE, False),
        ("Two people.", replace(SURE, voiced=0.0), False),
        ("la la la la", replace(SURE, compression=3.0, log_probability=-1.1), False),
    ],
)
def test_words_need_evidence(text: str, evidence: Evidence, expected: bool) -> None:
    assert believable(text, evidence) is expected


def test_descriptions_of_sounds_are_no_words() -> None:
    assert without_sounds("[Music]") == ""
    assert without_sounds("♪ la la ♪ (applause)") == ""
    assert without_sounds("(coughs) Hello.") == "Hello."


def test_segments_are_joined_as_their_script_does() -> None:
    assert joined(["Hello.", "How are you?"]) == "Hello. How are you?"
    assert joined(["秋天来了", "树叶红了。", "你好"]) == "秋天来了，树叶红了。你好"


def _context(engines: Engines, request: str, language: str = "en", *files: Path) -> ToolContext:
    return ToolContext(engines=engines, request=request, language=language, files=files)


def test_tool_says_what_a_file_says(engines: Engines, said: Audio, tmp_path: Path) -> None:
    file = tmp_path / "Memo.wav"
    said.write(file)
    for asked in (None, "Memo"):
        *events, result = transcribe_audio(_context(engines, "what?", "en", file), path=asked)
        assert isinstance(result, ToolResult)
        assert "window" in result.data["text"].lower()
        first = events[0]
        assert isinstance(first, Sentence)
        assert first.kind == "quoted"
        assert first.text.startswith("It says: Please open")
    introduced, quoted, result = transcribe_audio(_context(engines, "说了什么？", "zh", file))
    assert isinstance(introduced, Sentence)
    assert isinstance(quoted, Sentence)
    assert (introduced.text, quoted.language) == ("里面说：", "en")


def test_tool_opens_only_files_that_the_user_named(
    engines: Engines, said: Audio, tmp_path: Path
) -> None:
    file = tmp_path / "memo.wav"
    said.write(file)
    with pytest.raises(ToolError):
        list(transcribe_audio(_context(engines, "what does it say?"), path=str(file)))
    with pytest.raises(ToolError):
        list(transcribe_audio(_context(engines, "what does it say?")))
    *_, result = transcribe_audio(_context(engines, f"what is said in {file}?"), path=str(file))
    assert isinstance(result, ToolResult)
    assert "window" in result.data["text"].lower()


def test_tool_says_so_when_nobody_speaks(engines: Engines, tmp_path: Path) -> None:
    file = tmp_path / "quiet.wav"
    Audio.silence(1.0).write(file)
    sentence, result = transcribe_audio(_context(engines, "", "en", file))
    assert isinstance(sentence, Sentence)
    assert sentence.text == "I hear nobody speaking in quiet.wav."
    assert isinstance(result, ToolResult)
    assert result.data["text"] == ""


def test_a_short_command_and_noise_of_the_development_data(engines: Engines, media: Path) -> None:
    cases = [
        case
        for case in manifest(media)
        if case.kind == "nonspeech_audio"
        or (
            (case.kind == "speech" and case.truth.get("language") in ("en", "zh"))
            and Audio.open(case.file).duration < 1.0
        )
    ]
    report = hearing.evaluate(cases, engines, baseline=False)
    metrics = report.metrics["transcriber"]
    assert metrics["non_speech"]["invented_words"] == 0
    assert metrics["en"]["errors"] <= 1


@pytest.mark.long
def test_no_worse_than_plain_faster_whisper(engines: Engines, media: Path) -> None:
    cases = [
        case
        for case in manifest(media)
        if case.kind == "speech" and case.truth.get("language") == "en"
    ]
    report = hearing.evaluate(cases, engines)
    assert report.metrics["english_errors_more_than_plain"] <= 1
    assert report.metrics["failed"] == 0


def test_stopping_midway_leaves_the_next_call_as_quick(engines: Engines, said: Audio) -> None:
    transcriber = engines.get("transcriber")
    long = np.concatenate([said.samples] * 12)[: 30 * HEARING_RATE]
    options = Options(translate=True, quick=True)  # over the full window, once
    segments = transcriber.segments(long, "en", options, partial=False, check=lambda: None)
    next(segments)  # held, not closed, as an exception's traceback would
    assert transcriber._model._own.padding is not None
    segments.close()


def test_padding_becomes_silence() -> None:
    from assistant.engines.stt_faster_whisper import silent

    features = np.zeros((80, 10), np.float32)
    features[:, :6] = np.linspace(-0.5, 1.5, 80)[:, None]
    filled = silent(features)
    assert np.array_equal(filled[:, :6], features[:, :6])
    assert np.all(filled[:, 6:] == np.float32(-0.5))
    assert not features[:, 6:].any()  # the caller's own are left alone
    assert not silent(np.zeros((80, 4), np.float32)).any()


def heard(text: str, log_probability: float, compression: float = 1.0) -> list[Any]:
    from assistant.listening import Said

    return [
        Said(
            text=text,
            start=0.0,
            end=2.0,
            no_speech=0.0,
            log_probability=log_probability,
            compression=compression,
        )
    ]


def test_a_second_decoding_has_to_be_clearly_likelier() -> None:
    from assistant.engines.stt_faster_whisper import likelier

    first = heard("Where is the train?", -0.7)
    better, little, looped = (
        heard("Where is the drain?", -0.4),
        heard("Where is the grain?", -0.6),
        heard("Where is, where is, where is", -0.1, compression=3.0),
    )
    assert likelier(None, first, 2.0) is first
    assert likelier(first, better, 2.0) is better
    assert likelier(first, little, 2.0) is first
    assert likelier(first, looped, 2.0) is first
    assert likelier(None, looped, 2.0) is None
    assert likelier([], first, 2.0) is first
