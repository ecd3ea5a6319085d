"""Whether a sentence is in another language than the reply, so that no rule can judge it."""

from __future__ import annotations

import re

from assistant.languages import base

_HAN = re.compile(r"[\u3400-\u9fff]")
_OTHER_SCRIPT = re.compile(
    r"[\u0370-\u03ff\u0400-\u052f\u0530-\u05ff\u0600-\u06ff\u0900-\u0dff\u0e00-\u0eff\u1100-\u11ff"
    r"\u3040-\u30ff\uac00-\ud7af]"
)  # Greek, Cyrillic, Hebrew, Arabic, Indic, Thai, kana, Hangul
_LATIN = re.compile(r"[^\W\d_]+")
_FUNCTION_EN = frozenset(
    re.findall(
        r"\S+",
        "the a an is are was of in on at to and with it there this that i you has have no not for "
        "by from as be or can his her their its one two three near next behind front",
    )
)
_FUNCTION_OTHER = (
    frozenset(
        # French, Spanish, Portuguese, Italian, German, Dutch: words that English does not use
        re.findall(
            r"\S+",
            "le la les des du une est sont vous pouvez il y pas et dans sur avec pour que qui ce "
            "cette "
            "el los las una unos es está están hay puede puedes con sin por para que muy del y "
            "o os um uma é são não há você pode com sem pela pelo na no da do em "
            "il lo gli è sono puoi può non ci di che per nessun una della "
            "der die das ein eine einen ist sind sie du kannst können nicht kein keine und mit auf "
            "dem den à rien tout tu on vous hier ici devant allez maintenant todo nada ahora aquí "
            "adelante sigue cruza dale jetzt geh lauf ruhig auf im es gibt zu von "
            "het een zijn niet en met op je kunt geen",
        )
    )
    - _FUNCTION_EN
    - {"die", "no", "do", "es", "o", "y", "na", "em", "per", "op", "met", "zu", "du"}
)
_ACCENT = re.compile(r"[àâäáãåæçèéêëìíîïñòóôöõøœßùúûü¿¡]", re.I)


def other_language(text: str, language: str) -> bool:
    """Whether a text without its quotes is in another language than `language` (en or zh)."""
    if _OTHER_SCRIPT.search(text):
        return True
    han, latin = len(_HAN.findall(text)), [w.lower() for w in _LATIN.findall(_HAN.sub(" ", text))]
    latin = [word for word in latin if word.isalpha()]
    if base(language) == "zh":
        return len(latin) > han or (not han and bool(latin))
    if han > len(latin) / 2:
        return True
    own = sum(word in _FUNCTION_EN for word in latin)
    other = sum(word in _FUNCTION_OTHER or bool(_ACCENT.search(word)) for word in latin)
    if own == 0 and any(word in _FUNCTION_OTHER for word in latin):
        return True
    return other >= 2 and other > own
