"""Where a text names a person who is not public: by what stands before or after the name, in Chinese and English.

Heuristics without a model: somebody introduces themselves, is addressed, or signs. Names in facts ("Einstein was
born ...", "鲁迅的作品") stand without such signs and stay. The patterns are verbose ones: `[ ]` is a blank.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎"
    "余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
    "庞樊兰殷施陶洪翟安颜倪严牛温芦季俞章鲁葛伍韦申尤毕聂丛焦向柳邢路岳齐梅莫庄辛管祝左涂谷祁时舒耿牟卜詹"
    "关苗凌费纪靳盛童欧甄项曲成游阳裴席卫查屈鲍位覃霍翁隋植甘景薄单包司柏宁柯阮桂闵解强柴华车冉房边净阴闫佘"
)
_SURNAME = f"(?:欧阳|司马|上官|诸葛|东方|皇甫|尉迟|公孙|慕容|令狐|司徒|端木|夏侯|[{_SURNAMES}])"
_HAN = r"[\u4e00-\u9fff]"
_END = r"(?= $ | [^\u4e00-\u9fffA-Za-z0-9] | [是住的和与跟吧啊呀呢哦想要] | 今年 | 来自 | 电话 | 手机 | 身份证 )"
_HONORIFIC = """(?: 先生 | 女士 | 小姐 | 太太 | 老师 | 医生 | 大夫 | 护士长 | 经理 | 教授 | 同学 | 阿姨 | 叔叔
    | 大爷 | 大妈 | 师傅 | 律师 | 主任 | 警官 | 老板 | 总监 | 处长 | 局长 | 科长 | 院长 | 校长 | 同志 )"""

_NOT_NAMES_ZH: Final = _words(
    """任何 如何 几何 为何 何时 何地 何必 高兴 高中 高中生 高手 高级 方便 方法 方程 时候 时间 时常 安全 安静
    安装 安徽 安徽人 成功 成人 成年人 文学 文科 文件 向来 常常 常见 管理 关于 强调 解释 严重 严格 温柔 金融
    金色 金华人 白色 黄色 马上 程序 程序员 单身 项目 路人 路过 易经 石头 石家庄人 江南 江湖 江苏 江苏人 江西
    江西人 汤姆 查询 包子 左边 华人 万能 边缘 宁静 席位 武术 曲线 焦虑 和平 任务 任意 许多 马来西亚 孙中山
    鲁迅 胡适 朱自清 钱学森 袁隆平 华罗庚 钱钟书 马克思 叶圣陶"""
)
"""What begins with a sign that is also a surname and is no name, and people that everybody calls 先生 (Mister)."""

_INTRODUCED_ZH = re.compile(
    rf"""(?: 我(?:的(?:名字|全名|真名|姓名))?(?:叫做?|名叫|是|为)
    | (?:名字|姓名|联系人|收件人|收货人|申请人|患者|户主|法人|签名|负责人)(?:叫做?|是|为|[:：])
    | (?:[他她]|妈妈|爸爸|妻子|老婆|老公|丈夫|女儿|儿子|孩子|朋友|同事|同学|老板|邻居|室友
      |弟弟|哥哥|姐姐|妹妹|女友|男友)
      (?:的名字)?(?:叫做?|名叫) ) \s* (?P<value>{_SURNAME}{_HAN}{{1,2}}?) {_END}""",
    re.VERBOSE,
)
_SURNAMED_ZH = re.compile(
    rf"[我他她]姓(?P<surname>{_SURNAME})(?:[,，]?[名叫](?P<value>{_HAN}{{1,2}}))?{_END}", re.VERBOSE
)
_ADDRESSED_ZH = re.compile(
    rf"""(?: (?<!{_HAN}) | (?<=[的是给和与跟对找问请让叫被由向把从到在有为据帮等及了说过你您]) | (?<=我们|他们|数学|英语
    |语文|物理|化学|历史|感谢|谢谢|尊敬|亲爱|联系|根据|咨询|拜访|转告|告诉|通知|认识|昨天|今天|明天|导师|主治|客户) )
    (?P<value>{_SURNAME}{_HAN}{{0,2}}?) {_HONORIFIC}""",
    re.VERBOSE,
)

_NAME = r"[A-Z][a-z]{1,20} (?:[-'][A-Z][a-z]{1,20})?"
_FULL_NAME = rf"{_NAME} (?:[ ](?:[A-Z]\.|{_NAME})){{0,2}}"
_GIVEN = """(?: James|John|Robert|Michael|William|David|Richard|Joseph|Thomas|Charles|Christopher|Daniel|Matthew|Anthony
    |Donald|Steven|Paul|Andrew|Joshua|Kenneth|Kevin|Brian|George|Edward|Ronald|Timothy|Jason|Jeffrey|Ryan|Jacob|Gary
    |Nicholas|Eric|Jonathan|Stephen|Larry|Justin|Scott|Brandon|Benjamin|Samuel|Gregory|Frank|Alexander|Raymond|Patrick
    |Jack|Dennis|Jerry|Tyler|Aaron|Henry|Adam|Peter|Tom|Jim|Mike|Joe|Ben|Sam|Alex|Chris|Dave|Steve|Bob|Leo|Max|Oliver
    |Liam|Noah|Ethan|Lucas|Ahmed|Mohammed|Ali|Carlos|Juan|Jose|Luis|Ivan|Hans|Klaus|Pierre|Kenji|Raj|Wei|Ming|Hui|Yan
    |Mary|Patricia|Jennifer|Linda|Elizabeth|Barbara|Susan|Jessica|Sarah|Karen|Lisa|Nancy|Betty|Sandra|Margaret|Ashley
    |Kimberly|Emily|Donna|Michelle|Carol|Amanda|Melissa|Deborah|Stephanie|Rebecca|Sharon|Laura|Cynthia|Kathleen|Amy
    |Angela|Anna|Emma|Nicole|Helen|Samantha|Katherine|Christine|Rachel|Julia|Maria|Diana|Olivia|Sophia|Isabella|Mia
    |Charlotte|Alice|Lucy|Kate|Jane|Anne|Lily|Marie|Giulia|Yuki|Priya|Olga|Natasha|Xiaoming )"""
_NOT_NAMES: Final = _words(
    """The This That These Those What When Where Who Why How And But Not Just Here There Moss Chinese English
    American British Sir Madam Customer Team Editor Friend Friends All Professor Hiring Diary Santa
    Colleagues Parents User Reader Back Later Sorry Happy Sure Glad Going Trying Python Java God Lord World
    Monday Tuesday Wednesday Thursday Friday Saturday Sunday Everyone Today Mom Dad Dalloway Who Watson
    Strange Beast Wonderful Fox"""
)
"""What is written large at a name's place and is none, or is a person of a book."""
_RELATION = """(?:wife|husband|son|daughter|boss|friend|brother|sister|mother|father|mom|dad|teacher|doctor|neighbou?r
    |colleague|roommate|girlfriend|boyfriend|partner)"""

_ENGLISH: Final = tuple(
    re.compile(pattern, re.VERBOSE)
    for pattern in (
        rf"""\b(?i: my[ ](?:(?:full|first|last|real)[ ])?name[ ]is | my[ ]name's | (?:my[ ])?name: | i[ ]am[ ]called
        | they[ ]call[ ]me | call[ ]me | signed,? | (?:his|her|my[ ]{_RELATION}(?:'s)?)[ ]name[ ]is
        | {_RELATION}[ ](?:is[ ])?(?:named|called) ) \s* (?P<value>{_FULL_NAME})\b""",
        rf"\b(?:I'm|I[ ]am|This[ ]is|it's|Yours,?|From)\s+(?P<value>{_GIVEN}(?:[ ](?:[A-Z]\.|{_NAME})){{0,2}})\b",
        rf"\b(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Professor)\.?[ ](?P<value>{_FULL_NAME})\b",
        rf"(?:^|\n)\s*(?:Dear|Hi|Hello|Hey)[ ](?P<value>{_FULL_NAME})\s*[,:!]",
        rf"""\b(?:Regards|Sincerely|Best|Cheers|Yours[ ]truly|Best[ ]wishes|Thanks|Respectfully),\s*\n\s*
        (?P<value>{_FULL_NAME})\b""",
    )
)
_CHINESE: Final = (_INTRODUCED_ZH, _ADDRESSED_ZH)


def find_names(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of each name; may overlap."""
    for pattern in _ENGLISH:
        for match in pattern.finditer(text):
            if match["value"].split()[0] not in _NOT_NAMES:
                yield match.span("value")
    for pattern in _CHINESE:
        for match in pattern.finditer(text):
            if match["value"] not in _NOT_NAMES_ZH:
                yield match.span("value")
    for match in _SURNAMED_ZH.finditer(text):
        yield from (match.span(group) for group in ("surname", "value") if match[group])
