"""Text normalisation: numbers, units, dates and signs as words that a voice can say.

What is written goes through four stages: characters that stand for others
(`symbols.unified`), Markdown and HTML (`markup`), addresses and program text (`addresses`,
`code`), then the words of the language (`english`, `chinese`).

Own rules over `num2words` and `cn2an` (1 MB each). WeTextProcessing 1.2.0 (Apache-2.0,
compiled grammars) was tried on the cases of tests/test_speaking_text.py and left out: it
takes 720 MB installed (pynini), 4.3 s to load both languages and 30 ms for a short English
text, gives no way back from spoken to written words, and says numbers that are not there or
no numbers at all: "3-5 days" became "three to five daltons ys", "Call 555-1234" "five
hundred and fifty five to one thousand two hundred and thirty four", "the 1990s" "the one
thousand nine hundred and ninety seconds", "1,234.5" 一,两百三十四点五, "2x+1=5" 二x正一等于五,
"第2个" 第两个.
"""

from __future__ import annotations

from assistant.languages import base
from assistant.normalisation import addresses, code, markup, symbols


def spoken(text: str, language: str) -> str:
    """The text as it is said in a language; empty when there is nothing to say.

    Languages other than English and Chinese lose their markup only: their voices read
    numbers themselves.
    """
    name = base(language)
    text = markup.plain(text, name)
    text = addresses.spelled(text, name)
    if name not in ("en", "zh"):
        return symbols.finished(text)
    text = code.names(symbols.without_pictographs(symbols.unified(text)), name)
    if name == "en":
        from assistant.normalisation import english

        return symbols.finished(english.spoken(text))
    from assistant.normalisation import chinese

    return symbols.finished(chinese.spoken(text))
