"""Texts as token ids, by a checkpoint's own `tokenizer.json`, without torch or transformers.

transformers chooses a tokenizer's class by what a repository says, and for SigLIP 2 that was
long the wrong one (Gemma's, which does not lower the case); the file itself holds what counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.embedding.checkpoint import Checkpoint, read_json
from assistant.errors import EngineError

Ids = NDArray[np.int64]


class Tokens:
    """A tokenizer that frames, cuts and pads as the family was trained.

    CLIP: between its start and end tokens, cut to 77, padded to the longest of a batch; its
    attention is causal and it pools at the first end token, so that padding changes nothing.
    SigLIP: lower case, an end token, always padded on the right to 64, no attention mask, since
    the tower was trained on padded texts and pools its last position (big_vision's
    `text_transformer.py`; Tschannen et al., "SigLIP 2", 2025, section 2.1).
    """

    def __init__(self, checkpoint: Checkpoint) -> None:
        """Read `tokenizer.json`.

        Raises:
            EngineError: it is missing or damaged.
        """
        from tokenizers import Tokenizer

        file = checkpoint.folder / "tokenizer.json"
        try:
            tokenizer = Tokenizer.from_str(file.read_text(encoding="utf-8"))
        except Exception as error:  # the library raises bare exceptions for a damaged file
            raise EngineError(
                f"{checkpoint.folder.name} holds no readable tokenizer.json",
                fix="assistant models verify",
            ) from error
        self._siglip = checkpoint.family != "clip"
        marks = _marks(checkpoint)
        _frame(tokenizer, marks, start=not self._siglip)
        pad = tokenizer.token_to_id(marks.get("pad_token", ""))
        tokenizer.enable_truncation(checkpoint.text_length)
        tokenizer.enable_padding(
            direction="right",
            pad_id=int(next((p for p in (pad, checkpoint.pad) if p is not None), 0)),
            pad_token=marks.get("pad_token", "<pad>"),
            length=checkpoint.text_length if self._siglip else None,
        )
        self._tokenizer = tokenizer

    def __call__(self, texts: Sequence[str]) -> tuple[Ids, Ids]:
        """Token ids and attention mask, [n, length] each."""
        plain = [text.encode("utf-8", "replace").decode() for text in texts]
        found = self._tokenizer.encode_batch([t.lower() for t in plain] if self._siglip else plain)
        return (
            np.array([one.ids for one in found], dtype=np.int64),
            np.array([one.attention_mask for one in found], dtype=np.int64),
        )


def _marks(checkpoint: Checkpoint) -> dict[str, str]:
    """The special tokens by name, where tokenizer_config.json tells them."""
    file = checkpoint.folder / "tokenizer_config.json"
    content = read_json(file) if file.is_file() else {}
    found = {}
    for name in ("bos_token", "eos_token", "pad_token"):
        mark = content.get(name)
        text = mark.get("content") if isinstance(mark, dict) else mark
        if isinstance(text, str):
            found[name] = text
    return found


def _frame(tokenizer: Any, marks: dict[str, str], *, start: bool) -> None:
    """Have texts end (and begin) with the family's marks where the file does not say so."""
    from tokenizers.processors import TemplateProcessing

    eos, bos = marks.get("eos_token", ""), marks.get("bos_token", "")
    end, begin = tokenizer.token_to_id(eos), tokenizer.token_to_id(bos)
    if end is None or tokenizer.encode("a").ids[-1:] == [end]:
        return
    framed = [bos, "$A", eos] if start and begin is not None else ["$A", eos]
    ids = [(eos, end)] + ([(bos, begin)] if framed[0] == bos else [])
    tokenizer.post_processor = TemplateProcessing(single=framed, special_tokens=ids)
