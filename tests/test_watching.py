"""The conversation's camera: which frame is used, for how long, and what is said without one."""

from __future__ import annotations

import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np
import pytest
from PIL import Image, ImageFilter
from test_camera import write_clip

from assistant.devices import Camera, camera, names
from assistant.devices.watching import ConversationCamera
from assistant.errors import CameraError
from assistant.events import Routed, Sentence, ToolResult, TurnDone
from assistant.interfaces import Cancel
from assistant.picture import Picture
from assistant.session.minds import AgentMind
from assistant.types import ToolCall, Turn

ROOT = Path(__file__).resolve().parent.parent


def graded(order: list[float]) -> list[Image.Image]:
    """The demo's street, blurred by these radii, px; 0 is sharp."""
    street = Image.open(ROOT / "demo" / "street.jpg").convert("RGB").resize((640, 426))
    return [street.filter(ImageFilter.GaussianBlur(r)) if r else street for r in order]


@pytest.mark.parametrize("sharp", [0, 3, 6])
def test_the_sharpest_frame_since_speech_began_is_used(tmp_path: Path, sharp: int) -> None:
    """Frames of a moving hand: blurred more and less, one of them steady."""
    blurs = [6.0, 4.0, 2.0, 3.0, 1.5, 5.0, 2.5]
    blurs[sharp] = 0.0
    for number, image in enumerate(graded(blurs)):
        image.save(tmp_path / f"{number}.png")
    watch = ConversationCamera(str(tmp_path))
    watch.speech_began()
    wait_until_idle(watch)
    taken = watch.picture()
    assert taken is not None
    assert taken.source.endswith(f"{sharp}.png")
    assert watch.fault is None
    watch.close()


def test_what_was_seen_before_speech_began_is_not_used(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.mp4", graded([0.0] * 4 + [3.0] * 40))
    watch = ConversationCamera(str(clip))
    watch.speech_began()
    time.sleep(1.0)  # the sharp frames have passed
    watch.speech_began()
    taken = watch.picture()
    assert taken is not None
    assert int(taken.source.rpartition(" ")[2]) > 4
    watch.close()


def wait_until_idle(watch: ConversationCamera) -> None:
    for _ in range(200):
        time.sleep(0.05)
        if not watch._running:
            return
    raise AssertionError("the camera was not released")


def test_without_a_fresh_frame_the_last_picture_serves_for_half_a_minute(tmp_path: Path) -> None:
    now = [100.0]
    folder = tmp_path / "frames"
    folder.mkdir()
    graded([0.0])[0].save(folder / "0.png")
    watch = ConversationCamera(str(folder), clock=lambda: now[0])
    watch.speech_began()
    wait_until_idle(watch)
    first = watch.picture()
    (folder / "0.png").unlink()  # unplugged
    now[0] += 29
    watch.speech_began()
    assert watch.picture() is first
    assert watch.fault == "kept"
    now[0] += 2
    watch.speech_began()
    assert watch.picture() is None
    assert watch.fault == "empty"


class Capture:
    """OpenCV's camera, as far as it is used."""

    opened: ClassVar[list[int]] = []
    released = 0
    frames = 3
    there = True

    def __init__(self, number: int) -> None:
        self.opened.append(number)
        self.left = self.frames

    def isOpened(self) -> bool:  # noqa: N802
        return self.there

    def set(self, key: int, value: float) -> None: ...

    def read(self) -> tuple[bool, Any]:
        self.left -= 1
        return self.left >= 0, np.full((48, 64, 3), (1, 2, 3), np.uint8)

    def release(self) -> None:
        Capture.released += 1


@pytest.fixture
def system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Linux with two cameras, the second of which has a node of descriptions."""
    nodes = {
        "video0": ("Desk Cam", "0"),
        "video2": ("Wide Cam: HD", "0"),
        "video3": ("Wide Cam: HD", "1"),
    }
    for node, (name, index) in nodes.items():
        folder = tmp_path / "sys" / node
        folder.mkdir(parents=True)
        (folder / "name").write_text(name + "\n")
        (folder / "index").write_text(index + "\n")
    (tmp_path / "dev").mkdir()
    (tmp_path / "dev" / "video2").touch()
    monkeypatch.setattr(names, "_CAMERAS", tmp_path / "sys")
    monkeypatch.setattr(camera, "_DEVICES", tmp_path / "dev")
    monkeypatch.setattr("cv2.VideoCapture", Capture)
    monkeypatch.setattr(Capture, "opened", [])
    monkeypatch.setattr(Capture, "released", 0)
    return tmp_path


def test_a_camera_is_found_by_its_name_and_released(system: Path) -> None:
    assert names.cameras() == {0: "Desk Cam", 2: "Wide Cam: HD"}
    for which in ("wide", "Wide Cam: HD", "2: Wide Cam: HD", "2"):
        with Camera.open(which) as opened:
            first = next(iter(opened.frames()))
        assert first.pixels[0, 0].tolist() == [3, 2, 1]
    assert Capture.opened == [2] * 4
    assert Capture.released == 4


def test_a_wrong_name_is_answered_with_the_near_ones(system: Path) -> None:
    with pytest.raises(CameraError) as caught:
        Camera.open("wide can")
    assert "--camera 'Wide Cam: HD'" in caught.value.fix


def test_each_fault_has_its_fix(system: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Capture, "there", False)
    faults = {}
    for which, allowed in (("2", True), ("2", False), ("7", True)):
        monkeypatch.setattr("os.access", lambda *_, allowed=allowed: allowed)
        with pytest.raises(CameraError) as caught:
            Camera.open(which)
        faults[caught.value.fault] = caught.value.fix
    assert set(faults) == {"busy", "forbidden", "missing"}
    assert "close the program" in faults["busy"]
    assert "usermod" in faults["forbidden"]


def test_a_camera_that_stops_is_released_and_told(system: Path) -> None:
    watch = ConversationCamera("wide")
    watch.speech_began()
    wait_until_idle(watch)
    assert Capture.released == 1
    assert watch.picture() is not None  # of before it stopped
    time.sleep(0.1)
    watch._best = watch._kept = None
    assert watch.picture() is None
    assert watch.fault == "stopped"


def test_it_is_released_when_nobody_speaks(system: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Capture, "frames", 10_000)
    now = [0.0]
    watch = ConversationCamera("wide", clock=lambda: now[0])
    watch.speech_began()
    assert watch.picture() is not None
    assert Capture.released == 0
    now[0] += 21.0
    wait_until_idle(watch)
    assert Capture.released == 1


class Agent:
    """Answers with the number of pictures it was given."""

    engines = None
    memory = SimpleNamespace(preferences=lambda: SimpleNamespace(voice=None, rate=1.0))

    def turn(self, request: str, *, pictures: Any, routed: Routed, **_: Any) -> Any:
        text = f"{len(pictures)} seen."
        yield Sentence(text=text, kind="measured", language="en")
        result = ToolResult(spoken=text)
        yield result
        yield TurnDone(turn=Turn(request=request, call=routed.call, result=result, reply=text))


class Mute:
    def speak(self, *_: Any, **__: Any) -> Any:
        yield from ()


def replies(mind: AgentMind, language: str = "en") -> tuple[list[str], str]:
    """What is said to a request that needs the camera, and what is remembered of it."""
    routed = Routed(call=ToolCall(name="describe_scene"), via="fast", elapsed_s=0.0)
    events = list(mind.answer("what is this?", routed, language, Cancel()))
    done = events[-1]
    assert isinstance(done, TurnDone)
    return [e.text for e in events if isinstance(e, Sentence)], done.turn.reply


def test_a_camera_in_use_is_told_with_its_fix(
    system: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Capture, "there", False)
    watch = ConversationCamera("wide")
    alone = AgentMind(Agent(), Mute(), camera=watch)  # type: ignore[arg-type]
    said = "The camera cannot be opened. Close the program that uses it."
    watch.speech_began()
    assert replies(alone) == ([said], said)
    assert replies(alone, "zh")[1] == "摄像头打不开。请关闭正在使用它的程序。"

    page = Picture.from_array(np.zeros((8, 8, 3), np.uint8), source="page")
    both = AgentMind(Agent(), Mute(), camera=watch, pictures=[page])  # type: ignore[arg-type]
    assert replies(both) == ([said, "1 seen."], f"{said} 1 seen.")
    assert replies(both) == (["1 seen."], "1 seen.")  # told once

    monkeypatch.setattr(Capture, "there", True)
    monkeypatch.setattr(Capture, "frames", 1000)
    watch.speech_began()
    assert replies(alone) == (["1 seen."], "1 seen.")
    watch.close()
