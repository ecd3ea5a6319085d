"""The tools that look at pictures: describe, name, answer, choose between labels, compare."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

import numpy as np

from assistant.errors import ToolError
from assistant.events import Sentence, ToolEvent
from assistant.interfaces import ImageTextEncoder, Options, SceneDescriber
from assistant.languages import base, joined
from assistant.tools.context import ToolContext
from assistant.types import Picture, Scene, SceneObject, SentenceKind, ToolResult
from assistant.vision import comparison, framing, quality, questions, sentence

_LEAD = 0.25  # of the best label's score over the next one's, to name it without doubt
_TEMPERATURE = 100.0  # of CLIP's cosines (Radford et al. 2021, section 2.3)


def describe_scene(
    context: ToolContext, *, detail: Literal["brief", "full"] = "brief"
) -> Iterator[ToolEvent]:
    """Tell what the picture shows. A request about the way is answered as such a question."""
    picture, describer = context.picture(), _describer(context)
    wanted: Literal["brief", "full"] = "full" if context.full else detail
    scene = describer.describe(picture, wanted, _options(context), context.cancel)
    told = [scene.sentence, *scene.details]
    if questions.parse(context.request).kind == "way":
        told = [*describer.question(picture, context.request, _options(context), context.cancel)]
    more = _details(context, picture, told, scene.engine) if wanted == "brief" else []
    yield from _spoken(context, told, _kind(scene.engine), {**_data(scene), **_later(more)})


def identify_object(context: ToolContext) -> Iterator[ToolEvent]:
    """Name the thing that is held or pointed at, with the text on it."""
    picture, describer, language = context.picture(), _describer(context), context.language
    scene = describer.describe(picture, "brief", _options(context), context.cancel)
    thing = _shown(scene, picture)
    if thing is None:
        told = [scene.sentence, *scene.details]
    else:
        framed = quality.framing(thing.box, picture) if thing.box else None
        mirrored = context.camera.facing == "user"
        told = [
            sentence.identified(thing, language),
            *([quality.fault(framed, language, mirrored=mirrored).sentence] if framed else []),
            *(fault.sentence for fault in scene.faults[: 0 if framed else 1]),
            *([sentence.quote(scene.texts, language)] if scene.texts else []),
        ]
    name = thing.name if thing else None
    yield from _spoken(context, told, _kind(scene.engine), {**_data(scene), "name": name})


def ask_image(context: ToolContext, *, question: str) -> Iterator[ToolEvent]:
    """Answer a question about the picture; all detail follows, or is kept for "more"."""
    picture, describer = context.picture(), _describer(context)
    engine = str(getattr(describer, "name", ""))
    told = []
    for text in describer.question(picture, question, _options(context), context.cancel):
        context.cancel.check()
        engine = _answered(describer, picture)
        told.append(text)
        yield _sentence(context, text, _kind(engine))
    more: list[str] = []
    if questions.parse(question).kind != "way":
        more = _details(context, picture, told, engine)
    rest = more if context.full else []
    for text in rest:
        context.cancel.check()
        yield _sentence(context, text, _kind(engine))
    spoken = joined([*told, *rest])
    yield ToolResult(spoken=spoken, data={**_later([] if context.full else more), "engine": engine})


def classify_image(context: ToolContext, *, labels: list[str]) -> Iterator[ToolEvent]:
    """Choose the label that fits the picture best.

    Raises:
        ToolError: fewer than two labels.
    """
    chinese = base(context.language) == "zh"
    wanted = list(dict.fromkeys(label.strip() for label in labels if label.strip()))
    if len(wanted) < 2:
        raise ToolError(
            "请至少说出两个类别，让我来选。"
            if chinese
            else "Name two or more labels to choose from."
        )
    picture = context.picture()
    faults = quality.measure(picture)
    if faults.unreadable:
        told = [quality.fault(kind, context.language).sentence for kind in faults.faults]
        yield from _spoken(context, told, "measured", {"label": None, "scores": {}})
        return
    scores = label_scores(context.engines.get("image_text_encoder"), picture, wanted)
    best, second = sorted(wanted, key=lambda label: -scores[label])[:2]
    sure = scores[best] - scores[second] >= _LEAD
    if sure:
        told = [f"这几个里，“{best}”最符合。" if chinese else f"Of these, {best} fits best."]
    elif chinese:
        told = [f"“{best}”和“{second}”之间，我拿不准。"]
    else:
        told = [f"I can't decide between {best} and {second}."]
    data = {"label": best if sure else None, "scores": scores}
    yield from _spoken(context, told, "measured", data)


def compare_pictures(context: ToolContext, *, question: str = "") -> Iterator[ToolEvent]:
    """Tell what differs between the last two pictures.

    Raises:
        ToolError: there are not two pictures.
    """
    language = context.language
    if len(context.pictures) < 2:
        raise ToolError(
            "比较需要两张图片，请再给我一张。"
            if base(language) == "zh"
            else "I need two pictures to compare. Give me another one."
        )
    first, second = context.pictures[-2:]
    describer, options = _describer(context), _options(context)
    scenes = [describer.describe(p, "brief", options, context.cancel) for p in (first, second)]
    told = comparison.differences((first, second), (scenes[0], scenes[1]), language)
    if questions.parse(question or context.request).kind == "way":
        told = [sentence.CANNOT_JUDGE_WAY[sentence.key(language)], *told]
    yield from _spoken(context, told, "measured", {"scenes": [_data(s) for s in scenes]})


def label_scores(
    encoder: ImageTextEncoder, picture: Picture, labels: Sequence[str]
) -> Mapping[str, float]:
    """How well each label fits a picture; the scores sum to 1.

    An encoder that can choose between labels by itself has `scores`; for any other it is
    the softmax of the cosines.
    """
    choose = getattr(encoder, "scores", None)
    if choose is not None:
        found: Mapping[str, float] = choose(picture, labels)
        return found
    cosines = encoder.texts(labels) @ encoder.images([picture])[0]
    odds = np.exp(_TEMPERATURE * (cosines - cosines.max()))
    return {label: float(odd) for label, odd in zip(labels, odds / odds.sum(), strict=True)}


def _describer(context: ToolContext) -> SceneDescriber:
    describer: SceneDescriber = context.engines.get("scene_describer")
    return describer


def _answered(describer: SceneDescriber, picture: Picture) -> str:
    """The engine that the last words about a picture came from: a describer may fall back."""
    answered = getattr(describer, "answered", None)
    return str(answered(picture) if answered else getattr(describer, "name", ""))


def _options(context: ToolContext) -> Options:
    return Options(language=context.language)


def _details(context: ToolContext, picture: Picture, told: Sequence[str], engine: str) -> list[str]:
    """What else there is to tell of a picture.

    For "more" only what is measured; a vision model would have to look again.
    """
    describer, options = _describer(context), _options(context)
    if engine == "basic" or context.full:
        scene = describer.describe(picture, "full", options, context.cancel)
    else:
        measured = getattr(describer, "measured", None)
        if measured is None:
            return []
        scene = measured(picture, options, context.cancel)
    return [text for text in (scene.sentence, *scene.details) if text not in told]


def _later(details: list[str]) -> dict[str, Any]:
    """What "more" tells next; all of it is measured, whichever engine spoke first."""
    return {"details": details, "details_kind": "measured"}


def _kind(engine: str) -> SentenceKind:
    """Sentences of the basic engine are composed from measurements."""
    return "measured" if engine == "basic" else "generated"


def _spoken(
    context: ToolContext, told: Iterator[str] | Sequence[str], kind: SentenceKind, data: Any
) -> Iterator[ToolEvent]:
    """Yield sentences, then the result that joins them."""
    said = []
    for text in told:
        context.cancel.check()
        said.append(text)
        yield _sentence(context, text, kind)
    yield ToolResult(spoken=joined(said), data=data)


def _sentence(context: ToolContext, text: str, kind: SentenceKind) -> Sentence:
    """A sentence of that kind, unless it is one that quotes a text in the picture."""
    quoted = sentence.is_quote(text)
    return Sentence(text=text, kind="quoted" if quoted else kind, language=context.language)


def _data(scene: Scene) -> dict[str, Any]:
    """What later turns and the JSON of a command may use."""
    return {
        "objects": [
            {
                "name": found.name,
                "confidence": round(found.confidence, 3),
                "box": found.box,
                "direction": found.direction,
                "proximity": found.proximity,
                "colour": found.colour,
            }
            for found in scene.objects
        ],
        "people": scene.people,
        "texts": list(scene.texts),
        "faults": [fault.kind for fault in scene.faults],
        "engine": scene.engine,
    }


def _shown(scene: Scene, picture: Picture) -> SceneObject | None:
    """The thing held up: the largest near the middle, people and furniture last."""

    def weight(found: SceneObject) -> tuple[bool, float]:
        if found.box is None:
            return (found.name not in framing.BACKGROUND, 0.25 * found.confidence)
        x1, y1, x2, y2 = found.box
        area = (x2 - x1) * (y2 - y1) / (picture.width * picture.height)
        aside = abs((x1 + x2) / 2 / picture.width - 0.5) + abs((y1 + y2) / 2 / picture.height - 0.5)
        return (found.name not in framing.BACKGROUND, area * (1 - aside))

    return max(scene.objects, key=weight, default=None)
