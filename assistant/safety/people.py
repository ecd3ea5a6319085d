"""People are described neutrally, and nobody is identified (design, section 7, rule 7)."""

from __future__ import annotations

import re

_PERSON_EN = (
    r"(?:m[ae]n|wom[ae]n|boys?|girls?|lad(?:y|ies)|guys?|person|people|child(?:ren)?|kids?"
    r"|gentlem[ae]n|teenagers?|individuals?|students?|workers?|couple|face|figure)"
)
_JUDGING_EN = (
    r"(?:beautiful|handsome|pretty|ugly|attractive|unattractive|gorgeous|sexy|hot|cute|fat|obese"
    r"|overweight|chubby|skinny|thin|slim|homeless|poor|rich|wealthy|suspicious|shady|criminal"
    r"|drunk"
    r"|crazy|mad|disabled|crippled|gay|lesbian|muslim|jewish|christian|hindu|asian"
    r"|african(?: american)?"
    r"|caucasian|black|white|latino|latina|hispanic|arab|indian|chinese|japanese|european|foreign"
    r"|illegal|stupid|lazy|dangerous looking|thuggish|exotic|elderly looking|well endowed)"
)
_BEFORE_PERSON_EN = re.compile(
    rf"\b{_JUDGING_EN}(?:,? and |, |\s+)(?=(?:{_JUDGING_EN}(?:,? and |, |\s+))*"
    rf"(?:(?:young|old|older|tall|little|small|middle-aged|elderly|smiling)\s+)*{_PERSON_EN}\b)",
    re.IGNORECASE,
)
_IS_JUDGED_EN = re.compile(
    rf"\b(?:he|she|they|{_PERSON_EN})(?:\s+\w+){{0,3}}?\s+(?:is|are|looks?|seems?|appears?)\s+"
    rf"(?:\w+\s+)?{_JUDGING_EN}\b(?!\s+(?:shirt|coat|dress|hat|jacket|shoes?|bag))",
    re.IGNORECASE,
)
# "This is Barack Obama", "he looks like Tom Hanks", "a man named John"
_NAME = r"[A-Z][a-z]+(?:\s+(?:[A-Z]\.|de|van|von|bin|[A-Z][a-z'’]+)){1,3}"
_NAMED_EN = re.compile(
    rf"\b(?:(?i:he|she|the\s+{_PERSON_EN}|this\s+{_PERSON_EN}|that\s+{_PERSON_EN}|it|this|that"
    rf"|the picture"
    rf"|the photo|the image|they|who|{_PERSON_EN})(?:\s+\w+){{0,4}}?\s+)"
    rf"(?i:is|are|looks?\s+like|resembles?|appears?\s+to\s+be|seems?\s+to\s+be|might\s+be"
    rf"|may\s+be|could\s+be"
    rf"|shows?|depicts?|features?|is\s+probably|is\s+likely)\s+(?:(?i:probably|likely|the|a|an"
    rf"|\w+er|\w+or|\w+ian|president|famous)\s+){{0,4}}{_NAME}\b"
    rf"|\b(?i:named|called|identified\s+as|recogni[sz]ed\s+as|known\s+as)\s+[A-Z][a-z]+\b"
)
_PLACES = re.compile(
    r"\b(?:Street|Road|Avenue|Park|Tower|Bridge|Square|Palace|Museum|Station|Hotel|Church"
    r"|Cathedral|Building"
    r"|Castle|University|Hospital|Coke|Cola|Airport|House|Center|Centre|City|Island|River|Lake"
    r"|Mountain|Market"
    r"|Wall|Gate|Temple|Statue|Eiffel|Ferris|Christmas|Golden|New|Great|Big)\b"
)
_JUDGING_ZH = (
    r"(?:漂亮|美丽|好看|丑陋?|难看|性感|迷人|英俊|帅气?|肥胖|很胖|胖"
    r"|瘦弱|可疑|贫穷|富有|有钱|流浪|残疾|黑人|白人|亚洲|非洲|欧洲|外国)"
)
_BEFORE_PERSON_ZH = re.compile(
    rf"(?:很|非常|十分|一些)?{_JUDGING_ZH}的?(?=(?:年轻|小|老|中年)?的?(?:女|男|人|孩|姑娘|老人|小伙|女士|先生))"
)
_WORDS_ZH = (
    ("美女", "女士"),
    ("帅哥", "男士"),
    ("胖子", "人"),
    ("黑人", "人"),
    ("白人", "人"),
    ("丑八怪", "人"),
)
_IS_JUDGED_ZH = re.compile(
    rf"(?:他|她|他们|她们|这个?人|女士|男士|女人|男人|女孩|男孩)[^，。]{{0,4}}(?:很|非常|十分|真|看起来"
    rf"|显得)+[^，。]{{0,3}}{_JUDGING_ZH}"
)
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡林郭何高罗郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余叶蒋杜苏魏程吕丁沈任姚卢傅钟姜崔谭廖范汪陆金石戴贾韦夏邱方侯邹熊孟秦白江阎薛尹段雷黎史龙陶贺顾毛郝龚"
    "邵万钱严武戚莫孔向汤成"
)
_NAMED_ZH = re.compile(
    rf"(?:他|她|这位|那位|此人|这个?人|那个?人|这个?(?:男|女)[人士孩]|照片[里上中]的?人?|图[里中]的?人?|图片[里中上]的?人?)(?:应该|可能|好像"
    rf"|看起来|看上去|大概|很)*(?:就是|是|像是|像|叫做|叫|名叫|长得像)(?:明星|演员|歌手|总统|主席|名人"
    rf"|著名的?)*[{_SURNAMES}][\u4e00-\u9fff]{{1,2}}(?=$|[，。！、的先本])"
    rf"|(?:名叫|叫做|认出(?:他|她|这)是|人称)[{_SURNAMES}]?[\u4e00-\u9fff]{{2,3}}(?=$|[，。！])"
)


def neutral(text: str) -> str:
    """The text without judging words before "man", "woman" and the like."""
    text = _BEFORE_PERSON_EN.sub("", text)
    text = re.sub(r"\b([Aa])n (?=[bcdfghjklmnpqrstvwxyz])", r"\1 ", text)
    text = re.sub(r"\b([Aa]) (?=(?:elderly|old|older|individual)\b)", r"\1n ", text)
    for judging, plain in _WORDS_ZH:
        text = text.replace(judging, plain)
    return _BEFORE_PERSON_ZH.sub("", text)


def judges(clause: str) -> bool:
    """Whether a clause says what somebody looks like, is worth or believes."""
    return bool(_IS_JUDGED_EN.search(clause) or _IS_JUDGED_ZH.search(clause))


def identifies(clause: str) -> bool:
    """Whether a clause says who somebody is."""
    named = _NAMED_EN.search(clause)
    if named is not None and not _PLACES.search(named[0]):
        return True
    return bool(_NAMED_ZH.search(clause))
