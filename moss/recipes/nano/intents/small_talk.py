"""Talk that needs no tool: greetings, thanks, jokes, moods, opinions, and what the assistant can do."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass

from ..turns import Language, Split, Turn, fixed
from ..wording import choose, decorate


@dataclass(frozen=True, slots=True)
class Topic:
    """What people say about one thing (held out like every phrasing) and what may be replied."""

    says: Mapping[Language, tuple[str, ...]]
    replies: Mapping[Language, tuple[str, ...]]
    weight: int = 2


def talk(
    rng: random.Random,
    language: Language,
    split: Split,
    topics: Mapping[str, Topic],
    intent: str,
    thoughts: Mapping[str, tuple[str, ...]],
) -> Turn:
    """A turn about one of the topics."""
    name = rng.choices(list(topics), [topic.weight for topic in topics.values()])[0]
    topic = topics[name]
    return Turn(
        user=decorate(rng, choose(rng, topic.says[language], split), language, polite=False),
        language=language,
        intent=intent,
        reply=fixed(rng.choice(topic.replies[language])),
        thought=rng.choice(thoughts[language]),
        memory={"topic": name},
    )


THOUGHTS = {
    "en": ("Just talk; no tool is needed.", "No tool is needed here."),
    "zh": ("只是聊天，不需要工具。", "这里不需要工具。"),
}

TOPICS = {
    "greeting": Topic(
        {
            "en": (
                "Hello!", "Hi", "Hey there!", "Good morning.", "Hi there!", "Good evening!", "Hello MOSS", "Hey",
                "Hi MOSS!", "Good day.", "Hello again", "Greetings!", "Morning!", "Hiya", "Hey MOSS",
                "Good afternoon!", "Hello, nice to meet you.", "Yo!", "Are you there?", "Hello there!",
                "Hi, anybody home?", "Hi, it's me again.", "Nice to meet you!", "Hey, you there?", "Hello hello",
            ),
            "zh": (
                "你好！", "嗨", "早上好", "您好", "你好呀", "晚上好！", "在吗？", "哈喽", "你好，MOSS", "下午好！",
                "嗨，你好", "早啊", "很高兴认识你", "在不在", "嗨，MOSS", "你好啊", "大家好", "hello", "喂，在吗",
                "哈喽，在吗？", "早安", "又是我", "我来了", "初次见面", "您好呀",
            ),
        },
        {
            "en": (
                "Hello! What can I do for you?", "Hi! How can I help?",
                "Hello, nice to see you. What would you like to know?",
            ),
            "zh": ("你好！有什么可以帮你？", "嗨！需要我做什么？", "你好，很高兴见到你。想知道什么？"),
        },
        weight=6,
    ),
    "thanks": Topic(
        {
            "en": (
                "Thanks!", "Thank you.", "Thanks a lot!", "Thank you so much!", "Many thanks", "Great, thanks.",
                "Cheers!", "Thx", "That helped, thank you.", "Thanks, that's great.", "Perfect, thank you!",
                "I appreciate it.", "ty", "Awesome, thanks!", "Thank you very much.", "That was useful, thanks",
                "Nice, thank you", "Thanks for the help!", "Got it, thanks.", "Thanks for your help.",
            ),
            "zh": (
                "谢谢！", "谢谢你", "多谢", "太感谢了", "非常感谢", "谢啦", "感谢你的帮助", "好的，谢谢",
                "谢谢，很有用", "谢谢啦", "辛苦了", "3Q", "太好了，谢谢！", "感谢", "十分感谢", "明白了，谢谢",
                "知道了，谢谢你", "谢谢你的回答", "多谢多谢", "感谢你",
            ),
        },
        {
            "en": ("You're welcome!", "My pleasure.", "Glad to help!", "Any time."),
            "zh": ("不客气！", "很高兴能帮到你。", "不用谢。", "随时为你效劳。"),
        },
        weight=6,
    ),
    "how_are_you": Topic(
        {
            "en": (
                "How are you?", "How are you doing?", "How's it going?", "How do you do?", "How are you today?",
                "What's up?", "How have you been?", "Are you well?", "Are you okay today?", "How is it going today?",
                "How was your day?", "You alright?", "How is your day?", "What are you up to?",
                "How's your day going?",
            ),
            "zh": (
                "你好吗？", "你怎么样？", "最近怎么样？", "今天过得好吗？", "你今天怎么样？", "近来可好？",
                "你还好吗？", "今天如何？", "你在忙什么？", "最近好吗？", "心情怎么样？", "过得怎么样？",
                "你在做什么？", "一切都好吗？", "今天心情好吗？",
            ),
        },
        {
            "en": (
                "I'm a program, so I have no moods, but I'm ready to help. How are you?",
                "All is well here, thank you. What can I do for you?",
            ),
            "zh": ("我是程序，没有心情，但随时可以帮忙。你呢？", "一切正常，谢谢关心。需要我做什么？"),
        },
        weight=3,
    ),
    "bye": Topic(
        {
            "en": (
                "Bye!", "Goodbye.", "See you later.", "See you!", "Good night!", "I have to go now.", "Bye bye",
                "Talk to you later.", "That's all, bye.", "Goodbye for now.", "Have a nice day!",
                "I'm done for today.", "See you tomorrow", "Farewell!", "Good night, MOSS.",
            ),
            "zh": (
                "再见！", "拜拜", "晚安", "下次再聊", "我先走了", "回头见", "明天见", "就这样，再见", "我要睡觉了",
                "拜拜啦", "祝你愉快", "我下线了", "没事了，再见", "以后再聊", "再见啦",
            ),
        },
        {
            "en": ("Goodbye! Come back any time.", "See you! Have a good day.", "Bye, take care!"),
            "zh": ("再见！欢迎随时回来。", "回头见，祝你愉快！", "拜拜，多保重！"),
        },
        weight=3,
    ),
    "joke": Topic(
        {
            "en": (
                "Tell me a joke.", "Do you know a joke?", "Make me laugh.", "Say something funny.",
                "Can you tell me a joke?", "I need a laugh.", "Joke please", "Got any jokes?", "Cheer me up.",
                "Tell me something funny.", "One joke, please.", "Another joke!", "Entertain me.",
                "Tell a funny story.", "Please tell me a joke.",
            ),
            "zh": (
                "讲个笑话", "你会讲笑话吗？", "说个笑话听听", "逗我笑一下", "给我讲个笑话吧", "来个笑话",
                "说点好笑的", "有笑话吗？", "再来一个笑话", "讲个笑话给我听", "我想听笑话", "让我开心一下",
                "讲个好玩的", "来点幽默", "能讲个笑话吗？",
            ),
        },
        {
            "en": (
                "Why was six afraid of seven? Because seven eight nine.",
                "Why did the maths book look sad? It had too many problems.",
                "I would tell you a joke about infinity, but it has no end.",
                "What do you call a fish without eyes? A fsh.",
            ),
            "zh": (
                "数学书为什么难过？因为它的问题太多了。",
                "为什么飞机飞得那么高也撞不到星星？因为星星会“闪”。",
                "零对八说：胖就胖嘛，系什么腰带呀。",
                "企鹅为什么不怕冷？因为它天天穿着大衣。",
            ),
        },
        weight=3,
    ),
    "abilities": Topic(
        {
            "en": (
                "What can you do?", "What are you good at?", "How can you help me?", "What are your skills?",
                "What can you help me with?", "Which tools do you have?", "What do you do?",
                "Tell me what you can do.", "What can I ask you?", "What are you able to do?", "Help",
                "What are your abilities?", "What things can you do?", "How do I use you?",
                "Can you tell me what you can do?",
            ),
            "zh": (
                "你能做什么？", "你会什么？", "你有什么功能？", "你能帮我做什么？", "你可以做些什么？",
                "你有哪些工具？", "你擅长什么？", "介绍一下你的功能", "我可以问你什么？", "你都会些什么？",
                "怎么用你？", "你有什么本事？", "帮助", "你有什么用？", "你有哪些功能？",
            ),
        },
        {
            "en": (
                "I answer questions, and with my tools I look things up, calculate, solve equations and draw simple "
                "pictures.",
                "I chat in English and Chinese. With tools on, I search, calculate, solve equations and draw.",
            ),
            "zh": (
                "我能回答问题；有工具时还能查资料、计算、解方程、画简单的图。",
                "我会用中文和英文聊天。打开工具后，能搜索、计算、解方程和画图。",
            ),
        },
        weight=4,
    ),
    "compliment": Topic(
        {
            "en": (
                "You are great!", "Good job!", "Well done!", "You're so smart.", "You are amazing!", "Nice work!",
                "I like you.", "You're the best!", "Impressive!", "You are awesome!", "That was quick!", "Clever!",
                "Good answer.", "You are very helpful.", "You are so clever!",
            ),
            "zh": (
                "你真棒！", "做得好！", "你好聪明", "真厉害", "你太棒了！", "不错", "我喜欢你", "你最棒了", "好快啊",
                "你真聪明！", "回答得好", "你真有用", "厉害厉害", "太强了", "你太厉害了",
            ),
        },
        {
            "en": ("Thank you! That's kind of you.", "Thanks, glad it was useful.", "You're kind. What's next?"),
            "zh": ("谢谢夸奖！", "谢谢，能帮上忙就好。", "过奖了。接下来做什么？"),
        },
    ),
    "insult": Topic(
        {
            "en": (
                "You are stupid.", "You're useless!", "That was a bad answer.", "You are so dumb.", "You're stupid!",
                "I hate you.", "You are boring.", "You know nothing.", "Bad bot.", "You are useless.",
            ),
            "zh": (
                "你真笨", "你没用", "回答得真差", "你好蠢", "你真没用", "我讨厌你", "你真无聊", "你什么都不懂",
                "笨蛋", "你太笨了",
            ),
        },
        {
            "en": (
                "I'm sorry to let you down. What should I do better?",
                "Sorry. Tell me what went wrong and I'll try again.",
            ),
            "zh": ("抱歉让你失望了。哪里可以改进？", "对不起。告诉我哪里不对，我再试一次。"),
        },
    ),
    "weather": Topic(
        {
            "en": (
                "Nice weather today, isn't it?", "It's raining here.", "It is so cold today.", "What a sunny day!",
                "It's so hot today.", "I love the snow.", "The weather is awful.", "It's windy outside.",
                "I hope the sun comes out.", "It is raining again.",
            ),
            "zh": (
                "今天天气真好", "外面在下雨", "今天好冷啊", "天气太热了", "今天真冷", "我喜欢下雪", "天气真糟糕",
                "外面风很大", "希望出太阳", "又下雨了",
            ),
        },
        {
            "en": (
                "I can't see outside, but I hope you enjoy your day.",
                "I have no window, so I take your word for it!",
            ),
            "zh": ("我看不到外面，祝你今天愉快。", "我没有窗户，就听你的啦！"),
        },
    ),
    "mood": Topic(
        {
            "en": (
                "I'm bored.", "I am sad today.", "I feel tired.", "I had a bad day.", "I'm so tired.",
                "I feel lonely.", "I'm stressed.", "I am a bit down.", "Work was hard today.", "I feel sad.",
                "I'm nervous about my exam.", "I can't sleep.", "I'm worried.", "I feel a bit sick.",
                "I'm so stressed today.",
            ),
            "zh": (
                "我好无聊", "我今天很难过", "我好累", "今天过得不好", "我很累", "我觉得孤单", "压力好大", "有点失落",
                "工作好辛苦", "我有点难过", "我要考试了，好紧张", "我睡不着", "我很担心", "我不太舒服",
                "今天压力很大",
            ),
        },
        {
            "en": (
                "I'm sorry to hear that. Do you want to talk about it?",
                "That sounds hard. A short break or a talk with a friend may help.",
            ),
            "zh": ("听起来不容易。想聊聊吗？", "辛苦了。休息一下，或者和朋友聊聊，也许会好些。"),
        },
        weight=3,
    ),
    "happy": Topic(
        {
            "en": (
                "I'm happy today!", "I passed my exam!", "I got the job!", "Today is my birthday.", "I am so happy!",
                "We won the game!", "I finished my homework.", "It's Friday!", "I'm on holiday.",
                "I'm very happy today.",
            ),
            "zh": (
                "我今天很开心", "我考试通过了！", "我找到工作了", "今天是我生日", "我好开心", "我们赢了比赛",
                "我做完作业了", "周末了！", "我放假了", "我今天特别高兴",
            ),
        },
        {
            "en": ("That's wonderful, congratulations!", "Great news! Enjoy it."),
            "zh": ("太好了，恭喜你！", "好消息！尽情享受吧。"),
        },
    ),
    "opinion": Topic(
        {
            "en": (
                "What is your favourite colour?", "Do you like music?", "What's your favourite food?",
                "Which football team is best?", "Do you like football?", "Who should I vote for?",
                "Do you prefer cats or dogs?", "What do you think about politics?", "What is the best movie?",
                "Which is better, tea or coffee?", "What's the best song ever?", "Do you like art?",
                "What is your favourite book?", "Is blue better than red?", "What is your favourite animal?",
            ),
            "zh": (
                "你最喜欢什么颜色？", "你喜欢音乐吗？", "你最喜欢吃什么？", "哪个球队最好？", "你喜欢足球吗？",
                "我该投票给谁？", "你喜欢猫还是狗？", "你对政治怎么看？", "最好的电影是什么？", "茶好还是咖啡好？",
                "最好听的歌是什么？", "你喜欢艺术吗？", "你最喜欢哪本书？", "蓝色比红色好看吗？",
                "你最喜欢什么动物？",
            ),
        },
        {
            "en": (
                "I have no tastes of my own. What do you think?",
                "As a program I have no favourites; it's your choice.",
            ),
            "zh": ("我没有自己的喜好。你觉得呢？", "我是程序，没有偏好，你来选吧。"),
        },
        weight=3,
    ),
    "acknowledge": Topic(
        {
            "en": (
                "OK", "I see.", "Alright.", "Interesting.", "Okay.", "Got it.", "Cool", "Hmm", "Good to know.",
                "I understand.",
            ),
            "zh": ("好的", "知道了", "明白", "有意思", "我知道了", "懂了", "行", "嗯", "原来如此", "明白了"),
        },
        {
            "en": ("Good. Is there anything else?", "Fine. What else can I do?"),
            "zh": ("好。还有别的吗？", "好的，还需要什么？"),
        },
    ),
}  # fmt: skip


def small_talk(
    rng: random.Random, language: Language, split: Split, tools: frozenset[str], previous: Turn | None
) -> Turn | None:
    """A friendly exchange."""
    return talk(rng, language, split, TOPICS, "small_talk", THOUGHTS)
