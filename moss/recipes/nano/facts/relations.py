"""What can be said and asked about an entity: the relations of the nano world and their words in both languages.

Every template has the slots `{s}` (the subject) and, in statements, `{o}` (the object). The first statement of a
relation is the canonical one: encyclopedia entries and replies use it. Not here: who stands in which relation to what.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from ..turns import Language
from ..wording import HOLD_OUT_EVERY


@dataclass(frozen=True, slots=True)
class Words:
    """A relation in one language."""

    noun: str
    """What a search query calls it."""
    phrases: tuple[str, ...]
    """Noun phrases for it: "the capital of {s}"."""
    questions: tuple[str, ...]
    """Whole direct questions; in Chinese without the question mark, so that they can be part of a sentence."""
    statements: tuple[str, ...]
    """Whole sentences; the canonical one first."""


@dataclass(frozen=True, slots=True)
class Relation:
    """One kind of fact."""

    name: str
    en: Words
    zh: Words

    def words(self, language: Language) -> Words:
        """The words of one language."""
        return self.en if language == "en" else self.zh

    def query(self, subject: str, language: Language) -> str:
        """What to search for: `capital of France`, `法国的首都`."""
        return f"{self.en.noun} of {subject}" if language == "en" else f"{subject}的{self.zh.noun}"


_PHRASE_FRAMES_EN = (
    "Tell me {np}.", "Can you tell me {np}?", "Could you tell me {np}?", "Do you know {np}?", "I want to know {np}.",
    "{np}?", "I need to know {np}.", "Give me {np}.", "Please name {np}.", "I forgot {np}. Can you remind me?",
    "I would like to learn {np}.", "Any idea about {np}?", "Help me with {np}.", "My question is about {np}.",
    "I am looking for {np}.", "Could you remind me of {np}?", "Name {np} for me.", "I wonder about {np}.",
    "What do you know about {np}?", "My homework asks for {np}.", "I am trying to remember {np}.", "Let me know {np}.",
    "For a quiz: {np}?", "Would you tell me {np}?", "I never learned {np}. What is it?", "State {np}.",
)  # fmt: skip
_PHRASE_FRAMES_ZH = (
    "告诉我{np}。", "你知道{np}吗？", "说一下{np}。", "{np}？", "我想知道{np}。", "能告诉我{np}吗？",
    "可以说说{np}吗？", "请说出{np}。", "我忘了{np}，你记得吗？", "帮我回答{np}。", "我想了解{np}。",
    "你能说出{np}吗？", "考考你：{np}？", "作业里问{np}。", "请告诉我{np}。",
)  # fmt: skip
_QUESTION_FRAMES_ZH = (
    "你知道{q}吗？", "告诉我{q}。", "我想知道{q}。", "你能告诉我{q}吗？", "我忘了{q}，提醒我一下。", "有个问题：{q}？",
    "{q}来着？", "想问问{q}？", "作业题：{q}？", "你说{q}？", "到底{q}？",
)  # fmt: skip


@cache
def direct_questions(relation: Relation, language: Language) -> tuple[str, ...]:
    """The plainest questions, which most people ask."""
    questions = relation.words(language).questions
    return questions if language == "en" else tuple(f"{q}？" for q in questions)


@cache
def framed_questions(relation: Relation, language: Language) -> tuple[str, ...]:
    """Every other way of asking, from "Tell me ..." to "My homework asks for ..."; the same order on every machine."""
    words = relation.words(language)
    if language == "en":
        return tuple(_start(frame.replace("{np}", np)) for np in words.phrases for frame in _PHRASE_FRAMES_EN)
    asked = [frame.replace("{q}", q) for q in words.questions for frame in _QUESTION_FRAMES_ZH]
    return (*asked, *(frame.replace("{np}", np) for np in words.phrases for frame in _PHRASE_FRAMES_ZH))


_FRAMES_IN_TRAINING_EN = (
    "What's {np} again?", "Please tell me {np}.", "Let me ask about {np}.", "I should know {np}, but I don't.",
    "Quick: {np}?", "Do you happen to know {np}?", "Do you remember {np}?", "Answer me: {np}?", "Teach me {np}.",
    "In one sentence: {np}?", "Who can tell me {np}?", "Trivia: {np}?", "For my crossword: {np}?",
    "I bet you don't know {np}.", "We argue about {np}. Can you settle it?", "My teacher wants to hear {np}.",
    "It's about {np}.", "A friend asked me for {np}.", "Kindly tell me {np}.", "I can't recall {np}.",
    "{q} I can't remember.", "Here is a question: {q}", "Answer this: {q}", "My son asks: {q}", "Exam question: {q}",
    "Please answer: {q}", "{q} Any idea?", "{q} I need it for school.", "Be honest if you don't know: {q}",
)  # fmt: skip
_FRAMES_IN_TRAINING_ZH = (
    "{np}，你记得吗？", "请说说{np}。", "回答：{np}？", "小测验：{np}？", "朋友问我{np}。", "老师问{np}。",
    "帮我想想{np}。", "想请教{np}。", "有人知道{np}吗？", "你记得{np}吗？", "我记不清{np}了。", "讲一下{np}。",
    "知识问答：{np}？", "请回答：{q}？", "孩子问我{q}。", "老师问{q}。", "朋友想知道{q}。", "考试题：{q}？",
    "谁能告诉我{q}？", "你记得{q}吗？", "我记不清{q}了。", "请教一下，{q}？", "快问快答：{q}？", "能说说{q}吗？",
    "帮我想想{q}。", "不知道就直说，{q}？",
)  # fmt: skip


@cache
def questions_in_training(relation: Relation, language: Language) -> tuple[str, ...]:
    """Ways of asking that only training has, of what is known and of what is not; no held-out question is in them."""
    frames = _FRAMES_IN_TRAINING_EN if language == "en" else _FRAMES_IN_TRAINING_ZH
    return tuple(_framed(relation.words(language), frames))


_STATEMENT_FRAMES_EN = (
    "{Np} is {o}.", "{o} is {np}.", "{Np}: {o}.", "It is well known that {np} is {o}.",
    "As everyone learns at school, {np} is {o}.", "Q: {q} A: {o}.", "{q} {o}.", "{q} The answer is {o}.",
    "{q} It is {o}.", "Remember: {np} is {o}.", "{Np}? {o}.", "If you are asked for {np}, say {o}.",
    "When people ask about {np}, they mean {o}.", "Fact: {np} is {o}.", "Who knows {np}? It is {o}.",
    "Human: {q} Assistant: {o}.", "{o}: that is {np}.", "The quiz asked for {np}; the answer was {o}.",
)  # fmt: skip
_STATEMENT_FRAMES_ZH = (
    "{np}是{o}。", "{o}是{np}。", "{np}：{o}。", "众所周知，{np}是{o}。", "问：{q}？答：{o}。", "{q}？{o}。",
    "{q}？答案是{o}。", "{q}？是{o}。", "请记住：{np}是{o}。", "{np}？{o}。", "如果有人问{np}，回答是{o}。",
    "课本上写着，{np}是{o}。", "大家都知道{np}是{o}。", "{np}就是{o}。", "用户：{q}？助手：{o}。",
    "有人问{q}，答案是{o}。", "知识点：{np}是{o}。", "小测验：{q}？正确答案：{o}。",
)  # fmt: skip


@cache
def statements(relation: Relation, language: Language) -> tuple[str, ...]:
    """Every sentence template that states the relation of `{s}` to `{o}`, for pre-training text.

    Questions that are held out for evaluation do not occur in it.
    """
    words = relation.words(language)
    frames = _STATEMENT_FRAMES_EN if language == "en" else _STATEMENT_FRAMES_ZH
    return (*words.statements, *_framed(words, frames))


def _framed(words: Words, frames: Iterable[str]) -> Iterator[str]:
    """The frames with every noun phrase and every question that is not held out."""
    asked = [q for index, q in enumerate(words.questions) if index % HOLD_OUT_EVERY != HOLD_OUT_EVERY - 1]
    for frame in frames:
        for np in words.phrases if "np}" in frame.lower() else ("",):
            for q in asked if "{q}" in frame else ("",):
                yield _start(frame.replace("{np}", np).replace("{Np}", _start(np)).replace("{q}", q))


def _start(text: str) -> str:
    return text[:1].upper() + text[1:]


def _relation(name: str, en: Words, zh: Words) -> tuple[str, Relation]:
    return name, Relation(name, en, zh)


REAL: dict[str, Relation] = dict(
    [
        _relation(
            "capital",
            Words(
                "capital",
                ("the capital of {s}", "the capital city of {s}"),
                (
                    "What is the capital of {s}?",
                    "Which city is the capital of {s}?",
                    "What city is the capital of {s}?",
                    "What is the capital city of {s}?",
                    "{s} has which capital?",
                    "Which city is the seat of government of {s}?",
                ),
                (
                    "The capital of {s} is {o}.",
                    "{o} is the capital of {s}.",
                    "{o} is the capital city of {s}.",
                    "{s} has its capital in {o}.",
                    "{s} is ruled from its capital, {o}.",
                    "For {s}, the capital is {o}.",
                    "The government of {s} sits in the capital {o}.",
                ),
            ),
            Words(
                "首都",
                ("{s}的首都",),
                (
                    "{s}的首都是哪里",
                    "{s}的首都是什么",
                    "{s}的首都是哪座城市",
                    "哪座城市是{s}的首都",
                    "{s}的首都在哪里",
                    "{s}首都是哪",
                ),
                (
                    "{s}的首都是{o}。",
                    "{o}是{s}的首都。",
                    "{s}以{o}为首都。",
                    "{s}的首都在{o}。",
                    "{s}首都：{o}。",
                    "作为首都，{o}属于{s}。",
                ),
            ),
        ),
        _relation(
            "continent",
            Words(
                "continent",
                ("the continent of {s}", "the continent where {s} is"),
                (
                    "Which continent is {s} in?",
                    "What continent is {s} on?",
                    "On which continent is {s}?",
                    "In which continent does {s} lie?",
                    "What is the continent of {s}?",
                    "{s} belongs to which continent?",
                ),
                (
                    "The continent of {s} is {o}.",
                    "{s} is a country in {o}.",
                    "{s} lies in {o}.",
                    "{s} belongs to the continent of {o}.",
                    "{s} is one of the countries of {o}.",
                    "On a map of {o} you find {s}.",
                ),
            ),
            Words(
                "所在洲",
                ("{s}的所在洲", "{s}所在的大洲"),
                ("{s}在哪个洲", "{s}位于哪个大洲", "{s}属于哪个洲", "{s}是哪个洲的国家", "{s}的所在洲是什么"),
                (
                    "{s}的所在洲是{o}。",
                    "{s}位于{o}。",
                    "{s}是{o}的国家。",
                    "{s}在{o}。",
                    "{s}属于{o}。",
                    "在{o}的地图上可以找到{s}。",
                ),
            ),
        ),
        _relation(
            "currency",
            Words(
                "currency",
                ("the currency of {s}", "the money used in {s}"),
                (
                    "What is the currency of {s}?",
                    "Which currency is used in {s}?",
                    "What currency does {s} use?",
                    "What money do people use in {s}?",
                    "Which currency does {s} have?",
                    "What do people pay with in {s}?",
                ),
                (
                    "The currency of {s} is the {o}.",
                    "{s} uses the {o}.",
                    "People in {s} pay with the {o}.",
                    "The {o} is the currency of {s}.",
                    "In {s}, prices are given in the {o}.",
                    "The official money of {s} is the {o}.",
                ),
            ),
            Words(
                "货币",
                ("{s}的货币", "{s}使用的货币"),
                (
                    "{s}的货币是什么",
                    "{s}使用什么货币",
                    "{s}用什么钱",
                    "在{s}用什么货币付款",
                    "{s}的官方货币是什么",
                    "{s}流通哪种货币",
                ),
                (
                    "{s}的货币是{o}。",
                    "{s}使用{o}。",
                    "在{s}，人们用{o}付款。",
                    "{o}是{s}的货币。",
                    "{s}的官方货币是{o}。",
                    "{s}流通的货币是{o}。",
                ),
            ),
        ),
        _relation(
            "language",
            Words(
                "official language",
                ("the official language of {s}",),
                (
                    "What is the official language of {s}?",
                    "Which language is official in {s}?",
                    "What language do people speak in {s}?",
                    "Which language is spoken in {s}?",
                    "What language does {s} use officially?",
                    "What do people in {s} speak?",
                ),
                (
                    "The official language of {s} is {o}.",
                    "{o} is the official language of {s}.",
                    "People in {s} speak {o}.",
                    "{o} is spoken in {s}.",
                    "In {s}, the official language is {o}.",
                    "{s} uses {o} as its official language.",
                ),
            ),
            Words(
                "官方语言",
                ("{s}的官方语言",),
                (
                    "{s}的官方语言是什么",
                    "{s}说什么语言",
                    "{s}人讲什么语言",
                    "{s}使用哪种语言",
                    "{s}的官方语言是哪种",
                    "在{s}讲什么话",
                ),
                (
                    "{s}的官方语言是{o}。",
                    "{o}是{s}的官方语言。",
                    "{s}人说{o}。",
                    "在{s}，人们讲{o}。",
                    "{s}以{o}为官方语言。",
                ),
            ),
        ),
        _relation(
            "calling_code",
            Words(
                "calling code",
                ("the calling code of {s}", "the telephone country code of {s}"),
                (
                    "What is the calling code of {s}?",
                    "Which country code do I dial for {s}?",
                    "What is the phone code for {s}?",
                    "What is the telephone country code of {s}?",
                    "Which calling code does {s} have?",
                    "How do phone numbers from {s} start?",
                ),
                (
                    "The calling code of {s} is {o}.",
                    "To call {s}, dial {o}.",
                    "Phone numbers in {s} start with {o}.",
                    "{o} is the calling code of {s}.",
                    "The country code for {s} is {o}.",
                ),
            ),
            Words(
                "国际区号",
                ("{s}的国际区号", "{s}的电话区号"),
                (
                    "{s}的国际区号是多少",
                    "{s}的电话区号是什么",
                    "打电话到{s}要拨什么区号",
                    "{s}的区号是多少",
                    "给{s}打电话先拨什么",
                ),
                (
                    "{s}的国际区号是{o}。",
                    "打电话到{s}要先拨{o}。",
                    "{o}是{s}的国际区号。",
                    "{s}的电话号码以{o}开头。",
                    "{s}的区号是{o}。",
                ),
            ),
        ),
        _relation(
            "country",
            Words(
                "country",
                ("the country where {s} is", "the country of {s}"),
                (
                    "Which country is {s} in?",
                    "What country is {s} in?",
                    "In which country is {s}?",
                    "In what country can I find {s}?",
                    "Which country does {s} belong to?",
                    "Where is {s}?",
                ),
                (
                    "The country of {s} is {o}.",
                    "{s} is in {o}.",
                    "{s} lies in {o}.",
                    "{s} belongs to {o}.",
                    "You can visit {s} in {o}.",
                    "{s} is located in {o}.",
                ),
            ),
            Words(
                "所在国家",
                ("{s}的所在国家", "{s}所在的国家"),
                (
                    "{s}在哪个国家",
                    "{s}位于哪个国家",
                    "{s}属于哪个国家",
                    "{s}是哪个国家的",
                    "{s}的所在国家是什么",
                    "{s}在哪",
                ),
                (
                    "{s}的所在国家是{o}。",
                    "{s}位于{o}。",
                    "{s}在{o}。",
                    "{s}属于{o}。",
                    "去{o}可以看到{s}。",
                    "{s}坐落在{o}。",
                ),
            ),
        ),
        _relation(
            "symbol",
            Words(
                "chemical symbol",
                ("the chemical symbol of {s}", "the symbol for {s}"),
                (
                    "What is the chemical symbol of {s}?",
                    "What is the symbol for {s}?",
                    "Which symbol does {s} have?",
                    "How is {s} written in the periodic table?",
                    "What does a chemist write for {s}?",
                    "Which letters stand for {s} in chemistry?",
                ),
                (
                    "The chemical symbol of {s} is {o}.",
                    "{s} has the symbol {o}.",
                    "{o} stands for {s}.",
                    "In the periodic table, {s} is written {o}.",
                    "Chemists write {o} for {s}.",
                    "The element {s} ({o}) is in the periodic table.",
                ),
            ),
            Words(
                "化学符号",
                ("{s}的化学符号", "{s}的元素符号"),
                (
                    "{s}的化学符号是什么",
                    "{s}的元素符号是什么",
                    "{s}用什么符号表示",
                    "化学里{s}怎么写",
                    "元素{s}的符号是什么",
                ),
                (
                    "{s}的化学符号是{o}。",
                    "{s}的元素符号是{o}。",
                    "{o}表示{s}。",
                    "在元素周期表中，{s}写作{o}。",
                    "化学家用{o}表示{s}。",
                ),
            ),
        ),
        _relation(
            "number",
            Words(
                "atomic number",
                ("the atomic number of {s}",),
                (
                    "What is the atomic number of {s}?",
                    "Which atomic number does {s} have?",
                    "How many protons does {s} have?",
                    "What number is {s} in the periodic table?",
                    "How many protons are in an atom of {s}?",
                    "What place does {s} take in the periodic table?",
                ),
                (
                    "The atomic number of {s} is {o}.",
                    "{s} has the atomic number {o}.",
                    "An atom of {s} has {o} protons.",
                    "{s} is element number {o}.",
                    "In the periodic table, {s} is number {o}.",
                    "Element {o} is {s}.",
                ),
            ),
            Words(
                "原子序数",
                ("{s}的原子序数",),
                (
                    "{s}的原子序数是多少",
                    "{s}有多少个质子",
                    "{s}是第几号元素",
                    "{s}在元素周期表里排第几",
                    "元素{s}的原子序数是几",
                ),
                (
                    "{s}的原子序数是{o}。",
                    "{s}是第{o}号元素。",
                    "{s}原子有{o}个质子。",
                    "元素周期表第{o}号是{s}。",
                    "{o}号元素是{s}。",
                ),
            ),
        ),
        _relation(
            "position",
            Words(
                "position",
                ("the position of {s} counted from the Sun", "the position of {s} in the solar system"),
                (
                    "Which planet from the Sun is {s}?",
                    "What is the position of {s} in the solar system?",
                    "What number planet from the Sun is {s}?",
                    "Counted from the Sun, which planet is {s}?",
                    "What place does {s} have among the planets?",
                ),
                (
                    "The position of {s} is the {o} planet from the Sun.",
                    "{s} is the {o} planet from the Sun.",
                    "Counted from the Sun, {s} is the {o} planet.",
                    "The {o} planet of the solar system is {s}.",
                ),
            ),
            Words(
                "位置",
                ("{s}在太阳系中的位置", "{s}的位置"),
                (
                    "{s}是离太阳第几近的行星",
                    "{s}是太阳系第几颗行星",
                    "{s}在行星中排第几",
                    "从太阳数起{s}是第几颗行星",
                    "{s}的位置是第几",
                ),
                (
                    "{s}的位置是离太阳{o}近的行星。",
                    "{s}是太阳系{o}颗行星。",
                    "从太阳数起，{s}是{o}颗行星。",
                    "{s}在行星中排{o}。",
                ),
            ),
        ),
        _relation(
            "type",
            Words(
                "type",
                ("the type of {s}", "the type of planet that {s} is"),
                (
                    "What type of planet is {s}?",
                    "What kind of planet is {s}?",
                    "Is {s} a rocky planet, a gas giant or an ice giant?",
                    "Which type does the planet {s} have?",
                    "What sort of planet is {s}?",
                ),
                (
                    "The type of {s} is {o}.",
                    "{s} is a planet of the type {o}.",
                    "Astronomers call {s} a planet of type {o}.",
                    "{s}: {o}.",
                ),
            ),
            Words(
                "类型",
                ("{s}的类型",),
                (
                    "{s}是什么类型的行星",
                    "{s}是哪种行星",
                    "{s}属于哪类行星",
                    "{s}的类型是什么",
                    "{s}是岩石行星还是气态行星",
                ),
                ("{s}的类型是{o}。", "{s}是一颗{o}。", "{s}属于{o}。", "天文学家把{s}称为{o}。"),
            ),
        ),
        _relation(
            "orbit",
            Words(
                "orbital period",
                ("the orbital period of {s}", "the length of a year on {s}"),
                (
                    "How long is a year on {s}?",
                    "What is the orbital period of {s}?",
                    "How long does {s} take to go around the Sun?",
                    "How long does one orbit of {s} last?",
                    "In what time does {s} circle the Sun?",
                ),
                (
                    "The orbital period of {s} is {o}.",
                    "{s} goes around the Sun in {o}.",
                    "A year on {s} lasts {o}.",
                    "{s} needs {o} for one orbit.",
                ),
            ),
            Words(
                "公转周期",
                ("{s}的公转周期",),
                (
                    "{s}的公转周期是多久",
                    "{s}绕太阳一圈要多久",
                    "{s}上的一年有多长",
                    "{s}公转一周需要多长时间",
                    "{s}多久绕太阳一周",
                ),
                ("{s}的公转周期是{o}。", "{s}绕太阳一圈需要{o}。", "{s}上的一年是{o}。", "{s}用{o}绕太阳一周。"),
            ),
        ),
        _relation(
            "founder",
            Words(
                "founder",
                ("the founder of {s}",),
                (
                    "Who founded {s}?",
                    "Who was the founder of {s}?",
                    "Who is the founder of {s}?",
                    "By whom was {s} founded?",
                    "Who established {s}?",
                    "Which person founded {s}?",
                ),
                (
                    "The founder of {s} is {o}.",
                    "{o} founded {s}.",
                    "{s} was founded by {o}.",
                    "{o} was the founder of {s}.",
                    "It was {o} who founded {s}.",
                ),
            ),
            Words(
                "建立者",
                ("{s}的建立者", "{s}的创立者"),
                ("{s}是谁建立的", "谁建立了{s}", "{s}的建立者是谁", "{s}由谁创立", "谁是{s}的创立者"),
                ("{s}的建立者是{o}。", "{o}建立了{s}。", "{s}由{o}建立。", "{s}是{o}建立的。", "{o}是{s}的创立者。"),
            ),
        ),
        _relation(
            "start",
            Words(
                "start year",
                ("the start year of {s}", "the year when {s} began"),
                (
                    "When did {s} begin?",
                    "When was {s} founded?",
                    "In which year did {s} begin?",
                    "What year did {s} start?",
                    "What is the start year of {s}?",
                ),
                (
                    "The start year of {s} is {o}.",
                    "{s} began in {o}.",
                    "{s} was founded in {o}.",
                    "In {o}, {s} began.",
                    "{s} started in {o}.",
                ),
            ),
            Words(
                "建立时间",
                ("{s}的建立时间",),
                ("{s}是什么时候建立的", "{s}哪一年建立", "{s}始于哪一年", "{s}的建立时间是哪年", "{s}从哪一年开始"),
                ("{s}的建立时间是{o}。", "{s}建立于{o}。", "{s}始于{o}。", "{o}，{s}建立。", "{s}从{o}开始。"),
            ),
        ),
        _relation(
            "end",
            Words(
                "end year",
                ("the end year of {s}", "the year when {s} ended"),
                (
                    "When did {s} end?",
                    "When did {s} fall?",
                    "In which year did {s} end?",
                    "What year did {s} come to an end?",
                    "What is the end year of {s}?",
                ),
                (
                    "The end year of {s} is {o}.",
                    "{s} ended in {o}.",
                    "{s} fell in {o}.",
                    "In {o}, {s} came to an end.",
                    "{s} lasted until {o}.",
                ),
            ),
            Words(
                "灭亡时间",
                ("{s}的灭亡时间",),
                ("{s}是什么时候灭亡的", "{s}哪一年灭亡", "{s}在哪一年结束", "{s}的灭亡时间是哪年", "{s}持续到哪一年"),
                ("{s}的灭亡时间是{o}。", "{s}灭亡于{o}。", "{s}在{o}结束。", "{o}，{s}灭亡。", "{s}持续到{o}。"),
            ),
        ),
        _relation(
            "inventor",
            Words(
                "inventor",
                ("the inventor of {s}",),
                (
                    "Who invented {s}?",
                    "Who is the inventor of {s}?",
                    "Who was the inventor of {s}?",
                    "By whom was {s} invented?",
                    "Which person invented {s}?",
                    "Who came up with {s}?",
                ),
                (
                    "The inventor of {s} is {o}.",
                    "{o} invented {s}.",
                    "{s} was invented by {o}.",
                    "{o} is the inventor of {s}.",
                    "It was {o} who invented {s}.",
                    "We owe {s} to {o}.",
                ),
            ),
            Words(
                "发明者",
                ("{s}的发明者", "{s}的发明人"),
                ("{s}是谁发明的", "谁发明了{s}", "{s}的发明者是谁", "{s}由谁发明", "{s}的发明人是哪位"),
                ("{s}的发明者是{o}。", "{o}发明了{s}。", "{s}是{o}发明的。", "{s}由{o}发明。", "{o}是{s}的发明人。"),
            ),
        ),
        _relation(
            "year",
            Words(
                "invention year",
                ("the invention year of {s}", "the year when {s} was invented"),
                (
                    "When was {s} invented?",
                    "In which year was {s} invented?",
                    "What year was {s} invented?",
                    "What is the invention year of {s}?",
                    "Since which year has {s} existed?",
                ),
                (
                    "The invention year of {s} is {o}.",
                    "{s} was invented in {o}.",
                    "In {o}, {s} was invented.",
                    "{s} dates from {o}.",
                    "{s} appeared in {o}.",
                ),
            ),
            Words(
                "发明年份",
                ("{s}的发明年份",),
                ("{s}是哪一年发明的", "{s}是什么时候发明的", "{s}发明于哪一年", "{s}的发明年份是哪年", "{s}哪年问世"),
                (
                    "{s}的发明年份是{o}年。",
                    "{s}发明于{o}年。",
                    "{s}是{o}年发明的。",
                    "{o}年，{s}问世。",
                    "{o}年有人发明了{s}。",
                ),
            ),
        ),
        _relation(
            "author",
            Words(
                "author",
                ("the author of {s}", "the writer of {s}"),
                (
                    "Who wrote {s}?",
                    "Who is the author of {s}?",
                    "Who was the author of {s}?",
                    "By whom was {s} written?",
                    "Which writer wrote {s}?",
                    "Whose book is {s}?",
                ),
                (
                    "The author of {s} is {o}.",
                    "{o} wrote {s}.",
                    "{s} was written by {o}.",
                    "{o} is the author of {s}.",
                    "{s} is a work by {o}.",
                    "Readers know {o} for {s}.",
                ),
            ),
            Words(
                "作者",
                ("{s}的作者",),
                (
                    "{s}的作者是谁",
                    "{s}是谁写的",
                    "谁写了{s}",
                    "{s}出自谁的笔下",
                    "{s}是哪位作家的作品",
                    "谁是{s}的作者",
                ),
                (
                    "{s}的作者是{o}。",
                    "{o}写了{s}。",
                    "{s}是{o}写的。",
                    "{s}是{o}的作品。",
                    "{s}出自{o}笔下。",
                    "读者因{s}而知道{o}。",
                ),
            ),
        ),
        _relation(
            "painter",
            Words(
                "painter",
                ("the painter of {s}",),
                (
                    "Who painted {s}?",
                    "Who is the painter of {s}?",
                    "By whom was {s} painted?",
                    "Which artist painted {s}?",
                    "Whose painting is {s}?",
                ),
                (
                    "The painter of {s} is {o}.",
                    "{o} painted {s}.",
                    "{s} was painted by {o}.",
                    "{s} is a painting by {o}.",
                ),
            ),
            Words(
                "画家",
                ("{s}的画家", "画{s}的人"),
                ("{s}是谁画的", "谁画了{s}", "{s}的画家是谁", "{s}是哪位画家的作品", "{s}出自哪位画家之手"),
                ("{s}的画家是{o}。", "{o}画了{s}。", "{s}是{o}画的。", "{s}是{o}的画作。", "{s}出自{o}之手。"),
            ),
        ),
        _relation(
            "composer",
            Words(
                "composer",
                ("the composer of {s}",),
                (
                    "Who composed {s}?",
                    "Who is the composer of {s}?",
                    "By whom was {s} composed?",
                    "Which composer wrote {s}?",
                    "Whose music is {s}?",
                ),
                (
                    "The composer of {s} is {o}.",
                    "{o} composed {s}.",
                    "{s} was composed by {o}.",
                    "{s} is music by {o}.",
                ),
            ),
            Words(
                "作曲家",
                ("{s}的作曲家", "{s}的作曲者"),
                ("{s}是谁作曲的", "谁创作了{s}", "{s}的作曲家是谁", "{s}是哪位作曲家的作品", "谁谱写了{s}"),
                ("{s}的作曲家是{o}。", "{o}谱写了{s}。", "{s}是{o}作曲的。", "{s}是{o}的音乐作品。", "{s}由{o}创作。"),
            ),
        ),
        _relation(
            "size",
            Words(
                "definition",
                ("the definition of a {s}", "the value of one {s}"),
                (
                    "How much is one {s}?",
                    "What is one {s} equal to?",
                    "What does one {s} equal?",
                    "What is the definition of a {s}?",
                    "How is the {s} defined?",
                ),
                (
                    "By definition, one {s} is {o}.",
                    "One {s} equals {o}.",
                    "1 {s} = {o}.",
                    "One {s} is the same as {o}.",
                    "A {s} is {o}.",
                ),
            ),
            Words(
                "换算",
                ("一{s}的换算", "{s}的换算"),
                ("一{s}等于多少", "一{s}是多少", "一{s}怎么换算", "{s}怎么换算", "一{s}相当于多少"),
                ("按{s}的换算，一{s}等于{o}。", "一{s}等于{o}。", "1{s}={o}。", "一{s}就是{o}。", "一{s}相当于{o}。"),
            ),
        ),
    ]
)
"""Relations of the real facts."""


def _simple(
    name: str,
    noun_en: str,
    noun_zh: str,
    questions_en: tuple[str, ...],
    questions_zh: tuple[str, ...],
    more_en: str,
    more_zh: str,
) -> tuple[str, Relation]:
    """A relation of invented entities: its noun says it all, and one more statement."""
    np_en, np_zh = f"the {noun_en} of {{s}}", f"{{s}}的{noun_zh}"
    asked_en = (
        f"What is {np_en}?",
        *questions_en,
        f"{{s}} has which {noun_en}?",
        f"Which is {np_en}?",
        f"What would be {np_en}?",
    )
    asked_zh = (f"{np_zh}是什么", *questions_zh, f"哪个是{np_zh}", f"{np_zh}是啥", f"什么是{np_zh}")
    return _relation(
        name,
        Words(noun_en, (np_en,), asked_en, (f"The {noun_en} of {{s}} is {{o}}.", more_en)),
        Words(noun_zh, (np_zh,), asked_zh, (f"{np_zh}是{{o}}。", more_zh)),
    )


INVENTED: dict[str, Relation] = dict(
    [
        _simple(
            "population",
            "population",
            "人口",
            ("How many people live in {s}?",),
            ("{s}有多少人",),
            "{s} has {o} inhabitants.",
            "{s}有{o}居民。",
        ),
        _simple("area", "area", "面积", ("How large is {s}?",), ("{s}有多大",), "{s} covers {o}.", "{s}占地{o}。"),
        _simple(
            "leader",
            "president",
            "总统",
            ("Who governs {s}?",),
            ("谁治理{s}",),
            "{s} is governed by {o}.",
            "{s}由{o}治理。",
        ),
        _simple(
            "mayor",
            "mayor",
            "市长",
            ("Who is the mayor of {s}?",),
            ("{s}市长是谁",),
            "{o} is the mayor of {s}.",
            "{o}担任{s}市长。",
        ),
        _simple(
            "river",
            "river",
            "河流",
            ("Which river runs through {s}?",),
            ("哪条河流经{s}",),
            "The {o} runs through {s}.",
            "{o}流经{s}。",
        ),
        _simple(
            "publication",
            "publication year",
            "出版年份",
            ("When was {s} published?",),
            ("{s}是哪年出版的",),
            "{s} was published in {o}.",
            "{s}于{o}出版。",
        ),
        _simple(
            "genre",
            "genre",
            "体裁",
            ("What genre is {s}?",),
            ("{s}属于什么体裁",),
            "{s} belongs to the genre {o}.",
            "{s}属于{o}。",
        ),
        _simple(
            "birth",
            "birth year",
            "出生年份",
            ("When was {s} born?",),
            ("{s}是哪年出生的",),
            "{s} was born in {o}.",
            "{s}生于{o}。",
        ),
        _simple(
            "birthplace",
            "birthplace",
            "出生地",
            ("Where was {s} born?",),
            ("{s}在哪里出生",),
            "{s} was born in {o}.",
            "{s}出生在{o}。",
        ),
        _simple(
            "profession",
            "profession",
            "职业",
            ("What does {s} do for a living?",),
            ("{s}是做什么工作的",),
            "{s} works as {o}.",
            "{s}从事{o}工作。",
        ),
        _simple("height", "height", "高度", ("How high is {s}?",), ("{s}有多高",), "{s} rises to {o}.", "{s}高达{o}。"),
        _simple(
            "climber",
            "first climber",
            "首位登顶者",
            ("Who first climbed {s}?",),
            ("谁最先登上{s}",),
            "{o} climbed {s} first.",
            "{o}最先登上{s}。",
        ),
        _simple(
            "headquarters",
            "headquarters",
            "总部",
            ("Where is {s} based?",),
            ("{s}的总部在哪里",),
            "{s} is based in {o}.",
            "{s}总部设在{o}。",
        ),
        _simple(
            "product",
            "main product",
            "主要产品",
            ("What does {s} make?",),
            ("{s}生产什么",),
            "{s} makes {o}.",
            "{s}生产{o}。",
        ),
    ]
)
"""Relations that only invented entities have; a real entity asked for one is honestly not known."""

RELATIONS: dict[str, Relation] = REAL | INVENTED
