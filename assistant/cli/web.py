"""The command `web`: a page on this machine to talk to."""

from __future__ import annotations

from typing import Annotated

import typer

from assistant.cli.output import ProfileOption, open_engines


def register(app: typer.Typer) -> None:
    """Add the commands of this module to the app."""
    app.command()(web)


def web(
    host: Annotated[str, typer.Option(help="The interface to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port to listen on.")] = 7860,
    profile: ProfileOption = None,
) -> None:
    """Serve a page with a microphone, a camera, picture upload and spoken answers."""
    engines = open_engines(profile)
    from assistant.apps.web import serve  # after the engines: they forbid Gradio's statistics

    print(f"Open http://{host}:{port} in a browser; Ctrl-C ends.", flush=True)
    try:
        serve(engines, host=host, port=port)
    finally:
        engines.close()
