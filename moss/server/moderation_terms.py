r"""The words of the offline moderator, in English and Chinese, and the rules they make. How they are used:
`moderation_rules.py`, whose plain spelling (lower case, simplified characters) the terms are written in.

Terms stand apart by blanks; `_` in a term is a blank. A rule names groups of terms that have to stand near each other.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final


def _alternatives(terms: str) -> str:
    """A pattern for any of the terms; those without Chinese characters are whole words."""
    patterns = [term.replace("_", r"\ ") for term in terms.split()]
    chinese = [pattern for pattern in patterns if re.search(r"[\u4e00-\u9fff]", pattern)]
    words = [pattern for pattern in patterns if pattern not in chinese]
    # One \b before them all: most places of a text are passed by without trying any of them.
    return "(?:" + "|".join([rf"\b(?:{'|'.join(words)})\b"] * bool(words) + chinese) + ")"


def _any(terms: str) -> re.Pattern[str]:
    return re.compile(_alternatives(terms), re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Rule:
    """Terms that together make a clear case."""

    category: str
    all_of: tuple[re.Pattern[str], ...]
    """One match of each, ..."""
    within: int = 0
    """... all at most this many characters from the first group's match."""
    unless: re.Pattern[str] | None = None
    """A benign context in the same window: prevention, games, history."""
    stages: frozenset[str] = frozenset({"prompt", "reply"})

    def fires(self, blotted: str, text: str) -> bool:
        """`blotted` is `text` without benign phrases, character for character at the same places."""
        return any(self._together(blotted, text, match) for match in self.all_of[0].finditer(blotted))

    def _together(self, blotted: str, text: str, first: re.Match[str]) -> bool:
        start, end = max(0, first.start() - self.within), first.end() + self.within
        if not all(group.search(blotted, start, end) for group in self.all_of[1:]):
            return False
        return self.unless is None or not self.unless.search(text, start, end)


_PROMPT, _REPLY = frozenset({"prompt"}), frozenset({"reply"})

# --- what looks alike and is harmless -----------------------------------------------------------------------------

_GAME = r"""minecraft terraria roblox fortnite gta(?:_\d)? skyrim chess among_us d&d dungeons? video_?games?
    in_(?:the|a|this|my)_game gameplay unity godot npcs? boss_fight 游戏 我的世界 三国杀 狼人杀 剧本杀 王者荣耀
    吃鸡 原神 关卡"""
_ARMS = r"tnt bombs? explosives? grenades? land_?mines? weapons? guns? cannons? c4 炸弹 炸药 手枪 步枪 枪 地雷 手榴弹"

BENIGN: Final = re.compile(
    "|".join(
        (
            rf"{_alternatives(_ARMS)}[^.!?。！？\n]{{0,30}}{_alternatives(_GAME)}",
            rf"{_alternatives(_GAME)}[^.!?。！？\n]{{0,30}}{_alternatives(_ARMS)}",
            _alternatives(
                r"""(?:bath|photo|seed|glitter|cherry|cocoa|chocolate|jager|sake|logic|fork|zip|google|stink|f|love|carpet
                |flavou?r|fat|water|poke|sugar|tea|truth|yarn|smell|calorie)(?:_|-)?bomb(?:s|ing|ed|er|ers)?
                bomb_?(?:calorimet\w+|shells?|cyclones?|disposal|squad|shelters?|detect\w+|threats?|sniffing) bombay
                (?:making|history|invention|story|effects?|physics)_of_the_(?:(?:atomic|atom|hydrogen|nuclear|first)_)*bombs?
                explosive_(?:growth|volcan\w+|power|strength|exercises?|eruptions?|decompos\w+|diarrhea|ordnance)
                nuclear_weapons?_(?:treaty|treaties|ban|policy|states?|tests?|free)
                (?:child|parent|zombie|background|worker|orphan|daemon)_(?:process(?:es)?|threads?|tasks?|jobs?|nodes?)
                (?:child|kids?)(?:'s)?_(?:component|class|element|theme|window|table)e?s?
                sex(?:ual)?_?(?:education|ed|health|development|orientation|reproduct\w+|abuse|assault|harass\w+|exploit\w+
                |dimorphism|selection|predators?|offen[cd]\w+|ratios?|chromosomes?|determination|identity|traffick\w+)
                sexually_(?:transmitted|abused|assaulted|harassed|exploited|dimorphic|reproduc\w+)
                naked_(?:eyes?|mole|truth|juice|dna|cakes?) nude_(?:colou?r|shade|lipstick|paint|heels)s?
                suicide_(?:squad|prevention|hotlines?|rates?|awareness|statistics|helplines?|lines?|doors|inhibitors?)
                (?:prevent(?:ing|ion_of)?|reduc(?:e|ing)|stop(?:ping)?)_suicides? cell(?:ular)?_suicide career_suicide
                kill(?:ing)?_myself_(?:laughing|with_laughter|at_the_gym) dying_(?:of|with)_laughter
                password_(?:manager|hash\w*|cracking_contest)s? life_?hacks? hackathons? growth_hacking
                kill(?:ing)?_(?:time|two_birds|the_(?:mood|lights?|engine|power|process|server|job|switch))
                shoot(?:ing)?_(?:a_)?(?:photos?|pictures?|portraits?|videos?|films?|hoops|an_email|stars?)
                (?:drug|alcohol)_?stores?""".replace("\n                |", "|")
            ),
            "(?:沐浴|泡澡|浴盐|气味|深水|摄影|表情包|催泪|信息|糖衣|手机|票房|肉|奶油)炸弹|炸弹(?:人|超人|威胁"
            "|鸡尾酒)|拆弹|排爆",
            "(?:原子弹|氢弹|炸弹|炸药|火药|核武器)(?:的)?(?:历史|发明|威力|爆炸后|之父|是谁|是什么时候|由谁)",
            "杀毒|杀菌|杀虫|杀青|杀价|秒杀|抹杀|绞杀榕|杀手锏|必杀|封杀|扼杀|狼人杀|三国杀|剧本杀|杀时间|查杀|杀软"
            "|杀马特|杀猪|杀鸡|杀鱼",
            "杀死?(?:掉)?(?:进程|线程|任务|细菌|病毒|癌细胞|细胞|蟑螂|蚊子|害虫|老鼠|杂草|僵尸|怪|boss|比赛)",
            "自杀(?:率|式|小队|干预|预防|热线)|(?:预防|防止|避免|阻止|干预|制止)(?:青少年|学生|朋友)?(?:的)?自杀"
            "|细胞自杀",
            "想死(?:你|他|她|妈妈|爸爸|我了|大家)|笑死|累死|热死|冷死|饿死|气死|烦死|困死|无聊死|急死|可爱死|美死"
            "|忙死|吓死",
            "性(?:教育|别|侵|骚扰|格|能|质|价比|状|染色体|健康|早熟)|儿童(?:性侵|色情)(?:犯罪|案件|法)",
            "(?:红|灰|特|景|颜|角)色情",
        )
    )
)
"""Phrases that look like a term below and are none."""

# --- groups of terms ----------------------------------------------------------------------------------------------

_ASK = _any(
    r"""how_(?:to|do|can|could|would|should|might|does_one) (?:tell|show|teach|give|help|send|walk)_me
    explain describe list write outline detail provide instructions? recipe step(?:-|_)by(?:-|_)step steps tutorial
    guide
    i_(?:want|need|would_like|wanna|plan|am_going|am_trying|intend)(?:_to)? i'd_like_to i'm_(?:going|trying)_to
    blueprints? schematics? walk_me_through can_you could_you let'?s best_way_to where_can_i_(?:buy|get)
    what_(?:do_(?:i|you|we)_need|ingredients|materials|chemicals|parts)
    教我 告诉我 怎么 怎样 如何 咋 帮我 给我 请问 我想 我要 步骤 教程 方法 配方 指南 详细 写出 列出 能不能 可以告诉"""
)
_ORDERED = re.compile(
    r"(?:^|[.!?\n] ?)(?:please |now |pls )?(?:make|build|create|construct|assemble|design|synthesi[sz]e) "
    r"|(?:^|[。！？\n])请?(?:制作|制造|自制|做一[个枚颗]|造一[个枚颗把])",
)
_ASK_OR_ORDER = re.compile(f"{_ASK.pattern}|{_ORDERED.pattern}")
_MAKE = _any(
    r"""mak(?:e|ing) build(?:ing)? construct(?:ing)? assembl(?:e|ing) creat(?:e|ing) synthesi[sz](?:e|ing) cook(?:ing)?
    prepar(?:e|ing) manufactur(?:e|ing) produc(?:e|ing) recipe instructions? blueprints? ingredients materials
    3d(?:-|_)print(?:ing)? diy home-?made improvised weaponi[sz](?:e|ing) detonat(?:e|ing) design(?:ing)?
    extract(?:ing)?
    制作 制造 自制 做 造 合成 组装 配制 提炼 提取 调配 配方 材料 原料 引爆 改装 打印"""
)
_WEAPON = _any(
    r"""bombs? explosives? molotovs?(?:_cocktails?)? napalm ieds? grenades? tnt c-?4 semtex detonators? nitroglycerine?
    petn rdx tatp anfo thermite nerve_(?:gas|agents?) sarin vx_gas mustard_gas anthrax ricin bioweapons? ghost_guns?
    (?:chemical|biological|nuclear|radiological)_weapons? (?:gun_)?silencers? land_?mines? explosive_devices?
    炸弹 炸药 燃烧瓶 燃烧弹 雷管 手榴弹 土雷 地雷 爆炸物 爆炸装置 硝化甘油 黑索金 铝热剂 沙林 芥子气 神经毒气 毒气弹
    炭疽 蓖麻毒素 生化武器 化学武器 核弹 原子弹 氢弹 脏弹 土枪 土制枪 手枪 步枪 枪支 消音器 子弹"""
)
_MIXING = _any(
    r"""mix add pour grind pack fill attach connect insert seal heat stir solder combine light wrap
    混合 加入 倒入 研磨 装入 填充 连接 密封 加热 搅拌 插入 点燃 焊接 包裹"""
)
_CHARGE = _any(
    r"""ammonium_nitrate gunpowder black_powder potassium_(?:nitrate|chlorate) acetone hydrogen_peroxide fuses? shrapnel
    nails ball_bearings blasting_caps? gasoline diesel fuel_oil aluminum_powder iron_oxide precursors? castor_beans?
    硝酸铵 火药 硝酸钾 氯酸钾 丙酮 双氧水 过氧化氢 引线 导火索 钢珠 钉子 汽油 柴油 铝粉 雷管 蓖麻籽"""
)
_DISARMED = _any(
    r"""disarm\w* defus\w* museum how_did who_(?:made|built|invented) found_a report(?:ed|ing)? treaty history
    historical
    拆除 销毁 博物馆 安检 禁止 发现了 报警 谁发明 历史 条约 二战"""
)

_SEX = _any(
    r"""porn\w* sexual(?:ly|i[sz]ed)? sexy nudes? naked erotic\w* hentai nsfw smut intercourse molest\w* lewd
    masturbat\w*
    hav(?:e|ing)_sex sex_(?:with|scenes?|stor(?:y|ies)|acts?|between) sexting blowjobs? orgasms? undress\w*
    色情 性爱 做爱 裸照 裸体 裸聊 裸露 淫秽 淫荡 性行为 性关系 强奸 猥亵 黄片 自慰 情色 小黄文 肉文 性感 脱光 上床
    成人片"""
)
_MINOR = _any(
    r"""child(?:ren)? kids? minors? toddlers? infants? preteens? underaged? under-aged? school_?(?:girl|boy)s? pupils?
    (?:little|young)_(?:girl|boy)s? (?:[1-9]|1[0-7])(?:-|_)?(?:year|yr)s?(?:-|_)?olds? (?:[5-9]|1[0-7])_?(?:yo|y/o)
    lolis? lolicon shota(?:con)? teen(?:age)?(?:r|rs|s)? (?:nine|ten|eleven|twelve|thirteen|fourteen|fifteen)-year-old
    未成年 幼女 幼童 儿童 小孩 小学生 初中生 女童 男童 萝莉 正太 小女孩 小男孩 婴儿 幼儿 (?<!\d)(?:1[0-7]|[1-9])岁
    (?<!十)十[一二三四五六七]?岁 (?<![二三四五六七八九十])[三四五六七八九]岁"""
)
_PROTECTION = _any(
    r"""protect\w* prevent\w* report\w* block\w* filter\w* parental laws? legal illegal crimes? criminal victims?
    survivors?
    safe safety therap\w+ educat\w+ awareness warning_signs detect\w* police psycholog\w+ statistics punish\w* sentence
    pediatric\w* doctor medical art_history painting
    保护 防范 预防 防止 举报 教育 法律 犯罪 立案 判刑 受害 救助 心理 报警 屏蔽 过滤 家长 危害 处罚 量刑 警惕 识别
    避免 医生 油画"""
)

_SOMEONES = (
    r"(?:someone(?: else)?|somebody|other people|people|another (?:user|person)|victims?|users?|customers?|her|his"
    r"|their"
    r"|(?:my|the|a) (?:ex|girlfriend|boyfriend|wife|husband|boss|neighbou?r|roommate|teacher|friend|colleague|coworker"
    r"|mom|dad|sister|brother|classmate|stranger|crush)(?:[- ](?:girlfriend|boyfriend|wife|husband))?)"
)
_ACCOUNT = (
    r"(?:passwords?|passcodes?|accounts?|credentials?|logins?|instagram|facebook|gmail|e-?mails?|snapchat|icloud|tiktok"
    r"|bank\w*|wi-?fi|whatsapp|wechat|phones?|credit cards?|cookies|twitter|discord|computers?|session tokens?)"
)
_SOMEONES_ACCOUNT = re.compile(
    rf"\b{_SOMEONES}(?:'s|s'|s)? (?:[a-z]+ ){{0,3}}{_ACCOUNT}\b|\b{_ACCOUNT} (?:of|from"
    rf"|belonging to) (?:[a-z]+ )?{_SOMEONES}\b"
    r"|(?:别人|他人|人家|对方|她|他|女友|男友|女朋友|男朋友|老婆|老公|前任|前女友|前男友|同事|老板|用户|受害者|邻居"
    r"|室友|同学|老师|客户|网友)"
    r"家?的?.{0,5}(?:密码|账号|微信|qq|支付宝|银行卡|wifi|邮箱|手机|验证码|信用卡|聊天记录|淘宝|抖音|微博|电脑|网银)"
)
_STEAL = _any(
    r"""hack(?:ing)?(?:_into)? steal(?:ing)? crack(?:ing)? phish(?:ing)? break(?:ing)?_into get(?:ting)?_into
    brute(?:-|_)?forc\w+
    keylog\w* hijack(?:ing)? harvest(?:ing)? spy(?:ing)?_on log_in(?:to)? sniff(?:ing)? bypass(?:ing)? guess(?:ing)?
    盗 窃取 破解 偷看 偷取 偷 黑进 黑掉 入侵 撞库 爆破 劫持 套取 骗取 监控 攻破"""
)
_MALWARE = _any(
    r"""phishing_(?:e-?mails?|pages?|sites?|websites?|messages?|kits?|sms|texts?|campaigns?) ransomware keyloggers?
    malware (?:computer_)?(?:virus|worm|trojan|spyware|botnet|rootkit)(?:es|s)?_(?:that|which|to) credential_stealers?
    info-?stealers? 钓鱼(?:邮件|网站|页面|短信|链接) 勒索软件 勒索病毒 木马 键盘记录 盗号(?:软件|程序|脚本)
    病毒程序 僵尸网络"""
)
_WRITE = _any(
    r"""write create make build generate develop code design draft give_me i_need
    写 编写 制作 生成 做 开发 设计 给我 搭建 来一"""
)
_DEFENCE = _any(
    r"""protect\w* prevent\w* avoid\w* detect\w* recogni[sz]\w* spot(?:ting)? defen[cds]\w* awareness
    train(?:ing|ed) remov\w+
    report\w* secure security_(?:course|class|training) identify against classif\w+ quiz simulat\w+ victim_of
    rules? policy
    防止 防范 预防 防御 避免 识别 检测 清除 查杀 举报 保护 培训 演练 警惕 辨别 安全意识 分类 中了 被盗 找回 反诈
    木马人 旋转木马 特洛伊 制度"""
)

_PERSON = (
    r"(?:my (?:\w+[- ])?(?:wife|husband|boss|girlfriend|boyfriend|ex|mom|mother|dad|father|parents|brother|sister|son"
    r"|daughter|neighbou?rs?|roommate|teacher|classmates?|coworkers?|colleagues?|family|friend|landlord|kids?|children"
    r"|stepdad|baby|manager|uncle|aunt|grandma|grandpa)|someone|somebody|him|her|people|everyone"
    r"|(?:a|another|that|this) (?:person|man|woman|girl|boy|child|human|cop|policeman|politician|guy|teacher|judge"
    r"|student)"
    r"|(?:the|our) (?:president|prime minister|mayor|teacher|principal|judge|senator|king|queen)|police officers?"
    r"|(?:my|the|other) (?:students|classmates)|(?:a|the|my) (?:school|church|mosque|synagogue|crowd|mall))"
)
_HARM = (
    r"(?:kill|murder|poison|stab|strangle|assassinate|behead|torture|kidnap|shoot up|shoot|bomb|rape|beat up|dismember"
    r"|run over|massacre)"
)
_INTEND = (
    r"(?:i(?:'m| am)? (?:really |just )?(?:want|going|plan(?:ning)?|will|wanna|gonna|intend)(?: to)?|i'll|i'd like to"
    r"|how (?:to|do i|can i|should i|could i)|help me|(?:best|easiest) way to|ways to|teach me (?:how )?to"
    r"|tell me how to)"
)
_PERSON_ZH = (
    r"(?:我?的?(?:老婆|妻子|老公|丈夫|老板|领导|上司|同事|同学|邻居|室友|舍友|老师|前女友|前男友|前任|女友|男友"
    r"|女朋友|男朋友|父母|爸爸|妈妈"
    r"|父亲|母亲|爸|妈|爷爷|奶奶|岳母|婆婆|哥哥|弟弟|姐姐|妹妹|孩子|儿子|女儿|朋友|全家|情敌|仇人|家人|房东)|别人"
    r"|某人|一个人|总统|主席|首相"
    r"|[那这]个?(?:人|女人|男人|家伙)|(?<![其吉])[他她]"
    r"|(?<![病工机器个猎诗主动])人(?![体工口民类物设气际生参格才间机脸数员性海]))"
)
_HARM_ZH = (
    "(?:杀死|杀掉|杀害|杀了|杀|谋杀|暗杀|毒死|毒害|下毒|砍死|捅死|弄死|干掉|整死|绑架|掐死|勒死"
    "|打死|烧死|撞死|虐待|枪杀|灭口)"
)
_INTEND_ZH = "(?:我(?:真)?(?:想|要|打算|准备|计划|恨不得|决定|一定要)|怎么|怎样|如何|咋|教我|帮我|想办法)"
_STORY = _any(
    _GAME
    + r""" novels? fiction story stories character villain movie film plot screenplay poem metaphor chapter lyrics
    mockingbird hamlet shakespeare history historical podcast cpr rescue defend self-defen[cs]e first_aid mystery
    小说 电影 故事 剧情 角色 剧本 历史 案例 自卫 急救 抢救 歌词 比喻 成语 寓言 动漫 悬疑 推理 玩家"""
)

_GROUPS = (
    r"\b(?:jews|jewish people|muslims|christians|hindus|blacks|black people|whites|white people|asians|chinese people"
    r"|the chinese|immigrants|refugees|gays|gay people|homosexuals|lesbians|trans(?:gender)? people|women|men|mexicans"
    r"|disabled people|the disabled|arabs|africans|indians|gypsies|roma|foreigners|latinos|the homeless"
    r"|homeless people)"
)
_GROUPS_ZH = (
    "(?:黑人|白人|犹太人|穆斯林|回民|维族人?|藏族人?|少数民族|同性恋|女人|女性|男人|残疾人|移民|难民|日本人|印度人"
    "|韩国人|美国人"
    "|外地人|农村人|乡下人|河南人|东北人|跨性别者?|流浪汉|老年人|胖子|非洲人)"
)
_DISTANCE = _any(
    r"""claim(?:s|ed)? believ\w+ propaganda nazis? histor\w+ ideology myth stereotypes? argu\w+ wrong
    why_do_(?:some|people)
    counter\w* condemn\w* refut\w* debunk\w* racism_is report\w* classif\w* moderat\w* is_it_(?:true|ok|wrong)
    respond_to
    纳粹 历史 宣传 谬论 反驳 批判 为什么有人 偏见 刻板印象 不应该 不是 错误 抵制 反对 驳斥 举报 识别 危害 如何回应
    不该 是否"""
)
_CONTEMPT = _any(
    r"""(?<!against_)(?<!anti-)(?<!counter_)(?<!of_)(?:racist|antisemitic|anti-semitic|hateful|homophobic|islamophobic|sexist
    |misogynist\w*|transphobic|xenophobic|dehumani[sz]ing)_(?:\w+_){0,2}?(?:jokes?|rants?|speech(?:es)?|posts?|slogans?|memes?
    |manifestos?|poems?|songs?|tweets?|insults?|slurs?|propaganda|stories|story)
    (?:种族歧视|歧视|仇恨|辱骂|侮辱|贬低|丑化).{0,8}(?:笑话|段子|言论|文章|的话|标语|帖子|口号|诗|演讲)""".replace(
        "\n    |", "|"
    )
)

_DESPAIR = _any(
    r"""(?:kill|hang|shoot|drown|stab|poison)(?:ing)?_myself end(?:ing)?_my_(?:own_)?life tak(?:e|ing)_my_(?:own_)?life
    (?:hurt|harm|cut|burn|starv)(?:t?ing|e)?_myself_(?:on_purpose|again|tonight|badly|to_death|because|so)
    (?:want_to|wanna|keep|started|been|stop|thinking_about|urge_to)_(?:hurt|harm|cut|burn)(?:t?ing)?_myself
    i_(?:just_|really_|only_)?(?:want_to|wanna|wish_to|would_rather|should_just)_(?:die(?!_my)|be_dead|disappear_forever)
    i(?:'m|_am|m)?_(?:(?:feel(?:ing)?|so|really|very|thinking_(?:of|about)|considering|contemplating|planning|having)_)*suicid\w+
    i_(?:want_to|am_going_to|will|'m_going_to)_commit_suicide slit_my_wrists? better_off_(?:dead|without_me)
    no_reason_(?:for_me_)?to_(?:live|go_on) don'?t_want_to_(?:live|be_alive|exist)(?:_any_?more)? do_not_want_to_live
    can'?t_go_on_living tired_of_living
    (?<![他她])(?:我|好|真的?|只|就|很)(?:想|要|打算|准备|决定)要?去?(?:自杀|去死|轻生|寻死|死(?=$|[。，,！!？?了\s]))
    我.{0,4}(?:想|要|打算|准备|决定).{0,6}(?:结束|了结)(?:自己的?|我的?)?(?:生命|一生|自己)
    我.{0,6}(?:想|要|在)(?:自残|割腕|跳楼|上吊|跳河) (?<![他她])不想活了 (?<![他她])不想活下去 活不下去了
    活着没有?(?:意思|意义)
    活够了 不如死了算了 我想死(?![记磕守你他她妈爸机]) 一死了之 不想再活"""
)
_ENDING = _any(
    r"""commit(?:ting)?_suicide kill_(?:yourself|oneself|themselves) hang_(?:yourself|oneself)
    (?:lethal|fatal)_(?:over)?dose
    overdose_on suicide_(?:methods?|notes?|pact) painless_(?:death|suicide|way_to_die) die_painlessly
    自杀 割腕 上吊 安眠药.{0,8}死 致死剂?量 遗书 烧炭 无痛(?:死亡|的死法|死法) 死得?[不没]?(?:痛|难受)"""
)
_WAY = _any(
    r"""how_(?:to|do_i|can_i|should_i|many|much) ways? best easiest painless(?:ly)? quickest methods? tell_me help_me
    write_(?:me_)?(?:a|my) without_pain 怎么 怎样 如何 方法 方式 多少 几片 哪种 最快 无痛 教我 帮我写 不痛 没有痛苦
    最好的"""
)
_CARE = _any(
    r"""prevent\w* friend help_(?:a|him|her|them|someone|people|my) support\w* warning hotline signs
    talk(?:ing)?_to rates?
    cells? statistic\w* medic\w* toxicolog\w* rats? mice antidote treat\w* bereave\w* novel film history cope coping law
    预防 干预 防止 朋友 帮助 劝 救 热线 统计 细胞 药理 实验 小鼠 解毒 小说 电影 历史 安慰 家属 信号 治疗 法律效力
    公证 遗产 继承"""
)
_URGED = _any(
    r"""(?:you_should|you_might_as_well|just|go|please)_(?:go_)?(?:kill|hang|shoot)_yourself kys
    the_(?:easiest|best|quickest|most_painless)_way_to_(?:die|kill_yourself|commit_suicide|end_your_life)
    to_(?:kill_yourself|end_your_life|commit_suicide),?_(?:take|use|tie|cut|swallow|jump)
    你(?:就|还是|应该|该|不如|最好|可以){1,2}去?(?:自杀|死(?:吧|了|算)) 去死吧你? 你去死
    (?:最快|无痛|最简单)的?(?:自杀|死亡?)(?:方法|方式|办法)[是有]"""
)
_THREAT = re.compile(
    rf"\b{_INTEND} (?:\w+ ){{0,3}}?{_HARM} (?:\w+ ){{0,2}}?{_PERSON}\b"
    r"|\b(?:get away with|commit|plan) (?:a )?(?:murder|mass shooting|school shooting)\b|\bhire a hit ?man\b"
    rf"|{_INTEND_ZH}.{{0,8}}{_HARM_ZH}.{{0,5}}{_PERSON_ZH}"
    rf"|{_INTEND_ZH}.{{0,6}}[把给对将让].{{0,4}}{_PERSON_ZH}.{{0,8}}{_HARM_ZH}"
    "|报复社会|雇凶杀人|买凶|杀人不(?:被发现|留痕迹|犯法)|杀人灭口|(?:制造|实施|发动)(?:枪击|恐怖袭击|屠杀)"
)
_HATE = re.compile(
    rf"{_GROUPS} (?:\w+ ){{0,2}}?(?:should|must|deserve to|need to|ought to) (?:all )?(?:be )?(?:die|killed|gassed"
    rf"|exterminated"
    r"|eliminated|shot|wiped out|lynched|burn(?:ed)?|sterili[sz]ed|enslaved|beaten)\b"
    rf"|{_GROUPS} (?:are|r) (?:\w+ ){{0,2}}?(?:vermin|subhumans?|cockroaches|inferior|filth|scum|parasites|trash"
    rf"|garbage"
    r"|a disease|a plague|animals|worthless|savages)\b"
    rf"|\b(?:kill|exterminate|gas|lynch|wipe out) all (?:the )?{_GROUPS}|\bi hate (?:all )?{_GROUPS}"
    rf"|{_GROUPS_ZH}.{{0,4}}(?:是|该|应该|应当|必须|活该|不配).{{0,6}}(?:劣等|低等|下等|垃圾|畜生|害虫|蟑螂|人渣"
    rf"|该死|去死|消灭|灭绝"
    r"|杀光|清除|滚出|活着|败类|寄生虫|废物)"
    rf"|{_GROUPS_ZH}.{{0,4}}(?:该死|去死吧?)"
    rf"|(?:杀光|灭绝|消灭|赶走)(?:所有|全部)?的?{_GROUPS_ZH}"
)
_GROUP = re.compile(f"{_GROUPS}|{_GROUPS_ZH}")
"""Looked for first, since most texts name none, and what else hate is made of takes long to look for."""
_COMPOSE = _any(r"(?:write|generate|tell|give|make|create|compose|draft)(?:_(?:me|us|up))? 写 编 讲 生成 来 创作 骂")
_AGAINST_HATE = _any(
    r"""detect\w* classif\w* counter\w* why respond\w* report\w* moderat\w* condemn\w* harm\w* study
    against_(?:racist|hate)
    反对 抵制 批判 反歧视 危害 识别 检测 举报 如何应对 反驳 拒绝 反击 为什么"""
)

RULES: Final = (
    Rule("weapons", (_WEAPON, _ASK_OR_ORDER, _MAKE), 70, _DISARMED, _PROMPT),
    Rule("weapons", (_WEAPON, _MIXING, _CHARGE), 260, None, _REPLY),
    Rule("minors", (_SEX, _MINOR), 40, _PROTECTION),
    Rule("self_harm", (_DESPAIR,), stages=_PROMPT),
    Rule("self_harm", (_ENDING, _WAY), 30, _CARE, _PROMPT),
    Rule("self_harm", (_URGED,), stages=_REPLY),
    Rule("credentials", (_SOMEONES_ACCOUNT, _STEAL, _ASK), 60, _DEFENCE, _PROMPT),
    Rule("credentials", (_MALWARE, _WRITE), 30, _DEFENCE, _PROMPT),
    Rule("violence", (_THREAT,), 40, _STORY, _PROMPT),
    Rule("hate", (_GROUP, _HATE), 50, _DISTANCE),
    Rule("hate", (_CONTEMPT, _COMPOSE), 24, _AGAINST_HATE, _PROMPT),
)
