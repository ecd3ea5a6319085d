"""The control words: natural variants match, requests that only contain one do not."""

from __future__ import annotations

import pytest

from assistant import commands

MATCHING = {
    "stop": "stop|Stop!|stop, please|please stop talking|be quiet|that's enough|OK stop|shut up"
    "|stop reading that|别说了|停|停下来|请停一下|不要说了|别念了|安静一点|够了|停止朗读|別說了",
    "repeat": "say that again|repeat that please|again|what did you say?|pardon|once more"
    "|I didn't catch that|could you repeat that|sorry, what was that|再说一遍|请再说一遍"
    "|重复一下|再念一次|没听清|你刚才说什么|再读一遍吧|請再說一遍",
    "more": "more|go on|tell me more|continue|keep going|more details please|what else"
    "|carry on reading|继续|继续说|说下去|还有呢|再多说一点|详细一点|接着读|往下念|繼續",
    "next": "next|next paragraph|the next one|go to the next page|skip this one|read the next line"
    "|move on|下一段|下一页|读下一段|跳过这段|下一个吧|下一句",
    "previous": "previous|go back|previous paragraph|the paragraph before that|back|last paragraph"
    "|上一段|上一页|返回|读上一段|回到上一段|前一段",
    "spell": "spell that|spell that word|how do you spell it|spell it out|letter by letter"
    "|can you spell that please|拼一下|怎么拼|拼写一下|这个词怎么写|逐字读|怎麼拼",
    "forget": "forget this conversation|forget everything|delete this conversation"
    "|clear the chat history|start over|忘掉这次对话|忘记我们的对话|删除对话记录|清空聊天记录"
    "|把对话忘掉|忘掉一切吧",
    "cancel": "never mind|cancel|forget it|cancel that|no thanks|nevermind"
    "|取消|算了|没事|不用了|算了吧",
    "help": "help|help me|what can I say|I need help|commands"
    "|帮助|帮帮我|我可以说什么|请帮助|怎么用",
}
OTHERS = [
    "stop the video", "repeat after me hello", "next to the door is what", "help me read this",
    "what is next to the door", "when does the bus stop here", "is there a bus stop ahead",
    "tell me more about Paris", "forget me nots are flowers", "spell the word necessary",
    "how do you spell rhythm", "more or less how many people", "continue the story of the fox",
    "what can you see", "help me find my keys", "the previous president of France",
    "go back to the picture of the dog", "cancel my subscription letter, read it", "read this",
    "what does it say", "stop sign colour", "is it safe to cross", "next week's weather",
    "say hello in French", "what do you see", "what else is on the table", "don't stop",
    "停车场在哪里", "帮我读一下这个", "下一站是哪里", "继续教育是什么意思", "拼图是什么颜色",
    "帮助我看看前面有什么", "重复使用的袋子在哪", "取消订单的信写了什么", "更多的人在左边吗",
    "这是什么", "上一次你去哪了", "忘记密码怎么办", "停着几辆车", "红绿灯现在停了吗",
    "再说一遍法语的你好", "安静的地方在哪里", "别的东西是什么颜色", "", "  ", "...",
]  # fmt: skip


@pytest.mark.parametrize(
    ("command", "text"), [(c, t) for c, texts in MATCHING.items() for t in texts.split("|")]
)
def test_natural_variants_match(command: str, text: str) -> None:
    assert commands.match(text) == command


@pytest.mark.parametrize("text", OTHERS)
def test_requests_stay_requests(text: str) -> None:
    assert commands.match(text) is None


def test_only_what_the_state_allows_matches() -> None:
    assert commands.match("next", allowed={"stop", "help"}) is None
    assert commands.match("stop", allowed={"stop", "help"}) == "stop"
    assert commands.match("下一段", "zh", {"next"}) == "next"


def test_the_other_language_matches_too() -> None:
    assert commands.match("stop", "zh") == "stop"
    assert commands.match("停", "en") == "stop"


def test_a_long_text_is_no_command() -> None:
    assert commands.match("stop " * 1000) is None


def test_every_command_has_phrases_in_both_languages() -> None:
    for grammar in commands._grammars().values():
        assert set(grammar.phrases.values()) == {*commands.COMMANDS, *commands.WISHES}


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("Be brief.", "brief"),
        ("please be brief from now on", "brief"),
        ("Keep your answers short", "brief"),
        ("can you be more concise", "brief"),
        ("Give me more detail from now on.", "full"),
        ("from now on tell me all the details", "full"),
        ("I'd like longer descriptions", "full"),
        ("简短一点", "brief"),
        ("以后说得简短些", "brief"),
        ("别说那么多", "brief"),
        ("以后说详细些", "full"),
        ("以后请说得详细一点", "full"),
        ("以後說詳細一點", "full"),
    ],
)
def test_how_much_to_tell_is_a_wish_not_a_command(text: str, wish: str) -> None:
    assert commands.wish(text) == wish
    assert commands.match(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "more detail", "详细一点", "tell me more", "tell me everything about this picture",
        "a brief history of Rome", "详细描述一下这里", "be quiet", "full",
    ],
)  # fmt: skip
def test_what_is_asked_of_one_answer_is_no_wish(text: str) -> None:
    assert commands.wish(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "Forget this conversation.", "please forget everything I said", "clear our chat history",
        "delete this conversation please", "forget what I just told you",
        "forget everything we talked about", "wipe our conversation",
        "could you forget this whole conversation", "erase everything I told you",
        "忘掉这次对话", "请忘记我们的对话", "把刚才的对话忘了吧", "清空聊天记录",
        "忘记我刚才说的话", "把我说的都忘掉", "删除我们的聊天", "忘掉我们聊的一切",
        "把這次對話忘掉",
    ],
)  # fmt: skip
def test_forgetting_is_asked_for_in_many_words(text: str) -> None:
    assert commands.match(text) == "forget"


@pytest.mark.parametrize(
    "text",
    ["start reading", "Start reading, please.", "begin reading the page", "Can you start reading",
     "read it from the beginning", "start reading again", "开始读", "请开始朗读吧", "开始读这一页",
     "从头读一遍", "读吧", "開始讀"],
)  # fmt: skip
def test_reading_is_begun_by_a_word(text: str) -> None:
    assert commands.reads(text)
    assert commands.match(text) is None


@pytest.mark.parametrize("text", ["start over", "go back to the beginning", "从头开始", "重新开始"])
def test_starting_over_means_the_text_only_where_one_was_read(text: str) -> None:
    assert not commands.reads(text)
    assert commands.reads(text, again=True)


@pytest.mark.parametrize(
    "text",
    ["start reading mode", "read this", "reading glasses", "start live reading", "开始实时朗读",
     "开始", "读书有什么好处", "stop reading", "从头说起"],
)  # fmt: skip
def test_other_requests_are_left_to_the_classifier(text: str) -> None:
    assert not commands.reads(text, again=True)
