"""What the fast path sees of a request: its embedding, its words, and a few plain facts."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Self

import numpy as np

from assistant.interfaces import Float32
from assistant.routing import files

# Chosen by cross-validation on the examples: words beside the embedding gained 1.5 points.
_SPREAD = 4.0  # norm of a typical standardised embedding
_WORDS = 2.0  # norm of the words' part
_SEEN = 4  # examples that hold a word before it counts
_CHOICE = re.compile(r"\bor\b|还是|或")


_EDGES = " .,!?;:。，！？；：、"
# Says nothing of what is wanted, and moves the embedding of a short request a long way.
_POLITE = re.compile(
    r"^(?:please\b|excuse me\b|请问一下|请问|麻烦您|麻烦你|麻烦|劳驾|不好意思|[ ,，])+"
    r"|[ ,，]*(?:\bplease|谢谢您?|谢谢你)$"
)


def plain(request: str) -> str:
    """A request as it is embedded: as recognised speech has it, file names by their kind."""
    text = unicodedata.normalize("NFKC", files.replaced(request)).casefold()
    text = re.sub(r"\s+", " ", text).strip(_EDGES)
    return _POLITE.sub("", text).strip(_EDGES) or text


@dataclass(frozen=True, kw_only=True)
class Features:
    """Scales of the embedding, and the words that count, as a set of examples has them."""

    mean: Float32  # [d]
    deviation: Float32  # [d]
    words: tuple[str, ...]  # single words, pairs, and the first one; Han characters are words
    rarity: Float32  # [words], log of examples per example that holds the word

    @classmethod
    def of(cls, texts: Sequence[str], embedded: Float32) -> Self:
        """The features of these examples; `embedded` is [n, d]."""
        held = Counter(word for text in texts for word in _words(plain(text)))
        words = tuple(sorted(word for word, n in held.items() if n >= _SEEN))
        return cls(
            mean=embedded.mean(axis=0),
            deviation=embedded.std(axis=0) + np.float32(1e-6),
            words=words,
            rarity=np.log(len(texts) / np.array([held[w] for w in words], dtype=np.float32)),
        )

    def inputs(self, texts: Sequence[str], embedded: Float32) -> Float32:
        """[n, d + words + facts + 1]; the last column is 1, for the bias."""
        scale = np.float32(_SPREAD / np.sqrt(embedded.shape[1]))
        scaled = (embedded - self.mean) / self.deviation * scale
        forms = [plain(text) for text in texts]
        ones = np.ones((len(texts), 1), dtype=np.float32)
        return np.hstack([scaled, self._worded(forms), _facts(forms), ones])

    def _worded(self, forms: Sequence[str]) -> Float32:
        """Weights of the words that each text holds, [n, words], each row of norm `_WORDS`."""
        place = {word: i for i, word in enumerate(self.words)}
        table = np.zeros((len(forms), len(place)), dtype=np.float32)
        for row, form in enumerate(forms):
            for word in _words(form) & place.keys():
                table[row, place[word]] = self.rarity[place[word]]
        norms = np.linalg.norm(table, axis=1, keepdims=True)
        return np.asarray(table * (_WORDS / np.maximum(norms, 1e-6)), dtype=np.float32)


def _words(form: str) -> set[str]:
    words = re.findall(r"[a-z0-9.']+|[\u4e00-\u9fff]", form)
    pairs = {f"{one} {two}" for one, two in pairwise(words)}
    return {*words, *pairs, *(f"^{word}" for word in words[:1])}


def _facts(forms: Sequence[str]) -> Float32:
    """Whether a text names a video, a sound, a document; whether it offers a choice: [n, 4]."""
    names = ("video.mp4", "audio.wav", "document.pdf")
    facts = [[name in form for name in names] + [bool(_CHOICE.search(form))] for form in forms]
    return np.array(facts, dtype=np.float32)
