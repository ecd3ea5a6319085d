"""A page to talk to: microphone, camera, picture upload, spoken answers.

It is served on this machine only, by default on the loopback interface, and asks no other
host for anything: system fonts, no analytics, no share link.
"""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import gradio as gr

from assistant.agent import Agent
from assistant.errors import AssistantError, InputError
from assistant.events import Sentence, TurnDone
from assistant.memory import Memory
from assistant.playback import SoundFile
from assistant.profiles import remote_hosts
from assistant.registry import Engines
from assistant.routing import Router, prepare
from assistant.speech import Speaker
from assistant.turns import Question, spoken_turn
from assistant.types import Audio, Picture, SpokenChunk, Transcript

Message = dict[str, str]
Update = tuple[list[Message], str | None, str]
"""The conversation, the spoken answer's file, and what is going on, for the status line."""

_TITLE = "Ask aloud about a picture · 对着图片提问"
_LOCAL = "Everything stays on this machine. · 一切都留在这台机器上。"
_NOT_AN_AID = "This is not a mobility aid. · 这不是行走辅助工具。"
_KEPT = 24 * 3600  # s; spoken answers older than this are deleted

# System fonts only: Gradio's own themes fetch theirs from another host.
_FONTS = ["system-ui", "sans-serif"]
_CSS = """
footer { display: none !important; }
#status { font-size: 1.2rem; min-height: 1.6em; }
button, textarea, .message { font-size: 1.15rem !important; }
:focus-visible { outline: 3px solid #1d4ed8 !important; outline-offset: 2px; }
"""


@dataclass
class Page:
    """Engines shared by all visitors; each visitor has a conversation of their own."""

    engines: Engines
    folder: Path  # of spoken answers
    memory: Memory = field(default_factory=Memory)

    def __post_init__(self) -> None:
        self._router = Router(self.engines)
        self._speaker = Speaker(self.engines)
        self._agents: dict[str, Agent] = {}

    def answer(
        self, session: str, text: str, recording: str | None, image: str | None, log: list[Message]
    ) -> Iterator[Update]:
        """One turn: yields the growing conversation, then the spoken answer's file."""
        try:
            question = _question(text, recording, image)
        except AssistantError as error:
            yield [*log, _said(f"{error}. {error.fix}".strip())], None, "Ready. · 请提问。"
            return
        agent = self._agents.setdefault(
            session,
            Agent(engines=self.engines, router=self._router, memory=self.memory, live=True),
        )
        sound = SoundFile(self.folder / f"{uuid.uuid4().hex}.wav")
        heard, spoken = text, ""
        yield log, None, "Listening and looking … · 正在听和看……"
        with sound:
            for event in spoken_turn(
                agent,
                question,
                transcriber=self.engines.get("transcriber") if question.audio else None,
                speaker=self._speaker,
            ):
                match event:
                    case Transcript():
                        heard = event.text
                    case SpokenChunk():
                        sound.put(event.audio)
                    case Sentence():
                        spoken = f"{spoken} {event.text}".strip()
                    case TurnDone():
                        spoken = event.turn.reply
                        if event.turn.call.arguments.get("command") == "forget":
                            log, heard = [], ""  # nor does the page show it any longer
                    case _:
                        continue
                yield [*log, *_exchange(heard, spoken)], None, "Answering … · 正在回答……"
        path = str(sound.path) if sound.path.is_file() else None
        yield [*log, *_exchange(heard, spoken)], path, "Ready. · 请提问。"

    def prefer(self, verbosity: str) -> None:
        """Remember how much the answers are to tell."""
        self.memory.prefer(verbosity=verbosity)


def _question(text: str, recording: str | None, image: str | None) -> Question:
    """What was typed or recorded, and the picture.

    Raises:
        InputError: nothing was asked, or the recording or the picture cannot be used.
    """
    if not text.strip() and recording is None:
        raise InputError("I have no question yet", fix="Record one, or type it. · 请录音或输入。")
    return Question(
        text=text,
        audio=Audio.open(recording) if recording is not None else None,
        pictures=[Picture.open(image)] if image is not None else (),
    )


def _said(text: str) -> Message:
    return {"role": "assistant", "content": text}


def _exchange(heard: str, spoken: str) -> list[Message]:
    """Question and answer so far, as the chat shows them."""
    asked = [{"role": "user", "content": heard}] if heard else []
    return asked + ([_said(spoken)] if spoken else [])


def build(page: Page) -> Any:
    """The page, a `gradio.Blocks`."""
    hosts = remote_hosts(page.engines.profile)
    where = f"Sends what you say and show to: {', '.join(hosts)}." if hosts else _LOCAL
    with gr.Blocks(title=_TITLE, analytics_enabled=False, delete_cache=(3600, _KEPT)) as blocks:
        session = gr.State(lambda: uuid.uuid4().hex)
        gr.Markdown(f"# {_TITLE}\n\n{where} {_NOT_AN_AID}")
        with gr.Row():
            with gr.Column():
                image, recording, text, verbosity, ask = _asking()
            with gr.Column():
                status, log, speech = _answering()
        blocks.load(lambda: page.memory.preferences().verbosity, None, verbosity)
        verbosity.input(page.prefer, verbosity, None)
        inputs: list[Any] = [session, text, recording, image, log]
        for event in (ask.click, text.submit, recording.stop_recording):
            event(page.answer, inputs, [log, speech, status]).then(
                lambda: ("", None), None, [text, recording]
            )
    return blocks


def _asking() -> tuple[gr.Image, gr.Audio, gr.Textbox, gr.Radio, gr.Button]:
    """Where a picture and a question are given."""
    image = gr.Image(
        label="Picture · 图片",
        sources=["upload", "webcam", "clipboard"],
        type="filepath",
        format="png",
        height=320,
        buttons=["fullscreen"],
    )
    recording = gr.Audio(
        label="Ask aloud · 语音提问", sources=["microphone", "upload"], type="filepath"
    )
    text = gr.Textbox(
        label="Or type a question · 或者输入问题",
        placeholder="What does the sign say? · 牌子上写着什么？",
        elem_id="question",
        max_length=2000,
    )
    verbosity = gr.Radio(
        [("Brief · 简短", "brief"), ("Full · 详细", "full")],
        label="Answers · 回答",
        elem_id="verbosity",
    )
    ask = gr.Button("Ask · 提问", variant="primary", elem_id="ask")
    return image, recording, text, verbosity, ask


def _answering() -> tuple[gr.HTML, gr.Chatbot, gr.Audio]:
    """What goes on, what was said, and the answer's sound."""
    # `aria-live` has a screen reader say what is going on; markup is never rendered.
    status = gr.HTML("Ready. · 请提问。", elem_id="status", html_template=_live("${value}"))
    # No share button: it would publish the conversation elsewhere.
    log = gr.Chatbot(
        label="Conversation · 对话",
        render_markdown=False,
        height=420,
        elem_id="log",
        buttons=["copy"],
    )
    speech = gr.Audio(
        label="Spoken answer · 语音回答",
        autoplay=True,
        interactive=False,
        elem_id="speech",
        buttons=["download"],
    )
    return status, log, speech


def _live(content: str) -> str:
    return f'<div role="status" aria-live="polite">{content}</div>'


def serve(engines: Engines, *, host: str, port: int) -> None:
    """Serve the page until interrupted.

    Raises:
        InputError: the port is taken.
    """
    with tempfile.TemporaryDirectory(prefix="assistant-web-") as folder:
        prepare(engines)  # the first visitor does not wait for it
        page = Page(engines=engines, folder=Path(folder))
        try:
            build(page).queue(default_concurrency_limit=1).launch(
                server_name=host,
                server_port=port,
                allowed_paths=[folder],
                theme=gr.themes.Base(font=_FONTS, font_mono=["monospace"]),
                css=_CSS,
                footer_links=[],
                quiet=True,
                share=False,
                inbrowser=False,
                enable_monitoring=False,
                ssr_mode=False,
            )
        except OSError as error:
            raise InputError(f"port {port} cannot be used: {error}", fix="--port 7861") from error
