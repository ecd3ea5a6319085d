"""Finds what a reply without a tool cannot know: the user's surroundings, body, picture, files.

Small models like to answer "what am I holding?" without looking ("a book").
"""

from __future__ import annotations

import re

from assistant.safety import chinese, english

_PLACE = (
    r"(?:room|kitchen|bathroom|bedroom|office|house|home|desk|table|bed|sofa|street|road|park"
    r"|garden|shop|store|car|bus"
    r"|train|station|building|door|window|wall|floor|stairs|chair|living room|hallway|corridor"
    r"|city|mirror|screen)"
)
_BODY = (
    r"(?:hands?|face|hair|eyes?|arms?|legs?|feet|head|fingers?|shirt|coat|dress|clothes"
    r"|clothing|outfit|jacket|shoes?|hat"
    r"|glasses|trousers|pants|skirt|sweater|tie|bag|pocket|palm|lap|surroundings|room|kitchen"
    r"|desk|table|house|environment|view)"
)
_MEDIA = (
    r"(?:pictures?|photos?|photographs?|images?|videos?|files?|documents?|recordings?|audio"
    r"|screenshots?|snapshots?|scans?|pdf|camera"
    r"|library|albums?|receipts?|invoices?|labels?|signs?|letters?|scene)"
)
_SHOWS = (
    r"(?:shows?|showing|depicts?|contains?|includes?|features?|displays?|says?|reads?|has|have"
    r"|is|are|was|captures?|portrays?|looks?"
    r"|seems?|appears?|lists?|mentions?|states?|describes?|reveals?)"
)
_CLAIM_EN = re.compile(
    # you are holding, wearing, standing ...
    r"\byou (?:are|were|seem to be|appear to be|look like you are|must be|might be|have been"
    r"|may be)(?: \w+ly| currently| now| probably| also| just)?"
    r" (?:holding|wearing|standing|sitting|facing|looking at|carrying|pointing|walking|lying"
    r"|touching|surrounded|indoors|outdoors|outside|inside"
    r"|near|in front|next to|close to|at a|at the|in a|in an|in the|in your|on a|on the|by the"
    r"|at your|at home|alone|in bed)\b"
    rf"|\byou (?:hold|wear|have|got)(?: \w+){{0,4}} (?:in|on|around|with) (?:your|the) {_BODY}\b"
    r"|\byou look (?:\w+ )?(?:good|great|nice|fine|tired|happy|sad|beautiful|handsome|young"
    r"|old|lovely|well|pretty|amazing|dressed)\b"
    # I see, it looks like
    r"|\b(?:i|we) (?:can |could |also |do |clearly |just )*(?:see|notice|spot|observe|detect"
    r"|view|hear|recogni[sz]e)\b(?! (?:what you mean|how|why|your point|you mean"
    r"|that you (?:asked|want|need|are asking)|if|whether|no reason|it as|myself|them as"
    r"|your (?:question|concern)))"
    rf"|\b(?:i|we) (?:am|are|was) (?:looking at|seeing|viewing|hearing|watching|reading)\b"
    rf"|\bi (?:have )?(?:looked|checked|read|opened|examined|analy[sz]ed|watched"
    rf"|listened)(?: \w+)* (?:{_MEDIA}|it)\b"
    # where things are
    r"|\b(?:in front of|behind|beside|next to|near|around|ahead of|to the (?:left|right) of"
    r"|above|below|facing|before|close to|opposite|approaching|surrounding) you\b(?! (?:go"
    r"|start|leave|can|eat|cross|do|begin|use|buy|ask|sleep|decide|know|have|get|take|are|were"
    r"|travel|cook|add|put|open|try))"
    r"|\b(?:on|to|at) your (?:left|right)\b|\bin your (?:left |right |other )?(?:hands?|arms?"
    r"|palm|pocket|lap|bag)\b"
    rf"|\byour (?:\w+ )?{_BODY} (?:is|are|looks?|seems?|appears?|has|have|contains?"
    rf"|feels?)\b(?! (?:important|made of|composed|a (?:muscle|part|organ)|connected"
    rf"|controlled))"
    # pictures and files
    rf"|\b(?:your|the|this|that|these|those) (?:\w+ )?{_MEDIA}(?: (?:that |which )?(?:you"
    rf"|i) (?:\w+ )?(?:sent|shared|uploaded|took|provided|gave|showed|have|are holding"
    rf"|attached))? (?:\w+ly )?{_SHOWS}\b"
    rf"|\b(?:in|on|from|of|at) (?:the|this|that|your|these) (?:\w+ )?(?:picture|photo"
    rf"|photograph|image|video|screenshot|recording|scene|snapshot)\b|\bbased on (?:the|this"
    rf"|your) (?:\w+ )?{_MEDIA}\b"
    r"|\bthe (?:object|item|thing|person|man|woman|text|animal|product|bottle"
    r"|book)(?: \w+){0,4} (?:you are|in your|you re|shown|pictured|in the (?:picture|photo"
    r"|image)|is holding|in front)\b"
    r"|\b(?:pictured|shown) here\b"
    # here and now
    rf"|\bthere (?:is|are|seems? to be|appears? to be)(?: \w+){{0,8}} (?:in the {_PLACE}"
    rf"|on the {_PLACE}|in front|here\b(?! to)|nearby|around you|ahead|on (?:the|your) (?:left"
    rf"|right)|behind|in this (?:room|place)|by the {_PLACE}|at the {_PLACE})"
    rf"|\bthe (?:lights?|door|window|{_PLACE}) (?:is|are) (?:currently |now |also |still "
    rf"|probably |\w+ly )*(?:on|off|open|closed|shut|locked|unlocked|ahead|here|empty|clean"
    rf"|dirty|dark|bright|behind|nearby|to your|in front|on your|red|green|blue|white|black"
    rf"|brown|messy|tidy|crowded|quiet)\b\W*$"
    r"|\b(?:it|this|that) (?:is|looks like|appears to be|seems to be) (?:\w+ )?(?:in"
    r"|on) your\b|\bthe (?:weather|temperature|time)(?: \w+){0,3} (?:is|today|outside)\b.*\d"
)
_CLAIM_ZH = re.compile(
    r"(?:你|您)(?:现在|正|正在|目前|好像|似乎|可能|应该|看起来|看上去)*(?:拿着|手里|手上|手中|握着|捧着|举着|穿着|戴着|站在|坐在|躺在|走在|处在"
    r"|面对|面朝|对着|看着|指着|身处|身边|身旁|身后|旁边|前面|面前|前方|背后|左边|右边|左侧|右侧|左手边|右手边|周围|附近|脚下|头上|头顶)(?!的问题)"
    r"|(?:你|您)(?:现在|目前)?在(?:一个|一间|一条|家|房间|室内|室外|厨房|客厅|办公室|街上|公园|商店|车上|路上|卧室)"
    r"|(?:我|我们)(?:能|可以|能够|正在|正|已经|清楚地|现在|刚才)*(?:看到|看见|看得到|看得见|听到|听见|注意到|发现|检测到|认出|看了)(?!你的问题"
    r"|您的问题|你说|您说|你问)"
    r"|(?:图片|照片|图像|图|画面|相片|视频|录像|文件|文档|录音|截图|镜头|相册|标签|收据|发票)(?:里|中|上|内|里面|显示|展示|显示的|写着|是一|包含"
    r"|拍的|中的|里的|上的|看起来)"
    r"|(?:你|您)的(?:手|脸|头发|眼睛|衣服|衬衫|外套|裙子|鞋|帽子|眼镜|房间|桌子|桌上|厨房|周围|面前|前面|照片|图片|文件|视频|录音|屏幕|包|口袋"
    r"|家)(?:里|上|中)?(?:是|有|看|很|显|写|正|在|放|都|好|非常|颜色)"
    r"|(?:你|您)(?:今天|现在)?(?:看起来|看上去|今天)(?:很|真|非常|有点|挺)"
    r"|(?:前面|面前|旁边|周围|附近|左边|右边|前方|这里|桌上|地上|身后|这儿|手里|手中)(?:有|是|站着|坐着|放着|停着|没有)"
    r"|(?:这|那)(?:是|张|个)[^，。]{0,10}(?:照片|图片|图像)(?:显示|里|中|是)|(?:这|那)张(?:照片|图片|图)"
    r"|(?:门|灯|窗户?|灯光)(?:现在)?(?:是|已经)?(?:开着|关着|开的|关的|亮着|锁着|打开的|关闭的)"
)

# What cannot be answered without looking, listening or opening a file.
_LOOKS_EN = re.compile(
    r"\bdescribe (?:the|my|this|our) (?:room|scene|place|surroundings|view|area|kitchen|street)\b"
    r"|\bam i (?:\w+ )?(?:holding|wearing|looking|pointing|facing|standing|sitting|in|at|near"
    r"|carrying|touching|alone)\b|\bwhere am i\b"
    r"|\bin front of (?:me|us)\b|\bin my (?:\w+ )?hands?\b|\b(?:around|behind|near|beside"
    r"|next to|ahead of|above|with) me\b"
    r"|\b(?:do|can|could|did) you (?:see|hear|read|look)\b|\bhow do i look\b|\b(?:my|this|the"
    r"|that|these|those) (?:\w+ )?(?:picture|photo|image|video|screenshot|recording|label|sign"
    r"|scene|camera)\b"
    r"|\b(?:is|are|does|do|what|which|describe|read) (?:\w+ ){0,3}?my (?:\w+ )?(?:shirt|hair"
    r"|face|dress|coat|hands?|eyes|shoes?|room|desk|outfit|clothes|jacket|tie|surroundings|hat"
    r"|trousers|socks|teeth|makeup|kitchen|table)\b"
    r"|^\W*(?:what|who|which|whose|how many|what colou?r|what kind(?: of \w+)?"
    r"|what type(?: of \w+)?|where) (?:is|are|was) (?:this|that|these|those|it|here|there)\W*$"
    r"|\b(?:what|which) (?:is|are|\w+) (?:this|that|these) (?:thing|object|item|stuff|bottle"
    r"|box|can|person|animal|place|fruit|plant|thing here)\b"
    r"|\b(?:is|are) there (?:\w+ ){0,5}(?:here|in (?:the|this|my) (?:room|picture|photo"
    r"|kitchen|street|image)|nearby|ahead|on the (?:table|desk|floor|left|right))\b"
    r"|\bmy surroundings\b|\blook (?:at|around)\b|\bwho is (?:here|there|in the|that|this|he"
    r"|she)\b"
    r"|^\W*is (?:the|this|that|it) (?:\w+ )?(?:door|light|window|lamp|tv|stove|oven|bottle|box"
    r"|room|table|chair|person|man|woman)s?\b"
)
_LOOKS_ZH = re.compile(
    r"我(?:现在|正在?|手里|手上|手中)*(?:拿着?|拿的|握着|穿着?|戴着?|手里|手上|手中|面前|前面|前方|旁边|身边|周围|身后|左边|右边|附近|在哪|站在"
    r"|坐在|面对|看起来|好看吗)"
    r"|(?:你|您)(?:能|可以|有没有)?(?:看到|看见|听到|看得到|看得见)|(?:这|那)(?:是什么(?:东西|颜色|动物|水果|地方|牌子)?|是谁|个东西|里有"
    r"|张|上面|是几|瓶|盒|个人|件|杯)|(?:图|照片|图片|画面|视频|录音|镜头|文件)(?:里|中|上|显示|写)"
    r"|我的(?:手|脸|头发|衣服|衬衫|外套|裙子|鞋|帽子|房间|桌子|样子|眼睛|妆|领带|周围)|前面(?:有|是)|面前(?:有|是)|周围(?:有|是)|桌上(?:有"
    r"|是)|谁在|旁边(?:有|是)|什么颜色的?(?:吗|呢)?$|(?:图|照片|前|桌|房间|这里|身边|旁边)[^，。]{0,6}有几|(?:门|灯"
    r"|窗户?)(?:是)?(?:开|关|亮)"
)
# What may be said instead: that it cannot, what to do, a question.
_UNABLE_EN = re.compile(
    r"\b(?:can not|could not|do not (?:have|know|see)|unable|not able|am not|no way"
    r"|without (?:a|seeing|looking|being)|have no|sorry|apologi[sz]e|afraid)\b"
    r"|^\W*(?:please|try|ask|show|give|send|take|point|hold|say|let me know|if you|you (?:can"
    r"|could|may|should) (?:ask|say|show|take|send|describe|give|try|point|use|upload|share"
    r"|tell))\b|\?\W*$"
    r"|\bas an? (?:\w+ )*(?:assistant|ai|model)\b"
)
_UNABLE_ZH = re.compile(
    r"不能|无法|没法|不知道|不清楚|看不到|看不见|没有办法|抱歉|对不起|不好意思|请(?:你|您)?(?:拍|给|发|问|说|描述|提供|拿|对准|上传|告诉|用)"
    r"|如果(?:你|您)|可以(?:问|说|拍|给|发|描述|告诉|上传)|[？?]\W*$|听不到|作为(?:一个|一款)?"
)


def claims(text: str, request: str, *, has_picture: bool = False) -> bool:
    """Whether a reply without a tool claims what it cannot know.

    Asked about what only a look could tell, anything but "I can't" is such a claim.
    """
    english_text, chinese_text = english.normalised(text), chinese.normalised(text)
    if _CLAIM_EN.search(_denied_en(english_text)) or _CLAIM_ZH.search(_denied_zh(chinese_text)):
        return True
    if not needs_look(request, has_picture=has_picture):
        return False
    return not (_UNABLE_EN.search(english_text) or _UNABLE_ZH.search(chinese_text))


def needs_look(request: str, *, has_picture: bool = False) -> bool:
    """Whether only a picture, a sound or a file could answer a request.

    With a picture at hand, "how many people are there" is about it.
    """
    english_text, chinese_text = english.normalised(request), chinese.normalised(request)
    if has_picture and (_SHOWN_EN.search(english_text) or _SHOWN_ZH.search(chinese_text)):
        return True
    return bool(_LOOKS_EN.search(english_text) or _LOOKS_ZH.search(chinese_text))


_SHOWN_EN = re.compile(
    r"^\W*(?:how many (?:\w+ ){1,3}(?:are|is|do|can)(?: there| you see| i see)?\W*$|what colou?r"
    r"|(?:is|are) there (?:an?|any|some)\b|what is (?:on|in|behind|next to|under|left|right"
    r"|there)\b"
    r"|where is the\b|which (?:one|side)\b)"
)
_SHOWN_ZH = re.compile(r"几[个只张辆条位]|多少(?:个|人|只|张|辆)|什么颜色|有没有|有什么|在哪")


_DENIED_EN = re.compile(
    r"\b(?:can not|could not|do not|did not|unable to|not able to|if|whether|when|unless"
    r"|without|ask me (?:to|what|whether|if)|would like me to|want me to|let me"
    r"|so (?:that )?i can|"
    r"then i can|and i (?:will|can)|show me|take a|give me|send me|share|tell me|i (?:can"
    r"|could|will) (?:also )?(?:describe|read|name|compare|transcribe|help|look))\b(?:(?!,|;"
    r"|\.|!| but ).)*"
)
_DENIED_ZH = re.compile(
    r"(?:不能|无法|没法|没有|看不到|看不见|听不到|不会|不知道|如果|要是|是否|请|想让我|需要我|让我|我(?:可以|能|会)(?:帮你|帮您|为你|为您"
    r"|替你)?(?:描述|读|念|辨认|比较|转写|看看|告诉))(?:(?!，|。|；|但).)*"
)


def _denied_en(plain: str) -> str:
    """Without what is denied, supposed or offered."""
    return _DENIED_EN.sub(" § ", plain)


def _denied_zh(plain: str) -> str:
    return _DENIED_ZH.sub("§", plain)
