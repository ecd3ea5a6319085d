"""The vision engine `chat`: the real client over a real socket, against a server of the tests."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from fake_openai import FakeOpenAi
from vision_engines import Context, noise

from assistant.engines import vision_chat
from assistant.engines.vision_chat import ChatVision
from assistant.errors import (
    Cancelled,
    DeadlineExceeded,
    EngineError,
    EngineMissing,
    InputError,
    SettingsError,
)
from assistant.interfaces import Cancel, Options
from assistant.profiles import remote_hosts
from assistant.settings import EngineSettings, load_profile

HERE = Path()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vision_chat, "_FIRST_WAIT", 0.05)
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_API_BASE", "ANTHROPIC_API_KEY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def server() -> Iterator[FakeOpenAi]:
    with FakeOpenAi() as fake:
        yield fake


def engine(server: FakeOpenAi, **options: Any) -> ChatVision:
    return ChatVision.load(Context(HERE, {"model": "eye", "base_url": server.url, **options}))


def said(model: ChatVision, *arguments: Any) -> str:
    return "".join(model.answer(*arguments))


def pixels(part: dict[str, Any]) -> np.ndarray:
    """The picture that a payload's data URL holds, RGB."""
    head, _, content = part["image_url"]["url"].partition(",")
    assert head == "data:image/jpeg;base64"
    found = cv2.imdecode(np.frombuffer(base64.b64decode(content), np.uint8), cv2.IMREAD_COLOR)
    return cv2.cvtColor(found, cv2.COLOR_BGR2RGB)


def test_the_payload_holds_pictures_turns_and_limits(server: FakeOpenAi) -> None:
    blue = noise(1, 3000, 2000)
    blue.pixels[:] = (0, 0, 255)
    history = (("user", "What is there?"), ("assistant", "A car."))
    options = Options(max_tokens=33, history=history)
    pieces = list(engine(server).answer([blue, noise(2)], "Which colour?", options))
    assert pieces == ["A red ", "car."]
    (body,) = server.requests
    assert body["model"] == "eye"
    assert body["stream"] is True
    assert body["temperature"] == 0.0
    assert 33 in (body.get("max_tokens"), body.get("max_completion_tokens"))
    first, second, third = body["messages"]
    assert [part["type"] for part in first["content"]] == ["image_url", "image_url", "text"]
    assert first["content"][2]["text"] == "What is there?"
    shown = pixels(first["content"][0])
    assert max(shown.shape) <= 1568
    assert shown.shape[1] / shown.shape[0] == pytest.approx(1.5, rel=0.01)
    assert np.abs(shown.astype(int) - (0, 0, 255)).max() < 8
    assert (second["role"], second["content"]) == ("assistant", "A car.")
    assert (third["role"], third["content"]) == ("user", "Which colour?")
    assert {name.lower() for name in server.headers[0]} >= {"authorization", "content-type"}


def test_a_wide_picture_is_sent_with_its_parts(server: FakeOpenAi) -> None:
    model = engine(server, picture_views=4, picture_side=400)
    said(model, [noise(3, 1800, 600)], "What does it say?")
    content = server.requests[0]["messages"][0]["content"]
    images = [part for part in content if part["type"] == "image_url"]
    assert len(images) == 4
    assert "first picture shows the whole" in content[-1]["text"]
    assert content[-1]["text"].endswith("What does it say?")


def test_a_schema_is_asked_for_in_openais_form(server: FakeOpenAi) -> None:
    schema = {"type": "object", "properties": {"colour": {"type": "string"}}}
    said(engine(server), [noise()], "Colour?", Options(schema=schema))
    form = server.requests[0]["response_format"]
    assert form["type"] == "json_schema"
    assert form["json_schema"]["schema"] == schema


def test_temperature_can_be_left_out(server: FakeOpenAi) -> None:
    said(engine(server, temperature=None), [noise()], "Colour?")
    assert "temperature" not in server.requests[0]


@pytest.mark.parametrize("failure", ["429", "500", "503"])
def test_what_may_pass_is_tried_again_with_growing_pauses(server: FakeOpenAi, failure: str) -> None:
    server.script = [failure, failure]
    assert said(engine(server), [noise()], "Colour?") == "A red car."
    assert len(server.requests) == 3
    first, second = np.diff(server.times)
    assert first >= 0.05
    assert second >= 0.1


@pytest.mark.parametrize(
    ("failure", "what", "fix"),
    [
        ("401", "refuses the key", "OPENAI_API_KEY"),
        ("404", "no such model", "`model`"),
        ("400", "refuses the request", "takes pictures"),
        ("429", "no more requests", "wait"),
        ("503", r"failed \(503\)", "later"),
    ],
)
def test_each_refusal_has_its_own_fix(
    server: FakeOpenAi, failure: str, what: str, fix: str
) -> None:
    server.script = [failure] * 3
    with pytest.raises(EngineError, match=what) as refused:
        said(engine(server), [noise()], "Colour?")
    assert fix in refused.value.fix
    assert len(server.requests) == (3 if failure in ("429", "503") else 1)


def test_nothing_is_tried_again_after_the_first_word(server: FakeOpenAi) -> None:
    server.script = ["break"]
    stream = engine(server).answer([noise()], "Colour?")
    assert next(stream) == "A red "
    with pytest.raises(EngineError, match="broke off"):
        next(stream)
    assert len(server.requests) == 1


def test_a_silent_server_is_given_up(server: FakeOpenAi) -> None:
    server.script = ["stall"] * 3
    began = time.monotonic()
    with pytest.raises(EngineError, match="does not answer in time"):
        said(engine(server, timeout_s=0.4), [noise()], "Colour?")
    assert time.monotonic() - began < 3
    assert len(server.requests) == 1


def test_a_deadline_and_a_cancel_end_the_wait(server: FakeOpenAi) -> None:
    server.script = ["stall", "stall"]
    began = time.monotonic()
    with pytest.raises(DeadlineExceeded):
        said(engine(server), [noise()], "Colour?", Options(deadline_s=0.4))
    cancel = Cancel()
    stream = engine(server).answer([noise()], "Colour?", Options(), cancel)
    cancel.set()
    with pytest.raises(Cancelled):
        next(stream)
    assert time.monotonic() - began < 3


def test_stopping_in_mid_stream_closes_the_connection() -> None:
    with FakeOpenAi(["word "] * 200) as server:
        server.script = ["slow"]
        stream = engine(server).answer([noise()], "Tell me all.")
        next(stream)
        stream.close()
        time.sleep(1.0)
        sent = server.sent
        assert sent < 20
        time.sleep(0.5)
        assert server.sent <= sent + 1


def test_nobody_there_and_nothing_said(server: FakeOpenAi) -> None:
    gone = {"model": "eye", "base_url": "http://127.0.0.1:9/v1", "retries": 1}
    with pytest.raises(EngineError, match="cannot be reached") as error:
        said(ChatVision.load(Context(HERE, gone)), [noise()], "Colour?")
    assert "base_url" in error.value.fix
    server.pieces = []
    with pytest.raises(EngineError, match="answered nothing"):
        said(engine(server), [noise()], "Colour?")
    with pytest.raises(InputError, match="no picture"):
        engine(server).answer([], "Colour?")


def test_what_the_profile_must_say() -> None:
    with pytest.raises(SettingsError, match="its vision model"):
        ChatVision.load(Context(HERE, {"provider": "openai"}))
    with pytest.raises(SettingsError, match="who gets your pictures"):
        ChatVision.load(Context(HERE, {"model": "eye"}))
    with pytest.raises(EngineMissing, match="no key") as missing:
        ChatVision.load(Context(HERE, {"model": "eye", "provider": "openai"}))
    assert "OPENAI_API_KEY" in missing.value.fix
    with pytest.raises(EngineMissing, match="langchain-mistral"):
        ChatVision.load(Context(HERE, {"model": "eye", "provider": "mistralai"}))


@pytest.mark.parametrize(
    ("options", "hosts"),
    [
        ({"provider": "openai", "model": "eye"}, ("api.openai.com",)),
        ({"base_url": "http://192.168.1.5:8000/v1", "model": "eye"}, ("192.168.1.5",)),
        ({"base_url": "http://localhost:8000/v1", "model": "eye"}, ()),
    ],
)
def test_the_profile_tells_where_pictures_go(
    options: dict[str, Any], hosts: tuple[str, ...]
) -> None:
    base = load_profile("embedded")
    row = EngineSettings(engine="chat", options=options)
    profile = base.model_copy(update={"engines": {**base.engines, "vision_model": row}})
    assert remote_hosts(profile) == hosts
    if "base_url" in options:
        model = ChatVision.load(Context(HERE, options))
        assert model.host == (hosts[0] if hosts else None)
        assert options["base_url"] in model.id
