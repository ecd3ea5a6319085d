"""Web and mail addresses."""

from __future__ import annotations

import re

from assistant.languages import base

_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_HOST = rf"(?:{_LABEL}\.)+[A-Za-z]{{2,}}"
_REST = r"(?:[/?#][^\s，。；！？、）)\]>\"'”]*[^\s，。；！？、）)\]>\"'”.,;:!?])?/?"
_URL = re.compile(
    rf"(?P<scheme>(?:https?|ftp)://)?(?:www\.)?(?P<host>{_HOST}|localhost)(?::\d+)?{_REST}",
    re.IGNORECASE,
)
_ANY_SCHEME = re.compile(r"\b(?:https?|ftp|file)://[^\s，。；）)\]>]*[^\s，。；）)\]>.,;:!?]", re.I)
_MAIL = re.compile(rf"(?:mailto:)?(?P<name>[A-Za-z0-9][\w.+-]*)@(?P<host>{_HOST})", re.IGNORECASE)
_TOP = {
    "com", "org", "net", "io", "cn", "gov", "edu", "uk", "de", "fr", "eu", "info", "app", "ai",
    "dev", "co", "jp", "tw", "hk", "ca", "au", "ch", "nl", "ru", "kr",
}  # fmt: skip
_SOUND = {"zh": ("点", "艾特"), "en": (" dot ", " at ")}
_NAMED = {"zh": "一个网址", "en": "a web address"}


def spelled(text: str, language: str) -> str:
    """Web addresses as their host is read aloud, mail addresses whole.

    What follows the host is left out; the host of somebody's poster is worth hearing.
    """
    key = "zh" if base(language) == "zh" else "en"
    dot, at = _SOUND[key]

    def mail(match: re.Match[str]) -> str:
        whole = f"{match['name']}{at}{match['host']}"
        return f" {whole.replace('.', dot)} "

    def host(match: re.Match[str]) -> str:
        if not _is_address(match):
            return match[0]
        return f" {match['host'].replace('.', dot)} "

    return _URL.sub(host, _MAIL.sub(mail, text))


def named(text: str, language: str) -> str:
    """ "a web address" for each web address, as replies say it."""
    words = _NAMED["zh" if base(language) == "zh" else "en"]
    blank = "" if base(language) == "zh" else " "
    text = _ANY_SCHEME.sub(f"{blank}{words}{blank}", text)
    kept = [m.span() for m in _MAIL.finditer(text)]

    def address(match: re.Match[str]) -> str:
        inside = any(start <= match.start() < end for start, end in kept)
        return match[0] if inside or not _is_address(match) else f"{blank}{words}{blank}"

    return _URL.sub(address, text)


def _is_address(match: re.Match[str]) -> bool:
    """Not a file name, nor a full stop without a blank after it."""
    host = match["host"]
    top = host.rsplit(".", 1)[-1]
    if match["scheme"] or match[0].lower().startswith("www."):
        return True
    return top in _TOP or (host.isupper() and top.lower() in _TOP)
