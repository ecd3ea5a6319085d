"""The page in a real browser: headless Chromium asks about a picture and gets speech."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlparse

import pytest

from assistant.audio import Audio
from assistant.registry import Engines
from tests.small_video import make

ROOT = Path(__file__).resolve().parent.parent
DEMO = ROOT / "demo"
PATIENCE_MS = 120_000  # it runs at the lowest priority beside the tests of sound
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def address(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[str]:
    """The page's address, served by the real command."""
    if CHROMIUM is None:
        pytest.skip("chromium is not installed; `python3 scripts/setup.py --dev --browser`")
    request.getfixturevalue("engines")  # skips, or fails, where weights are missing
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "ASSISTANT_DATA": str(tmp_path_factory.mktemp("data"))}
    server = subprocess.Popen(
        [sys.executable, "-m", "assistant", "web", "--port", str(port)], env=environment, cwd=ROOT
    )
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(240):
            assert server.poll() is None, "the page's server ended"
            try:
                urllib.request.urlopen(url, timeout=2).close()
                break
            except OSError:
                time.sleep(0.5)
        yield url
    finally:
        server.terminate()
        server.wait(timeout=20)


def test_a_question_about_a_picture_is_answered_aloud(address: str, tmp_path: Path) -> None:
    from playwright.sync_api import sync_playwright

    asked: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        page = browser.new_page(viewport={"width": 1280, "height": 1000})
        page.on("request", lambda request: asked.append(request.url))
        page.goto(address)
        page.locator("input[type=file]").first.set_input_files(DEMO / "sign.jpg")
        page.locator("img[src*='sign']").wait_for(timeout=PATIENCE_MS)
        page.locator("#question textarea").fill("what does the sign say")
        page.locator("#ask").click()
        page.locator("#log").get_by_text("Octavia Hill").first.wait_for(timeout=120_000)
        page.wait_for_function(
            "() => [...document.querySelectorAll('#speech audio')].some(a => a.duration > 1)"
            ' || document.querySelector(\'#speech [src$=".wav"], #speech a[href$=".wav"]\')',
            timeout=60_000,
        )
        page.screenshot(path=tmp_path / "page.png", full_page=True)
        assert page.locator("[aria-live=polite]").count() >= 1
        browser.close()
    hosts = {urlparse(url).hostname for url in asked if url.startswith(("http", "ws"))}
    assert hosts == {"127.0.0.1"}, f"the page asked other hosts: {hosts}"


def test_nothing_asked_is_answered_with_what_to_do(address: str) -> None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page()
        page.goto(address)
        page.locator("#ask").click()
        page.locator("#log").get_by_text("Record one, or type it").wait_for(timeout=PATIENCE_MS)
        browser.close()


def test_verbosity_is_chosen_on_the_page_and_remembered(address: str) -> None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page()
        page.goto(address)
        page.locator("#verbosity input[value=brief]:checked").wait_for(timeout=PATIENCE_MS)
        page.locator("#verbosity input[value=full]").check()
        page.wait_for_timeout(2_000)
        page.reload()
        page.locator("#verbosity input[value=full]:checked").wait_for(timeout=PATIENCE_MS)
        browser.close()


@pytest.mark.parametrize("words", ["forget this conversation", "把我说的都忘掉"])
def test_the_page_shows_no_longer_what_was_forgotten(
    engines: Engines, tmp_path: Path, words: str
) -> None:
    from assistant.apps.page import Page

    page = Page(engines=engines, folder=tmp_path)
    shown = [{"role": "user", "content": "my code is aardvark"}]
    *_, (log, speech, _) = page.answer("visitor", words, None, None, None, shown)
    assert [message["role"] for message in log] == ["assistant"]
    assert "aardvark" not in str(log)
    assert speech is not None


def test_a_video_that_takes_long_is_told_of_when_it_is_ready(
    engines: Engines, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from assistant.apps.page import Page
    from assistant.tools import video as tool

    monkeypatch.setattr(tool, "_PATIENCE_S", 0.0)
    monkeypatch.setenv("ASSISTANT_DATA", str(tmp_path / "data"))
    file = str(make(tmp_path / "lecture.mp4", seconds=6.0))
    page = Page(engines=engines, folder=tmp_path)
    assert page.announcement("visitor", []) is None
    *_, (log, _, _) = page.answer("visitor", "what happens in this video", None, None, file, [])
    assert "I'll tell you when it's ready" in log[-1]["content"]
    announced = None
    deadline = time.monotonic() + 120
    while announced is None and time.monotonic() < deadline:
        time.sleep(0.2)
        announced = page.announcement("visitor", log)
    assert announced is not None
    told, speech, _ = announced
    assert told[:-1] == log
    assert told[-1]["content"] == "The video is ready; ask me what happens in it."
    assert speech is not None
    assert Audio.open(speech).duration > 1.0
    assert page.announcement("visitor", told) is None
    *_, (log, _, _) = page.answer("visitor", "what happens in this video", None, None, file, told)
    assert "timeline" in log[-1]["content"]


def test_a_video_is_given_on_the_page(address: str, tmp_path: Path) -> None:
    from playwright.sync_api import sync_playwright

    file = make(tmp_path / "lecture.mp4", seconds=6.0)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport={"width": 1280, "height": 1200})
        page.goto(address)
        page.locator("#file input[type=file]").set_input_files(file)
        page.locator("#file").get_by_text("lecture").first.wait_for(timeout=PATIENCE_MS)
        page.locator("#verbosity input[value=brief]").check()
        page.wait_for_timeout(2_000)  # it is remembered
        page.locator("#question textarea").fill("what happens in this video")
        page.locator("#ask").click()
        told = re.compile("hear the timeline|The video is ready")  # at once, or by itself later
        page.locator("#log").get_by_text(told).first.wait_for(timeout=120_000)
        page.screenshot(path=tmp_path / "page.png", full_page=True)
        browser.close()
