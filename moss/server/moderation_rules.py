"""The offline moderator: which texts are clear cases, by combinations of terms (`moderation_terms.py`) near each other.

A rule fires where all of its groups of terms stand near each other ("how to" + "make" + "pipe bomb"), so one word alone
never decides; phrases that only look alike ("bath bomb", "kill the child process", "杀毒软件") are blotted out before.
Deliberately small: it catches what is asked plainly, with the usual disguises (leet, spaced letters, zero-width signs,
full-width and traditional characters). It is no classifier; a service behind `HttpModerator` judges the rest.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Final

import regex

from .moderation_terms import BENIGN, RULES

RULES_NAME: Final = "rules"
UNAVAILABLE: Final = "unavailable"
"""The category of a text that could not be judged."""


def categories_of(text: str, stage: str) -> tuple[str, ...]:
    """The categories whose rules fire for a text at a stage (`prompt` or `reply`); none for what may pass."""
    found: dict[str, None] = {}
    for spelling in spellings(text):
        suspected = [rule for rule in RULES if stage in rule.stages and rule.all_of[0].search(spelling)]
        if not suspected:
            continue
        blotted = BENIGN.sub(lambda match: "\x00" * len(match[0]), spelling)
        found |= dict.fromkeys(rule.category for rule in suspected if rule.fires(blotted, spelling))
    return tuple(found)


# --- spelling -----------------------------------------------------------------------------------------------------

_TRADITIONAL = (
    "製制彈弹殺杀藥药槍枪騙骗竊窃號号帳账賬账帐账銀银機机駭骇碼码裝装麼么樣样個个們们兒儿歲岁綁绑猶犹難难種种視视殘残"
    "廢废絕绝滅灭應应該该說说講讲寫写學学師师鄰邻總总統统婦妇媽妈爺爷護护預预導导熱热線线網网頁页釣钓魚鱼馬马軟软"
    "體体電电腦脑進进執执氣气間间輕轻結结樓楼買买賣卖給给讓让請请無无傷伤決决準准備备畫画圖图誘诱穢秽強强姦奸"
    "褻亵開开關关鍵键記记錄录戶户話话論论動动蟲虫質质燒烧膠胶鋼钢擊击從从會会嗎吗幫帮對对後后這这來来與与發发"
    "為为員员現现團团國国東东長长門门問问實实過过還还時时見见聽听觀观認认語语課课誰谁調调談谈詢询運运達达遊游"
    "戲戏選选邊边隊队險险雙双類类顯显風风飛飞驗验黨党點点壓压鍋锅銨铵鉀钾鈉钠隻只雙双遺遗書书離离櫻樱穩稳燃燃"
    "隱隐傳传術术義义歷历遠远劑剂嬰婴誣诬蔑蔑奪夺劫劫勒勒詐诈欺欺贓赃據据庫库撞撞彈弹導导擁拥趕赶餘余劃划闆板"
)
"""Traditional characters of the terms below, each before its simplified one. Not a dictionary."""
_LOOKALIKES = "аaеeоoрpсcхxуyіiѕsԁdһhјjкkмmтtвbнhαaεeοoιiκkνvρpτt"
"""Cyrillic and Greek letters that are drawn like Latin ones, each before the Latin one."""
_SIMPLER = {ord(a): b for pairs in (_TRADITIONAL, _LOOKALIKES) for a, b in zip(pairs[::2], pairs[1::2], strict=True)}

_LEET: Mapping[int, str] = {ord(a): b for a, b in zip("0134578@$!|", "oieastbasil", strict=True)}
_LEET_ONE_IS_L: Mapping[int, str] = {**_LEET, ord("1"): "l"}
_LEET_SIGN = re.compile(r"[0134578@$!|]")
_LEET_WORD = re.compile(r"(?=[a-z0-9@$!|]*[a-z])(?=[a-z]*[0134578@$!|])[a-z0134578@$!|]{3,40}(?![a-z0-9])")
_SPACED_LETTERS = re.compile(r"(?<![a-z])(?:([ai]) )?((?:[a-z][ .\-_*·/]){2,40}[a-z])(?![a-z])")
_BETWEEN_HAN = re.compile(r"(?<=[\u4e00-\u9fff])[ .\-_*·/|+~#&^]{1,3}(?=[\u4e00-\u9fff])")
_WIDE_BLANK = re.compile(r"[ \t]{2,}|\t")
_UNSEEN = regex.compile(r"[\p{Mn}\p{Me}\p{Cf}]+")
_LONG_RUN = re.compile(r"([a-z])\1{2,}")


def plain_spelling(text: str) -> str:
    """The text without disguises: NFKC, lower case, no marks or invisible signs, simplified, letters drawn together."""
    if not text.isascii():
        kept = _UNSEEN.sub("", unicodedata.normalize("NFKD", text))
        text = unicodedata.normalize("NFKC", kept).casefold().translate(_SIMPLER).replace("’", "'")
        text = _BETWEEN_HAN.sub("", text)
    together = _SPACED_LETTERS.sub(_drawn_together, text.casefold())
    return _LONG_RUN.sub(r"\1", _WIDE_BLANK.sub(" ", together))


def spellings(text: str) -> list[str]:
    """The plain spelling, and what it reads as when digits and signs stand for letters (`b0mb`, `k1ll`)."""
    plain = plain_spelling(text)
    if not _LEET_SIGN.search(plain):
        return [plain]
    return list(dict.fromkeys((plain, _unleet(plain, _LEET), _unleet(plain, _LEET_ONE_IS_L))))


def _drawn_together(match: re.Match[str]) -> str:
    article = f"{match[1]} " if match[1] else ""
    return article + re.sub(r"[^a-z]", "", match[2])


def _unleet(text: str, letters: Mapping[int, str]) -> str:
    return _LEET_WORD.sub(lambda match: match[0].translate(letters), text)


# --- what the user is told ----------------------------------------------------------------------------------------

_MESSAGES: Mapping[str, Mapping[str, str]] = {
    "self_harm": {
        "en": "I'm sorry that you are going through this. You don't have to carry it alone. If you are in danger "
        "right now, "
        "please call your local emergency number (112 in Europe, 911 in North America, 110 or 120 in mainland China). "
        "In "
        "mainland China the mental-health line 12356 answers around the clock, in the US and Canada you can call or "
        "text 988, "
        "and findahelpline.com lists lines for other countries. Somebody you trust can stay with you until it is "
        "easier. I "
        "can't help with ways to get hurt, but I am glad to listen, or to look with you for support near you.",
        "zh": "听到你这样说，我很难过。你不必独自承受这一切。如果你现在有危险，"
        "请马上拨打当地的急救或报警电话（中国大陆 120 或 110）。"
        "中国大陆的心理援助热线 12356 全天有人接听；其他国家和地区的热线可以在 findahelpline.com 上找到。"
        "也请联系一位你信任的人，"
        "让他陪着你，直到好受一些。我不能提供伤害自己的办法，但我愿意听你说，也可以和你一起找身边的帮助。",
    },
    "minors": {
        "en": "I won't take part in anything that sexualises children. If a child is at risk, please contact the "
        "police or a "
        "child-protection line.",
        "zh": "我不会参与任何将儿童性化的内容。如果有孩子处于危险中，请联系警方或儿童保护机构。",
    },
    "weapons": {
        "en": "I can't help with making weapons or explosives. I am happy to explain the history, the law, or safety.",
        "zh": "我不能协助制造武器或爆炸物。如果想了解相关的历史、法律或安全知识，我很乐意说明。",
    },
    "credentials": {
        "en": "I can't help with getting into other people's accounts or devices. I can help you recover or secure "
        "your own.",
        "zh": "我不能协助进入他人的账号或设备。如果是找回或保护你自己的账号，我可以帮忙。",
    },
    "violence": {
        "en": "I can't help with hurting anybody. If somebody is in danger, please call the emergency services; if "
        "you are very "
        "angry or afraid, I am glad to listen.",
        "zh": "我不能协助伤害任何人。如果有人处于危险中，请立即报警；如果你现在很愤怒或害怕，我愿意听你说说。",
    },
    "hate": {
        "en": "I won't write contempt for people because of who they are. I can help to make the point in another way.",
        "zh": "我不会写因身份而贬低他人的内容。如果你愿意，我可以帮你换一种方式表达。",
    },
    UNAVAILABLE: {
        "en": "The check that this text has to pass is not available at the moment. Please try again in a while.",
        "zh": "用于检查这段内容的服务暂时不可用，请稍后再试。",
    },
    "": {
        "en": "I can't help with this. You can ask it differently, or ask something else.",
        "zh": "这个请求我无法协助。你可以换一种说法，或者问点别的。",
    },
}
_SERVICE_CATEGORIES = (
    ("sexual/minors", "minors"),
    ("self-harm", "self_harm"),
    ("hate", "hate"),
    ("harassment", "hate"),
    ("violence", "violence"),
    ("illicit/violent", "weapons"),
)
"""How the categories of OpenAI's moderation models begin, and which words of ours fit them."""


def message_for(categories: Sequence[str]) -> Mapping[str, str]:
    """What to tell the user, in both languages; the person in need comes before every other category."""
    ours = [next((our for begin, our in _SERVICE_CATEGORIES if name.startswith(begin)), name) for name in categories]
    return next((text for name, text in _MESSAGES.items() if name in ours), _MESSAGES[""])
