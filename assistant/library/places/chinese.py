"""Places in Chinese requests: 在北京, 京都附近, 法国的火车."""

from __future__ import annotations

import re
from collections.abc import Iterator

from assistant.library.places import gazetteer
from assistant.library.places.characters import simplified
from assistant.library.places.found import Found
from assistant.library.places.resolving import resolved

_LONGEST = 10  # characters
_LOUD = 100_000  # people of a town that needs no word before it
_BEFORE = re.compile(r"(?:在|去了?|到了?|从|于|往|来自|游|逛)$")
_NEAR = re.compile(r"(?:的)?(?:附近|周围|周边|旁边|一带|郊区|郊外)的?")
_AFTER = re.compile(
    r"(?:市|省|州|县|区)?(?:旅行|旅游|之旅|之行|游玩|那边|这边|当地|境内|市区|里)?(?:时)?(?:拍摄?)?(?:过|到|下)?的?"
)
_MARKED = re.compile(
    r"机场|火?车站|街头|街上|老城|海滩|海边|夜景|"
    r"市|省|州|县|区|旅|之|游|玩|吃|喝|看|买|住|爬|那边|这边|当地|境内|拍|的|照片|相片|图片|[,，。]|$"
)
_ROAD = re.compile(
    r"路|街(?!头|上|边)|大道|[烤炒烧炸]|料理|菜|面|饭|面?包|犬|牧羊|狗|鸭|鸡|火锅|粉|米|酒|茶|瓷|风格?|式|队|人|语|话|"
    r"文|字|车|货|塔|城|国旗|牌|甜|咖啡|披萨|比萨|泡菜|足球|大使|领事"
)
_HERE = re.compile(r"(?:^|[\x00，,、。\s的]|[拍找去到张下])$")
_LARGE = 1_000_000  # people of a town that is a place at the beginning, whatever follows
# Towns, too, but first of all words.
_WORDS = frozenset(
    re.findall(
        r"\S+",
        "东方 天安 花园 日出 平安 和平 金山 朝阳 日照 公园 吉祥 幸福 太阳 红旗 "
        "新城 东城 西城 城关 大海 中山 长安 新区 西湖 光明 胜利 解放 永远 团结 "
        "友好 海港 天河 高山 白云 河东 河西 南山 海岸 安全 大学 海城 大城 温泉 "
        "城市 大家 老家 家里 学校 大河 河口 湖口 江口 海口市区 天水 桃园 花都 梅花 "
        "牡丹 凤凰 龙门 铁门 石门 大门 大桥 小城 古城 山城 水城 石头 月亮 星星 "
        "三水 小岛 海岛 半岛 长岛 码头 车站 广场 机场 东山 西山 北山 马来 上海滩 ",
    )
)


def find(text: str) -> Iterator[Found]:
    """The places of a text: after 在 and the like, or followed by 的, 附近, 市 ..."""
    plain = simplified(text)
    if len(plain) != len(text) or not re.search(r"[\u3400-\u9fff]{2}", plain):
        return
    names, start = gazetteer.chinese_names(), 0
    while start < len(plain) - 1:
        found = _at(plain, start, names)
        if found is None:
            start += 1
        else:
            yield found
            start = found.end


def _at(text: str, start: int, names: frozenset[str]) -> Found | None:
    for end in range(min(len(text), start + _LONGEST), start + 1, -1):
        name = text[start:end]
        if name not in names:
            continue
        before = _BEFORE.search(text, 0, start)
        near = _NEAR.match(text, end)
        if not _meant(name, text, start, end, marked=before is not None or near is not None):
            continue
        tail = near or _AFTER.match(text, end)
        stop = tail.end() if tail is not None else end
        place = resolved(name, near=near is not None)
        if place is not None:
            return Found(start=before.start() if before else start, end=stop, place=place)
    return None


def _meant(name: str, text: str, start: int, end: int, *, marked: bool) -> bool:
    """Whether a name stands for a place here."""
    if name in _WORDS:
        return bool(re.match("[市县区]", text[end:]))
    if marked:
        return True
    if _ROAD.match(text, end):
        return False
    if _MARKED.match(text, end):
        return _loud(name)
    return _HERE.search(text, 0, start) is not None and _loud(name, _LARGE)


def _loud(name: str, least: int = _LOUD) -> bool:
    if gazetteer.is_area(name):
        return True
    known = gazetteer.towns()
    return bool(known.people[known.named(name)[0]] >= least)
