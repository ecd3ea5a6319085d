"""A page to talk to: microphone, camera, upload of pictures and videos, spoken answers.

It is served on this machine only, by default on the loopback interface, and asks no other
host for anything: system fonts, no analytics, no share link.
"""

from __future__ import annotations

import tempfile
import uuid
from pathlib import Path
from typing import Any

import gradio as gr

from assistant.apps.page import READY, Page
from assistant.errors import InputError
from assistant.profiles import remote_hosts
from assistant.registry import Engines
from assistant.routing import prepare

_TITLE = "Ask aloud about a picture or a video · 对着图片或视频提问"
_LOCAL = "Everything stays on this machine. · 一切都留在这台机器上。"
_NOT_AN_AID = "This is not a mobility aid. · 这不是行走辅助工具。"
_KEPT = 24 * 3600  # s; spoken answers older than this are deleted
_LOOK_S = 2.0  # s between two looks for what is told by itself, once a file was given

# System fonts only: Gradio's own themes fetch theirs from another host.
_FONTS = ["system-ui", "sans-serif"]
_CSS = """
footer { display: none !important; }
#status { font-size: 1.2rem; min-height: 1.6em; }
button, textarea, .message { font-size: 1.15rem !important; }
:focus-visible { outline: 3px solid #1d4ed8 !important; outline-offset: 2px; }
"""


def build(page: Page) -> Any:
    """The page, a `gradio.Blocks`."""
    hosts = remote_hosts(page.engines.profile)
    where = f"Sends what you say and show to: {', '.join(hosts)}." if hosts else _LOCAL
    with gr.Blocks(title=_TITLE, analytics_enabled=False, delete_cache=(3600, _KEPT)) as blocks:
        session = gr.State(lambda: uuid.uuid4().hex)
        gr.Markdown(f"# {_TITLE}\n\n{where} {_NOT_AN_AID}")
        with gr.Row():
            with gr.Column():
                image, file, recording, text, verbosity, ask = _asking()
            with gr.Column():
                status, log, speech = _answering()
        blocks.load(lambda: page.memory.preferences().verbosity, None, verbosity)
        verbosity.input(page.prefer, verbosity, None)
        inputs: list[Any] = [session, text, recording, image, file, log]
        shown: list[Any] = [log, speech, status]
        for event in (ask.click, text.submit, recording.stop_recording):
            event(page.answer, inputs, shown).then(lambda: ("", None), None, [text, recording])
        looking = gr.Timer(_LOOK_S, active=False)
        file.upload(lambda: gr.Timer(active=True), None, looking)
        looking.tick(
            lambda *of: page.announcement(*of) or (gr.skip(), gr.skip(), gr.skip()),
            [session, log],
            shown,
            show_progress="hidden",
        )
    return blocks


def _asking() -> tuple[gr.Image, gr.File, gr.Audio, gr.Textbox, gr.Radio, gr.Button]:
    """Where a picture or a video and a question are given."""
    image = gr.Image(
        label="Picture · 图片",
        sources=["upload", "webcam", "clipboard"],
        type="filepath",
        format="png",
        height=320,
        buttons=["fullscreen"],
    )
    file = gr.File(
        label="Video or sound file · 视频或音频文件",
        file_types=["video", "audio"],
        height=100,
        elem_id="file",
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
    return image, file, recording, text, verbosity, ask


def _answering() -> tuple[gr.HTML, gr.Chatbot, gr.Audio]:
    """What goes on, what was said, and the answer's sound."""
    # `aria-live` has a screen reader say what is going on; markup is never rendered.
    status = gr.HTML(READY, elem_id="status", html_template=_live("${value}"))
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
