r"""Where a text holds personal data, in Chinese and English: numbers, addresses and keys that point at one person.

Each kind is a pattern and, where there is one, a check (a check digit, a valid address, what stands around), so that
the numbers of sums, prices, years and equations stay what they are. Names are found by `names.py`; what is put in place
of a find is `deidentify.py`. Not here: what only a reader understands ("the teacher with the red car in our village").

The patterns are verbose ones: blanks in them mean nothing, `[ ]` is a blank.
"""

from __future__ import annotations

import ipaddress
import math
import re
import string
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from .checksums import is_card_number, is_citizen_number, may_be_old_citizen_number
from .names import find_names


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """One find: characters `start` to `end` of a text are of this type."""

    start: int
    end: int
    type: str
    """`PHONE`, `EMAIL`, `ID`, `CARD`, `PASSPORT`, `PLATE`, `IP`, `MAC`, `URL`, `KEY`, `ADDRESS`, `NAME`, `ACCOUNT`,
    `BIRTHDATE` or `LOCATION`."""


@dataclass(frozen=True, slots=True)
class Detector:
    """A kind of personal data that a pattern finds; group `value`, if there is one, is what counts of a match."""

    type: str
    pattern: re.Pattern[str]
    holds: Callable[[re.Match[str]], bool] = lambda match: True
    """Whether a match is really one."""

    def find(self, text: str) -> Iterator[Span]:
        group = "value" if "value" in self.pattern.groupindex else 0
        for match in self.pattern.finditer(text):
            if self.holds(match):
                yield Span(*match.span(group), self.type)


_HALF_WIDTH = {0xFEE0 + sign: sign for sign in map(ord, string.digits + string.ascii_letters + "@.+-_")}
"""Full-width digits, letters and signs of addresses, which say the same in as many characters."""


def find_personal_data(text: str) -> list[Span]:
    """All finds of a text in order, none overlapping: of two that do, the one whose kind is surer stays."""
    text = text.translate(_HALF_WIDTH)
    found: list[Span] = []
    for detector in DETECTORS:
        found += _apart(detector.find(text), found)
    found += _apart((Span(start, end, "NAME") for start, end in find_names(text)), found)
    return sorted(found)


def _apart(new: Iterable[Span], taken: list[Span]) -> list[Span]:
    """The new spans that touch none which is taken already, nor each other."""
    apart: list[Span] = []
    for span in new:
        if all(span.end <= other.start or other.end <= span.start for other in (*taken, *apart)):
            apart.append(span)
    return apart


# --- checks -------------------------------------------------------------------------------------------------------


def _near(match: re.Match[str], characters: int) -> str:
    """The match with so many characters before and after it."""
    return match.string[max(0, match.start() - characters) : match.end() + characters]


_OF_SUMS = re.compile(
    r"""\b(?: calculate | compute | sum | product | difference | quotient | remainder | equals? | times | plus | minus
    | divided | multipl\w+ | square | root | factorial | solve | equation | prime | digits? | sqrt | mod )\b
    | [=≈×÷√] | [一二]次 | 等于 | 计算 | 乘 | 除以 | 加上 | 减去 | 平方 | 方程 | 质数 | 余数 | 之和 | 之积 | 阶乘""",
    re.VERBOSE | re.IGNORECASE,
)
_OF_CONTACTS = re.compile(
    r"""\b(?: phone | call | tel | telephone | mobile | cell | fax | contact | reach | text[ ]me | whatsapp | dial | sms
    | hotline | number[ ]is )\b
    | 电话 | 手机 | 联系 | 致电 | 拨打 | 座机 | 传真 | 短信 | 号码 | 来电 | 微信""",
    re.VERBOSE | re.IGNORECASE,
)
_OF_CARDS = re.compile(r"卡|账号|账户|银行|card|visa|account|bank|payment", re.IGNORECASE)
_OF_CITIZENS = re.compile(r"身份证|证件|公民身份|id (?:card|number)|identity", re.IGNORECASE)
_OF_PLACES = re.compile(
    r"坐标|经纬|位置|定位|纬度|经度|家|住|°|\d ?[NSEW]\b"
    r"|(?i:latitude|longitude|coordinate|gps|location|i live|i'm at|i am at)"
)
_OPERATOR_BEFORE = re.compile(r"[\d)）a-zA-Z]\s*[-+*/^%×÷]\s*$|[=≈×÷*/^√(（]\s*$")
_OPERATOR_AFTER = re.compile(r"\s*(?:[-+*/^%]\s*[\d(（a-z]|[=≈×÷!]|\*\*)")
_VERSION_BEFORE = re.compile(r"(?:\b(?:version|ver|release|v)|版本)[\s.:=]*$", re.IGNORECASE)
_OPERATOR_REACH = 8


def _in_sum(match: re.Match[str]) -> bool:
    """Whether the number is part of a sum, or stands among the words of one."""
    before = match.string[max(0, match.start() - _OPERATOR_REACH) : match.start()]
    beside = _OPERATOR_BEFORE.search(before) or _OPERATOR_AFTER.match(match.string, match.end())
    return bool(beside or _OF_SUMS.search(_near(match, 60)))


def _is_contact(match: re.Match[str]) -> bool:
    """A bare number is somebody's phone unless it stands in a sum; a word like `call` or 电话 decides against that."""
    return bool(_OF_CONTACTS.search(_near(match, 25))) or not _in_sum(match)


def _is_international(match: re.Match[str]) -> bool:
    return 8 <= sum(map(str.isdecimal, match[0])) <= 15 and _is_contact(match)


def _is_citizen(match: re.Match[str]) -> bool:
    return is_citizen_number(match[0])


def _is_old_citizen(match: re.Match[str]) -> bool:
    """Without a check digit a word has to say what the number is."""
    return may_be_old_citizen_number(match[0]) and bool(_OF_CITIZENS.search(_near(match, 30)))


def _is_card(match: re.Match[str]) -> bool:
    return is_card_number(match[0]) and (bool(_OF_CARDS.search(_near(match, 30))) or not _in_sum(match))


def _is_somebodys_ip(match: re.Match[str]) -> bool:
    """Neither a version (`v1.2.3.4`) nor an address that every machine has (loopback, 0.0.0.0, a netmask)."""
    if _VERSION_BEFORE.search(match.string, max(0, match.start() - 12), match.start()):
        return False
    try:
        address = ipaddress.ip_address(match[0])
    except ValueError:
        return False
    return not (address.is_loopback or address.is_unspecified or match[0].startswith("255."))


def _is_ipv6(match: re.Match[str]) -> bool:
    """`dead::beef` may be a name in a program: a digit and three parts are asked for."""
    parts = [part for part in match[0].split(":") if part]
    return len(parts) >= 3 and _has_digit(match) and _is_somebodys_ip(match)


def _is_random(match: re.Match[str]) -> bool:
    """A long word of all kinds of characters that no language has; hashes in hexadecimal digits are no secrets."""
    word = match[0]
    kinds = (any(map(str.islower, word)), any(map(str.isupper, word)), sum(map(str.isdecimal, word)) >= 3)
    return all(kinds) and entropy(word) >= 4.2


def entropy(text: str) -> float:
    """Shannon entropy of the text's characters, in bits a character."""
    counts = Counter(text)
    return -sum(count / len(text) * math.log2(count / len(text)) for count in counts.values())


def _is_place(match: re.Match[str]) -> bool:
    latitude, longitude = (float(part) for part in re.findall(r"-?\d+\.\d+", match[0])[:2])
    return abs(latitude) <= 90 and abs(longitude) <= 180 and bool(_OF_PLACES.search(_near(match, 40)))


def _has_digit(match: re.Match[str]) -> bool:
    value = match["value"] if "value" in match.re.groupindex else match[0]
    return any(map(str.isdecimal, value))


# --- patterns -----------------------------------------------------------------------------------------------------


def _verbose(pattern: str, ignore_case: bool = False) -> re.Pattern[str]:
    return re.compile(pattern, re.VERBOSE | re.ASCII | (re.IGNORECASE if ignore_case else re.NOFLAG))


_BEFORE = r"(?<![\dA-Za-z.]) (?<!\d[,，-])"
"""No number or word goes on here, ..."""
_AFTER = r"(?![\dA-Za-z]) (?!\.\d)"
"""... nor here."""
_IS = r"\s*(?:[:：=]|is|was|at|on|in|是|为|在|于|\s)*"
_HAN = r"[\u4e00-\u9fff]"

_KEY_PREFIX = r"""
    sk-(?:[a-z]+-)*[A-Za-z0-9_-]{16,} | (?:AKIA|ASIA)[0-9A-Z]{16} | gh[pousr]_[A-Za-z0-9]{30,} | github_pat_\w{30,}
    | glpat-[\w-]{16,} | AIza[\w-]{30,} | xox[abprs]-[\w-]{10,} | hf_[A-Za-z0-9]{20,} | LTAI[A-Za-z0-9]{12,}
    | AKID[A-Za-z0-9]{13,} | [prs]k_(?:live|test)_[A-Za-z0-9]{16,} | npm_[A-Za-z0-9]{30,} | pypi-[\w-]{30,}
    | SG\.[\w-]{16,}\.[\w-]{16,} | moss-[A-Za-z0-9_-]{24,} | eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*"""
_SECRET = r"""(?: api[_ -]?key | access[_ -]?key | secret(?:[_ -]?key)? | auth[_ -]?token | access[_ -]?token | token
    | password | passwd | passcode | pwd | private[_ -]?key | 密码 | 口令 | 密钥 | 令牌 | 验证码 )"""
_SECRET_IN_URL = r"""(?: access_?token | id_token | token | api_?key | key | sig | signature | secret | password
    | passwd | pwd | auth | session(?:_?id)? | sid | code | ticket | jwt | x-amz-\w+ )"""
_MONTH = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*"
_DAY = rf"""(?: (?:19|20)\d\d \s*[-./年]\s* \d{{1,2}} \s*[-./月]\s* \d{{1,2}} \s*[日号]?
    | \d{{1,2}} \s*月\s* \d{{1,2}} \s*[日号]
    | \d{{1,2}} [-./] \d{{1,2}} [-./] (?:19|20)\d\d
    | \d{{1,2}}(?:st|nd|rd|th)? (?:[ ]of)? [ ] {_MONTH} (?:,?[ ](?:19|20)\d\d)?
    | {_MONTH}\.? [ ] \d{{1,2}}(?:st|nd|rd|th)?\b (?:,?[ ](?:19|20)\d\d)? )"""
_STREET = r"""(?:Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Lane|Ln|Drive|Dr|Court|Ct|Place|Pl|Way|Terrace|Square|Sq
    |Highway|Hwy|Parkway|Pkwy|Crescent|Close|Circle|Cir|Alley|Gardens?)"""
_STREET_ZH = "(?:大街|大道|街道|胡同|路|街|巷|弄|村|屯|小区|花园|公寓|大厦|新村|家园|苑|广场|工业园|园区)"
_ROOM_ZH = "(?:[0-9A-Za-z一二三四五六七八九十百零-]{1,8}(?:号楼|号院|号|弄|栋|幢|座|单元|楼|层|室|户|门))"
_REGION_ZH = rf"""(?:{_HAN}{{2,7}}?(?:省|自治区|特别行政区))? (?:{_HAN}{{2,6}}?(?:市|自治州|地区|盟))?
    (?:{_HAN}{{1,5}}?(?:区|县|旗|镇|乡)){{0,2}}"""
_AT_HOME_ZH = "(?:[我他她家]住|住在|家在|搬到|搬去|住址|地址|寄到|寄往|寄给|送到|户籍|籍贯)"

DETECTORS: Final[tuple[Detector, ...]] = (
    Detector(
        "KEY",
        _verbose(r"-----BEGIN[ A-Z]*PRIVATE[ ]KEY----- [\s\S]{1,8000}? (?:-----END[ A-Z]*PRIVATE[ ]KEY-----|\Z)"),
    ),
    Detector(
        "URL",
        _verbose(
            rf"""\b[a-z][a-z0-9+.-]{{1,20}}:// (?: [^\s/@:]+:[^\s/@]+@[^\s<>"'）)]+
            | [^\s<>"'）)]*[?&\#;]{_SECRET_IN_URL}=[^\s<>"'）)&]{{6,}}[^\s<>"'）)]* )""",
            ignore_case=True,
        ),
    ),
    Detector(
        "EMAIL",
        _verbose(r"(?<![\w.+-])[A-Za-z0-9._%+-]{1,64} @ (?:[A-Za-z0-9-]{1,63}\.){1,5} [A-Za-z]{2,24} (?![\w-])"),
    ),
    Detector("KEY", _verbose(rf"(?<![\w-]) (?:{_KEY_PREFIX})")),
    Detector(
        "KEY",
        _verbose(
            rf"""{_SECRET} ["']? \s*(?:[:：=]|is|是|为)+\s* ["']? (?P<value>[A-Za-z0-9!@\#$%^&*_+./~-]{{4,128}})""",
            ignore_case=True,
        ),
        _has_digit,
    ),
    Detector("KEY", _verbose(r"\bBearer\s+(?P<value>[\w.~+/=-]{16,})")),
    Detector("ID", _verbose(rf"{_BEFORE} [1-9]\d{{5}}[ -]?\d{{8}}[ -]?\d{{3}}[\dXx] {_AFTER}"), _is_citizen),
    Detector("CARD", _verbose(rf"{_BEFORE} \d(?:[ -]?\d){{12,18}} {_AFTER}"), _is_card),
    Detector("ID", _verbose(rf"{_BEFORE} [1-9]\d{{14}} {_AFTER}"), _is_old_citizen),
    Detector(
        "PASSPORT",
        _verbose(
            rf"""(?:护照|passport)[^\n。]{{0,20}}?
            (?<![A-Za-z0-9])(?P<value>[A-Z]{{0,2}}\d{{6,9}}|[A-Z]\d[A-Z0-9]{{6,7}}){_AFTER}""",
            ignore_case=True,
        ),
    ),
    Detector(
        "ACCOUNT",
        _verbose(
            rf"(?:(?<![a-z])qq|扣扣)\s*群?(?:号码?|[ ]?number|[ ]?id)?{_IS}(?P<value>[1-9]\d{{4,10}}){_AFTER}",
            ignore_case=True,
        ),
    ),
    Detector(
        "ACCOUNT",
        _verbose(
            r"""(?: 微信(?:号|[ ]?id)? | \bwechat(?:[ ]id)? | \bweixin | \bvx | \bwx | v信 | \btelegram | \bline[ ]id
            | \bskype | 抖音号 | 微博 | 小红书号 | 支付宝(?:账号)? | 淘宝(?:账号)? )
            \s*(?:[:：=]|is|是|为)+\s* @?(?P<value>[A-Za-z][-_A-Za-z0-9]{4,29}|\d{6,20})""",
            ignore_case=True,
        ),
    ),
    Detector("PHONE", _verbose(rf"(?<![\d.A-Za-z])(?:\+|00)86[ -]?1[3-9]\d[ -]?\d{{4}}[ -]?\d{{4}} {_AFTER}")),
    Detector(
        "PHONE",
        _verbose(rf"{_BEFORE}(?:86[ -]?)?1[3-9]\d(?P<gap>[ -]?)\d{{4}}(?P=gap)\d{{4}} {_AFTER}"),
        _is_contact,
    ),
    Detector(
        "PHONE",
        _verbose(rf"(?<![\d.A-Za-z])\+\d{{1,3}}(?:[ .-]?\(?\d{{1,4}}\)?){{2,5}} {_AFTER}"),
        _is_international,
    ),
    Detector(
        "PHONE",
        _verbose(
            rf"(?<![\d.A-Za-z+]) (?:[(（]0\d{{2,3}}[)）][ -]?|0\d{{2,3}}[ -]) \d{{7,8}} (?:[-转]\d{{1,6}})? {_AFTER}"
        ),
        _is_contact,
    ),
    Detector(
        "PHONE",
        _verbose(
            rf"""(?<![\d.A-Za-z+-]) (?:1[ .-])? (?:\([2-9]\d\d\)[ ]?|[2-9]\d\d(?P<gap>[ .-])) \d{{3}}
            (?(gap)(?P=gap)|[ .-]) \d{{4}} {_AFTER}"""
        ),
        _is_contact,
    ),
    Detector(
        "PHONE",
        _verbose(
            rf"""(?:电话|手机|座机|\btel(?:ephone)?|\bphone|\bmobile|\bcall[ ]me)(?:号码?|[ ]number)?{_IS}
            (?P<value>\+?\(?\d[\d -]{{6,15}}\d) {_AFTER}""",
            ignore_case=True,
        ),
    ),
    Detector(
        "PLATE",
        _verbose(
            r"""[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使] [A-HJ-NP-Z] [·•.\ ]?
            (?=[A-HJ-NP-Z]*\d) [A-HJ-NP-Z0-9]{4,5} (?:[A-HJ-NP-Z0-9]|[挂学警港澳领]) (?![A-Za-z0-9])"""
        ),
    ),
    Detector(
        "MAC",
        _verbose(
            r"(?<![0-9A-Za-z:-])[0-9A-Fa-f]{2}(?P<gap>[:-])(?:[0-9A-Fa-f]{2}(?P=gap)){4}[0-9A-Fa-f]{2}(?![0-9A-Za-z:-])"
        ),
    ),
    Detector("IP", _verbose(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?!\w|\.\d)"), _is_somebodys_ip),
    Detector("IP", _verbose(r"(?<![\w:.])[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?![\w:])"), _is_ipv6),
    Detector(
        "LOCATION",
        _verbose(
            r"""(?<![\d.]) -?\d{1,2}\.\d{4,} \s*°?\s* [NSns]? \s*[,，]\s*
            -?\d{1,3}\.\d{4,} (?:\s*°?\s*[EWew]\b)? (?!\d)"""
        ),
        _is_place,
    ),
    Detector(
        "BIRTHDATE",
        _verbose(
            rf"""(?: \bmy[ ](?:birthday|date[ ]of[ ]birth|birth[ ]?date|dob) | \bdob | \bdate[ ]of[ ]birth
            | \bI[ ]was[ ]born | 我的?(?:生日|出生日期|出生年月日?) | 出生日期 | 出生年月日? | (?<!的)生日
            | 我(?:出生)?(?=[于是在]) ) {_IS} (?P<value>{_DAY})""",
            ignore_case=True,
        ),
    ),
    Detector(
        "ADDRESS",
        _verbose(
            rf"""(?:{_AT_HOME_ZH}{_IS})? (?P<value>{_REGION_ZH} (?:{_HAN}|[0-9A-Za-z]){{1,8}}?
            {_STREET_ZH} [东南西北中]?段? (?:{_HAN}{{0,8}}?{_ROOM_ZH}){{1,5}})"""
        ),
    ),
    Detector(
        "ADDRESS",
        _verbose(
            rf"""{_AT_HOME_ZH}{_IS}(?P<value>(?:{_HAN}{{2,7}}?(?:省|自治区))? {_HAN}{{2,6}}?市? {_HAN}{{1,5}}?
            (?:区|县|镇|乡|街道|路|村|小区|花园)
            (?:{_HAN}{{1,10}}?(?:{_STREET_ZH}|[镇乡县区])){{0,4}} {_ROOM_ZH}{{0,4}})"""
        ),
    ),
    Detector(
        "ADDRESS",
        _verbose(
            rf"""(?<![\w.$€£]) \d{{1,6}}[A-Za-z]?,?[ ] (?:(?:North|South|East|West|[NSEW]\.?)[ ])?
            (?:(?:[A-Z][A-Za-z'.-]{{0,20}}|\d{{1,3}}(?:st|nd|rd|th))[ ]){{1,4}} {_STREET}\b\.?
            (?:,?[ ](?:(?:Apt|Apartment|Suite|Ste|Unit|Flat|Floor|Room)\.?[ ]?\#?|\#)[\dA-Z-]{{1,6}})?
            (?:,[ ][A-Z][a-zA-Z]+(?:[ ][A-Z][a-zA-Z]+){{0,2}})? (?:,?[ ][A-Z]{{2}}\b)?
            (?:,?[ ]\d{{5}}(?:-\d{{4}})?\b|,?[ ][A-Z]{{1,2}}\d[A-Z\d]?[ ]?\d[A-Z]{{2}}\b)?"""
        ),
    ),
    Detector("KEY", _verbose(r"(?<![\w/+=.-])[A-Za-z0-9_-]{32,128}(?![\w/+=-])"), _is_random),
)
"""All kinds but names, the surest first."""
