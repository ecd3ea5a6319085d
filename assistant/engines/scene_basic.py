"""Describes a scene from what can be measured: detector, classifier, OCR, colours, light.

No vision-language model: sentences are composed by rules, and questions are answered from
measured facts or with "I can't tell". Nothing is ever said to be absent, safe or clear.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ClassVar, Self

from assistant.interfaces import (
    DEFAULT_OPTIONS,
    Cancel,
    Detail,
    EngineContext,
    ImageClassifier,
    ObjectDetector,
    Options,
    TextEncoder,
    TextReader,
)
from assistant.recent import Recent
from assistant.settings import CameraSettings
from assistant.types import Picture, Scene
from assistant.vision import answers, charts, quality, questions, sentence
from assistant.vision.agreement import Seen, see
from assistant.vision.answers import Facts
from assistant.vision.charts import words as charting
from assistant.vision.names import names
from assistant.vision.vocabulary import named

_ALIKE = 0.945
"""Cosine of two E5 vectors from which two nouns mean the same. On 60 pairs in both languages
synonyms lay above it (cell phone, automobile, 轿车, 小狗) and look-alikes below (cardboard and
cupboard 0.92, 凳子 and 靴子 0.94)."""
_REMEMBERED = 4  # pictures whose facts are kept: questions follow a description


class BasicScene:
    """`SceneDescriber` without a vision model. Stops between the looks, within about 0.5 s.

    The facts of the last few pictures are kept, so that a second question about one is
    answered at once.
    """

    name: ClassVar[str] = "basic"

    def __init__(
        self,
        detector: ObjectDetector,
        classifier: ImageClassifier,
        reader: TextReader,
        encoder: Callable[[], TextEncoder],
        camera: CameraSettings,
    ) -> None:
        self._recent: Recent[Seen] = Recent()
        self._detector = detector
        self._classifier = classifier
        self._reader = reader
        self._encoder = encoder
        self._camera = camera
        self._facts: OrderedDict[int, Facts] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def _mirrored(self) -> bool:
        return self._camera.facing == "user"

    @classmethod
    def load(cls, context: EngineContext) -> Self:
        """Load with the profile's detector, classifier and text reader.

        Raises:
            EngineMissing, WeightsMissing, EngineError: one of them cannot be loaded.
        """
        return cls(
            detector=context.engine("object_detector"),
            classifier=context.engine("image_classifier"),
            reader=context.engine("text_reader"),
            encoder=partial(context.engine, "text_encoder"),
            camera=context.camera,
        )

    def describe(
        self,
        picture: Picture,
        detail: Detail = "brief",
        options: Options = DEFAULT_OPTIONS,
        cancel: Cancel | None = None,
    ) -> Scene:
        """What the picture shows, in `options.language` (default English).

        `details` follow the sentence when it is spoken: a fault's fix and a short text
        always; each thing with its place and colour, the light and the text in `full`.

        Raises:
            Cancelled
        """
        language = options.language or "en"
        facts = self.facts(picture, cancel)
        faults = tuple(
            quality.fault(key, language, mirrored=self._mirrored) for key in facts.quality.faults
        )
        if facts.quality.unreadable:
            return Scene(sentence=faults[0].sentence, faults=faults, engine=self.name)
        told = answers.what(facts, language)
        fixes = [fault.sentence for fault in faults]
        details = [*fixes, *(_full(facts, language, told[0]) if detail == "full" else told[1:])]
        return Scene(
            sentence=told[0],
            details=tuple(details),
            objects=facts.objects,
            people=facts.people,
            texts=facts.texts,
            faults=faults,
            engine=self.name,
        )

    def question(
        self,
        picture: Picture,
        question: str,
        options: Options = DEFAULT_OPTIONS,
        cancel: Cancel | None = None,
    ) -> Iterator[str]:
        """Yield the sentences that answer a question about presence, count, place, colour,
        light, text or a chart; anything else is "I can't tell from here".

        Raises:
            Cancelled
        """
        asked = questions.parse(question)
        language = options.language or asked.language
        facts = self.facts(picture, cancel)
        chart = answers.of_chart(question, asked, facts, language)
        yield from chart or answers.answer(asked, facts, language, self._alike)

    def facts(self, picture: Picture, cancel: Cancel | None = None) -> Facts:
        """All that can be measured about a picture; OCR runs beside the detector.

        Raises:
            Cancelled
        """
        if cancel is not None:
            cancel.check()
        with self._lock:
            known = self._facts.get(id(picture))
            if known is not None and known.picture is picture:
                return known
        measured = quality.measure(picture)
        if measured.unreadable:
            facts = Facts(picture=picture, quality=measured, mirrored=self._mirrored)
        else:
            facts = self._look(picture, measured, cancel)
        with self._lock:
            self._facts[id(picture)] = facts  # holds the picture, so its id stays its own
            while len(self._facts) > _REMEMBERED:
                self._facts.popitem(last=False)
        return facts

    def _look(self, picture: Picture, measured: quality.Quality, cancel: Cancel | None) -> Facts:
        with ThreadPoolExecutor(max_workers=1, thread_name_prefix="ocr") as beside:
            reading = beside.submit(self._reader.read, picture, cancel)
            seen = self._recent.of(
                picture,
                lambda: see(picture, self._detector, self._classifier, self._camera, cancel),
            )
            lines = reading.result().lines
        spoken = {found.name for found in seen.objects}
        whole = [found for found in seen.whole if spoken.isdisjoint(named(found.name))]
        placed = [answers.measured_colour(found, picture) for found in seen.objects]
        return Facts(
            picture=picture,
            quality=measured,
            objects=(*placed, *whole),
            people=seen.people,
            lines=lines,
            style=self._camera.directions,
            observation=seen.observation,
            mirrored=self._mirrored,
            chart=charts.find(picture, lines),
        )

    def _alike(self, noun: str, seen: Sequence[str]) -> str | None:
        """The seen name that means the same as a noun, by E5, or None."""
        known = [names()[name].spoken("en" if noun.isascii() else "zh") for name in seen]
        vectors = self._encoder().texts([noun, *known])
        similar = vectors[1:] @ vectors[0]
        best = int(similar.argmax())
        return seen[best] if similar[best] >= _ALIKE else None


def _full(facts: Facts, language: str, first: str) -> list[str]:
    """Each thing, signs and the first lines of text, the light, the colours; of a chart its axes
    and numbers."""
    if facts.chart is not None:
        brief = answers.what(facts, language)
        return [*brief[1:], *charting.details(facts.chart, language)]
    things = sentence.detail_sentences(facts.objects, language, facts.style)
    told = [text for text in things if text != first]
    light = sentence.light(facts.quality, language)
    shades = answers.overall_colours(facts, language)
    written = answers.writing(facts, language, full=True)
    return [*told, *(line for line in (*written, light, shades) if line)]
