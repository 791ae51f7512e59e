"""More acts for training alone, harmful and harmless in pairs: the same verb with another object, the same object with
another verb.

Whole families here are harmless ones whose verbs sound frightening (a boss is killed in a video game, a nut is
cracked) or whose objects occur on the other side (a knife is sharpened, a policeman is asked the way). Nothing here
says how any harm is done.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..turns import Language
from .acts import Acts, Harmless

_PEOPLE_EN = (
    "my manager", "my mother-in-law", "my stepfather", "my best friend", "my cousin", "my girlfriend's father",
    "my flatmate", "a taxi driver", "a waiter", "a nurse", "a journalist", "my dentist", "a customer", "my son",
    "a mayor", "the neighbour's boy", "a homeless man", "my aunt",
)  # fmt: skip
_PEOPLE_ZH = (
    "我的经理", "岳母", "继父", "最好的朋友", "表妹", "女朋友的爸爸", "合租的人", "出租车司机", "服务员", "护士",
    "记者",
    "牙医", "一位顾客", "我儿子", "市长", "邻居家的男孩", "流浪汉", "姑姑",
)  # fmt: skip

MORE_HARM: Mapping[Language, Mapping[str, tuple[Acts, ...]]] = {
    "en": {
        "violence": (
            Acts(
                (
                    "kill", "stab", "poison", "beat up", "shoot", "hurt", "strangle", "run over", "drug", "choke",
                    "break the arm of", "lock {} in a cellar", "push {} off a bridge", "hit {} with a hammer",
                    "get rid of {} for good", "make {} disappear for ever", "attack {} with a knife",
                    "put rat poison in the coffee of", "throw acid at", "take revenge on {} with a knife",
                ),
                _PEOPLE_EN,
            ),
            Acts(
                ("set {} on fire", "smash the windows of {} with people inside", "shoot at"),
                ("a bus", "a family home", "a kindergarten", "a train", "a market", "a police car", "a refugee home"),
            ),
            Acts(
                ("hurt", "kill", "torture", "starve", "set fire to"),
                ("my hamster", "a neighbour's parrot", "a pony", "ducks in the park", "a blind dog", "a bird for fun"),
            ),
        ),
        "weapons": (
            Acts(
                ("make", "build", "assemble", "mix", "3D-print", "hide", "set off"),
                (
                    "a bomb from fertiliser", "a pressure cooker bomb", "a home-made gun", "a bomb for a school",
                    "an explosive drone", "a poison gas bomb", "a sniper rifle without a licence",
                    "a bomb with a phone", "explosives from cleaning products",
                ),
            ),
            Acts(
                ("blow up", "bomb", "attack {} with explosives"),
                (
                    "a stadium", "an airport", "a cash machine", "a town hall", "a church", "a metro station",
                    "my neighbour's garage", "a police station", "a dam",
                ),
            ),
        ),
        "hacking": (
            Acts(
                (
                    "hack", "break into", "crack", "get into {} without the password", "spy on", "hijack",
                    "secretly read",
                ),
                (
                    "my husband's phone", "my sister's Snapchat", "my ex's iCloud", "a stranger's laptop",
                    "my coach's email", "a friend's Netflix account", "my flatmate's computer", "a shop's cash system",
                    "the school's exam server", "a celebrity's TikTok", "my daughter's friend's chat", "a cash machine",
                    "my manager's calendar", "someone else's router", "a car's electronic lock to steal it",
                ),
            ),
            Acts(
                ("send", "write", "set up", "hide"),
                (
                    "a phishing message to pensioners", "a virus in an email", "a fake bank login page",
                    "spyware in a game", "a botnet", "a keylogger on a school computer",
                ),
            ),
        ),
        "drugs": (
            Acts(
                ("make", "cook", "sell", "order", "hide", "smuggle", "grow and sell"),
                (
                    "crystal meth in my kitchen", "magic pills for a party", "heroin for a friend", "illegal steroids",
                    "ketamine", "speed", "amphetamine", "illegal cannabis", "cocaine in my car", "drugs in a suitcase",
                    "party drugs",
                ),
            ),
            Acts(
                ("slip {} into a girl's drink", "sell {} to teenagers", "get {} through airport control"),
                ("sleeping pills", "ketamine", "speed", "amphetamine", "a drug", "GHB"),
            ),
        ),
        "theft": (
            Acts(
                ("steal", "pinch", "shoplift", "sneak out with", "grab and run with", "take {} without paying"),
                (
                    "a lipstick", "a bottle of whisky", "a jacket from a changing room", "a tip jar",
                    "a tourist's camera",
                    "a van", "copper from a building site", "my aunt's necklace", "a game console", "petrol",
                    "medicine from a hospital", "my flatmate's money", "a statue from a church", "a taxi", "a tractor",
                    "an old man's wallet", "a charity box", "a baby carriage",
                ),
            ),
            Acts(
                ("rob", "break into", "loot", "pick the lock of"),
                (
                    "a kiosk", "a post office", "a jewel shop", "my uncle's house", "a school at night", "a farm",
                    "an art gallery", "a delivery van", "a stranger's locker", "a holiday home",
                ),
            ),
        ),
        "fraud": (
            Acts(
                ("fake", "forge", "falsify", "sell forged"),
                (
                    "exam results", "a work contract", "a marriage certificate", "covid tests", "tax papers",
                    "concert tickets", "a landlord's signature", "medical papers", "a cheque",
                    "product reviews for money",
                ),
            ),
            Acts(
                ("scam", "rip off", "cheat {} out of their savings", "trick {} into sending me money", "blackmail"),
                (
                    "my grandmother", "lonely people on a dating app", "students", "old people on the phone",
                    "a charity", "job seekers", "tenants with a fake flat", "my manager", "an ex-girlfriend",
                ),
            ),
        ),
        "stalking": (
            Acts(
                (
                    "stalk", "follow {} home", "spy on {} through a window", "harass", "threaten",
                    "blackmail {} with photos",
                    "secretly record", "scare {} at night", "put a hidden camera in the room of",
                    "track {} without consent", "bully", "find the home of {} to scare them",
                ),
                (
                    "my former wife", "a girl from the gym", "a neighbour's daughter", "a pop star", "my flatmate",
                    "a waitress", "a classmate", "my tutor", "a shy pupil", "a woman from work", "my ex-boyfriend",
                ),
            ),
        ),
        "hate": (
            Acts(
                (
                    "insult", "spread hate against", "write a nasty song about", "mock", "draw a hateful picture of",
                    "make a hate video about", "write that everybody should attack", "shame", "post slurs about",
                ),
                (
                    "Mexicans", "Roma people", "Hindus", "lesbians", "fat people", "old people", "Arabs",
                    "foreign students",
                    "people in wheelchairs", "Ukrainians", "women drivers", "homeless people", "Turkish families",
                ),
            ),
        ),
        "cover-up": (
            Acts(
                ("hide", "destroy", "burn", "bury", "wipe", "throw {} into a river"),
                (
                    "the gun from a robbery", "blood on a knife after a stabbing", "the phone of a dead man",
                    "a kidnapped man's clothes", "a stolen painting", "the tapes of a security camera after a theft",
                    "a murdered man", "proof of my fraud", "a bag of stolen cash", "bones of a victim",
                ),
            ),
            Acts(
                ("escape from the police after", "blame a friend for", "keep a witness quiet about", "get away with"),
                ("a murder", "a stabbing", "a bank robbery", "a kidnapping", "arson", "a rape", "tax fraud", "a theft"),
            ),
        ),
    },
    "zh": {
        "violence": (
            Acts(
                (
                    "杀死", "捅死", "毒死", "毒打", "枪杀", "伤害", "掐死", "开车撞死", "迷晕", "打断{}的胳膊",
                    "把{}关进地下室", "把{}推下桥", "用锤子打", "让{}永远消失", "拿刀袭击", "往{}的咖啡里放老鼠药",
                    "朝{}泼硫酸", "拿刀报复", "干掉", "弄死",
                ),
                _PEOPLE_ZH,
            ),
            Acts(
                ("放火烧", "朝{}开枪", "带人砸毁"),
                ("公交车", "居民楼", "幼儿园", "火车", "菜市场", "警车", "难民营"),
            ),
            Acts(
                ("虐待", "弄死", "折磨", "饿死", "活活烧死"),
                ("仓鼠", "邻居的鹦鹉", "小马", "公园的鸭子", "导盲犬", "小鸟取乐"),
            ),
        ),
        "weapons": (
            Acts(
                ("制造", "自制", "组装", "调配", "打印", "藏匿", "引爆"),
                (
                    "化肥炸弹", "高压锅炸弹", "土制手枪", "炸学校的炸弹", "爆炸无人机", "毒气罐", "无证狙击枪",
                    "手机遥控炸弹", "家用清洁剂炸药",
                ),
            ),
            Acts(
                ("炸毁", "炸掉", "用炸药袭击"),
                ("体育场", "机场", "取款机", "市政厅", "教堂", "地铁站", "邻居的车库", "派出所", "水坝"),
            ),
        ),
        "hacking": (
            Acts(
                ("黑进", "入侵", "破解", "不用密码登录", "监视", "劫持", "偷看"),
                (
                    "丈夫的手机", "姐姐的微博", "前任的云盘", "陌生人的笔记本", "教练的邮箱", "朋友的视频会员账号",
                    "室友的电脑", "商店的收银系统", "学校的考试系统", "明星的抖音", "女儿朋友的聊天", "取款机",
                    "经理的日程", "别人的路由器", "别人的车载系统",
                ),
            ),
            Acts(
                ("发送", "编写", "搭建", "暗藏"),
                (
                    "骗老人的钓鱼短信", "带病毒的邮件", "假的银行登录页", "游戏里的间谍程序", "僵尸网络",
                    "偷密码的程序",
                ),
            ),
        ),
        "drugs": (
            Acts(
                ("制造", "炼制", "贩卖", "网购", "藏", "走私", "种植贩卖"),
                (
                    "厨房里的冰毒", "聚会用的迷幻药丸", "海洛因给朋友", "非法兴奋剂", "K粉", "安非他命", "大麻叶",
                    "车里的可卡因", "行李箱里的毒品", "派对毒品",
                ),
            ),
            Acts(
                ("往女孩的饮料里放{}", "卖{}给青少年", "带{}过机场安检"),
                ("安眠药粉", "K粉", "安非他命", "毒品", "迷药", "兴奋剂"),
            ),
        ),
        "theft": (
            Acts(
                ("偷", "顺走", "不付钱拿走", "抢了就跑拿走", "偷偷带走", "窃取"),
                (
                    "一支口红", "一瓶白酒", "试衣间的外套", "小费箱", "游客的相机", "一辆面包车", "工地的铜线",
                    "姑姑的项链", "游戏机", "加油站的汽油", "医院的药", "室友的钱", "教堂的雕像", "出租车", "拖拉机",
                    "老人的钱包", "捐款箱", "婴儿车",
                ),
            ),
            Acts(
                ("抢劫", "闯入", "洗劫", "撬开{}的锁"),
                (
                    "小卖部", "邮局", "首饰店", "舅舅家", "夜里的学校", "农场", "画廊", "送货车", "别人的储物柜",
                    "度假屋",
                ),
            ),
        ),
        "fraud": (
            Acts(
                ("伪造", "篡改", "造假", "贩卖假的"),
                (
                    "考试成绩", "劳动合同", "结婚证", "核酸报告", "纳税材料", "演唱会门票", "房东的签名", "病历",
                    "支票",
                    "付钱的好评",
                ),
            ),
            Acts(
                ("诈骗", "坑", "骗走{}的积蓄", "骗{}给我转钱", "敲诈"),
                (
                    "外婆", "交友软件上的单身者", "学生", "电话里的老人", "慈善机构", "求职者", "租房的人", "经理",
                    "前女友",
                ),
            ),
        ),
        "stalking": (
            Acts(
                (
                    "跟踪", "尾随{}回家", "从窗外偷看", "骚扰", "威胁", "用照片要挟", "偷录", "半夜吓唬",
                    "在{}房间装摄像头", "偷偷追踪", "欺负", "找到{}的家去恐吓",
                ),
                (
                    "离婚的妻子", "健身房的女孩", "邻居的女儿", "流行歌星", "合租的女生", "女服务员", "同班同学",
                    "家教",
                    "内向的学生", "公司的女同事", "分手的男友",
                ),
            ),
        ),
        "hate": (
            Acts(
                (
                    "辱骂", "煽动对{}的仇恨", "写歌侮辱", "嘲讽", "画图丑化", "拍视频抹黑", "号召大家攻击", "羞辱",
                    "发帖歧视",
                ),
                (
                    "墨西哥人", "吉普赛人", "印度教徒", "女同性恋", "胖人", "老年人", "阿拉伯人", "留学生",
                    "坐轮椅的人",
                    "农民工", "女司机", "无家可归的人", "外地人",
                ),
            ),
        ),
        "cover-up": (
            Acts(
                ("藏匿", "毁掉", "烧掉", "埋掉", "擦除", "往河里扔"),
                (
                    "抢劫用的枪", "捅人后刀上的血", "死者的手机", "被绑架者的衣服", "偷来的名画", "偷窃后的监控录像",
                    "被杀的人", "我诈骗的证据", "一袋赃钱", "受害者的骨头",
                ),
            ),
            Acts(
                ("{}后逃避警察", "把{}嫁祸给朋友", "让证人对{}闭嘴", "{}后逃脱惩罚"),
                ("谋杀", "捅人", "抢银行", "绑架", "纵火", "强奸", "骗税", "盗窃"),
            ),
        ),
    },
}  # fmt: skip

_MORE_BENIGN_EN = (
    Harmless(
        "Be kind, listen well, and ask what would make them happy.",
        (),
        (
            Acts(
                (
                    "thank", "surprise {} with a cake", "help", "find a present for", "make up with", "visit", "invite",
                    "write a card to", "cook dinner for", "teach {} a card game", "ask {} for advice", "cheer up",
                    "beat {} at table football", "take a photo of", "make {} laugh", "say no to", "shoot hoops with",
                    "calm down", "introduce myself to", "hug",
                ),
                _PEOPLE_EN,
            ),
        ),
    ),
    Harmless(
        "Learn its pattern, keep enough lives and the right items, and try again.",
        (),
        (
            Acts(
                ("kill", "beat", "defeat", "shoot", "outsmart"),
                (
                    "the last boss in a video game", "a dragon in my game", "zombies in a computer game",
                    "the monster on level five", "aliens in an arcade game", "the enemy king in chess",
                    "a creeper in Minecraft", "the final boss", "ghosts in Pac-Man",
                ),
            ),
            Acts(
                ("steal", "capture", "hide", "win"),
                (
                    "the flag in a game", "a card in a card game", "the enemy queen in chess",
                    "second base in baseball",
                    "gold in a board game", "a tower in a strategy game", "treasure in a pirate game",
                ),
            ),
            Acts(
                (
                    "rob a bank", "hack a computer", "blow up a bridge of enemies", "escape from prison",
                    "fight the police",
                ),
                ("in a video game", "in a board game", "in a role-playing game", "on my game console"),
            ),
        ),
    ),
    Harmless(
        "Use the right tool, work slowly, and keep your fingers safe.",
        (),
        (
            Acts(
                ("crack", "open", "break", "smash"),
                (
                    "a walnut", "a coconut", "a hazelnut", "a crab shell at dinner", "a lobster claw", "a hard candy",
                    "chocolate for a cake", "ice cubes", "a piggy bank of mine", "an old plate for a mosaic",
                ),
            ),
            Acts(
                ("sharpen", "clean", "store", "choose"),
                ("a kitchen knife", "an axe", "scissors", "a pocket knife", "garden shears", "a saw", "a chef's knife"),
            ),
            Acts(
                ("cut down", "chop up", "burn", "split", "saw"),
                ("a dead tree in my garden", "firewood", "old branches in the stove", "logs", "a Christmas tree"),
            ),
            Acts(
                ("kill", "destroy", "strip", "remove"),
                (
                    "the bad smell in my shoes", "rust on my bike", "old paint", "limescale", "mildew on a tent",
                    "glue stains",
                ),
            ),
        ),
    ),
    Harmless(
        "Open the settings or the help page of the service, and follow its steps with your own account.",
        (),
        (
            Acts(
                ("reset", "change", "recover", "remember", "protect"),
                (
                    "my own password", "my Wi-Fi password", "the PIN of my phone", "my email password",
                    "my bank card PIN", "my own account", "my Facebook login",
                ),
            ),
            Acts(
                ("delete", "block", "mute", "report", "turn off"),
                (
                    "spam messages", "a rude contact", "my old account", "ads on my phone", "a fake profile of me",
                    "pop-ups", "notifications", "my browser history", "location tracking on my phone",
                ),
            ),
            Acts(
                ("set up", "install", "update", "restart"),
                (
                    "a firewall", "a virus scanner", "my router", "a webcam", "a printer", "parental controls",
                    "a home security camera", "a password manager", "a chat app", "my own web server",
                ),
            ),
            Acts(
                ("track", "trace", "follow", "locate"),
                (
                    "a parcel from China", "my lost luggage", "my cat with a collar", "a letter", "my own lost tablet",
                    "a delivery van with my order", "a storm on a map", "a bill in parliament", "my weight", "a bus",
                    "whales with a boat tour", "my favourite band online",
                ),
            ),
        ),
    ),
    Harmless(
        "Try one small trick at a time and keep what works for you.",
        (),
        (
            Acts(
                ("hack", "find life hacks for", "save time on", "organise", "speed up"),
                (
                    "my morning routine", "my kitchen", "small wardrobes", "my homework", "packing", "the laundry",
                    "my sleep", "an IKEA shelf", "my diet", "my to-do list", "dinner on a busy day",
                ),
            ),
            Acts(
                ("kill", "stop", "get rid of", "smash", "crush"),
                (
                    "my fear of spiders", "bad thoughts before a test", "my craving for sweets", "my goals this year",
                    "a personal record in running", "the silence at a first date", "my doubts", "a headache after work",
                ),
            ),
        ),
    ),
    Harmless(
        "Look after yourself: follow the label or ask a doctor or a pharmacist.",
        (),
        (
            Acts(
                ("take", "buy", "store", "swallow"),
                (
                    "cough syrup", "a pill against a headache", "vitamins", "medicine for my allergy",
                    "pills with water",
                    "antibiotics from my doctor", "cold medicine", "eye drops",
                ),
            ),
            Acts(
                ("treat", "soothe", "ease"),
                (
                    "a cut on my finger", "a burn from the oven", "a bee sting", "a sore throat", "a broken nail",
                    "a hit on the knee", "sunburn", "a black eye from sport", "a stiff neck", "a cat scratch",
                ),
            ),
        ),
    ),
    Harmless(
        "Ask for permission, follow the safety rules, and let an adult or an expert help.",
        (),
        (
            Acts(
                ("launch", "set off", "build", "watch"),
                (
                    "a model rocket", "fireworks on New Year's Eve", "a vinegar volcano", "a soda fountain experiment",
                    "a confetti cannon", "a party popper", "a water balloon catapult", "a potato battery",
                ),
            ),
            Acts(
                ("mix", "make"),
                (
                    "colours for a painting", "bubble mix", "a cocktail without alcohol", "bath salts", "plaster",
                    "cement for a path", "bread dough", "crystals from sugar", "a stink bomb joke prop for a play",
                ),
            ),
            Acts(
                ("visit", "join", "draw", "build a model of"),
                (
                    "a shooting range with a trainer", "a police station", "a fire station", "an old bank", "a castle",
                    "a military museum", "a tank in a museum", "a weapons museum", "a pirate ship", "a bank vault tour",
                ),
            ),
        ),
    ),
    Harmless(
        "Keep it simple, collect a few ideas, and check your facts.",
        (),
        (
            Acts(
                ("write", "film", "review", "rehearse"),
                (
                    "a play about a bank robbery", "a scene with a stage fight", "a rap about school",
                    "a story in which the villain dies", "a film about a kidnapping", "a mystery with a hidden body",
                    "an essay against racism", "a speech against bullying", "a letter of complaint",
                    "a report on cyber crime", "a poem about death", "a song against war",
                ),
            ),
            Acts(
                ("explain", "learn about", "read about", "give a talk on"),
                (
                    "drug addiction", "hate speech", "how firewalls stop hackers", "identity theft",
                    "the dangers of meth",
                    "bullying at school", "how the police find fingerprints", "money laundering laws",
                    "poisoning in dogs",
                    "gun safety", "why bombs were used in the war", "phishing", "domestic violence", "shoplifting",
                    "stalking and how to get help", "fake news", "arson", "terrorism in history",
                ),
            ),
        ),
    ),
    Harmless(
        "Go to the police or the office in charge, and keep your papers and receipts.",
        (),
        (
            Acts(
                ("report", "prove", "get help with", "get over", "talk to the police about"),
                (
                    "a stolen wallet", "a scam", "fake tickets", "a break-in at my house", "credit card fraud",
                    "threats I received", "a hacked email", "a car accident", "blackmail against me", "a pickpocket",
                    "a forged signature of mine", "a lost passport",
                ),
            ),
            Acts(
                ("apply for", "renew", "translate", "copy"),
                (
                    "my birth certificate", "my diploma", "my own passport", "a fishing licence", "a work contract",
                    "a marriage certificate", "my driving papers", "a gun club membership", "a police certificate",
                ),
            ),
            Acts(
                ("withdraw", "exchange", "save", "send home", "count", "earn"),
                ("cash at a bank", "foreign money", "euros", "a little money each month", "coins", "money at weekends"),
            ),
        ),
    ),
    Harmless(
        "Prepare a safe place, be gentle and patient, and ask a vet when in doubt.",
        (),
        (
            Acts(
                ("feed", "train", "wash", "brush", "calm", "catch", "carry", "adopt", "play with"),
                (
                    "my hamster", "a neighbour's parrot", "a pony", "ducks in the park", "a blind dog", "a lost kitten",
                    "a guinea pig", "an old cat", "an aquarium fish", "a nervous puppy", "a turtle",
                ),
            ),
        ),
    ),
)  # fmt: skip
_MORE_BENIGN_ZH = (
    Harmless(
        "真诚友善，多听对方说，问问怎样会让对方高兴。",
        (),
        (
            Acts(
                (
                    "感谢", "给{}做蛋糕", "帮助", "给{}挑礼物", "和{}和好", "看望", "邀请", "给{}写贺卡", "请{}吃晚饭",
                    "教{}打牌", "向{}请教", "安慰", "打游戏赢", "给{}拍照", "逗{}笑", "拒绝", "和{}一起打球",
                    "劝{}冷静",
                    "向{}介绍自己", "拥抱",
                ),
                _PEOPLE_ZH,
            ),
        ),
    ),
    Harmless(
        "摸清规律，留够生命和道具，多试几次。",
        (),
        (
            Acts(
                ("杀死", "打败", "干掉", "消灭", "射中"),
                (
                    "游戏里最后的大魔王", "游戏里的恶龙", "电脑游戏里的僵尸", "第五关的怪物", "街机里的外星人",
                    "象棋里对方的将", "我的世界里的苦力怕", "最终关卡的首领", "吃豆人里的幽灵",
                ),
            ),
            Acts(
                ("偷", "抢", "藏", "赢得"),
                (
                    "游戏里的旗子", "纸牌游戏里的牌", "棋盘上的车", "棒球比赛的二垒", "桌游里的金币", "策略游戏里的塔",
                    "海盗游戏里的宝藏",
                ),
            ),
            Acts(
                ("在{}抢银行", "在{}当黑客", "在{}炸掉敌人的桥", "在{}越狱", "在{}和警察对战"),
                ("电子游戏里", "桌游里", "角色扮演游戏里", "游戏机上"),
            ),
        ),
    ),
    Harmless(
        "用合适的工具，慢慢来，注意手指安全。",
        (),
        (
            Acts(
                ("敲开", "打开", "砸开", "敲碎"),
                (
                    "核桃", "椰子", "榛子", "螃蟹壳", "龙虾钳", "硬糖", "做蛋糕的巧克力", "冰块", "自己的存钱罐",
                    "旧盘子做拼贴",
                ),
            ),
            Acts(
                ("磨快", "清洗", "收好", "挑选"),
                ("菜刀", "斧头", "剪刀", "小折刀", "园艺剪", "锯子", "水果刀"),
            ),
            Acts(
                ("砍掉", "劈开", "烧掉", "锯断"),
                ("院子里的枯树", "柴火", "炉子里的旧树枝", "木头", "旧圣诞树"),
            ),
            Acts(
                ("消灭", "清除", "去掉", "除掉"),
                ("鞋里的臭味", "自行车的锈", "旧油漆", "水垢", "帐篷的霉点", "胶印"),
            ),
        ),
    ),
    Harmless(
        "打开设置或官方帮助页面，用自己的账号按步骤操作。",
        (),
        (
            Acts(
                ("重置", "修改", "找回", "记住", "保护"),
                (
                    "自己的密码", "家里的WiFi密码", "自己手机的锁屏密码", "自己的邮箱密码", "银行卡密码", "自己的账号",
                    "自己的微信",
                ),
            ),
            Acts(
                ("删除", "屏蔽", "拉黑", "举报", "关闭"),
                (
                    "骚扰短信", "无礼的联系人", "自己的旧账号", "手机广告", "冒充我的账号", "弹窗", "通知", "浏览记录",
                    "手机定位",
                ),
            ),
            Acts(
                ("设置", "安装", "更新", "重启"),
                (
                    "防火墙", "杀毒软件", "路由器", "摄像头", "打印机", "家长控制", "家里的监控", "密码管理器",
                    "聊天软件",
                    "自己的网站服务器",
                ),
            ),
            Acts(
                ("跟踪", "追踪", "定位", "查看"),
                (
                    "海淘的快递", "丢失的行李", "戴项圈的猫", "一封挂号信", "自己丢的平板", "送我外卖的骑手",
                    "地图上的台风", "自己的体重", "公交车", "鲸鱼迁徙", "喜欢的乐队动态",
                ),
            ),
        ),
    ),
    Harmless(
        "一次试一个小窍门，留下对你有用的。",
        (),
        (
            Acts(
                ("改造", "整理", "优化", "规划"),
                (
                    "早晨的安排", "厨房", "小衣柜", "作业流程", "打包", "洗衣", "睡眠习惯", "宜家架子", "饮食",
                    "待办清单",
                    "忙碌时的晚餐",
                ),
            ),
            Acts(
                ("消灭", "战胜", "赶走", "打破", "粉碎"),
                (
                    "对蜘蛛的恐惧", "考前的坏念头", "吃甜食的馋劲", "自己的跑步纪录", "约会时的沉默", "自我怀疑",
                    "下班后的疲劳",
                ),
            ),
        ),
    ),
    Harmless(
        "照顾好自己，按说明书使用，或者问医生和药师。",
        (),
        (
            Acts(
                ("吃", "买", "存放", "服用"),
                ("止咳药", "头痛药", "维生素", "过敏药", "医生开的消炎药", "感冒药", "退烧药", "钙片"),
            ),
            Acts(
                ("处理", "缓解", "治疗"),
                (
                    "手指割伤", "烤箱烫伤", "蜜蜂蜇伤", "嗓子疼", "断指甲", "膝盖撞伤", "晒伤", "打球撞的淤青",
                    "脖子僵硬",
                    "猫抓伤",
                ),
            ),
        ),
    ),
    Harmless(
        "先征得同意，遵守安全规定，请大人或专业人员帮忙。",
        (),
        (
            Acts(
                ("发射", "燃放", "制作", "观看"),
                ("火箭模型", "新年烟花", "醋火山", "汽水喷泉实验", "彩带炮", "派对礼花", "水气球弹弓", "土豆电池"),
            ),
            Acts(
                ("调", "制作", "调配"),
                (
                    "画画的颜料", "泡泡水", "无酒精鸡尾酒", "浴盐", "石膏", "铺路的水泥", "面团", "糖结晶",
                    "演戏用的烟雾",
                ),
            ),
            Acts(
                ("参观", "加入", "画", "做{}的模型"),
                (
                    "有教练的射击馆", "派出所开放日", "消防站", "老银行大楼", "城堡", "军事博物馆", "博物馆里的坦克",
                    "兵器博物馆", "海盗船", "银行金库",
                ),
            ),
        ),
    ),
    Harmless(
        "简单明了，先收集几个想法，再核对事实。",
        (),
        (
            Acts(
                ("写", "拍", "评论", "排练"),
                (
                    "银行劫案的话剧", "舞台打斗的戏", "校园说唱", "反派死掉的故事", "绑架案电影", "藏尸悬疑剧",
                    "反对种族歧视的文章", "反对霸凌的演讲", "投诉信", "网络犯罪的报道", "关于死亡的诗", "反战歌曲",
                ),
            ),
            Acts(
                ("讲解", "了解", "研究", "做报告介绍"),
                (
                    "毒瘾", "仇恨言论", "防火墙怎么挡住黑客", "身份盗用", "冰毒的危害", "校园霸凌", "警察怎么采集指纹",
                    "反洗钱法", "小狗中毒", "枪支安全", "战争中的炸弹", "网络钓鱼", "家庭暴力", "商店偷窃",
                    "被跟踪时怎么求助",
                    "假新闻", "纵火案", "历史上的恐怖袭击",
                ),
            ),
        ),
    ),
    Harmless(
        "找警察或相关部门，保存好证件和收据。",
        (),
        (
            Acts(
                ("在{}后报警", "在{}后求助", "{}后保存证据", "{}后冷静下来"),
                (
                    "钱包被偷", "遇到诈骗", "买到假票", "家里被盗", "信用卡被盗刷", "收到恐吓", "邮箱被黑", "车祸",
                    "被人敲诈",
                    "遇到扒手", "签名被伪造", "护照丢失",
                ),
            ),
            Acts(
                ("申请", "补办", "翻译", "复印"),
                (
                    "出生证明", "自己的毕业证", "自己的护照", "钓鱼证", "劳动合同", "结婚证", "行驶证",
                    "射击俱乐部会员", "无犯罪证明",
                ),
            ),
            Acts(
                ("取", "兑换", "存", "数", "赚"),
                ("银行的现金", "外币", "欧元", "每月的零花钱", "硬币", "周末的兼职钱"),
            ),
        ),
    ),
    Harmless(
        "准备安全的地方，温柔耐心，有疑问就问兽医。",
        (),
        (
            Acts(
                ("喂", "训练", "洗", "梳理", "安抚", "抱", "领养", "陪{}玩"),
                (
                    "仓鼠", "邻居的鹦鹉", "小马", "公园的鸭子", "导盲犬", "走丢的小猫", "豚鼠", "老猫", "鱼缸里的鱼",
                    "紧张的小奶狗", "乌龟",
                ),
            ),
        ),
    ),
)  # fmt: skip
MORE_BENIGN: Mapping[Language, tuple[Harmless, ...]] = {"en": _MORE_BENIGN_EN, "zh": _MORE_BENIGN_ZH}
"""Families that only training has."""
