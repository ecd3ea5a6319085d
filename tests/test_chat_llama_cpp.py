"""llama.cpp in this process: closed to others, cancellable, its prompt state kept on disk."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage

from assistant.engines.chat_llama_cpp import LlamaCpp
from assistant.errors import EngineError
from assistant.registry import Engines

pytestmark = pytest.mark.weights

BEGINNING = [
    SystemMessage("You name the colour of a thing. " + "Be brief and truthful. " * 12),
    HumanMessage("grass"),
    AIMessage("green"),
]


@dataclass(frozen=True)
class Context:
    """What `LlamaCpp.load` looks at."""

    folder: Path
    options: Mapping[str, Any]

    def weights(self, name: str | None = None) -> Path:
        return self.folder

    def engine(self, capability: str) -> Any:
        raise AssertionError("the language model needs no other engine")


def started(engines: Engines, states: Path) -> LlamaCpp:
    """A server of our own with a small context, keeping its states in a folder of the test's."""
    settings = engines.profile.engines["chat_model"]
    folder = engines.locator.folder(str(settings.weights))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ASSISTANT_MODELS", str(states))
        return LlamaCpp.load(Context(folder, {"context_tokens": 1024}))


@pytest.fixture(scope="module")
def states(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("states")


@pytest.fixture(scope="module")
def server(engines: Engines, states: Path) -> Iterator[LlamaCpp]:
    loaded = started(engines, states)
    yield loaded
    loaded.close()


def cached_tokens(message: AIMessage) -> int:
    assert message.usage_metadata is not None
    return message.usage_metadata["input_token_details"]["cache_read"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/models"),
        ("GET", "/slots"),
        ("GET", "/props"),
        ("POST", "/slots/0?action=erase"),
        ("POST", "/v1/chat/completions"),
        ("POST", "/completion"),
        ("POST", "/tokenize"),
    ],
)
def test_others_are_refused(server: LlamaCpp, method: str, path: str) -> None:
    for headers in ({}, {"Authorization": "Bearer guessed"}):
        answer = httpx.request(
            method, server.address + path, headers=headers, json={}, trust_env=False
        )
        assert answer.status_code == 401, path


def test_no_page_of_another_origin_may_read(server: LlamaCpp) -> None:
    answer = httpx.options(
        f"{server.address}/v1/chat/completions",
        headers={"Origin": "http://evil.example", "Access-Control-Request-Method": "POST"},
        trust_env=False,
    )
    assert answer.headers.get("access-control-allow-origin", "") == ""
    assert answer.headers.get("access-control-allow-credentials", "false") != "true"
    assert server.address.startswith("http://127.0.0.1:")


def test_the_state_of_a_beginning_is_kept(engines: Engines, server: LlamaCpp, states: Path) -> None:
    first = server.prefixed(BEGINNING)
    answer = first.invoke([*BEGINNING, HumanMessage("snow")], max_tokens=4)
    assert cached_tokens(answer) > 60
    (saved,) = (states / "prepared").glob("*.bin")

    again = started(engines, states)
    with closing(again):
        began = time.perf_counter()
        model = again.prefixed(BEGINNING)
        assert time.perf_counter() - began < 1.5  # read, not computed
        restored = model.invoke([*BEGINNING, HumanMessage("snow")], max_tokens=4)
        assert cached_tokens(restored) > 60
        assert restored.content == answer.content

        # A damaged state is computed anew.
        saved.write_bytes(saved.read_bytes()[:1000])
        again.prefixed([SystemMessage("something else")])
        repaired = again.prefixed(BEGINNING).invoke(
            [*BEGINNING, HumanMessage("snow")], max_tokens=4
        )
        assert repaired.content == answer.content
        assert saved.stat().st_size > 1000


def test_a_reply_does_not_evict_the_beginning(server: LlamaCpp) -> None:
    model = server.prefixed(BEGINNING)
    server.chat().invoke([HumanMessage("Say hello.")], max_tokens=3)
    assert cached_tokens(model.invoke([*BEGINNING, HumanMessage("coal")], max_tokens=2)) > 60


def test_an_evicted_beginning_is_restored(server: LlamaCpp) -> None:
    model = server.prefixed(BEGINNING)
    server.prefixed([SystemMessage("Another beginning altogether, in the same slot.")])
    assert cached_tokens(model.invoke([*BEGINNING, HumanMessage("coal")], max_tokens=2)) > 60


def test_answers_follow_a_schema(server: LlamaCpp) -> None:
    schema = {
        "type": "object",
        "properties": {"colour": {"enum": ["red", "green"]}},
        "required": ["colour"],
        "additionalProperties": False,
    }
    form = {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema}}
    chat = server.chat().bind(response_format=form, max_tokens=20)
    pieces = [str(chunk.content) for chunk in chat.stream([HumanMessage("The colour of blood?")])]
    assert "".join(pieces).replace(" ", "").replace("\n", "") in (
        '{"colour":"red"}',
        '{"colour":"green"}',
    )


def test_tokens_are_counted_here(server: LlamaCpp) -> None:
    chat = server.chat()
    assert chat.get_num_tokens("one two three") == 3
    assert chat.get_num_tokens_from_messages([HumanMessage("one two three")]) == 7


def test_closing_the_stream_stops_a_prefill(server: LlamaCpp) -> None:
    """A prompt of 700 tokens takes some 20 s; the next request must not wait for it."""
    stream = server.chat().stream([HumanMessage("word " * 700)])
    with closing(stream):
        chunk = next(stream)  # the prompt is being read
    assert chunk.content == ""
    began = time.perf_counter()
    server.chat().invoke([HumanMessage("Hi")], max_tokens=1)
    assert time.perf_counter() - began < 5  # 2 s to stop, and a short prompt of its own


def test_a_prompt_that_is_too_long_is_an_engine_error(server: LlamaCpp) -> None:
    with pytest.raises(EngineError, match="failed"):
        server.chat().invoke([HumanMessage("word " * 3000)], max_tokens=1)


def test_a_closed_engine_says_so(engines: Engines, tmp_path: Path) -> None:
    server = started(engines, tmp_path)
    chat = server.chat()
    server.close()
    server.close()
    with pytest.raises(EngineError, match="closed"):
        chat.invoke([HumanMessage("Hi")])
