"""Text normalisation: numbers, units, dates and signs as words that a voice can say.

Own rules over `num2words` and `cn2an` (1 MB each). WeTextProcessing's compiled grammars
were tried and left out: its pynini takes 700 MB installed.
"""

from __future__ import annotations

import re
import unicodedata

from assistant.languages import base
from assistant.safety.plain import speakable

_URL = re.compile(
    r"(?:https?://)?(?:www\.)?((?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,})(?::\d+)?(?:[/?#][^\s，。；）)]*)?",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"[\w.+-]+@(?:[\w-]+\.)+[A-Za-z]{2,}")
_ONE_SIGN = {"℃": "°C", "℉": "°F", "㎡": "m²", "㎏": "kg", "㎝": "cm", "㎞": "km", "№": "No. "}
_TOP = {"com", "org", "net", "io", "cn", "gov", "edu", "uk", "de", "fr", "eu", "info", "app", "ai"}


def spoken(text: str, language: str) -> str:
    """The text as it is said in a language; empty when there is nothing to say.

    Languages other than English and Chinese lose their markup only: their voices read
    numbers themselves.
    """
    name = base(language)
    for sign, letters in _ONE_SIGN.items():
        text = text.replace(sign, letters)
    text = re.sub(r"\d", lambda m: str(unicodedata.decimal(m[0])), text)  # of any script
    text = speakable(_addresses(text, name))
    if name == "en":
        from assistant.normalisation import english

        return english.spoken(text)
    if name == "zh":
        from assistant.normalisation import chinese

        return chinese.spoken(text)
    return text


def _addresses(text: str, language: str) -> str:
    """Web and mail addresses as their host is read aloud; what follows the host is left out."""
    dot, at = ("点", "艾特") if language == "zh" else (" dot ", " at ")

    def mail(match: re.Match[str]) -> str:
        return f" {match[0].replace('@', at).replace('.', dot)} "

    def host(match: re.Match[str]) -> str:
        name = match[1]
        if name.rsplit(".", 1)[-1].lower() not in _TOP:
            return match[0]  # a file name, or a full stop without a blank after it
        return f" {name.replace('.', dot)} "

    return _URL.sub(host, _ADDRESS.sub(mail, text))
