"""Words in a prompt that a tokenizer would take for its own marks: turns, pictures, ends.

What was read in a picture, a file name or an earlier answer may hold them, by accident or
on purpose. They are taken out, so that text stays text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_MARKS = re.compile(
    r"<\|[^|<>\n]{1,48}\|>"  # <|im_end|>, <|vision_start|> (ChatML, Qwen, Llama 3, Phi)
    r"|<__\w{1,24}__>"  # <__media__> (llama.cpp)
    r"|</?(?:s|bos|eos|pad|unk|image|image_soft_token|fake_token_around_image|global-img)>"
    r"|<row_\d+_col_\d+>"  # SmolVLM
    r"|<(?:start|end)_of_\w{1,16}>"  # Gemma, SmolVLM
    r"|\[/?(?:INST|IMG|IMG_BREAK|IMG_END|SYSTEM_PROMPT)\]"  # Mistral
)


def without_marks(text: str, more: Iterable[str] = ()) -> str:
    """The text with a space where such a mark was.

    Args:
        more: marks of the tokenizer at hand.
    """
    for mark in sorted(filter(str.strip, more), key=len, reverse=True):
        text = text.replace(mark, " ")
    while (cleaned := _MARKS.sub(" ", text)) != text:
        text = cleaned
    return text
