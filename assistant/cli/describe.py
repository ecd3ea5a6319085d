"""The commands `describe` and `classify`."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assistant.cli.camera import CameraOption, WithCamera
from assistant.cli.output import JsonOption, ProfileOption, each_file, open_engines

if TYPE_CHECKING:
    from assistant.settings import SpeechRules
    from assistant.types import Picture, Scene, SentenceKind

Images = Annotated[list[Path] | None, typer.Argument(metavar="IMAGE...", show_default=False)]


class DetailChoice(StrEnum):
    """How much to tell."""

    brief = "brief"
    full = "full"


class Language(StrEnum):
    """What to tell it in."""

    en = "en"
    zh = "zh"


def register(app: typer.Typer) -> None:
    """Add the commands of this module to the app."""
    app.command(cls=WithCamera)(describe)
    app.command(cls=WithCamera)(classify)


def describe(
    images: Images = None,
    detail: Annotated[DetailChoice, typer.Option(help="How much to tell.")] = DetailChoice.brief,
    language: Annotated[Language, typer.Option(help="What to tell it in.")] = Language.en,
    camera: CameraOption = None,
    as_json: JsonOption = False,
    profile: ProfileOption = None,
) -> None:
    """Tell what pictures show, as it would be spoken."""
    device = None if camera is None else Path(camera)
    files = _files(images, device)
    from assistant.interfaces import Options

    engines = open_engines(profile)
    describer = engines.get("scene_describer")

    def work(file: Path) -> Mapping[str, Any]:
        picture = _picture(file, device)
        start = time.perf_counter()
        scene = describer.describe(picture, detail.value, Options(language=language.value))
        return {
            "file": str(file),
            "text": _speakable(scene, language.value, engines.profile.speech),
            "objects": [
                {
                    "name": found.name,
                    "confidence": found.confidence,
                    "box": found.box,
                    "direction": found.direction,
                    "proximity": found.proximity,
                }
                for found in scene.objects
            ],
            "people": scene.people,
            "texts": scene.texts,
            "faults": [fault.kind for fault in scene.faults],
            "engine": scene.engine,
            "elapsed_s": time.perf_counter() - start,
        }

    each_file(files, work, lambda row: typer.echo(row["text"]), as_json=as_json)


def classify(
    images: Images = None,
    labels: Annotated[
        str, typer.Option(help="What to choose between, with commas: fork,spoon.")
    ] = "",
    camera: CameraOption = None,
    as_json: JsonOption = False,
    profile: ProfileOption = None,
) -> None:
    """Choose the label that fits each picture best."""
    device = None if camera is None else Path(camera)
    files = _files(images, device)
    wanted = list(dict.fromkeys(x.strip() for x in labels.replace("，", ",").split(",")))
    if len(wanted) < 2 or not all(wanted):
        raise typer.BadParameter("name two labels or more: --labels fork,spoon")
    from assistant.tools.vision import label_scores

    encoder = open_engines(profile).get("image_text_encoder")

    def work(file: Path) -> Mapping[str, Any]:
        picture = _picture(file, device)
        scores = label_scores(encoder, picture, wanted)
        label = max(wanted, key=lambda name: scores[name])
        return {"file": str(file), "label": label, "scores": scores}

    def show(row: Mapping[str, Any]) -> None:
        shown = ", ".join(f"{name} {score:.2f}" for name, score in row["scores"].items())
        typer.echo(f"{row['file']}: {row['label']} ({shown})")

    each_file(files, work, show, as_json=as_json)


def _files(images: Iterable[Path] | None, device: Path | None) -> list[Path]:
    """The pictures to open, the camera last."""
    files = [*(images or ()), *([] if device is None else [device])]
    if not files:
        raise typer.BadParameter("name a picture, or --camera 0")
    return files


def _picture(file: Path, device: Path | None) -> Picture:
    """A picture file opened, or a picture taken when `file` is the device itself."""
    from assistant.devices import Camera
    from assistant.picture import Picture

    if file is device:
        with Camera.open(str(file)) as opened:
            return opened.take()
    return Picture.open(file)


def _speakable(scene: Scene, language: str, rules: SpeechRules) -> str:
    """The sentence and the details as the rules of speech let them pass."""
    from assistant.events import Sentence
    from assistant.safety import SpeechFilter
    from assistant.vision.sentence import is_quote

    speech = SpeechFilter(about="scene", has_picture=True, limits=rules, texts=lambda: scene.texts)
    kind: SentenceKind = "measured" if scene.engine == "basic" else "generated"
    said = [
        allowed.text
        for text in (scene.sentence, *scene.details)
        for allowed in speech.sentence(
            Sentence(text=text, kind="quoted" if is_quote(text) else kind, language=language)
        )
    ]
    said += [allowed.text for allowed in speech.finish(language)]
    return ("" if language == "zh" else " ").join(said)
