"""What a prompt is about, by rules that can be read: for statistics of what people ask.

Not a classifier: the first rule that fits decides, and `other` is an honest answer. No model, no network; the language
of a text is told by `data/statistics.py`.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final, Literal

Intent = Literal[
    "arithmetic",
    "equation",
    "word_problem",
    "drawing",
    "fact",
    "look_up",
    "translation",
    "code",
    "writing",
    "small_talk",
    "safety",
    "other",
]

READ_CHARACTERS: Final = 2000
"""What a prompt wants stands in its beginning; a pasted page is not read to its end."""


def intent_of(text: str) -> Intent:
    """What the prompt asks for; the first of the rules, from the most telling to the vaguest, that fits."""
    text = unicodedata.normalize("NFKC", text[:READ_CHARACTERS]).strip().lower()
    for intent, pattern in _RULES:
        if pattern.search(text):
            return intent
    return "other"


_NUMBER = r"\d+(?:[.,]\d+)*"
_SUM = (
    rf"(?<![\d-]){_NUMBER}\s*(?:[+*/×÷^%]|\*\*|(?<!\d)-|-(?!\d\d-)|plus|minus|times|multiplied by|divided by|"
    rf"to the power of|"
    rf"mod|加上?|减去?|乘以?|除以|的)\s*[(（]?-?\s*{_NUMBER}(?!-\d)"
)
_UNITS = "个只本元块颗斤公斤米千米公里小时分钟天人条张支头岁棵朵件瓶辆名箱盒袋页杯双升克"

_PATTERNS: Final[tuple[tuple[Intent, str], ...]] = (
    (
        "safety",
        r"\b(?:kill|hurt|harm) (?:myself|someone|somebody|him|her|people|my \w+)\b|\bsuicid|\bself[- ]harm|"
        r"\b(?:make|build) "
        r"(?:a |an )?(?:\w+ )?(?:bomb|explosive|weapon)|\bhack(?:ing)? (?:into|someone|my \w+'s)|"
        r"\bpoison (?:someone|him|her|my)|"
        r"自杀|自残|不想活|轻生|炸弹|炸药|制毒|毒死|杀人|杀了|盗号|破解别人",
    ),
    (
        "translation",
        r"\btranslat|\bhow (?:do|would|can) (?:you|i) say\b|\bin (?:chinese|english|french|german|spanish|"
        r"japanese)\s*\??$|"
        r"翻译|译成|译为|(?:英语|英文|中文|汉语|法语|日语|德语)(?:怎么说|怎么讲|是什么)|用(?:英语|英文|中文|法语|"
        r"日语)说",
    ),
    (
        "drawing",
        r"\b(?:draw|paint|sketch|illustrate)\b|\b(?:picture|image|drawing|painting|photo|logo) of\b|"
        r"画(?:一|个|张|幅|只|出|座|朵|条|棵|下|两|三)|(?:生成|来|做)一?(?:张|幅)(?:图|画|.{0,8}图)|的(?:图片|"
        r"画)$|绘制|配图",
    ),
    (
        "code",
        r"```|\b(?:python|javascript|typescript|java|rust|golang|c\+\+|sql|html|css|bash|regex|regular expression|"
        r"algorithm|source code|unit test|stack ?trace|traceback|compiler?|git|docker|json|api)\b|"
        r"\b(?:write|fix|debug|refactor|implement) (?:a |an |the |this |my |some )?(?:\w+ )?(?:function|code|"
        r"script|program|class|"
        r"method|bug)\b|代码|编程|函数(?!值|图像|的最)|程序|脚本|报错|算法|正则|调试|数据库",
    ),
    (
        "equation",
        r"\bsolve\b.*[=xyz]|\bequations?\b|\broots? of\b|(?<![a-z])\d*[xyz](?:\^\d|²|\*\*\d)?\s*[-+*=]|"
        r"[-+=]\s*\d*[xyz]\b|"
        r"方程|解出|求解|未知数|求 ?[xyz] ?的值",
    ),
    (
        "word_problem",
        r"(?=(?:[^\d]*\d+){2})(?=.{30,})(?:.*\b(?:how (?:many|much|far|long|old|fast)|what is the (?:total|speed|"
        r"area|cost|"
        r"average))\b)|"
        rf"(?=(?:[^\d]*\d+(?:\.\d+)?[{_UNITS}]?){{2}})(?=.{{14,}})(?=.*[{_UNITS}])(?:.*(?:一共|还剩|剩下|平均|"
        rf"多少[{_UNITS}]|几[{_UNITS}]|"
        r"总共|各有|需要多少|多少钱))",
    ),
    (
        "arithmetic",
        _SUM + r"|\b(?:square root|factorial|percent(?:age)?) of\b|\bsqrt\b|\bcalculate\b.*\d|\bcompute\b.*\d|"
        r"\bsum of\b.*\d|\bproduct of\b.*\d|\bremainder\b.*\d|平方根|阶乘|百分之|余数|计算.*\d|算一?下.*\d",
    ),
    (
        "writing",
        r"\b(?:write|compose|draft|rewrite|rephrase|proofread|summari[sz]e|edit|polish)\b|\b(?:poem|essay|story|"
        r"haiku|"
        r"cover letter|e-?mail to|speech)\b|写一?(?:首|篇|封|个|段|份)|作文|润色|改写|总结|概括|扩写|续写|诗歌|"
        r"文案|讲个故事|起个?名",
    ),
    (
        "look_up",
        r"\b(?:search|look up|google|find out|latest|newest|current(?:ly)?|today'?s?|tonight|this week|news|"
        r"weather|stock "
        r"price|score of)\b|搜索|搜一?下|查一?下|查询|查找|最新|今天|新闻|天气|股价|目前|现在的",
    ),
    (
        "small_talk",
        r"^(?:hi|hello|hey|good (?:morning|evening|afternoon|night)|thanks?(?: you)?|thank you|bye|goodbye|"
        r"how are you|what'?s up|"
        r"who are you|what(?:'s| is) your name|what can you do|nice to meet you|ok(?:ay)?|yes|no|lol|"
        r"haha)\b.{0,40}$|"
        r"^(?:你好|您好|嗨|哈喽|早上好|早安|晚上好|晚安|谢谢|多谢|再见|拜拜|在吗|你是谁|你叫什么|你能做什么|"
        r"你会什么|你好吗|好的|嗯|哈哈).{0,16}$",
    ),
    (
        "fact",
        r"\b(?:who|what|when|where|which|whose|why|how|is|are|was|were|does|did|do|can)\b.*|^(?:explain|"
        r"tell me about|define|"
        r"describe|name)\b|什么|是谁|谁是|哪(?:里|个|儿|年|一|国|些|座|位|种)|首都|为什么|多少|几|怎么|如何|介绍|"
        r"解释|[吗呢]\s*[?？]?$|是不是|有没有",
    ),
)

_RULES: Final = tuple((intent, re.compile(pattern, re.MULTILINE)) for intent, pattern in _PATTERNS)
