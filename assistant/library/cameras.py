"""Cameras as they are spoken of, and as EXIF names them."""

from __future__ import annotations

import re
from dataclasses import dataclass

_DEVICES: dict[str, tuple[str, str, str]] = {
    # spoken: (pattern in English, pattern in Chinese, pattern of EXIF's maker and model)
    "iPhone": (r"i-?phone", r"苹果|iphone", r"iphone"),
    "iPad": (r"i-?pad", r"ipad", r"ipad"),
    "Canon": (r"canon|eos", r"佳能", r"canon"),
    "Nikon": (r"nikon", r"尼康", r"nikon"),
    "Sony": (r"sony", r"索尼", r"sony"),
    "Fujifilm": (r"fuji(?:film)?", r"富士", r"fuji"),
    "Olympus": (r"olympus", r"奥林巴斯", r"olympus|om digital"),
    "Panasonic": (r"panasonic|lumix", r"松下", r"panasonic|lumix|dmc-"),
    "Leica": (r"leica", r"徕卡|莱卡", r"leica"),
    "Pentax": (r"pentax", r"宾得", r"pentax"),
    "Hasselblad": (r"hasselblad", r"哈苏", r"hasselblad"),
    "Kodak": (r"kodak", r"柯达", r"kodak"),
    "Ricoh": (r"ricoh", r"理光", r"ricoh"),
    "Casio": (r"casio", r"卡西欧", r"casio"),
    "GoPro": (r"go-?pro", r"gopro", r"gopro"),
    "drone": (r"(?:dji )?drone|dji|mavic", r"无人机|大疆|航拍机", r"dji|parrot|autel|\bfc\d{3}"),
    "Pixel": (r"(?:google )?pixel", r"pixel", r"pixel"),
    "Samsung": (r"samsung|galaxy", r"三星", r"samsung|\bsm-"),
    "Huawei": (r"huawei", r"华为", r"huawei"),
    "Honor": (r"honou?r", r"荣耀", r"honor"),
    "Xiaomi": (r"xiaomi|redmi", r"小米|红米", r"xiaomi|redmi|\bmi \d"),
    "OPPO": (r"oppo", r"oppo", r"oppo"),
    "vivo": (r"vivo", r"vivo", r"vivo"),
    "OnePlus": (r"one ?plus", r"一加", r"oneplus"),
    "Nokia": (r"nokia", r"诺基亚", r"nokia"),
    "Motorola": (r"motorola", r"摩托罗拉", r"motorola|\bmoto"),
    "phone": (
        r"(?:cell ?|mobile |smart ?)?phone|mobile|cell",
        r"手机",
        r"iphone|pixel|samsung|\bsm-|huawei|honor|xiaomi|redmi|oppo|vivo|oneplus|nokia|motorola|"
        r"\bmoto|lge|htc|realme|sony.*xperia",
    ),
}
_MODEL = (
    r"(?P<model>(?: (?!(?:camera|phone)\b)"
    r"(?=[\w-]*\d|(?:pro|max|plus|mini|ultra|mark|eos|alpha|i{1,3}v?)\b)[\w-]+)*)"
)
_ENGLISH = "|".join(pattern for pattern, _, _ in _DEVICES.values())
_CHINESE = "|".join(pattern for _, pattern, _ in _DEVICES.values())

_TAKEN = (
    r"(?:(?:that |which )?(?:i|we|you|he|she|they)(?:'ve| have)? )?"
    r"(?:taken|took|shot|photographed|captured|snapped|made)"
)
_NOUN = r"(?:photos?|pictures?|pics?|images?|shots?|snaps?)"
_PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\b(?P<verb>{_TAKEN}) (?:with|on|by|using|from) (?:my |our |the |an? |his |"
        rf"her )?(?:old |new )?"
        rf"(?P<device>{_ENGLISH}){_MODEL}(?: (?:camera|phone))?\b",
        rf"\b(?:with|using) (?:my|our) (?:old |new )?(?P<device>{_ENGLISH}){_MODEL}(?: camera)?\b",
        rf"\b(?P<device>{_ENGLISH}){_MODEL} (?={_NOUN}\b)",
        rf"(?:(?<=photos )|(?<=pictures )|(?<=pics )|(?<=images )|(?<=shots ))(?:from|off) "
        rf"(?:my |our |the )(?:old |new )?(?P<device>{_ENGLISH}){_MODEL}(?: (?:camera|phone))?\b",
        rf"(?:用|使用|拿)?(?:了)?(?:我的|我们的|我?那台|我?这台|我?那部|我)?(?P<device>{_CHINESE}){_MODEL}"
        r"(?:手机|相机|照相机|单反|微单)?(?:拍摄|拍照|航拍|拍|照|摄)(?:下|到|出来)?的?",
        rf"(?:用|使用)(?:我的|我们的|那台|这台|那部|我)?(?P<device>{_CHINESE}){_MODEL}"
        r"(?:手机|相机|照相机|单反|微单)?",
    )
)


@dataclass(frozen=True, kw_only=True)
class Found:
    """A camera at `text[start:end]`, with the verb that names it as one."""

    start: int
    end: int
    camera: str


def find(text: str) -> Found | None:
    """The camera that photos are to be taken with, or None; a camera that is shown is none."""
    for pattern in _PATTERNS:
        match = pattern.search(text)
        if match is not None:
            spoken = _name(match["device"]) + match["model"]
            return Found(start=match.start(), end=match.end(), camera=spoken)
    return None


def _name(device: str) -> str:
    plain = device.casefold()
    return next(
        name
        for name, (english, chinese, _) in _DEVICES.items()
        if re.fullmatch(english, plain) or re.fullmatch(chinese, plain)
    )


def matches(asked: str, camera: str) -> bool:
    """Whether EXIF's maker and model (in one text) are those of a camera as `find` names it."""
    name, _, model = asked.partition(" ")
    pattern = _DEVICES[name][2] if name in _DEVICES else re.escape(name)
    plain = camera.casefold()
    if re.search(pattern.casefold(), plain) is None:
        return False
    return all(re.search(rf"\b{re.escape(word)}", plain) for word in model.casefold().split())
