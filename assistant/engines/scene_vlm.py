"""Describes a scene in a vision model's words, each checked against what can be measured.

The measurements are those of `basic`: boxes, names, people, colours, text. A sentence that they
contradict is dropped or hedged (`assistant.vision.checking`). `basic` answers alone where the
model is missing, slow past its deadline, failing, or where nothing that it said stands.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar, Final, Protocol, Self

from assistant.errors import AssistantError, Cancelled
from assistant.interfaces import (
    DEFAULT_OPTIONS,
    Cancel,
    Detail,
    EngineContext,
    Options,
    SceneDescriber,
    VisionModel,
)
from assistant.languages import base, length
from assistant.templates import render
from assistant.types import Picture, Scene
from assistant.vision import answers, questions, room
from assistant.vision.answers import Facts
from assistant.vision.checking import Checked, Evidence, check, output
from assistant.vision.checking.asking import ask, left
from assistant.vision.checking.verdict import Mark, consistent, hedge
from assistant.vision.sentence import CANNOT_JUDGE_WAY, LIMITS, is_quote

_log = logging.getLogger(__name__)

SCHEMA: Final[Mapping[str, Any]] = {
    "type": "object",
    "properties": {
        "sentences": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 6}
    },
    "required": ["sentences"],
    "additionalProperties": False,
}
"""What a model that can be held to a schema answers in."""
DESCRIBED: Final[Mapping[str, Any]] = {
    **SCHEMA,
    "properties": {
        **SCHEMA["properties"],
        "more_room": {"type": "string", "enum": ["left", "right", "unsure"]},
    },
    "required": ["sentences", "more_room"],
}
"""The same for a description, with the side on which there seems to be more room."""

_DEADLINE_S = 30.0  # where the caller names none
_TOKENS = {"brief": 160, "full": 320}
_SURE = 0.5  # confidence from which the model is not asked again
_REMEMBERED = 8
_MEASURED = frozenset({"way", "harm", "who", "text", "quality", "light"})
"""Kinds of questions that measurements answer, or nobody."""
_HAZARD = re.compile(
    r"\b(?:steps?|stairs?|staircase|k[ue]rb|curb|hole|gap|edge|drop|ledge|cliff|pit|platform edge"
    r"|cars?|truck|bus|train|tram|bicycle|motorcycle|vehicle|traffic|fire|flames?|smoke|knife"
    r"|scissors|saw|broken glass|wet floor|ice|puddle|cable|wire|low branch|glass door)\b"
    r"|台阶|楼梯|路缘|坑|洞|边缘|悬崖|汽车|卡车|公交|火车|自行车|摩托|车辆|着火|火焰|烟|刀|剪刀|锯|碎玻璃|积水|结冰|电线",
    re.I,
)
_DOOR_OR_SIGN = re.compile(
    r"\b(?:doors?|doorways?|entrances?|exits?|gates?|signs?|signposts?|noticeboards?|billboards?)\b"
    r"|门(?!口|牌|票)|出口|入口|牌子|路牌|招牌|标志|告示",
    re.I,
)
_WAY: Final = {
    CANNOT_JUDGE_WAY["en"]: "I can't judge the way.",
    CANNOT_JUDGE_WAY["zh"]: "我无法判断路况。",
}
"""What basic vision says of the way, where there is a vision model, which isn't asked either."""
_BARE = re.compile(
    r"^\W*(?:yes|no|yeah|yep|nope|correct|true|false|是的?|不是|对|没有|有|否)\W*$", re.I
)


class Measuring(SceneDescriber, Protocol):
    """A describer that tells what it measured."""

    def facts(self, picture: Picture, cancel: Cancel | None = None) -> Facts:
        """All that can be measured about a picture."""


class VlmScene:
    """`SceneDescriber` that composes a vision model with `basic`. Thread-safe as they are.

    Stops within 0.05 s while the model works, and within about 0.5 s while it measures.
    """

    name: ClassVar[str] = "vlm"

    def __init__(
        self,
        model: Callable[[], VisionModel],
        basic: Measuring,
        deadline_s: float = _DEADLINE_S,
    ) -> None:
        self._model = model
        self._basic = basic
        self._deadline_s = deadline_s
        self._answered: dict[int, str] = {}
        self.failed = False  # whether the model gave no answer when it was last asked

    @classmethod
    def load(cls, context: EngineContext) -> Self:
        """Load `basic` now and the profile's vision model on first use.

        Option `deadline_s` (default 30) is the longest that a description may take.

        Raises:
            EngineMissing, WeightsMissing, EngineError: `basic` cannot be loaded.
        """
        return cls(
            model=partial(context.engine, "vision_model"),
            basic=context.engine("scene_describer", "basic"),
            deadline_s=float(context.options.get("deadline_s", _DEADLINE_S)),
        )

    def facts(self, picture: Picture, cancel: Cancel | None = None) -> Facts:
        """All that can be measured about a picture, as `basic` measures it."""
        return self._basic.facts(picture, cancel)

    def answered(self, picture: Picture) -> str:
        """Which engine the last words about a picture came from: `vlm` or `basic`."""
        return self._answered.get(id(picture.pixels), self.name)

    def describe(
        self,
        picture: Picture,
        detail: Detail = "brief",
        options: Options = DEFAULT_OPTIONS,
        cancel: Cancel | None = None,
    ) -> Scene:
        """What the picture shows, in `options.language` (default English), hazards first.

        Then the model's other sentences, signs and doors, and where there seems to be more room.

        `engine` of the scene is `basic` where the model had no part in it.

        Raises:
            Cancelled
        """
        language = options.language or "en"
        measured = self._basic.describe(picture, detail, options, cancel)
        facts = self.facts(picture, cancel)
        checked, side = Checked(), None
        if not facts.quality.unreadable:
            prompt = {"name": "vision/describe.j2", "full": detail == "full"}
            checked, side = self._asked(facts, prompt, language, _TOKENS[detail], options, cancel)
        self._remember(picture, "vlm" if checked.sentences else "basic")
        if not checked.sentences:
            return measured
        first, rest = _ordered(checked.sentences, measured.sentence, language)
        fixes = [fault.sentence for fault in measured.faults]
        placed = [measured.sentence] if any(o.box for o in measured.objects) else []
        roomy = room.sentence(side, facts, language)
        told = [
            *fixes,
            *(text for text in rest if not _DOOR_OR_SIGN.search(text)),
            *placed,
            *(text for text in rest if _DOOR_OR_SIGN.search(text)),
            *(measured.details if detail == "full" else answers.writing(facts, language)),
            *([roomy] if roomy else []),
        ]
        details = tuple(text for text in dict.fromkeys(told) if text != first)
        return replace(measured, sentence=first, details=details, engine=self.name)

    def question(
        self,
        picture: Picture,
        question: str,
        options: Options = DEFAULT_OPTIONS,
        cancel: Cancel | None = None,
    ) -> Iterator[str]:
        """Yield the sentences that answer a question; earlier turns are in `options.history`.

        Questions about the way, harm, people's names, text and light are answered by
        measurements alone.

        Raises:
            Cancelled
        """
        asked = questions.parse(question)
        language = options.language or asked.language
        facts = self.facts(picture, cancel)
        checked = Checked()
        if asked.kind not in _MEASURED and not facts.quality.unreadable:
            prompt = {"name": "vision/question.j2", "question": question}
            checked, _ = self._asked(facts, prompt, language, _TOKENS["brief"], options, cancel)
        told = [text for text in checked.sentences if not _BARE.match(text)]
        self._remember(picture, "vlm" if told else "basic")
        if told:
            yield from told
        else:
            for text in self._basic.question(picture, question, options, cancel):
                yield _WAY.get(text, text)

    def measured(
        self, picture: Picture, options: Options = DEFAULT_OPTIONS, cancel: Cancel | None = None
    ) -> Scene:
        """All that basic vision tells of a picture, for which the model need not look again.

        Raises:
            Cancelled
        """
        return self._basic.describe(picture, "full", options, cancel)

    def _asked(
        self,
        facts: Facts,
        prompt: Mapping[str, Any],
        language: str,
        tokens: int,
        options: Options,
        cancel: Cancel | None,
    ) -> tuple[Checked, room.Side | None]:
        """What the checks leave of what the model says, and the side where it sees more room.

        Nothing where it fails.
        """
        start = time.monotonic()
        wanted = replace(
            options,
            language=language,
            schema=DESCRIBED if prompt["name"] == "vision/describe.j2" else SCHEMA,
            max_tokens=options.max_tokens or tokens,
            deadline_s=options.deadline_s or self._deadline_s,
        )
        evidence = Evidence(facts)

        sides: list[room.Side | None] = []

        def said(values: Mapping[str, Any]) -> list[str]:
            chinese = base(language) == "zh"
            name, rest = values["name"], {k: v for k, v in values.items() if k != "name"}
            text = render(name, chinese=chinese, schema=True, **rest)
            answer = ask(self._model(), [facts.picture], text, left(wanted, start), cancel)
            told, side = room.taken(answer, output.sentences(answer))
            sides.append(side)
            return [text for text in told if not is_quote(text)]  # texts come from OCR alone

        self.failed = False
        try:
            checked = check(said(prompt), evidence, language)
            spare = time.monotonic() - start < (wanted.deadline_s or 0.0) / 2
            if checked.sentences and checked.confidence < _SURE and spare:
                other = said({"name": "vision/again.j2"})
                checked = _compared(checked, other, language)
        except Cancelled:
            raise
        except AssistantError as error:
            self.failed = True
            _log.warning("the vision model gave no answer: %s", error)
            return Checked(), None
        return checked, sides[0]

    def _remember(self, picture: Picture, engine: str) -> None:
        self._answered.pop(id(picture.pixels), None)
        self._answered[id(picture.pixels)] = engine
        while len(self._answered) > _REMEMBERED:
            self._answered.pop(next(iter(self._answered)))


def _compared(checked: Checked, other: Sequence[str], language: str) -> Checked:
    """Sentences that nothing measured supports are hedged unless a second answer says them too."""
    told, hedged = [], checked.hedged
    for text, mark in zip(checked.sentences, checked.marks, strict=True):
        if mark == Mark.UNCHECKED and not consistent(text, other, language):
            told.append(hedge(text, language))
            hedged += 1
        else:
            told.append(text)
    return replace(checked, sentences=tuple(told), hedged=hedged)


def _ordered(said: Sequence[str], measured: str, language: str) -> tuple[str, list[str]]:
    """The first sentence, hazards before all else and short enough, and the rest.

    Where no sentence is short enough the measured one, which always is, comes first.
    """
    ranked = sorted(said, key=lambda text: not _HAZARD.search(text))
    limit = LIMITS[base(language) if base(language) in LIMITS else "en"]
    short = [text for text in ranked if length(text, language) <= limit]
    hazardous = [text for text in short if _HAZARD.search(text)]
    first = next(iter([*hazardous, *(t for t in said if t in short)]), measured)
    return first, [text for text in ranked if text != first]
