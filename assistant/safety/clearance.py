"""Finds clearances: words that say or imply that it is safe or clear to move, eat or drive.

An absence is a clearance too (design, section 7, rule 1).
"""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

from assistant.languages import sentences
from assistant.safety import chinese, english

Clearance = Literal["way", "harm", "absence"]

_HAN = re.compile(r"[\u3400-\u9fff]")
_LATIN = re.compile(r"[A-Za-z]{2}")
_HOMOGLYPHS = str.maketrans("аеорсухіѕ", "aeopcyxis")  # Cyrillic look-alikes
_SPACED = re.compile(r"\b(?:[A-Za-z][ .\-_*]){2,}[A-Za-z]\b")

# The obvious ones of other languages; whole sentences are withheld.
_ELSEWHERE = re.compile(
    # Spanish, Portuguese
    r"\b(?:es|está|parece|son|todo|muy) (?:\w+ )?segur[oa]s?\b|\bseguro para\b|\b(?:puede"
    r"|puedes|pode) (?:\w+ )?(?:cruzar"
    r"|pasar|caminar|avanzar|seguir|comer|beber|atravessar|passar|andar|seguir|ir)"
    r"|\bno hay (?:\w+ )?(?:obst|coche|carro|auto|peligro|nad[ai]|gente|tráfico|escal|vehí"
    r"|riesgo)|\bnão há\b|\bsin (?:obst|peligro)|\bsem (?:obst|perigo)"
    r"|\b(?:camino|caminho|paso|vía|via|calle|rua) (?:está |esta )?(?:libre|livre|despejad"
    r"|limp|vací)|\badelante, (?:puede|cruce)"
    # French
    r"|\bsans (?:danger|risque|obstacle)|\bvous pouvez (?:\w+ )?(?:traverser|avancer|passer"
    r"|y aller|marcher|manger|boire|continuer)"
    r"|\b(?:voie|route|chemin|passage|rue)\b.{0,12}\b(?:libre|dégagé|vide)|\bil n ?y a (?:pas"
    r"|aucun|rien|personne)|\baucun (?:obstacle|danger|véhicule|risque)|\baucune voiture"
    r"|\brien devant|\b(?:en|tout) sécurité|\bpas de (?:voiture|danger|obstacle)"
    # German
    r"|\b(?:ist|sind|es|völlig|ganz) (?:\w+ )?sicher\b|\bgefahrlos|\bweg (?:\w+ )?(?:ist"
    r"|sieht) (?:\w+ )?frei|\bstraße ist (?:frei|leer)|\b(?:sie können"
    r"|du kannst) (?:\w+ )?(?:\w+ )?(?:gehen|überqueren|weitergehen|essen|trinken|fahren"
    r"|laufen)"
    r"|\bkeine? (?:\w+ )?(?:autos?|hindernis|gefahr|fahrzeug|stufen|menschen|leute|treppe)"
    r"|\bfreie bahn|\bnichts (?:im weg|vor)"
    # Italian
    r"|\bè (?:\w+ )?sicur[oa]|\bvia libera|\b(?:strada|percorso|passaggio|via) (?:è )?liber"
    r"|\bnessun[oa]? (?:ostacol|pericol|auto|macchin)|\bnon ci sono|\bpuoi (?:attraversare"
    r"|passare|andare|mangiare)|\bpuò (?:attraversare|passare)"
    # Russian
    r"|\bбезопасн|\b(?:можно|можете) (?:идти|переходить|проходить|есть|пить|ехать)|\b(?:путь"
    r"|дорога) (?:свобод|чист)|\bнет (?:машин|препятств|опасн|люд|ступен|никого|ничего)"
    r"|\bникого нет|\bпрепятствий нет"
    # Japanese, Korean
    r"|安全です|安全に|渡れ|渡っても|進んで(?:も|くだ|大)|通れ|歩けます|障害物(?:は|が)?(?:あり|ない|見)|車は(?:来|いま|あり)|大丈夫|何もあり"
    r"|誰もい|食べられ|食べても|危険はあり"
    r"|안전|건너(?:도|세요|가도|실)|장애물이? ?(?:없|보이지)|차(?:가|량이)? ?(?:없"
    r"|안)|지나가도|괜찮|먹어도|위험하지 않|아무것도 없|비어 ?있",
    re.IGNORECASE,
)


def clearance_in(text: str, *, measured: bool = False) -> Clearance | None:
    """What kind of clearance a text about a scene gives, or None.

    `measured` texts may say that they saw none of something when they add that they miss
    things.
    """
    for sentence in sentences(plain_letters(text)):
        found = _in_sentence(sentence, measured)
        if found is not None:
            return found
    return None


def plain_letters(text: str) -> str:
    """Compatibility forms, invisible characters, look-alikes and s p a c e d words undone."""
    text = unicodedata.normalize("NFKC", text)
    text = "".join(c for c in text if unicodedata.category(c) not in ("Cf", "Mn"))
    if _LATIN.search(text) is not None or _SPACED.search(text) is not None:
        text = text.translate(_HOMOGLYPHS)
    text = re.sub(r"(?<=[A-Za-z])[*_~`]+|[*_~`]+(?=[A-Za-z])", "", text)
    return _SPACED.sub(lambda found: re.sub(r"[ .\-_*]", "", found[0]), text)


_CAVEAT_EN = re.compile(
    r"\bi (?:\w+ )?(?:often|may|might|can|sometimes|easily) (?:\w+ )?(?:miss|overlook)"
)
_CAVEAT_ZH = re.compile(r"漏看|看漏|遗漏|漏掉|看错|看不全")


def _in_sentence(text: str, measured: bool) -> Clearance | None:
    if _ELSEWHERE.search(" ".join(text.lower().replace("'", " ").replace("’", " ").split())):
        return "way"
    if _LATIN.search(text):
        plain = english.normalised(text)
        if not english.QUESTION.search(plain):
            found = _first(english_open(plain), english.CLEARANCES)
            if found is not None and not (
                measured and found == "absence" and _CAVEAT_EN.search(plain)
            ):
                return found
    if _HAN.search(text):
        plain = chinese.normalised(text)
        if not chinese.QUESTION.search(plain) or chinese.TAG.search(plain):
            found = _first(chinese_open(plain), chinese.CLEARANCES)
            if found is not None and not (
                measured and found == "absence" and _CAVEAT_ZH.search(plain)
            ):
                return found
    return None


def english_open(plain: str) -> str:
    """Normalised English without its open questions and warnings."""
    return english.WARNING.sub(" § ", english.DOUBT.sub(" § ", plain))


def chinese_open(plain: str) -> str:
    """Normalised Chinese without its open questions and warnings."""
    return chinese.WARNING.sub("§", chinese.DOUBT.sub("§", plain))


def _first(text: str, families: tuple[tuple[str, re.Pattern[str]], ...]) -> Clearance | None:
    for kind, pattern in families:
        if pattern.search(text):
            return kind  # type: ignore[return-value]
    return None


def invites(text: str) -> bool:
    """Whether a true sight invites to go: a green light, stopped traffic."""
    return bool(
        english.HINT.search(english.normalised(text))
        or chinese.HINT.search(chinese.normalised(text))
    )


def bare_answer(text: str, request: str) -> Clearance | None:
    """The clearance that a yes or no gives, by what was asked."""
    text = _LEAD_IN.sub("", text)
    said, said_zh = english_open(english.normalised(text)), chinese_open(chinese.normalised(text))
    asked, asked_zh = english.normalised(request), chinese.normalised(request)
    leave = english.ASKS_CLEARANCE.search(asked) or chinese.ASKS_CLEARANCE.search(asked_zh)
    yes = english.YES.search(said) or chinese.YES.search(said_zh) or _ENDS_IN_YES.search(said)
    if yes and (leave or not (english.QUESTION.search(asked) or chinese.QUESTION.search(asked_zh))):
        return "way"  # a yes to what is no question agrees to whatever was begged for
    if english.NO.search(said) or chinese.NO.search(said_zh):
        if english.ASKS_PRESENCE.search(asked) or chinese.ASKS_PRESENCE.search(asked_zh):
            return "absence"
        if english.NO.search(said) and english.ASKS_DANGER.search(asked):
            return "way"
    return None


_LEAD_IN = re.compile(
    r"^\W*(?:(?:the |my |final )?answer(?: is)?\s*:?|\w+(?: \w+)? says?\s*:?|i (?:think|believe"
    r"|guess)|well|so|回答|答案|我(?:想|觉得|认为))[\s:：,，]*",
    re.IGNORECASE,
)
_ENDS_IN_YES = re.compile(r"\bso,? yes\W*$")


# --- replies without a tool: the same words are general knowledge where nothing points here ---

_GENERAL = re.compile(
    r"\bit is (?:\w+ )?(?:safe|fine|ok|okay|good|healthy|possible"
    r"|best) (?:for \w+ )?to (?:\w+ )?(?:eat|drink|take|travel|use|visit"
    r"|fly|cook|swim|drive|walk|go|touch|mix) (?!it\b|this|that|now|here|the\b|them|these"
    r"|across|ahead|through|straight|over)\w+"
    r"|\byou (?:can|may|could|should|need to|must|want to|might)(?: \w+ly| also| then"
    r"| just)? (?:eat|drink|take|drive|walk|go|travel|use|fly|visit|start|turn|come|enter|run"
    r"|swim|ride|keep|cook"
    r"|serve|continue|step|stand|sit|make it|pass|leave|jump|touch|pet|board|climb|follow"
    r"|taste|head|move|get \w+) "
    r"(?!it\b|this|that|now|here|them|these|across|ahead|through|straight|over|on\b|in\b"
    r"|safely|forward|the (?:road|street|way|stairs|crossing|path|door|pill|tablet|food"
    r"|milk))\w+"
)
_POINTS_EN = re.compile(
    r"\b(?:you|your|it|this|these|here|now|ahead|in front|coming|nearby|around"
    r"|approaching|in sight|in view|visible"
    r"|the (?:way|path|road|street|crossing|coast|floor|corridor|hallway|lane|room|light"
    r"|traffic|stairs|door|milk|food|meat|area|area|sidewalk|pavement|intersection|cars?"
    r"|obstacles?))\b|^\W*(?:yes|sure|go|walk|cross|proceed|all|safe|clear|no (?:obstacles?"
    r"|cars?|vehicles?|traffic|danger|hazards?|one|people|steps?|stairs?)|keep|continue"
    r"|just|feel)\b"
)
_POINTS_ZH = re.compile(
    r"你|您|这|那里|那边|前面|前方|面前|现在|附近|周围|左边|右边|后面|路上|地上|马路|路口|门口|旁边|吧|^(?:安全|可以|能|没有|没|路|直走|走|过|放心|前)"
)


def clearance_in_reply(text: str, request: str) -> Clearance | None:
    """The clearance that a reply without a tool gives for here and now; general truths pass."""
    asked = asks_here(request)
    if asked and (answer := bare_answer(text, request)):
        return answer
    for sentence in sentences(plain_letters(text)):
        found = _in_reply(sentence, asked)
        if found is not None:
            return found
    return None


def asks_here(request: str) -> bool:
    """Whether a request asks for leave, or about what is here and now."""
    return bool(
        _ASKS_HERE.search(english.normalised(request))
        or _ASKS_HERE_ZH.search(chinese.normalised(request))
    )


_ASKS_HERE = re.compile(
    r"\b(?:can|may|could|should|shall) (?:i|we) (?:\w+ )?(?:go|cross|walk|drive|proceed|pass|step"
    r"|eat|drink|swallow|enter|move|touch|take (?:it|this|that|the|these|them|one|two))\b"
    r"(?! from| to (?!the|that|this))"
    r"|\b(?:is|are) (?:it|this|that|these|the (?:\w+ )?(?:way|path|road|street|crossing|coast|floor"
    r"|stairs|milk|food|meat|bread|light|door|water|lane|area))\b"
    rf"|\b(?:is|are) there (?:\w+ ){{0,4}}?(?:{english.HAZARD}\W*$|here|ahead|nearby|around"
    rf"|in my|in the"
    r" way|coming|in front)"
    r"|\bmy (?:way|path|surroundings|food|milk)\b|\bin front of me\b|\baround me\b|\bahead\b"
)
_ASKS_HERE_ZH = re.compile(
    r"(?:能|可以|可不可以|能不能|可否|能否)[^，。]{0,6}(?:过|走|吃|喝|开车|通过|前进|进去|穿)|(?:这|那|现在|前|路|过|走|里|吃"
    r"|喝)[^，。]{0,6}安全吗|^安全吗|安不安全|有没有[^，。]{0,6}(?:车|人"
    r"|障碍|台阶|危险)|前面|周围|面前|这(?:个|条|里)"
)


def _in_reply(text: str, asked: bool) -> Clearance | None:
    if _ELSEWHERE.search(" ".join(text.lower().replace("'", " ").split())):
        return "way"
    if _LATIN.search(text):
        plain = english.normalised(text)
        if not english.QUESTION.search(plain):
            held = _GENERAL.sub(" § ", english_open(plain))
            found = _pointed(held, english.CLEARANCES, _POINTS_EN, asked)
            short = len(plain.split()) <= 6 and re.search(rf"\b{english.HAZARD}\b", held)
            if found is None and short and _first(held, english.CLEARANCES) == "absence":
                found = "absence"
            if found is not None:
                return found
    if _HAN.search(text):
        plain = chinese.normalised(text)
        if not chinese.QUESTION.search(plain) or chinese.TAG.search(plain):
            held = chinese_open(plain)
            return _pointed(held, chinese.CLEARANCES, _POINTS_ZH, asked)
    return None


def _pointed(
    text: str,
    families: tuple[tuple[str, re.Pattern[str]], ...],
    points: re.Pattern[str],
    asked: bool,
) -> Clearance | None:
    """The first clearance with a word near it that points to here and now."""
    for kind, pattern in families:
        for match in pattern.finditer(text):
            around = text[max(0, match.start() - 14) : match.end() + 24]
            if match.start() > 14:
                around = f"x{around}"  # not the sentence's beginning
            if asked or points.search(around):
                return kind  # type: ignore[return-value]
    return None
