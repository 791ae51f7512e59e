"""Stories for training, put together from parts: thousands of surface forms of every structure of `word_problems`.

Not for evaluation, which asks the whole stories held out there; one that comes out much like those is drawn again. In
a part, `[one|another]` stands for either, and `<gets>` for one of
the words listed under it, the same throughout a story: who bought and who washed cannot be added up.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import pairwise

from ..turns import Language

Parts = tuple[str, ...]
"""What is told, in order, and what is asked last; without capital letters and marks at the ends."""

_WORDS: Mapping[str, str] = {
    "has": "has|owns|keeps|holds",
    "gets": "gets|buys|finds|wins|receives|picks up|is given|orders|makes|collects|adds|borrows",
    "loses": "loses|sells|uses up|gives away|breaks|throws away|drops|lends out|donates|sends off|hands out",
    "made": "made|bought|sold|found|collected|counted|packed|painted|washed|carried|won|ordered|fixed",
    "place": "shop|farm|school|hall|garage|kitchen|hotel|museum|office|factory|cellar|yard|tent|barn|harbour|station",
    "box": "bag|crate|basket|case|drawer|tin|chest|jar|bucket|sack|packet|tray|carton|cart|tank",
    "people": "friends|children|pupils|cousins|players|guests|neighbours|workers|sisters|classes|families|tourists",
    "vehicle": "train|bus|truck|bike|boat|ship|motorbike|van|taxi|tram|rider|cyclist|horse|plane|car",
    "ground": "garden|field|room|yard|hall|park|carpet|court|playground|meadow|car park|roof|terrace|stage|kitchen",
    "得": "又得到|又买来|又找到|又赢了|又收到|又捡到|又领到|又做了|又收集了|又借来|又添了|后来又有了",
    "失": "丢了|卖掉|用掉|送人|弄坏|扔掉|借出|捐出|寄走|分出去|交出",
    "做": "做了|买了|卖了|找到|收集了|数了|包了|洗了|搬了|赢了|订了|修了",
    "处": "店里|农场|学校|大厅|车库|厨房|旅馆|博物馆|办公室|工厂|地下室|院子里|车站|仓库",
    "箱": "箱|袋|筐|篮|包|桶|盒|罐",
    "人": "朋友|孩子|学生|同学|队员|邻居|工人|班级|家庭|游客",
    "车": "火车|公交车|卡车|摩托车|轮船|小船|面包车|出租车|骑车人|飞机|客车|电车",
    "地": "花园|田地|房间|院子|大厅|公园|地毯|球场|操场|草坪|停车场|屋顶|阳台|舞台",
}  # fmt: skip

STORIES: Mapping[str, Mapping[Language, tuple[Parts, ...]]] = {
    "joined": {
        "en": (
            ("{n} <has> {a} {t}", "{n} <gets> {b} more",
            "how many {t} [does {n} have now|are there now|are there altogether|is that in all]"),
            ("{n} <made> {a} {t}", "{m} <made> {b}",
            "how many {t} [is that together|were there in total|was it for both|do they have altogether]"),
            ("there are {a} {t} in the <place>",
            "[{b} more|another {b}|{b} extra] [arrive|are brought in|are delivered|come in the afternoon]",
            "how many {t} are [there now|in the <place> at the end|there in total]"),
            ("one <box> [holds|contains|has] {a} {t}", "[a second|the next] one [holds|contains|has] {b}",
            "how many {t} are in [both|the two together]"),
            ("{n} <made> {a} {t} [on Friday|last week|in May|yesterday|this morning]",
            "{n} <made> {b} more [on Sunday|this week|in June|today|in the evening]",
            "how many {t} is that [in total|altogether|for both times]"),
            ("after {n} gave away {b} {t}, {a} were left",
            "how many {t} did {n} have [at first|in the beginning|before]"),
        ),
        "zh": (
            ("{n}有{a}{q}{t}", "<得>{b}{q}", "[现在一共有多少|现在总共有多少|这样共有多少|合起来多少]{q}{t}"),
            ("{n}<做>{a}{q}{t}", "{m}<做>{b}{q}", "[两人一共多少|两个人总共是多少|合在一起有多少]{q}"),
            ("<处>有{a}{q}{t}", "[又送来|又运进|又添了|下午又到了]{b}{q}", "[现在那里有多少|一共有多少|总共几]{q}{t}"),
            ("一<箱>有{a}{q}{t}", "另一<箱>有{b}{q}", "[两<箱>一共多少|合计多少|加在一起是多少]{q}"),
            ("{n}[昨天|上周|五月|周五]<做>{a}{q}{t}", "[今天|这周|六月|周日]<做>{b}{q}",
            "[两次一共多少|前后总共多少]{q}"),
            ("{n}送走{b}{q}{t}后还剩{a}{q}", "{n}[原来|一开始|本来]有多少{q}"),
        ),
    },
    "taken": {
        "en": (
            ("{n} [has|had] {a} {t}", "[then|later|today|at school] {n} <loses> {b}",
            "how many {t} [are left|remain|does {n} still have|stay with {n}]"),
            ("there are {a} {t} in the <place>", "{b} [are taken away|are sold|get lost|are carried out|break]",
            "how many {t} [are left in the <place>|remain there|are still there]"),
            ("{n} [wants to|has to|plans to] [wash|sell|paint|check|move|label] {a} {t}",
            "{b} are [done|finished|ready] [already|so far]",
            "how many {t} [are missing|does {n} still have to do|remain]"),
            ("{a} {t} are in a <box>", "{b} of them are [for {m}|red|old|too small|green]",
            "how many {t} are [not like that|the other ones|left besides those]"),
        ),
        "zh": (
            ("{n}有{a}{q}{t}", "[后来|今天|在学校]<失>{b}{q}", "[还剩多少|还有多少|剩下几|手里还有几]{q}"),
            ("<处>有{a}{q}{t}", "[拿走|卖出|运走|搬走|坏了]{b}{q}", "[那里还剩多少|还留下多少|剩余多少]{q}"),
            ("{n}要[洗|卖|检查|搬|整理]{a}{q}{t}", "[已经|到现在]完成{b}{q}", "[还差多少|还要做多少|没完成的有几]{q}"),
            ("一<箱>里有{a}{q}{t}", "其中{b}{q}是[{m}的|红的|旧的|小的]",
            "[其他的有多少|别的有几|不是这样的有多少]{q}"),
        ),
    },
    "difference": {
        "en": (
            ("{n} <made> {a} {t}", "{m} <made> {b}",
            "[by how many is {n} ahead of {m}|how many {t} more is that for {n}|what is the difference]"),
            ("there are {a} {t} in the [first|old|big|green] <box>",
            "there are {b} in the [second|new|small|yellow] one",
            "[how many more {t} are in the fuller one|how many {t} lie between them|what is the difference]"),
            ("the <place> [has|got|ordered] {a} {t} [this year|today|in July]",
            "it [had|got|ordered] {b} [last year|yesterday|in June]",
            "[how many more {t} is that than before|how large is the increase|by how many {t} did it grow]"),
            ("{m} has {b} {t}", "{n} has {a}",
            "how many {t} does {m} have to get to [catch up with|be level with|reach] {n}"),
        ),
        "zh": (
            ("{n}<做>{a}{q}{t}", "{m}<做>{b}{q}", "[{n}超过{m}多少|{m}比{n}少多少|两人差多少|{n}领先{m}几]{q}"),
            ("[第一|旧|大|绿]箱有{a}{q}{t}", "[第二|新|小|黄]箱有{b}{q}", "[多的比少的多几|两箱差几|相差几]{q}"),
            ("<处>[今年|今天|七月]有{a}{q}{t}", "[去年|昨天|六月]有{b}{q}", "[比以前多了多少|增加了多少|多出几]{q}"),
            ("{m}有{b}{q}{t}", "{n}有{a}{q}", "{m}再得到多少{q}才和{n}一样多"),
        ),
    },
    "cost": {
        "en": (
            ("[one of the {t} costs|the price of one is|a single one costs] {b} dollars",
            "{n} [wants|needs|takes|orders|buys] {a} {t}",
            "[how much money does {n} need|what does {n} pay|how many dollars is that|what is the total price]"),
            ("{n} [buys|orders|gets|picks] {a} {t}", "[every one|each of them|each one] is {b} dollars",
            "[how much is it altogether|how many dollars does {n} spend|what does it all cost]"),
            ("the <place> [needs|orders] {a} {t}", "[it pays|the price is] {b} dollars [for each|per piece|apiece]",
            "[how much does the order cost|how many dollars is that in total]"),
            ("{n} sells {a} {t}", "[each one brings|every one goes for|a piece costs] {b} dollars",
            "how [much money does {n} earn|many dollars does {n} get]"),
        ),
        "zh": (
            ("一{q}{t}[要|卖|价格是]{b}元", "{n}[要|想买|订了|拿了]{a}{q}",
            "[要花多少钱|需要多少元|总价是多少|该付多少元]"),
            ("{n}[买|订|选]了{a}{q}{t}", "[单价是|每{q}要|一{q}要]{b}元", "[一共花多少钱|总共要多少元|全部多少钱]"),
            ("<处>[需要|订购]{a}{q}{t}", "[单价|每{q}价格是]{b}元", "[这些一共多少钱|总价多少元]"),
            ("{n}卖出{a}{q}{t}", "每{q}[卖|能卖]{b}元", "{n}[得到多少钱|收入多少元]"),
        ),
    },
    "groups": {
        "en": (
            ("{n} [fills|packs|has|carries|orders] {a} <box>s",
            "[each one holds|there are always|every one has room for] {b} {t}",
            "how many {t} [is that|are there altogether|does {n} have]"),
            ("every <box> [contains|has] {b} {t}", "{n} has {a} such <box>s",
            "how many {t} [does {n} have|is that in all|are there]"),
            ("{n} [makes|packs|sells|paints|checks] {b} {t} [a day|every day|per day]",
            "{n} [works like that for|keeps it up for|does so on] {a} days",
            "how many {t} is that [in the end|altogether]"),
            ("[a|one|the] [machine|robot|printer] [makes|packs|counts] {b} {t} per hour", "it runs for {a} hours",
            "how many {t} [does it make|come out|are ready then]"),
            ("{a} <people> [come|arrive|help]", "each of them [brings|carries|has] {b} {t}",
            "how many {t} [do they bring|are there|is that in total]"),
            ("there are {a} rows", "{b} {t} lie in every row", "how many {t} [lie there|are there altogether]"),
        ),
        "zh": (
            ("{n}[装了|有|搬了|订了]{a}<箱>", "每<箱>都是{b}{q}{t}", "一共[有多少|是多少|几]{q}{t}"),
            ("每一<箱>[有|装]{b}{q}{t}", "{n}有这样的{a}<箱>", "{n}[共有多少|总共有几]{q}{t}"),
            ("[{n}|工人|机器人]每天[做|包|数]{b}{q}{t}", "这样干了{a}天", "[总共做了多少|一共多少]{q}"),
            ("机器每小时做{b}{q}{t}", "开了{a}小时", "[一共做出多少|能做多少]{q}"),
            ("来了{a}个<人>", "每个都[带来|拿着|有]{b}{q}{t}", "[总共有多少|加起来多少]{q}{t}"),
            ("一共摆{a}排", "每排{b}{q}{t}", "[共摆了多少|总共几]{q}"),
        ),
    },
    "shared": {
        "en": (
            ("{n} has {a} {t}", "{b} <people> [share|get|divide] them [fairly|equally|evenly]",
            "how many {t} [does each get|are for each of them|is that per head]"),
            ("{a} {t} [go|are put|are packed] into {b} <box>s", "every one [gets|holds] the same number",
            "how many {t} [go into one|are in each of them|is that for one]"),
            ("{a} {t} stand in {b} [equal|equally long] rows", "how many {t} [stand in one row|does a row have]"),
            ("{b} <people> [pay for|bring|carry] {a} {t} together", "everyone [does|has] equally many",
            "how many {t} is that [each|for one of them]"),
            ("in {b} days {n} [makes|packs|sells] {a} {t}", "it is the same number every day",
            "how many {t} is that [per day|each day|on one day]"),
        ),
        "zh": (
            ("{n}有{a}{q}{t}", "{b}个<人>[平分|均分|公平地分]", "[每个得到多少|每份是几|一个分到多少]{q}"),
            ("{a}{q}{t}[装进|放进|分进]{b}<箱>", "每<箱>[一样多|同样多]", "[一<箱>有几|每<箱>有多少]{q}"),
            ("{a}{q}{t}排成{b}排", "每排一样多", "[一排有几|每排多少]{q}"),
            ("{b}个<人>一共[带来|搬了]{a}{q}{t}", "每个都一样多", "[一个是多少|每个带几]{q}"),
            ("{n}{b}天一共[做|卖|包]{a}{q}{t}", "每天一样多", "[一天多少|每天几]{q}"),
        ),
    },
    "in_out": {
        "en": (
            ("{n} <has> {a} {t}", "{n} <gets> {b} more", "then {n} <loses> {c}",
            "how many {t} [are left|does {n} have at the end|remain|are there in the end]"),
            ("there are {a} {t} in the <place>", "[{b} more come in|{b} are added|{b} arrive]",
            "later {c} [are taken away|leave|go out|are sold]",
            "how many {t} [are there then|stay in the <place>|are still there]"),
            ("{n} has {a} {t}", "{m} has {b}", "together they [give away|lose|use|sell] {c}",
            "how many {t} [do they have left|remain for both]"),
            ("one <box> has {a} {t} and another one has {b}", "{c} of [these|them all] are [broken|sold|lost]",
            "how many {t} are [left|still good|still there]"),
        ),
        "zh": (
            ("{n}有{a}{q}{t}", "<得>{b}{q}", "[然后|后来|接着]<失>{c}{q}", "[最后有多少|最后还剩几|结果有多少]{q}"),
            ("<处>有{a}{q}{t}", "[又来了|又添上|又运进]{b}{q}", "[后来|之后][运走|卖掉|拿出]{c}{q}",
            "[那里还有多少|最后剩几]{q}"),
            ("{n}有{a}{q}{t}", "{m}有{b}{q}", "两人一共[送出|用掉|卖了]{c}{q}", "两人还[剩|有]多少{q}"),
        ),
    },
    "out_in": {
        "en": (
            ("{n} <has> {a} {t}", "{n} <loses> {b}", "then {n} <gets> {c} more",
            "how many {t} [are there|does {n} have at the end|is that now|are there in the end]"),
            ("there are {a} {t} in the <place>", "{b} [are taken away|leave|go out|are sold]",
            "[after that|later|then] {c} [arrive|come in|are added]",
            "how many {t} [are there then|are in the <place> at last]"),
        ),
        "zh": (
            ("{n}有{a}{q}{t}", "[先|昨天]<失>{b}{q}", "[然后|今天|接着]<得>{c}{q}",
            "[最后有多少|现在是几|结果有多少]{q}"),
            ("<处>有{a}{q}{t}", "[运走|卖掉|拿出]{b}{q}", "[后来|之后][来了|添上|运进]{c}{q}",
            "[那里有多少|最后有几]{q}"),
        ),
    },
    "twice_out": {
        "en": (
            ("{n} <has> {a} {t}", "{n} <loses> {b}", "[later|then|the next day] {n} <loses> {c} more",
            "how many {t} [are left|does {n} have at the end|remain|are there in the end]"),
            ("there are {a} {t} in the <place>", "{b} [are sold|leave|go out] [in the morning|on Monday|first]",
            "{c} [are sold|leave|go out] [at night|on Tuesday|next]", "how many {t} [are still there|stay|remain]"),
            ("of {a} {t}, {b} are [red|old|for {n}] and {c} are [blue|new|for {m}]",
            "how many {t} are [neither|left for others|the others]"),
        ),
        "zh": (
            ("{n}有{a}{q}{t}", "[先|昨天]<失>{b}{q}", "[后来|今天]又<失>{c}{q}", "[最后剩多少|还有几|余下多少]{q}"),
            ("<处>有{a}{q}{t}", "[上午|周一|先][卖出|运走]{b}{q}", "[下午|周二|再][卖出|运走]{c}{q}",
            "[还留下多少|那里还剩几]{q}"),
            ("{a}{q}{t}中", "{b}{q}是[红的|旧的|给{n}的]", "{c}{q}是[蓝的|新的|给{m}的]", "其余的有[多少|几]{q}"),
        ),
    },
    "change": {
        "en": (
            ("{n} has {a} dollars", "{n} [takes|orders|pays for] {b} {t}",
            "[each one costs|the price of one is] {c} dollars",
            "how [much money does {n} keep|many dollars remain|many dollars does {n} still have]"),
            ("{b} {t} [are bought|go into the cart]", "each of them is {c} dollars",
            "{n} [hands over|pays with|gives] {a} dollars",
            "[how much comes back|what is the change|how many dollars does {n} get back]"),
            ("one of the {t} costs {c} dollars", "{n} takes {b} of them and [had|came with|brought] {a} dollars",
            "how many dollars are left"),
            ("{n} earns {a} dollars", "then {n} spends it on {b} {t} for {c} dollars [apiece|a piece]",
            "how much [money remains|is not spent]"),
        ),
        "zh": (
            ("{n}带了{a}元", "[拿了|订了|要了]{b}{q}{t}", "[单价|每{q}价格是]{c}元", "[还有多少元|最后剩多少钱]"),
            ("{n}选了{b}{q}{t}", "每{q}[是|要]{c}元", "[给收银员|交了|付出]{a}元", "[找零多少元|能拿回多少钱]"),
            ("一{q}{t}{c}元", "{n}要{b}{q}", "手里有{a}元", "[买完还有多少元|付完还剩多少钱]"),
        ),
    },
    "cost_and_more": {
        "en": (
            ("{n} [takes|orders|chooses] {c} {t}", "[each one costs|one of them is] {a} dollars",
            "[the bus|a map|a coffee|the delivery|a clock|the box] costs {b} dollars [extra|more]",
            "[what does it come to|how much must {n} pay|how many dollars is all that]"),
            ("[entry|the ride|a box|a hat|the taxi] is {b} dollars",
            "{n} also [wants|gets|takes] {c} {t} for {a} dollars [apiece|a piece]",
            "[what is the sum|how many dollars does {n} need|how much do they cost altogether]"),
            ("{n} spends {b} dollars on [food|a game|a visit|petrol]",
            "then {n} pays {a} dollars for each of {c} {t}", "how [much money is that|many dollars does {n} spend]"),
        ),
        "zh": (
            ("{n}[要|订|选]了{c}{q}{t}", "[单价|每{q}是]{a}元", "[车费|地图|咖啡|运费|盒子]另外{b}元",
            "[总共要付多少|合计多少元|一共要多少钱]"),
            ("[门票|车费|一顶帽子|打车]是{b}元", "{n}还[要|拿]了{c}{q}{a}元一{q}的{t}",
            "[总数是多少元|一共需要多少钱]"),
            ("{n}[吃饭|加油|玩游戏]花了{b}元", "又买{c}{q}{t}，每{q}{a}元", "[共花多少元|总共用了多少钱]"),
        ),
    },
    "two_costs": {
        "en": (
            ("{n} takes {a} {t} [for|at] {b} dollars [each|apiece]",
            "{n} takes {c} [maps|clocks|drinks|bowls|roses] [for|at] {d} dollars [each|apiece]",
            "[what does {n} pay|how many dollars is that|what does it come to]"),
            ("{a} {t} cost {b} dollars each", "{c} [tables|soups|forks|maps|ropes] cost {d} dollars each",
            "[how much is all of it|how many dollars are needed for everything]"),
            ("{n} [sells|orders] {a} {t} and {c} [baskets|mirrors|stools|pots]",
            "[the first are {b} dollars, the others {d} dollars each|they are {b} dollars and {d} dollars each]",
            "how many dollars is that [in all|altogether]"),
        ),
        "zh": (
            ("{n}拿了{a}{q}{t}，[单价|每{q}]{b}元", "还拿了{c}[张地图|个闹钟|个碗|把勺子]，每件{d}元",
            "[要付多少|合计多少元|总价是多少]"),
            ("{a}{q}{t}每{q}{b}元", "{c}[张桌子|碗汤|把叉子|根绳子]每份{d}元", "[全部要多少元|一共需要多少钱]"),
        ),
    },
    "distance": {
        "en": (
            ("the <vehicle> [moves|travels|goes|runs] at {b} km[ per hour| an hour|/h]", "the trip takes {a} hours",
            "how [many km is the trip|long is the way|far does it get]"),
            ("{n} [rides|drives|sails|flies] for {a} hours", "the speed is {b} km [per hour|an hour]",
            "how [many km does {n} cover|far does {n} come]"),
            ("in one hour [{n}|the <vehicle>] [manages|makes|does] {b} km",
            "[it goes on like that for|there are] {a} hours", "how many km is that"),
        ),
        "zh": (
            ("{n}坐<车>[出门|去外地|旅行]", "<车>每小时[跑|开]{b}千米", "[路上|途中]一共{a}小时",
            "[这段路有多少千米|一共走了几千米]"),
            ("<车>的速度是每小时{b}千米", "[路上用了|走了|行驶]{a}小时", "[路程是多少千米|走了多远|全程多少千米]"),
            ("{n}[骑车|开车|坐车]{a}小时", "[每小时|时速]{b}千米", "[走了多少千米|一共多远]"),
            ("<车>一小时[走|行]{b}千米", "{a}小时[能走多少千米|走多远]"),
        ),
    },
    "speed": {
        "en": (
            ("the <vehicle> [travels|goes|covers|moves] {a} km", "[that takes|it needs|the trip lasts] {b} hours",
            "[how fast is it|how many km is that in one hour|what is the speed]"),
            ("{n} [rides|sails|flies|drives] {a} km", "{n} needs {b} hours",
            "[how fast is {n}|how many km does {n} make per hour|what is the speed in km per hour]"),
            ("the way is {a} km long", "the <vehicle> is there after {b} hours",
            "how many km [an hour|per hour] is that"),
        ),
        "zh": (
            ("<车>走了{a}千米", "[用了|花了|路上用]{b}小时", "[每小时走多少千米|它有多快|时速是多少]"),
            ("{n}[骑车|开车|坐船]{a}千米", "用时{b}小时", "[一小时走多少千米|速度是多少]"),
            ("全程{a}千米", "<车>{b}小时到达", "[每小时行多少千米|速度多少]"),
        ),
    },
    "days": {
        "en": (
            ("{n} [has|wants|needs] to [read {a} pages|wash {a} {t}|write {a} lines|plant {a} trees|make {a} {t}]",
            "{n} [does|manages|finishes] {b} [a day|every day|each day|per day]",
            "[how many days does {n} need|when is it done, in days|how long does it take in days]"),
            ("there are {a} {t} in the <place>", "{b} of them are [used|sold|taken|needed] every day",
            "[for how many days do they last|after how many days are they all gone]"),
            ("{n} saves {b} dollars a day", "{n} wants {a} dollars",
            "how many days [does {n} have to save|does that take]"),
        ),
        "zh": (
            ("{n}要[读{a}页|洗{a}{q}{t}|写{a}行字|种{a}棵树|做{a}{q}{t}]", "每天[做|完成]{b}",
            "[几天做完|要用多少天|多少天完成]"),
            ("<处>有{a}{q}{t}", "每天[用|卖|消耗]{b}{q}", "[能用几天|多少天以后没有了|可以维持几天]"),
            ("{n}每天存{b}元", "想存{a}元", "要[存几天|用多少天]"),
        ),
    },
    "discount": {
        "en": (
            ("[a|the] [coat|lamp|bed|table|phone|camera|desk|ring|tent|clock|game] [costs|was] {a} dollars",
            "[{n} gets a discount of|the shop takes off|today it is reduced by|the price drops by] {b}%",
            "[what does {n} have to pay|what does it cost then|how many dollars is it then]"),
            ("{n} [sees|wants] a [sofa|radio|jacket|guitar|kayak|mirror] for {a} dollars",
            "[with a coupon|in the sale|for members] it is {b}% [cheaper|less]",
            "[how much does {n} pay|what is the price then]"),
            ("{b}% are taken off the price", "the price was {a} dollars", "[what is left of it|what is it now]"),
        ),
        "zh": (
            ("[一张床|一盏灯|一台相机|一张桌子|一部手机|一枚戒指|一顶帐篷|一个闹钟]原价{a}元",
            "[促销|今天|会员][便宜|减价|少付]{b}%", "[现在付多少元|要花多少钱|打完折多少元]"),
            ("{n}想买[一件夹克|一把吉他|一台收音机]，标价{a}元", "[用券|打折时]降{b}%", "[要付多少元|最后价格是多少]"),
        ),
    },
    "percent": {
        "en": (
            ("there are {a} [tourists|seats|trees|workers|tickets|birds|cows|houses|questions|letters]",
            "{b}% of them are [old|new|from the north|taken|ready|sick|early|green]", "how many is that"),
            ("{n} has {a} [dollars|stamps|points|coins|photos]",
            "{n} [spends|loses|gives away|keeps] {b}% of [them|that]", "how many [is that|are these]"),
            ("[a|the] [ship|hotel|zoo|factory|village|theatre] has {a} [places|workers|rooms|guests|windows]",
            "{b}% [are|were] [free|new|empty|closed|ill]", "how many [are these|is that]"),
        ),
        "zh": (
            ("[一共|总共|全部]{a}[只羊|辆车|封信|个房间|道题|棵苹果树]",
            "[恰好|刚好|正好]{b}%[已经完成|来自北方|需要检查|送到了]", "[这部分有几|这是多少]"),
            ("有{a}[位游客|个座位|棵树|名工人|张票|只鸟|头牛]", "其中{b}%是[旧的|新的|北方的|准备好的]",
            "[这是多少|有多少]"),
            ("{n}有{a}[元|张邮票|分|枚硬币]", "[用掉|送出|留下]其中的{b}%", "[是多少|这部分有多少]"),
            ("[船上|旅馆|动物园|工厂|剧院]有{a}个位置", "{b}%是[空的|新的|关着的]", "[这有多少个|是几个]"),
        ),
    },
    "older": {
        "en": (
            ("{n} is {a} [at the moment|years of age]",
            "{m}, [a cousin|a friend|the neighbour|the coach], is {b} years older",
            "[what is the age of {m}|how many years old is {m}]"),
            ("{n} has lived {a} years", "{b} more years [go by|pass]",
            "[what is the age of {n} then|how old is {n} by then]"),
            ("the age gap between {n} and {m} is {b} years", "{n} is the younger one and is {a}", "how old is {m}"),
            ("{n} [is|turned] {a} [years old|today|this year]", "{m} is {b} years older",
            "[what is the age of {m}|how old is {m}]"),
            ("{n} is {a} [now|today|years old]", "[{b} years pass|{b} years go by]", "how old is {n} then"),
            ("{n} is {b} years younger than {m}", "{n} is {a}", "[what age is {m}|how old is {m}]"),
        ),
        "zh": (
            ("{n}[现在|目前]{a}岁", "[表哥|朋友|邻居|教练]{m}比{n}[年长|大了]{b}岁", "{m}[现在几岁|有多大|多少岁了]"),
            ("{n}[已经|今年]{a}岁", "[等上|经过]{b}年", "{n}[那时几岁|那时多大|会是多少岁]"),
            ("{n}和{m}相差{b}岁", "[年纪小的|较小的]{n}{a}岁", "{m}[多少岁|几岁|有多大]"),
            ("{n}[今年|现在]{a}岁", "{m}[年长|大]{b}岁", "{m}[今年几岁|的年龄是多少]"),
            ("{n}[今年|现在]{a}岁", "[{b}年后|又过了{b}年]", "{n}[是几岁|多大]"),
            ("{n}比{m}小{b}岁", "{n}{a}岁", "{m}[多大|几岁]"),
        ),
    },
    "younger": {
        "en": (
            ("{n} is {a} [at the moment|years of age]",
            "{m}, [a cousin|a friend|the neighbour|the trainee], is {b} years younger",
            "[what is the age of {m}|how many years old is {m}]"),
            ("{n} is {a}", "[think|let us go] back {b} years",
            "[what was the age of {n} then|how old was {n} at that time]"),
            ("the age gap between {n} and {m} is {b} years", "{n} is the older one and is {a}", "how old is {m}"),
            ("{n} is {a} [years old|this year|now]", "{m} is [younger by {b} years|{b} years behind]",
            "[what is the age of {m}|how old is {m}]"),
            ("{n} is {a} [now|today|years old]", "how old was {n} {b} years [earlier|before that]"),
            ("{n} is {b} years older than {m}", "{n} is {a}", "[what age is {m}|how old is {m}]"),
        ),
        "zh": (
            ("{n}[现在|目前]{a}岁", "[表弟|朋友|邻居|队员]{m}比{n}[年轻|小了]{b}岁", "{m}[现在几岁|有多大|多少岁了]"),
            ("{n}[已经|今年]{a}岁", "[往前数|回到]{b}年", "{n}[那时几岁|那时多大|当时是多少岁]"),
            ("{n}和{m}相差{b}岁", "[年纪大的|较大的]{n}{a}岁", "{m}[多少岁|几岁|有多大]"),
            ("{n}[今年|现在]{a}岁", "{m}[年轻|比他小]{b}岁", "{m}[今年几岁|的年龄是多少]"),
            ("{n}现在{a}岁", "{b}年[之前|前]{n}[是几岁|多大]"),
            ("{n}比{m}大{b}岁", "{n}{a}岁", "{m}[多大|几岁]"),
        ),
    },
    "rest_shared": {
        "en": (
            ("{n} has {a} {t}", "{n} [first|] <loses> {b}",
            "the rest [goes to|is for|is split between] {c} <people> [evenly|in equal parts]",
            "how many {t} [does each receive|is that for each|does one of them get]"),
            ("there are {a} {t} in the <place>", "{b} are [broken|sold|used]",
            "the good ones are packed into {c} equal <box>s", "how many {t} [go into one|does each hold]"),
        ),
        "zh": (
            ("{n}有{a}{q}{t}", "[先|首先]<失>{b}{q}", "余下的[均分|平均分]给{c}个<人>", "[每个分到多少|一个得几]{q}"),
            ("<处>有{a}{q}{t}", "[坏了|卖了|用了]{b}{q}", "好的平均装{c}<箱>", "[一<箱>几|每<箱>有多少]{q}"),
        ),
    },
    "sum_shared": {
        "en": (
            ("{n} has {a} {t}", "{n} <gets> {b} more",
            "all of them [go to|are for|are split between] {c} <people> [evenly|in equal parts]",
            "how many {t} [does each receive|is that for each|does one of them get]"),
            ("{n} <made> {a} {t}", "{m} <made> {b}", "[everything is|all are] packed into {c} equal <box>s",
            "how many {t} [go into one|does each hold]"),
        ),
        "zh": (
            ("{n}有{a}{q}{t}", "<得>{b}{q}", "全部[均分|平均分]给{c}个<人>", "[每个分到多少|一个得几]{q}"),
            ("{n}<做>{a}{q}{t}", "{m}<做>{b}{q}", "合起来平均装{c}<箱>", "[一<箱>几|每<箱>有多少]{q}"),
        ),
    },
    "area": {
        "en": (
            ("the <ground> of {n} is {a} m [by|times] {b} m",
            "[how many square metres is that|how large is its surface|how many square metres does it have]"),
            ("[a|the] <ground> is {b} m wide", "its length is {a} m",
            "[what area does it have|how many square metres is it|how big is the surface]"),
            ("{n} [paints|cleans|covers|mows] a <ground>", "it is {a} m long and {b} m wide",
            "[how many square metres are that|what area is that]"),
        ),
        "zh": (
            ("[学校|公司|邻居|{n}家]的<地>[是长方形|很大|刚修好]", "[长和宽是|长与宽分别为]{a}米和{b}米",
            "[占地几平方米|共有多少平方米|面积是几平方米]"),
            ("{n}的<地>宽{b}米", "长{a}米", "[有几平方米|表面有多大|占多少平方米]"),
            ("{n}要[粉刷|打扫|铺满]一块<地>", "长{a}米宽{b}米", "[要做多少平方米|一共几平方米|面积是几]"),
        ),
    },
    "perimeter": {
        "en": (
            ("the <ground> of {n} is {a} m [by|times] {b} m",
            "[how many metres is it all the way round|how long is its border|how long is its edge]"),
            ("[a|the] <ground> is {b} m wide", "its length is {a} m",
            "[how many metres is one lap around it|how long is a hedge around it|what is the distance around it]"),
            ("{n} [fences in|walks around|puts tape around] a <ground>", "it is {a} m long and {b} m wide",
            "[how many metres is that|how many metres are needed]"),
        ),
        "zh": (
            ("[学校|公司|邻居|{n}家]的<地>[是长方形|很大|刚修好]", "[长和宽是|长与宽分别为]{a}米和{b}米",
            "[走一圈是几米|边上装灯带要几米|四边加起来几米]"),
            ("{n}的<地>宽{b}米", "长{a}米", "[一圈有几米|边线总长多少|绕一圈多少米]"),
            ("{n}[绕|围住|用带子围]一块<地>", "长{a}米宽{b}米", "[一圈是多少米|需要几米|周长是几米]"),
        ),
    },
    "times": {
        "en": (
            ("{n} <has> {b} {t}", "{m} has {a} times [that number|that many|as much]",
            "[how many {t} belong to {m}|what is the number of {t} that {m} has]"),
            ("the number of {t} is {a} times as big for {m} as for {n}", "{n} has {b}", "how many {t} does {m} have"),
            ("{n} <made> {b} {t} [yesterday|last week]",
            "{m} <made> {a} times [that number|that many] [today|this week]", "how many {t} is that for {m}"),
        ),
        "zh": (
            ("{n}[手里|家里|箱子里]有{b}{q}{t}", "{m}的[要多|多得多]，是[其|前者]的{a}倍", "{m}有[几|多少]{q}"),
            ("{n}有{b}{q}{t}", "{m}的是这个数的{a}倍", "{m}[一共有几|总共有多少]{q}"),
            ("{m}的{t}[相当于|等于]{n}的{a}倍", "{n}[有|只有]{b}{q}", "{m}的[是多少|有几]{q}"),
            ("{n}<做>{b}{q}{t}", "{m}<做>那么多的{a}倍", "{m}是[几|多少]{q}"),
        ),
    },
    "more_than": {
        "en": (
            ("{n} <has> {a} {t}", "{m} has {b} more [|than {n}|than that]",
            "how many {t} [does {m} have|belong to {m}]"),
            ("{n} <made> {a} {t}", "{m} <made> {b} more than {n}", "how many {t} [was it for {m}|is that for {m}]"),
            ("{n} has {b} [fewer {t}|{t} less] than {m}", "{n} has {a}", "how many {t} does {m} have"),
        ),
        "zh": (
            ("{n}有{a}{q}{t}", "{m}比{n}多{b}{q}", "{m}有[多少|几]{q}{t}"),
            ("{n}<做>{a}{q}{t}", "{m}比{n}多<做>{b}{q}", "{m}是[多少|几]{q}"),
            ("{n}的{t}比{m}少{b}{q}", "{n}有{a}{q}", "{m}有[多少|几]{q}"),
        ),
    },
    "fewer_than": {
        "en": (
            ("{n} <has> {a} {t}", "{m} has {b} [fewer|less|fewer than {n}]",
            "how many {t} [does {m} have|belong to {m}]"),
            ("{n} <made> {a} {t}", "{m} <made> {b} fewer than {n}", "how many {t} [was it for {m}|is that for {m}]"),
            ("together {n} and {m} have {a} {t}", "{n} has {b} of them", "how many {t} [belong to {m}|does {m} have]"),
            ("{n} has {b} more {t} than {m}", "{n} has {a}", "how many {t} does {m} have"),
        ),
        "zh": (
            ("{n}有{a}{q}{t}", "{m}比{n}少{b}{q}", "{m}有[多少|几]{q}"),
            ("{n}<做>{a}{q}{t}", "{m}比{n}少<做>{b}{q}", "{m}是[多少|几]{q}"),
            ("{n}和{m}一共有{a}{q}{t}", "其中{n}有{b}{q}", "{m}有[多少|几]{q}"),
            ("{n}的{t}比{m}多{b}{q}", "{n}有{a}{q}", "{m}有[多少|几]{q}"),
        ),
    },
    "missing": {
        "en": (
            ("{n} [needs|wants|is looking for] {a} {t}", "{n} has [only|just|already] {b}",
            "how many {t} are [missing|still needed|lacking]"),
            ("there is room for {a} {t} in the <place>", "{b} are there [already|so far]",
            "how many more {t} [can come in|fit in]"),
        ),
        "zh": (
            ("{n}[需要|想要]{a}{q}{t}", "[只有|现在有|已经有]{b}{q}", "还[缺|差]多少{q}"),
            ("<处>能放{a}{q}{t}", "[已经|现在]有{b}{q}", "还能放[多少|几]{q}"),
        ),
    },
    "average": {
        "en": (
            ("{n} [ran|swam|walked|rode] {a} km, {b} km and {c} km [in three weeks|on three trips]",
            "[what is the average distance|how many km is that on average]"),
            ("three [boxes|crates|dogs|bags|parcels] weigh {a} kg, {b} kg and {c} kg",
            "[what is the mean weight|how heavy is one on average]"),
            ("{n} <made> {a} {t} [first|in May], {b} [then|in June] and {c} [last|in July]",
            "[what is the mean|how many {t} is that on average]"),
            ("the [prices|lengths|results|marks] are {a}, {b} and {c}",
            "[what average is that|what is the mean of all three]"),
        ),
        "zh": (
            ("{n}三周[跑|游|骑]了{a}千米、{b}千米和{c}千米", "[平均一周多少千米|平均是几千米]"),
            ("三[个箱子|只狗|个包裹]重{a}千克、{b}千克和{c}千克", "[平均多重|平均每个几千克]"),
            ("{n}三个月<做>{a}、{b}、{c}{q}{t}", "[每月平均几|平均一个月多少]{q}"),
            ("三个[价格|长度|结果]是{a}、{b}和{c}", "[它们的平均值是几|平均下来是多少]"),
        ),
    },
}  # fmt: skip

_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_WORD = re.compile(r"<([^<>]+)>")
TOO_NEAR = 0.75
"""Share of the words that a story has in common with a held-out one when it is drawn again."""


def made_story(rng: random.Random, name: str, language: Language, held: Sequence[str]) -> str:
    """A story of the structure called `name`, its slots not filled yet, that is not much like any in `held`."""
    while True:
        told = {word: rng.choice(words.split("|")) for word, words in _WORDS.items()}
        parts = [_unfolded(rng, part, told) for part in rng.choice(STORIES[name][language])]
        story = (_english if language == "en" else _chinese)(rng, parts[:-1], parts[-1])
        if not near(story, held):
            return story


def near(story: str, held: Sequence[str]) -> bool:
    """Whether the story shares most of its words with one of `held`."""
    words = _words(story)
    return any(len(words & other) >= TOO_NEAR * len(words | other) for other in map(_held_words, held))


@cache
def _held_words(story: str) -> frozenset[str]:
    return _words(story)


def _words(story: str) -> frozenset[str]:
    """English words and slots; Chinese characters in pairs."""
    pieces = re.findall(r"\{\w\}|[A-Za-z]+|[\u4e00-\u9fff]", story.lower())
    if re.search(r"[\u4e00-\u9fff]", story):
        pieces = [a + b for a, b in pairwise(pieces)]
    return frozenset(pieces)


def _unfolded(rng: random.Random, part: str, told: Mapping[str, str]) -> str:
    """The part with the words of this story and with one of each choice."""
    part = _WORD.sub(lambda word: told[word.group(1)], part)
    while choice := _CHOICE.search(part):
        part = part[: choice.start()] + rng.choice(choice.group(1).split("|")) + part[choice.end() :]
    return " ".join(part.split())


def _sentence(text: str, mark: str) -> str:
    return text[0].upper() + text[1:] + mark


def _english(rng: random.Random, facts: list[str], question: str) -> str:
    """Facts and question in one of the orders that English allows."""
    asked, order = _sentence(question, "?"), rng.random()
    if order < 0.45:
        return " ".join([*(_sentence(fact, ".") for fact in facts), asked])
    joined = ", ".join(facts[:-1]) + " and " + facts[-1] if len(facts) > 1 else facts[0]
    if order < 0.70:
        return f"{_sentence(joined, '.')} {asked}"
    if order < 0.82:
        return f"If {joined}, {question}?"
    if order < 0.91:
        return " ".join([asked, *(_sentence(fact, ".") for fact in facts)])
    return f"{_sentence(question, '')} if {joined}?"


def _chinese(rng: random.Random, facts: list[str], question: str) -> str:
    """Facts and question in one of the orders that Chinese allows."""
    told, order = "，".join(facts), rng.random()
    if order < 0.55:
        return f"{told}，{question}？"
    if order < 0.75:
        return f"{told}。{question}？"
    if order < 0.85:
        return f"{rng.choice(('已知', '如果', '假设'))}{told}，{rng.choice(('问', '那么', ''))}{question}？"
    return f"{question}？{told}。"
