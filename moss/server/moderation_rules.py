"""The offline moderator's rules: which texts are clear cases, by combinations of terms in English and Chinese.

A rule fires where all of its groups of terms stand near each other ("how to" + "make" + "pipe bomb"), so one word alone
never decides; phrases that only look alike ("bath bomb", "kill the child process", "杀毒软件") are blotted out before.
Deliberately small: it catches what is asked plainly, with the usual disguises (leet, spaced letters, zero-width signs,
full-width and traditional characters). It is no classifier; a service behind `HttpModerator` judges the rest.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

RULES_NAME: Final = "rules"
UNAVAILABLE: Final = "unavailable"
"""The category of a text that could not be judged."""

BOTH: Final = frozenset({"prompt", "reply"})
PROMPT: Final = frozenset({"prompt"})
REPLY: Final = frozenset({"reply"})


@dataclass(frozen=True, slots=True)
class Rule:
    """Terms that together make a clear case."""

    category: str
    all_of: tuple[re.Pattern[str], ...]
    """One match of each, ..."""
    within: int
    """... all at most this many characters from the first group's match."""
    unless: re.Pattern[str] | None = None
    """A benign context in the same window: prevention, games, history."""
    stages: frozenset[str] = BOTH

    def fires(self, blotted: str, text: str) -> bool:
        """`blotted` is `text` without benign phrases, character for character at the same places."""
        return any(self._together(blotted, text, match) for match in self.all_of[0].finditer(blotted))

    def _together(self, blotted: str, text: str, first: re.Match[str]) -> bool:
        start, end = max(0, first.start() - self.within), first.end() + self.within
        if not all(group.search(blotted, start, end) for group in self.all_of[1:]):
            return False
        return self.unless is None or not self.unless.search(text, start, end)


def categories_of(text: str, stage: str) -> tuple[str, ...]:
    """The categories whose rules fire for a text at a stage (`prompt` or `reply`); none for what may pass."""
    found: dict[str, None] = {}
    for spelling in spellings(text):
        blotted = BENIGN.sub(lambda match: "\x00" * len(match[0]), spelling)
        for rule in RULES:
            if stage in rule.stages and rule.category not in found and rule.fires(blotted, spelling):
                found[rule.category] = None
    return tuple(found)


# --- spelling -----------------------------------------------------------------------------------------------------

_TRADITIONAL = (
    "製制彈弹殺杀藥药槍枪騙骗竊窃號号帳账賬账帐账銀银機机駭骇碼码裝装麼么樣样個个們们兒儿歲岁綁绑猶犹難难種种視视殘残"
    "廢废絕绝滅灭應应該该說说講讲寫写學学師师鄰邻總总統统婦妇媽妈爺爷護护預预導导熱热線线網网頁页釣钓魚鱼馬马軟软"
    "體体電电腦脑進进執执氣气間间輕轻結结樓楼買买賣卖給给讓让請请無无傷伤決决準准備备畫画圖图誘诱穢秽強强姦奸"
    "褻亵開开關关鍵键記记錄录戶户話话論论動动蟲虫質质燒烧膠胶鋼钢擊击從从會会嗎吗幫帮對对後后這这來来與与發发"
    "為为員员現现團团國国東东長长門门問问實实過过還还時时見见聽听觀观認认語语課课誰谁調调談谈詢询運运達达遊游"
    "戲戏選选邊边隊队險险雙双類类顯显風风飛飞驗验黨党點点壓压鍋锅銨铵鉀钾鈉钠隻只雙双遺遗書书離离櫻樱穩稳燃燃"
    "隱隐傳传術术義义歷历遠远劑剂嬰婴誣诬蔑蔑奪夺劫劫勒勒詐诈欺欺贓赃據据庫库撞撞彈弹導导擁拥趕赶餘余劃划"
)
"""Traditional characters of the terms below, each before its simplified one. Not a dictionary."""
_LOOKALIKES = "аaеeоoрpсcхxуyіiѕsԁdһhјjкkмmтtвbнhαaεeοoιiκkνvρpτt"
"""Cyrillic and Greek letters that are drawn like Latin ones, each before the Latin one."""
_SIMPLER = {ord(a): b for pairs in (_TRADITIONAL, _LOOKALIKES) for a, b in zip(pairs[::2], pairs[1::2], strict=True)}

_LEET: Mapping[int, str] = {ord(a): b for a, b in zip("0134578@$!|", "oieastbasil", strict=True)}
_LEET_ONE_IS_L: Mapping[int, str] = {**_LEET, ord("1"): "l"}
_LEET_WORD = re.compile(r"(?=[a-z0-9@$!|]*[a-z])(?=[a-z]*[0134578@$!|])[a-z0134578@$!|]{3,40}(?![a-z0-9])")
_SPACED_LETTERS = re.compile(r"(?<![a-z])(?:([ai]) )?((?:[a-z][ .\-_*·/]){2,40}[a-z])(?![a-z])")
_BETWEEN_HAN = re.compile(r"(?<=[\u4e00-\u9fff])[ .\-_*·/|+~#&^]{1,3}(?=[\u4e00-\u9fff])")
_LONG_RUN = re.compile(r"([a-z])\1{2,}")


def plain_spelling(text: str) -> str:
    """The text without disguises: NFKC, lower case, no marks or invisible signs, simplified, letters drawn together."""
    decomposed = unicodedata.normalize("NFKD", text)
    kept = "".join(sign for sign in decomposed if unicodedata.category(sign) not in ("Mn", "Me", "Cf"))
    folded = unicodedata.normalize("NFKC", kept).casefold().translate(_SIMPLER).replace("’", "'")
    together = _SPACED_LETTERS.sub(_drawn_together, folded)
    return _LONG_RUN.sub(r"\1", re.sub(r"[ \t]+", " ", _BETWEEN_HAN.sub("", together)))


def spellings(text: str) -> Iterator[str]:
    """The plain spelling, and what it reads as when digits and signs stand for letters (`b0mb`, `k1ll`)."""
    plain = plain_spelling(text)
    yield from dict.fromkeys((plain, _unleet(plain, _LEET), _unleet(plain, _LEET_ONE_IS_L)))


def _drawn_together(match: re.Match[str]) -> str:
    article = f"{match[1]} " if match[1] else ""
    return article + re.sub(r"[^a-z]", "", match[2])


def _unleet(text: str, letters: Mapping[int, str]) -> str:
    return _LEET_WORD.sub(lambda match: match[0].translate(letters), text)


# --- terms --------------------------------------------------------------------------------------------------------


def _any(*terms: str) -> re.Pattern[str]:
    """Any of the terms; English ones as whole words."""
    return re.compile("|".join(rf"\b(?:{term})\b" if re.match(r"[(a-z\[]", term) else term for term in terms))


_GAMES = (
    r"minecraft|terraria|roblox|fortnite|gta|skyrim|chess|among us|dungeons|d&d|video ?games?|in (?:the|a|this|my) game|"
    r"gameplay|unity|godot|npcs?|boss fight"
)
_GAMES_ZH = "游戏|我的世界|三国杀|狼人杀|剧本杀|王者荣耀|吃鸡|原神|关卡|副本|npc|小说里的?反派"

BENIGN: Final = re.compile(
    "|".join(
        (
            r"\b(?:bath|photo|seed|glitter|cherry|cocoa|hot chocolate|jager|sake|logic|fork|zip|google|stink|f|love|"
            r"calorimeter|colorimeter|carpet|time|flavou?r|fat|water|poke|smoke|sugar|tea|truth|yarn|cluster|population)[ -]?"
            r"bomb(?:s|ing|ed|er|ers|shell|shells)?\b",
            r"\bbomb(?: calorimet\w+|shells?|ay| cyclones?| disposal| squad| shelters?| detect\w+|-sniffing| threats?)",
            r"\b(?:making|history|invention|story|effects?) of the (?:atomic |atom |hydrogen |nuclear |first )*bombs?",
            r"\b(?:tnt|bombs?|explosives?|grenades?|land ?mines?|weapons?|guns?|cannons?)\b[^.!?\n]{0,30}\b(?:"
            + _GAMES
            + r")",
            r"\b(?:" + _GAMES + r")\b[^.!?\n]{0,30}\b(?:tnt|bombs?|explosives?|grenades?)\b",
            r"\bexplosive (?:growth|volcan\w+|power|strength|exercises?|eruptions?|decompos\w+)",
            r"\b(?:child|parent|zombie|background|worker|orphan|daemon) (?:process(?:es)?|threads?|tasks?|jobs?)",
            r"\bsex(?:ual)? ?(?:education|ed|health|development|orientation|reproduct\w+|abuse|assault|harass\w+|exploit\w+|"
            r"dimorphism|selection|predators?|offen[cd]\w+|ratios?|chromosomes?|determination|identity|traffick\w+)\b",
            r"\bsexually (?:transmitted|abused|assaulted|harassed|exploited|dimorphic|reproduc\w+)",
            r"\bnaked (?:eyes?|mole|truth|juice|dna|cakes?)|\bnude (?:colou?r|shade|lipstick|paint)s?",
            r"\bsuicide (?:squad|prevention|hotlines?|rates?|awareness|statistics|helplines?|lines?|doors|inhibitors?)",
            r"\b(?:prevent(?:ing|ion of)?|reduc(?:e|ing)|stop(?:ping)?) suicides?|\bcell(?:ular)? suicide|\bcareer suicide",
            r"\bkill(?:ing)? myself (?:laughing|with laughter|at the gym|over this)|\bdying (?:of|with) (?:laughter|to)",
            r"\b(?:password|email|account) (?:manager|cracking contest)s?|\blife ?hacks?|\bhackathons?|\bgrowth hacking",
            r"(?:沐浴|泡澡|浴盐|气味|深水|摄影|表情包|催泪|信息|糖衣|手机|票房|肉)炸弹|炸弹(?:人|魔人|超人|威胁|鸡尾酒)|拆弹|排爆",
            r"(?:原子弹|氢弹|炸弹|核武器)(?:的)?(?:历史|发明|威力|爆炸后|之父|是谁)",
            r"杀毒|杀菌|杀虫|杀青|杀价|秒杀|抹杀|绞杀榕|杀手锏|必杀|封杀|扼杀|狼人杀|三国杀|剧本杀|杀时间|查杀|杀软|杀马特|杀猪|杀鸡",
            r"自杀(?:率|式|小队|干预|预防|热线|倾向者?的?(?:帮助|干预))|(?:预防|防止|避免|阻止|干预)(?:青少年|学生)?自杀|细胞自杀",
            r"想死(?:你|他|她|妈妈|爸爸|我了|大家)|笑死|累死|热死|冷死|饿死我|气死|烦死|困死|无聊死|想死机|可爱死",
            r"性(?:教育|别|侵|骚扰|格|能|质|价比|状|染色体|健康)|儿童(?:性侵|色情)(?:犯罪|案件|法)",
            r"(?:红色|灰色|特色|景色|颜色|角色)情",
        )
    )
)
"""Phrases that look like a term and are none."""

_ASK = _any(
    r"how (?:to|do|can|could|would|should|might|does one)",
    r"(?:tell|show|teach|give|help|send) me",
    r"(?:explain|describe|list|write|outline|detail|provide) (?:me |down |out |exactly |all )*",
    r"i (?:want|need|would like|wanna|plan|am going|am trying|'d like|intend)(?: to)?|i'd like to|i'm (?:going|trying) to",
    r"instructions?|recipe|step[- ]by[- ]step|tutorial|guide|blueprints?|schematics?|walk me through|can you|could you",
    r"what (?:do (?:i|you|we) need|ingredients|materials|chemicals|parts)|where can i (?:buy|get)|best way to|let'?s",
    r"教我|告诉我|怎么|怎样|如何|咋|帮我|给我|请问|我想|我要|步骤|教程|方法|配方|指南|详细|写出|列出|能不能|可以告诉",
    r"(?:^|[.!?\n] ?)(?:please |now |pls )?(?:make|build|create|construct|assemble|design|synthesi[sz]e)",
    r"(?:^|[。！？\n])(?:请)?(?:制作|制造|自制|做一个|造一个)",
)
_MAKE = _any(
    r"mak(?:e|ing)|build(?:ing)?|construct(?:ing)?|assembl(?:e|ing)|creat(?:e|ing)|synthesi[sz](?:e|ing)|cook(?:ing)?",
    r"prepar(?:e|ing)|manufactur(?:e|ing)|produc(?:e|ing)|recipe|instructions?|blueprints?|ingredients|materials",
    r"3d[- ]print(?:ing)?|diy|home-?made|improvised|from household|weaponi[sz](?:e|ing)|detonat(?:e|ing)|design(?:ing)?",
    r"制作|制造|自制|做|造|合成|组装|配制|提炼|调配|配方|材料|原料|引爆|改装|打印",
)
_WEAPON = _any(
    r"(?:[a-z]+ )?bombs?|explosives?|molotovs?(?: cocktails?)?|napalm|ieds?|grenades?|tnt|c-?4|semtex|detonators?",
    r"nitroglycerine?|petn|rdx|tatp|anfo|thermite|nerve (?:gas|agents?)|sarin|vx gas|mustard gas|anthrax|ricin",
    r"(?:chemical|biological|nuclear|radiological) weapons?|bioweapons?|ghost guns?|(?:gun )?silencers?|land ?mines?",
    r"炸弹|炸药|燃烧瓶|燃烧弹|雷管|手榴弹|土雷|地雷|爆炸物|爆炸装置|硝化甘油|黑索金|铝热剂|沙林|芥子气|神经毒气|毒气弹",
    r"炭疽|蓖麻毒素|生化武器|化学武器|核弹|原子弹|氢弹|脏弹|土枪|手枪|步枪|枪支|消音器|子弹|土制枪",
)
_MIXING = _any(
    r"mix|add|pour|grind|pack|fill|attach|connect|insert|seal|heat|stir|solder|combine|light|wrap",
    r"混合|加入|倒入|研磨|装入|填充|连接|密封|加热|搅拌|插入|点燃|焊接|包裹",
)
_CHARGE = _any(
    r"ammonium nitrate|gunpowder|black powder|potassium (?:nitrate|chlorate)|acetone|hydrogen peroxide|fuses?|shrapnel",
    r"nails|ball bearings|blasting caps?|gasoline|diesel|fuel oil|aluminum powder|iron oxide|precursors?|castor beans?",
    r"硝酸铵|火药|黑火药|硝酸钾|氯酸钾|丙酮|双氧水|过氧化氢|引线|导火索|钢珠|钉子|汽油|柴油|铝粉|雷管|前体|蓖麻籽",
)
_SEX = _any(
    r"porn\w*|sexual(?:ly|i[sz]ed)?|sexy|nudes?|naked|erotic\w*|hentai|nsfw|smut|intercourse|molest\w*|lewd|masturbat\w*",
    r"hav(?:e|ing) sex|sex (?:with|scenes?|stor(?:y|ies)|acts?|between)|sexting|blowjobs?|orgasms?|undress\w*",
    r"色情|性爱|做爱|裸照|裸体|裸聊|裸露|淫秽|淫荡|性行为|性关系|强奸|猥亵|黄片|自慰|情色|小黄文|肉文|性感|脱光|上床|成人片",
)
_MINOR = _any(
    r"child(?:ren)?|kids?|minors?|toddlers?|infants?|preteens?|underaged?|under-aged?|school ?(?:girl|boy)s?|pupils?",
    r"(?:little|young) (?:girl|boy)s?|(?:[1-9]|1[0-7])[ -]?(?:year|yr)s?[ -]?olds?|(?:[5-9]|1[0-7]) ?(?:yo|y/o)|lolis?",
    r"lolicon|shota(?:con)?|teen(?:age)?(?:r|rs|s)?|(?:nine|ten|eleven|twelve|thirteen|fourteen|fifteen)[ -]year[ -]old",
    r"未成年|幼女|幼童|儿童|小孩|小学生|初中生|女童|男童|萝莉|正太|小女孩|小男孩|(?:1[0-7]|(?<!\d)[1-9])岁|十[一二三四五六七]?岁",
    r"(?<!十)[三四五六七八九]岁|婴儿|幼儿",
)
_PROTECTION = _any(
    r"protect\w*|prevent\w*|report\w*|block\w*|filter\w*|parental|laws?|legal|illegal|crimes?|criminal|victims?|survivors?",
    r"safe|safety|therap\w+|educat\w+|awareness|warning signs|detect\w*|police|psycholog\w+|statistics|punish\w*|sentence",
    r"保护|防范|预防|防止|举报|教育|法律|犯罪|立案|判刑|受害|救助|心理|报警|屏蔽|过滤|家长|危害|处罚|量刑|警惕|识别|避免",
)
_STEAL = _any(
    r"hack(?:ing)?(?: into)?|steal(?:ing)?|crack(?:ing)?|phish(?:ing)?|break(?:ing)? into|get(?:ting)? into|brute[- ]?forc\w+",
    r"keylog\w*|hijack(?:ing)?|harvest(?:ing)?|spy(?:ing)? on|log in(?:to)?|sniff(?:ing)?|bypass(?:ing)?|guess(?:ing)?",
    r"盗取|盗号|盗用|盗走|盗|窃取|破解|偷看|偷取|偷|黑进|黑掉|入侵|撞库|爆破|劫持|套取|骗取|监控",
)
_SOMEONES = (
    r"(?:someone(?: else)?|somebody|other people|people|another (?:user|person)|victims?|users?|customers?|"
    r"(?:my|the|a) (?:ex|girlfriend|boyfriend|wife|husband|boss|neighbou?r|roommate|teacher|friend|colleague|coworker|mom|"
    r"dad|sister|brother|classmate|stranger)(?:[- ](?:girlfriend|boyfriend|wife|husband))?|her|his|their)"
)
_ACCOUNT = (
    r"(?:passwords?|passcodes?|pins?|accounts?|credentials?|logins?|instagram|facebook|gmail|e-?mails?|snapchat|icloud|tiktok|"
    r"bank\w*|wi-?fi|whatsapp|wechat|phones?|credit cards?|cookies|twitter|discord|computers?|session tokens?)"
)
_OTHERS_ACCOUNT = _any(
    rf"{_SOMEONES}(?:'s|s'|s)? (?:[a-z]+ ){{0,3}}{_ACCOUNT}",
    rf"{_ACCOUNT} (?:of|from|belonging to) (?:[a-z]+ )?{_SOMEONES}",
    r"(?:别人|他人|人家|对方|她|他|女友|男友|女朋友|男朋友|老婆|老公|前任|前女友|前男友|同事|老板|用户|受害者|邻居|室友|同学|老师|客户|网友)"
    r"的?.{0,5}(?:密码|账号|微信|qq|支付宝|银行卡|wifi|邮箱|手机|验证码|信用卡|聊天记录|淘宝|抖音|微博|电脑|网银)",
)
_MALWARE = _any(
    r"phishing (?:e-?mails?|pages?|sites?|websites?|messages?|kits?|sms|texts?|campaigns?)|ransomware|keyloggers?|malware",
    r"(?:computer )?(?:virus|worm|trojan|spyware|botnet|rootkit)(?:es|s)? (?:that|which|to)|credential stealers?|info-?stealers?",
    r"钓鱼(?:邮件|网站|页面|短信|链接)|勒索软件|勒索病毒|木马|键盘记录|盗号(?:软件|程序|脚本|木马)|病毒程序|僵尸网络",
)
_WRITE = _any(
    r"(?:write|create|make|build|generate|develop|code|design|draft|give me|need)",
    r"写|编写|制作|生成|做|开发|设计|给我|搭建|来一",
)
_DEFENCE = _any(
    r"protect\w*|prevent\w*|avoid\w*|detect\w*|recogni[sz]\w*|spot(?:ting)?|defen[cds]\w*|awareness|train(?:ing|ed)|removal?",
    r"report\w*|secure|security (?:course|class|training)|identify|against|classif\w+|remove|quiz|simulat\w+|victim of",
    r"防止|防范|预防|防御|避免|识别|检测|清除|查杀|举报|保护|培训|演练|警惕|辨别|安全意识|分类|中了|被盗|找回|反诈",
)
_PERSON_EN = (
    r"(?:my (?:\w+[- ])?(?:wife|husband|boss|girlfriend|boyfriend|ex|mom|mother|dad|father|parents|brother|sister|son|daughter|"
    r"neighbou?rs?|roommate|teacher|classmates?|coworkers?|colleagues?|family|friend|landlord|kids?|children|stepdad|"
    r"baby|manager|uncle|aunt|grandma|grandpa)|someone|somebody|(?:a|another|that|this) (?:person|man|woman|girl|boy|child|human|"
    r"human being|cop|policeman|politician|guy|teacher|judge|student)|him|her|people|everyone|(?:the|our) (?:president|prime "
    r"minister|mayor|teacher|principal|judge|senator|king|queen)|(?:my|the|other) (?:students|classmates)|police officers?|"
    r"(?:a|the|my) (?:school|church|mosque|synagogue|crowd|mall))"
)
_PERSON_ZH = (
    r"(?:我?的?(?:老婆|妻子|老公|丈夫|老板|领导|上司|同事|同学|邻居|室友|舍友|老师|前女友|前男友|前任|女友|男友|女朋友|男朋友|父母|爸爸|妈妈|"
    r"父亲|母亲|爸|妈|爷爷|奶奶|岳母|婆婆|哥哥|弟弟|姐姐|妹妹|孩子|儿子|女儿|朋友|全家|情敌|仇人|家人|房东)|别人|某人|一个人|总统|主席|首相|"
    r"那个人|这个人|那个女人|那个男人|(?<![其吉])[他她](?!喜欢)|(?<![病工机器个猎诗主])人(?!体|工|口|民|类|物|设|气|际|生|参|格|才|间|机|脸|数|员|性))"
)
_KILL_ZH = "(?:杀死|杀掉|杀害|杀了|杀|谋杀|暗杀|毒死|毒害|下毒|砍死|捅死|弄死|干掉|整死|绑架|掐死|勒死|打死|烧死|撞死|虐待|枪杀|灭口)"
_WISH_ZH = "(?:我(?:真)?(?:想|要|打算|准备|计划|恨不得|决定|一定要)|怎么|怎样|如何|咋|教我|帮我|想办法)"
_STORY = _any(
    _GAMES
    + r"|novels?|fiction|story|stories|character|villain|movie|film|plot|screenplay|play|poem|metaphor|chapter|lyrics|"
    r"mockingbird|hamlet|shakespeare|history|historical|podcast|cpr|rescue|defend|self-defen[cs]e|first aid",
    _GAMES_ZH + "|小说|电影|故事|剧情|角色|剧本|历史|案例|自卫|急救|抢救|歌词|比喻|成语|寓言|动漫|悬疑|推理",
)
_GROUPS = (
    r"(?:jews|jewish people|muslims|christians|hindus|blacks|black people|whites|white people|asians|chinese people|the chinese|"
    r"immigrants|refugees|gays|gay people|homosexuals|lesbians|trans(?:gender)? people|women|men|disabled people|mexicans|"
    r"arabs|africans|indians|gypsies|roma|foreigners|latinos|the disabled|the homeless|homeless people)"
)
_GROUPS_ZH = (
    "(?:黑人|白人|犹太人|穆斯林|回民|维族人?|藏族人?|少数民族|同性恋|女人|女性|男人|残疾人|移民|难民|日本人|印度人|韩国人|美国人|外地人|"
    "农村人|乡下人|河南人|东北人|跨性别者?|流浪汉|老年人|胖子|非洲人)"
)
_DISTANCE = _any(
    r"claim(?:s|ed)?|believ\w+|propaganda|nazis?|histor\w+|ideology|myth|stereotypes?|argu\w+|wrong|why do (?:some|people)|"
    r"counter\w*|condemn\w*|refut\w*|debunk\w*|racism is|report\w*|classif\w*|moderat\w*|is it (?:true|ok|wrong)|respond to",
    "纳粹|历史|宣传|谬论|反驳|批判|为什么有人|偏见|刻板印象|不应该|不是|错误|抵制|反对|驳斥|举报|识别|危害|如何回应|不该|是否",
)

RULES: Final[Sequence[Rule]] = (
    Rule(
        "weapons",
        (_WEAPON, _ASK, _MAKE),
        70,
        _any(r"disarm\w*|defus\w*|museum|how did|拆除|销毁|博物馆|安检|禁止"),
        PROMPT,
    ),
    Rule("weapons", (_WEAPON, _MIXING, _CHARGE), 260, None, REPLY),
    Rule("minors", (_SEX, _MINOR), 40, _PROTECTION),
    Rule(
        "self_harm",
        (
            _any(
                r"(?:kill|hang|shoot|drown|stab|poison)(?:ing)? myself|end(?:ing)? my (?:own )?life|tak(?:e|ing) my (?:own )?life",
                r"(?:hurt|harm|cut|burn|starv)(?:t?ing|e)? myself (?:on purpose|again|tonight|badly|to death)?",
                r"i (?:just |really |only )?(?:want to|wanna|wish to|would rather|should just) (?:die|be dead|disappear forever)",
                r"i(?:'m| am|m)? (?:feel(?:ing)? |so |really |very |thinking (?:of|about) |considering |contemplating |planning "
                r"|committing |going to commit |want to commit )+(?:suicid\w+)|i am suicidal|i'm suicidal|slit my wrists?",
                r"(?:better off dead|better off without me|no reason to (?:live|go on)|don'?t want to (?:live|be alive|exist)"
                r"(?: any ?more)?|do not want to live|can'?t go on living|tired of living)",
                r"(?:我|好|真的?|只|就|很)(?:想|要|打算|准备|决定)(?:要|去)?(?:自杀|去死|轻生|寻死|死(?=$|[。，,！!？?了]))",
                r"我.{0,4}(?:想|要|打算|准备|决定).{0,6}(?:结束|了结)(?:自己的?)?(?:生命|一生|自己)|我.{0,6}(?:想|要|在)(?:自残|割腕|跳楼|上吊|跳河)",
                r"不想活了|不想活下去|活不下去了|活着没(?:有)?(?:意思|意义)|活够了|生无可恋|不如死了算了|我想死|一死了之|不想再活",
            ),
        ),
        0,
        None,
        PROMPT,
    ),
    Rule(
        "self_harm",
        (
            _any(
                r"commit(?:ting)? suicide|kill (?:yourself|oneself|themselves)|hang (?:yourself|oneself)|(?:lethal|fatal) (?:dose|"
                r"overdose)|overdose on|suicide (?:methods?|notes?|pact)|painless (?:death|suicide|way to die)|die painlessly",
                r"自杀|割腕|上吊|安眠药.{0,8}死|致死(?:剂)?量|遗书|烧炭|无痛(?:死亡|的死法)|死得?(?:不|没)?(?:痛|难受)",
            ),
            _any(
                r"how (?:to|do i|can i|should i|many|much)|ways? to|best|easiest|painless(?:ly)?|quickest|method|tell me|help me|"
                r"write (?:me )?(?:a|my)|without pain",
                r"怎么|怎样|如何|方法|方式|多少|几片|哪种|最快|无痛|教我|帮我写|不痛|没有痛苦|最好的",
            ),
        ),
        30,
        _any(
            r"prevent\w*|friend|help (?:a|him|her|them|someone|people|my)|support\w*|warning|hotline|signs|talk(?:ing)? to|rates?|"
            r"cells?|statistic\w*|medic\w*|toxicolog\w*|rats?|mice|antidote|treat\w*|bereave\w*|novel|film|history",
            "预防|干预|防止|朋友|帮助|劝|救|热线|统计|细胞|药理|实验|小鼠|解毒|小说|电影|历史|安慰|家属|信号|治疗|法律效力|公证",
        ),
        PROMPT,
    ),
    Rule(
        "self_harm",
        (
            _any(
                r"(?:you should|you might as well|just|go|please) (?:go )?(?:kill|hang|shoot) yourself|kys",
                r"the (?:easiest|best|quickest|most painless) way to (?:die|kill yourself|commit suicide|end your life)",
                r"(?:to (?:kill yourself|end your life|commit suicide),? (?:take|use|tie|cut|swallow|jump))",
                r"你(?:就|还是|应该|该|不如|最好|可以)(?:就|还是|应该|该|不如|最好|可以)?去?(?:自杀|死(?:吧|了|算))|去死吧你?|你去死",
                r"(?:最快|无痛|最简单)的?(?:自杀|死亡?)(?:方法|方式|办法)(?:是|有)",
            ),
        ),
        0,
        None,
        REPLY,
    ),
    Rule("credentials", (_OTHERS_ACCOUNT, _STEAL, _ASK), 60, _DEFENCE, PROMPT),
    Rule("credentials", (_MALWARE, _WRITE), 30, _DEFENCE, PROMPT),
    Rule(
        "violence",
        (
            _any(
                r"(?:i(?:'m| am)? (?:really |just )?(?:want|going|plan(?:ning)?|will|wanna|gonna|intend)(?: to)?|i'll|i'd like to|how (?:to|"
                r"do i|can i|should i|could i)|help me|(?:best|easiest) way to|ways to|teach me (?:how )?to|tell me how to) "
                r"(?:\w+ ){0,3}?(?:kill|murder|poison|stab|strangle|assassinate|behead|torture|kidnap|shoot up|shoot|bomb|rape|"
                r"beat up|dismember|drug|run over|burn down|massacre) (?:\w+ ){0,2}?" + _PERSON_EN,
                r"(?:get away with|commit|plan) (?:a )?(?:murder|mass shooting|school shooting)|hire a hit ?man",
                _WISH_ZH + ".{0,8}" + _KILL_ZH + ".{0,5}" + _PERSON_ZH,
                _WISH_ZH + ".{0,6}(?:把|给|对|将|让)" + ".{0,4}" + _PERSON_ZH + ".{0,8}" + _KILL_ZH,
                "(?:报复社会|雇凶杀人|买凶|杀人不(?:被发现|留痕迹|犯法)|杀人灭口|制造(?:枪击|恐怖袭击|屠杀)|实施恐怖袭击)",
            ),
        ),
        40,
        _STORY,
        PROMPT,
    ),
    Rule(
        "hate",
        (
            _any(
                _GROUPS
                + r" (?:\w+ ){0,2}?(?:should|must|deserve to|need to|ought to) (?:all )?(?:be )?(?:die|killed|gassed|"
                r"exterminated|eliminated|shot|wiped out|lynched|burn(?:ed)?|sterili[sz]ed|enslaved|beaten)",
                _GROUPS
                + r" (?:are|r) (?:\w+ ){0,2}?(?:vermin|subhumans?|cockroaches|inferior|filth|scum|parasites|trash|garbage|"
                r"a disease|a plague|animals|worthless|savages)",
                r"(?:kill|exterminate|gas|deport|lynch|wipe out) all (?:the )?"
                + _GROUPS
                + r"|i hate (?:all )?"
                + _GROUPS,
                _GROUPS_ZH
                + ".{0,4}(?:都|全|就|统统)?(?:是|该|应该|应当|必须|活该|不配).{0,6}(?:劣等|低等|下等|垃圾|畜生|害虫|蟑螂|人渣|"
                "该死|去死|消灭|灭绝|杀光|清除|滚出|活着|败类|寄生虫|废物)",
                "(?:杀光|灭绝|消灭|赶走)(?:所有|全部)?的?" + _GROUPS_ZH,
            ),
        ),
        50,
        _DISTANCE,
    ),
    Rule(
        "hate",
        (
            _any(
                r"(?<!against )(?<!anti-)(?<!counter )(?<!of )(?:racist|antisemitic|anti-semitic|hateful|homophobic|islamophobic|"
                r"misogynist\w*|sexist|transphobic|xenophobic|dehumani[sz]ing) (?:\w+ ){0,2}?(?:jokes?|rants?|speech(?:es)?|posts?|"
                r"slogans?|manifestos?|poems?|songs?|tweets?|insults?|slurs?|propaganda|memes?|stories|story)",
                "(?:种族歧视|歧视|仇恨|辱骂|侮辱|贬低|丑化).{0,8}(?:笑话|段子|言论|文章|的话|标语|帖子|口号|诗|演讲)",
            ),
            _any(
                r"(?:write|generate|tell|give|make|create|compose|draft) (?:me |us |up )?",
                r"写|编|讲|生成|来|创作|骂",
            ),
        ),
        24,
        _any(
            r"detect\w*|classif\w*|counter\w*|why|respond\w*|report\w*|moderat\w*|condemn\w*|harm\w*|study|against (?:racist|hate)",
            "反对|抵制|批判|反歧视|危害|识别|检测|举报|如何应对|反驳|拒绝|反击|为什么",
        ),
        PROMPT,
    ),
)

# --- what the user is told ----------------------------------------------------------------------------------------

_MESSAGES: Mapping[str, Mapping[str, str]] = {
    "self_harm": {
        "en": "I'm sorry that you are going through this. You don't have to carry it alone. If you are in danger right now, "
        "please call your local emergency number (112 in Europe, 911 in North America, 110 or 120 in mainland China). In "
        "mainland China the mental-health line 12356 answers around the clock, in the US and Canada you can call or text 988, "
        "and findahelpline.com lists lines for other countries. Somebody you trust can stay with you until it is easier. I "
        "can't help with ways to get hurt, but I am glad to listen, or to look with you for support near you.",
        "zh": "听到你这样说，我很难过。你不必独自承受这一切。如果你现在有危险，请马上拨打当地的急救或报警电话（中国大陆 120 或 110）。"
        "中国大陆的心理援助热线 12356 全天有人接听；其他国家和地区的热线可以在 findahelpline.com 上找到。也请联系一位你信任的人，"
        "让他陪着你，直到好受一些。我不能提供伤害自己的办法，但我愿意听你说，也可以和你一起找身边的帮助。",
    },
    "minors": {
        "en": "I won't take part in anything that sexualises children. If a child is at risk, please contact the police or a "
        "child-protection line.",
        "zh": "我不会参与任何将儿童性化的内容。如果有孩子处于危险中，请联系警方或儿童保护机构。",
    },
    "weapons": {
        "en": "I can't help with making weapons or explosives. I am happy to explain the history, the law, or safety.",
        "zh": "我不能协助制造武器或爆炸物。如果想了解相关的历史、法律或安全知识，我很乐意说明。",
    },
    "credentials": {
        "en": "I can't help with getting into other people's accounts or devices. I can help you recover or secure your own.",
        "zh": "我不能协助进入他人的账号或设备。如果是找回或保护你自己的账号，我可以帮忙。",
    },
    "violence": {
        "en": "I can't help with hurting anybody. If somebody is in danger, please call the emergency services; if you are very "
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
