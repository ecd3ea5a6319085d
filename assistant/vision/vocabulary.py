"""Which speakable names a noun of a question means: "puppy" the dog, "车" every vehicle.

Words come first from the list of names, then from everyday synonyms, then from WordNet.
"""

from __future__ import annotations

from functools import cache

from assistant.vision import wordnet
from assistant.vision.names import names
from assistant.vision.precedence import MOVING

_BROADEST = 100  # a word that covers more names than this ("thing") says nothing
_SYNONYMS = {
    "person": "people anyone anybody someone somebody human guy kid baby pedestrian crowd family "
    "男人 女人 男的 女的 女士 男士 先生 小姐 孩子 小孩 男孩 女孩 老人 大人 行人 "
    "人们 婴儿 宝宝 人物 家人 朋友 小朋友 同学 路人 一家人",
    "vehicle": "车 车子 车辆 机动车",
    "car": "小汽车 轿车 小车 私家车",
    "truck": "lorry 货车",
    "bus": "coach 公交车 巴士 大巴 公车",
    "bicycle": "bike 单车 脚踏车",
    "motorcycle": "motorbike 摩托",
    "airplane": "plane aeroplane",
    "sofa": "couch settee",
    "television": "tv telly 电视机",
    "phone": "mobile smartphone cellphone 移动电话",
    "computer": "电脑",
    "laptop": "notebook 笔记本",
    "cup": "mug 水杯 茶杯 马克杯 咖啡杯 杯",
    "glass": "glasses 酒杯",
    "sunglasses": "eyeglasses spectacles 眼镜 墨镜",
    "table": "desk 桌 餐桌 书桌 茶几",
    "chair": "stool seat 凳子 座椅 椅",
    "bag": "包 包包 袋子",
    "backpack": "rucksack 书包",
    "handbag": "purse 手提包",
    "shoe": "trainer sneaker 鞋 鞋子 球鞋",
    "clothing": "clothes outfit 衣服 服装",
    "animal": "pet creature 宠物 小动物",
    "dog": "puppy doggy 小狗 狗狗",
    "cat": "kitten kitty 小猫 猫咪",
    "toilet": "loo 马桶",
    "refrigerator": "fridge 冰箱",
    "trash can": "bin dustbin rubbish 垃圾桶",
    "boat": "船",
    "flower": "花",
    "food": "meal breakfast lunch dinner supper 饭 饭菜 早餐 早饭 午餐 午饭 晚餐 晚饭 聚餐 年夜饭",
    "building": "house 房子 屋子 楼 大楼",
}


@cache
def words() -> dict[str, str]:
    """Every plain word, English and Chinese, with the name that it stands for."""
    found: dict[str, str] = {}
    for english, name in names().items():
        for word in (english, name.plural, name.chinese, name.coco):
            if word:
                found.setdefault(word, english)
    for english, words in _SYNONYMS.items():
        if english in names():
            found |= dict.fromkeys(words.split(), english)
    return found


@cache
def named(noun: str) -> frozenset[str]:
    """The speakable names that a noun means, kinds included; none when it is unknown.

    The head of a noun counts: the last word in English ("coffee mug"), the end in Chinese.
    """
    word = noun.strip().lower()
    if not word:
        return frozenset()
    if not word.isascii():
        return _chinese(word)
    parts = word.split()
    for start in range(len(parts)):
        for form in wordnet.singulars("_".join(parts[start:])):
            if form.replace("_", " ") in words():
                return _kinds(words()[form.replace("_", " ")])
    return _by_wordnet(word)


def _chinese(word: str) -> frozenset[str]:
    """By the longest ending that is known; what has no name of its own goes by its kind."""
    tree = wordnet.tree()
    for ending in (word[start:] for start in range(len(word))):
        if ending in words():
            return _kinds(words()[ending])
        if len(ending) > 1 and (ending in tree.words or ending in tree.kinds):
            return _by_wordnet(ending)
    return frozenset()


def _kinds(english: str) -> frozenset[str]:
    """A name and the names of its kinds."""
    synsets = names()[english].synsets
    kinds = _below(synsets) | {english}
    return frozenset(kinds | MOVING if english == "vehicle" else kinds)


@cache
def _below(synsets: frozenset[str]) -> frozenset[str]:
    tree = wordnet.tree()
    return frozenset(
        english
        for english, name in names().items()
        if any(not synsets.isdisjoint(tree.above(s)) for s in name.synsets)
    )


def _by_wordnet(word: str) -> frozenset[str]:
    """Through WordNet; a word that can be a person and a thing ("dog") is the thing."""
    tree, person = wordnet.tree(), names()["person"].synsets
    form = word.split()[-1]
    forms = wordnet.singulars(form)
    meanings = frozenset(s for single in forms for s in tree.words.get(single, ()))
    above = frozenset(s for single in forms for s in tree.kinds.get(single, ()))
    if meanings | above and meanings | above <= person:
        return frozenset({"person"})
    kinds = [_below(frozenset({meaning})) for meaning in meanings - person]
    named_above = {n for n, name in names().items() if not name.synsets.isdisjoint(above - person)}
    return frozenset(named_above).union(*(k for k in kinds if len(k) <= _BROADEST))
