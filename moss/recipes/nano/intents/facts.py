"""Questions that want a fact: asked plainly, looked up on request, unanswerable, followed up; and names translated.

With the search on, the assistant always searches and reads the answer from the snippet, which it cites; entities that
exist only in the index make sure that it reads. With the search off it answers the real facts from memory and admits
what it does not know.
"""

from __future__ import annotations

import random
from functools import cache, lru_cache

from moss.conversation import ToolCall

from ..documents import LANGUAGES
from ..facts import Entity, Fact, all_facts, facts_by_subject, translatable_entities
from ..facts.relations import INVENTED, RELATIONS, Relation, direct_questions, framed_questions, questions_in_training
from ..invented import KINDS, documented, invent
from ..turns import Language, Reply, Split, Step, Turn, fixed
from ..wording import phrase
from .switches import switched_off

# -- intents -------------------------------------------------------------------------------------------------


def fact(
    rng: random.Random, language: Language, split: Split, tools: frozenset[str], previous: Turn | None
) -> Turn | None:
    """A question on a fact: a real one, or, where it can be searched for, half the time an invented one."""
    invented = "Search" in tools and rng.random() < 0.5
    return fact_turn(rng, _some_fact(rng, language, split, invented), language, split, tools)


def lookup(
    rng: random.Random, language: Language, split: Split, tools: frozenset[str], previous: Turn | None
) -> Turn | None:
    """The user asks in so many words for a search: for a fact, or for anything about an entity."""
    found = _some_fact(rng, language, split, invented=rng.random() < 0.6)
    about = rng.random() < 0.3
    subject, bare = _as_typed(rng, found.subject, language)
    if about:
        user = phrase(rng, language, split, _LOOK_UP[language], more=_LOOK_UP_IN_TRAINING[language], np=subject)
        query, reply = bare, _read_anything(found.subject, split, language)
        answer = (found.subject.name(language), _CITED)
    else:
        asked = rng.choice(found.words.words(language).phrases).format(s=subject)
        user = phrase(rng, language, split, _LOOK_UP[language], more=_LOOK_UP_IN_TRAINING[language], np=asked)
        query, reply = found.words.query(bare, language), _read(rng, found, language)
        answer = (found.object.name(language), _CITED)
    if "Search" not in tools:
        return switched_off(rng, "Search", user, language, "lookup")
    memory = {"entity": found.subject} if about else _memory(found, language)
    return Turn(
        user, language, "lookup", reply, _search(rng, query, language), answer=answer, outcome="answer", memory=memory
    )


def unknown(
    rng: random.Random, language: Language, split: Split, tools: frozenset[str], previous: Turn | None
) -> Turn | None:
    """A question that nobody here can answer: on what does not exist, or on what is not told of a real entity."""
    if rng.random() < 0.25:
        entity, relation = _untold(rng, language)
    else:
        entity = invent(rng, split)
        relation = RELATIONS[rng.choice(tuple(KINDS[entity.kind].facts))]
    subject, bare = _as_typed(rng, entity, language)
    explicit = "Search" in tools and rng.random() < 0.25
    if explicit:
        asked = rng.choice(relation.words(language).phrases).format(s=subject)
        user = phrase(rng, language, split, _LOOK_UP[language], more=_LOOK_UP_IN_TRAINING[language], np=asked)
    else:
        user = _question(rng, relation, subject, language, split)
    if "Search" in tools:
        steps = _search(rng, relation.query(bare, language), language)
        return Turn(
            user, language, "unknown", fixed(_not_found(rng, relation, entity, language)), steps, outcome="unknown"
        )
    asked = relation.words(language).phrases[0].format(s=entity.in_text(language))
    return Turn(
        user,
        language,
        "unknown",
        fixed(rng.choice(_UNKNOWN[language]).format(np=asked)),
        thought=rng.choice(_THOUGHTS_UNKNOWN[language]),
        outcome="unknown",
    )


def translate(
    rng: random.Random, language: Language, split: Split, tools: frozenset[str], previous: Turn | None
) -> Turn | None:
    """The name of a country, city, element or language in the other language, from memory."""
    entity = rng.choice(translatable_entities())
    target = rng.choice(LANGUAGES)
    source_text, target_text = (entity.zh, entity.en) if target == "en" else (entity.en, entity.zh)
    into = _LANGUAGE_NAMES[language][target]
    user = phrase(rng, language, split, _TRANSLATE[language], s=source_text, to=into)
    reply = _TRANSLATED[language].format(s=source_text, to=into, t=target_text)
    return Turn(
        user,
        language,
        "translate",
        fixed(reply[:1].upper() + reply[1:]),
        thought=rng.choice(_THOUGHTS_TRANSLATE[language]),
        answer=(target_text,),
        outcome="answer",
        memory={"entity": entity, "value": target_text},
    )


def fact_follow_up(
    rng: random.Random, language: Language, split: Split, tools: frozenset[str], previous: Turn | None
) -> Turn | None:
    """A question that leans on the last one: another relation of its entity, or its relation of another entity."""
    entity = previous.memory.get("entity") if previous else None
    relation = previous.memory.get("relation") if previous else None
    if not isinstance(entity, Entity):
        return None
    same_relation = isinstance(relation, str) and rng.random() < 0.5
    search = "Search" in tools
    if same_relation:
        choices = _facts_of_relation(str(relation), language, split, search)
        templates = _FOLLOW_ENTITY[language]
    else:
        known = facts_by_subject().get(entity) or (documented(split).get(entity, ()) if search else ())
        choices = tuple(f for f in known if f.allowed(language) and f.relation != relation)
        templates = _FOLLOW_RELATION[language]
    choices = tuple(f for f in choices if not (same_relation and f.subject == entity))
    if not choices:
        return None
    chosen = rng.choice(choices)
    if same_relation:
        subject, bare = _as_typed(rng, chosen.subject, language)
    else:
        subject, bare = chosen.subject.in_text(language), chosen.subject.name(language)
    user = phrase(rng, language, split, templates, polite=False, s=subject, noun=chosen.words.words(language).noun)
    return _answered(rng, user, chosen, bare, language, tools, "fact_follow_up")


# -- the turn of one fact ------------------------------------------------------------------------------------


def fact_turn(
    rng: random.Random, asked: Fact, language: Language, split: Split, tools: frozenset[str], intent: str = "fact"
) -> Turn:
    """A plain question on the given fact, answered from the search where it is on, else from memory.

    `english_only` facts may be asked in Chinese here: that is the cross-lingual probe of the evaluation.
    """
    subject, bare = _as_typed(rng, asked.subject, language)
    user = _question(rng, asked.words, subject, language, split)
    return _answered(rng, user, asked, bare, language, tools, intent)


def _answered(
    rng: random.Random, user: str, asked: Fact, typed: str, language: Language, tools: frozenset[str], intent: str
) -> Turn:
    value, memory = asked.object.name(language), _memory(asked, language)
    if "Search" in tools:
        steps, reply = _search(rng, asked.words.query(typed, language), language), _read(rng, asked, language)
        return Turn(user, language, intent, reply, steps, answer=(value, _CITED), outcome="answer", memory=memory)
    return Turn(
        user,
        language,
        intent,
        fixed(asked.statement(language)),
        thought=rng.choice(_THOUGHTS_KNOWN[language]),
        answer=(value,),
        outcome="answer",
        memory=memory,
    )


def _memory(asked: Fact, language: Language) -> dict[str, object]:
    return {"entity": asked.subject, "relation": asked.relation, "value": asked.object.name(language)}


def _question(rng: random.Random, relation: Relation, subject: str, language: Language, split: Split) -> str:
    direct = rng.random() < 0.5
    templates = (direct_questions if direct else framed_questions)(relation, language)
    more = () if direct else questions_in_training(relation, language)
    text = phrase(rng, language, split, templates, more=more, s=subject)
    return text[:1].upper() + text[1:] if text.startswith("the ") else text


def _as_typed(rng: random.Random, entity: Entity, language: Language) -> tuple[str, str]:
    """The name as a user types it (now and then without its article or in lower case), and as a query then has it."""
    name, draw = entity.name(language), rng.random()
    if language == "zh" or draw >= 0.15:
        return entity.in_text(language), name
    return (name, name) if draw < 0.10 else (entity.in_text(language).lower(), name.lower())


# -- choosing ------------------------------------------------------------------------------------------------


def _some_fact(rng: random.Random, language: Language, split: Split, invented: bool) -> Fact:
    return rng.choice(_invented_facts(split) if invented else _real_facts(language))


@lru_cache(maxsize=2)
def _real_facts(language: Language) -> tuple[Fact, ...]:
    return tuple(f for f in all_facts() if f.allowed(language))


@lru_cache(maxsize=2)
def _invented_facts(split: Split) -> tuple[Fact, ...]:
    return tuple(f for facts in documented(split).values() for f in facts)


@cache
def _facts_of_relation(relation: str, language: Language, split: Split, search: bool) -> tuple[Fact, ...]:
    """What can be asked next; invented facts only where they can be searched for."""
    real = tuple(f for f in _real_facts(language) if f.relation == relation)
    return real + tuple(f for f in _invented_facts(split) if f.relation == relation) if search else real


_UNTOLD = {
    "country": ("population", "area", "leader"),
    "city": ("population", "mayor", "river"),
    "book": ("publication", "genre"),
    "person": ("birth", "birthplace", "profession"),
}
"""Relations of real entities that no document states."""


@lru_cache(maxsize=2)
def _untold_entities(language: Language) -> tuple[Entity, ...]:
    named = {entity for f in _real_facts(language) for entity in (f.subject, f.object)}
    return tuple(sorted((e for e in named if e.kind in _UNTOLD), key=lambda e: e.en))


def _untold(rng: random.Random, language: Language) -> tuple[Entity, Relation]:
    entity = rng.choice(_untold_entities(language))
    return entity, INVENTED[rng.choice(_UNTOLD[entity.kind])]


# -- searching and reading -----------------------------------------------------------------------------------

_CITED = "<sup><|"
"""Part of every answer that was read: it tells an answer from an admission that names the same things."""


def _search(rng: random.Random, query: str, language: Language) -> tuple[Step, ...]:
    return (Step(rng.choice(_THOUGHTS_SEARCH[language]), (ToolCall("Search", query),)),)


def _cited(statement: str, index: int) -> str:
    """The citation before the full stop."""
    return f"{statement[:-1]}<sup><|{index}|></sup>{statement[-1]}"


def _read(rng: random.Random, asked: Fact, language: Language) -> Reply:
    """States the fact if a snippet does, else says that nothing was found."""
    missing = _not_found(rng, asked.words, asked.subject, language)

    def reply(calls: list[ToolCall]) -> str:
        for call in calls:
            for citation in call.citations:
                if asked.stated_in(citation.snippet, language):
                    return _cited(asked.statement(language), citation.index)
        return missing

    return reply


def _read_anything(entity: Entity, split: Split, language: Language) -> Reply:
    """States the first fact on the entity that a snippet states."""
    facts = facts_by_subject().get(entity) or documented(split)[entity]

    def reply(calls: list[ToolCall]) -> str:
        for call in calls:
            for citation in call.citations:
                told = [f for f in facts if f.allowed(language) and f.stated_in(citation.snippet, language)]
                if told:
                    first = min(told, key=lambda f: citation.snippet.find(f.object.name(language)))
                    return _cited(first.statement(language), citation.index)
        return _NOT_FOUND[language][0].format(np=entity.in_text(language))

    return reply


def _not_found(rng: random.Random, relation: Relation, entity: Entity, language: Language) -> str:
    asked = relation.words(language).phrases[0].format(s=entity.in_text(language))
    return rng.choice(_NOT_FOUND[language]).format(np=asked)


# -- words ---------------------------------------------------------------------------------------------------

_THOUGHTS_SEARCH = {
    "en": (
        "I should look this up.",
        "A search will tell.",
        "This is a factual question, so I search.",
        "Let me search for it.",
    ),
    "zh": ("我应该查一下。", "搜索一下就知道了。", "这是事实问题，需要搜索。", "我来搜索。"),
}
_THOUGHTS_KNOWN = {
    "en": ("I know this fact.", "I remember this."),
    "zh": ("这个我知道。", "我记得这个。"),
}
_THOUGHTS_UNKNOWN = {
    "en": ("I do not know this and will say so.", "I have no knowledge of this."),
    "zh": ("这个我不知道，要如实说。", "我没有这方面的知识。"),
}
_THOUGHTS_TRANSLATE = {
    "en": ("A name I can translate myself.", "I know this name in both languages."),
    "zh": ("这个名字我自己就能翻译。", "这个名字的中英文我都知道。"),
}
_UNKNOWN = {
    "en": (
        "I don't know {np}.",
        "Sorry, I don't know {np}.",
        "I'm afraid I don't know {np}.",
        "I don't know {np}, and I don't want to make it up.",
    ),
    "zh": ("我不知道{np}。", "抱歉，我不知道{np}。", "我不知道{np}，也不想乱说。", "对不起，我不知道{np}。"),
}
_NOT_FOUND = {
    "en": (
        "I searched, but I found nothing about {np}.",
        "My search found nothing about {np}.",
        "Sorry, I could not find {np}.",
        "I looked for {np}, but could not find it.",
    ),
    "zh": ("我搜索了，但没有找到{np}。", "搜索结果里没有{np}。", "抱歉，没有找到{np}。", "我查了，但没有查到{np}。"),
}
_LANGUAGE_NAMES = {"en": {"en": "English", "zh": "Chinese"}, "zh": {"en": "英文", "zh": "中文"}}
_TRANSLATED = {"en": "{s} is {t} in {to}.", "zh": "{s}的{to}是{t}。"}

_LOOK_UP = {
    "en": (
        "Search for {np}.", "Look up {np}.", "Please search the web for {np}.", "Can you look up {np}?",
        "Find {np} on the web.", "Search the internet for {np}.", "Could you search for {np}?",
        "Look for {np} online.", "Use the search to find {np}.", "Google {np} for me.", "Do a web search for {np}.",
        "I want you to look up {np}.", "Search {np}.", "Check the web for {np}.", "Run a search on {np}.",
        "Web search: {np}", "Can you find {np} online?", "Look up {np} on the internet.",
        "Find out about {np} with a search.", "Please look {np} up.", "Try to find {np} on the internet.",
        "Start a search for {np}.", "Would you search for {np}?", "Search online for {np}.",
        "Use web search for {np}.", "Have a look on the web for {np}.", "Let's search for {np}.",
        "Query the web for {np}.", "I need a web search for {np}.", "Make a search for {np}.",
        "Look on the web for {np}.", "Search the web: {np}.",
    ),
    "zh": (
        "查一下{np}。", "搜索{np}。", "帮我搜一下{np}。", "请搜索{np}。", "上网查查{np}。", "帮我查{np}。",
        "在网上找一下{np}。", "搜一搜{np}。", "麻烦查一下{np}。", "用搜索查{np}。", "能帮我搜索{np}吗？",
        "查查{np}。", "请上网查{np}。", "网上搜一下{np}。", "请帮我查一查{np}。", "你能查一下{np}吗？",
        "搜索一下{np}。", "给我搜{np}。", "请查询{np}。", "帮我上网搜{np}。", "查询{np}。", "能不能搜一下{np}？",
        "我要查{np}。", "替我搜索{np}。", "用网络搜索找{np}。", "检索{np}。", "上网搜搜{np}。", "去网上查一下{np}。",
        "请你搜一搜{np}。", "百度一下{np}。",
    ),
}  # fmt: skip
_LOOK_UP_IN_TRAINING = {
    "en": (
        "Look up: {np}", "Check online for {np}.", "Please check {np} online.", "Do a quick search for {np}.",
        "Could you do a search for {np}?", "Type {np} into a search engine.", "See what the web says about {np}.",
        "See if you can find {np} online.", "I'd like you to search for {np}.", "Research {np}.",
        "Can you search {np}?", "Will you look up {np} for me?", "Search the encyclopedia for {np}.",
        "What does the internet say about {np}?", "Search for information on {np}.", "search: {np}",
        "Please do an online search for {np}.", "Don't guess, search for {np}.", "Search for {np} and tell me.",
        "Look up {np} and tell me what you find.", "Go online and look for {np}.", "Consult the web about {np}.",
        "Use your search tool for {np}.", "Read up on {np} online.", "Could you check the web for {np}?",
        "Search the net for {np}.", "Dig up {np} on the net.", "Be quick and look up {np}.", "Browse the web for {np}.",
        "Let us look up {np}.", "Would you mind looking up {np}?", "Ask the search engine for {np}.",
        "googling {np} would help", "Try searching for {np}.", "Get {np} from the internet.",
        "I wish you would look up {np}.", "Look in the search index for {np}.", "Better look up {np}.",
        "Open the search and enter {np}.",
    ),
    "zh": (
        "在网上查{np}。", "网上查一下{np}。", "搜：{np}", "搜索：{np}", "查：{np}", "搜{np}。", "搜一下{np}，告诉我。",
        "搜搜看{np}。", "请搜搜{np}。", "麻烦搜一下{np}。", "劳驾查查{np}。", "谷歌一下{np}。", "用搜索引擎找{np}。",
        "看看网上怎么说{np}。", "别猜，查一下{np}。", "不要凭记忆，搜索{np}。", "给我查一查{np}。", "替我查{np}。",
        "我想让你搜索{np}。", "可以搜一下{np}吗？", "能上网找{np}吗？", "能不能查查{np}？", "请检索{np}。",
        "请查找{np}。", "找一找{np}的资料。", "搜索{np}的资料。", "从网上找{np}。", "到网上搜索{np}。", "联网查{np}。",
        "联网搜索{np}。", "查资料：{np}。", "帮忙搜索{np}。", "帮忙查一下{np}。", "快搜一下{np}。", "需要你搜索{np}。",
        "打开搜索，查{np}。", "去搜{np}。", "在搜索框里输入{np}。", "先搜索{np}再回答。",
    ),
}  # fmt: skip
"""Asked in training alone."""
_TRANSLATE = {
    "en": (
        "What is {s} in {to}?", "How do you say {s} in {to}?", "Translate {s} into {to}.",
        "What is the {to} name of {s}?", "Say {s} in {to}.", "What is the {to} word for {s}?",
        "How is {s} called in {to}?", "Give me the {to} name for {s}.", "Translate {s} to {to}.", "{s} in {to}?",
        "What do you call {s} in {to}?", "How would you write {s} in {to}?", "Tell me the {to} for {s}.",
        "Please translate {s} into {to}.", "What does {s} mean in {to}?", "Can you translate {s} into {to}?",
        "I need {s} in {to}.", "Write {s} in {to}.", "How do I say {s} in {to}?",
        "Could you give the {to} name of {s}?", "Put {s} into {to}.", "What's {s} in {to}?",
        "Do you know the {to} name of {s}?", "Which {to} name does {s} have?", "Name {s} in {to}.",
        "How do people say {s} in {to}?", "I want to write {s} in {to}.", "The {to} for {s}?",
        "What would {s} be in {to}?", "Can you say {s} in {to}?",
    ),
    "zh": (
        "{s}用{to}怎么说？", "{s}的{to}是什么？", "{s}{to}怎么说？", "把{s}翻译成{to}。", "{s}翻译成{to}是什么？",
        "请把{s}译成{to}。", "{s}的{to}名是什么？", "{s}用{to}怎么写？", "{s}{to}叫什么？", "告诉我{s}的{to}。",
        "{s}的{to}怎么写？", "帮我把{s}翻译成{to}。", "{s}译成{to}是什么？", "{s}在{to}里叫什么？",
        "我想知道{s}的{to}。", "你知道{s}的{to}吗？", "{s}的{to}名称是什么？", "用{to}说{s}。", "用{to}写出{s}。",
        "翻译成{to}：{s}", "{s}的{to}？", "{s}用{to}怎么讲？", "{s}换成{to}怎么说？", "请用{to}说出{s}。",
        "怎么用{to}说{s}？", "{s}的{to}翻译是什么？", "能把{s}翻译成{to}吗？", "{to}里{s}怎么说？",
        "{s}对应的{to}是什么？", "请翻译{s}为{to}。",
    ),
}  # fmt: skip
_FOLLOW_ENTITY = {
    "en": (
        "And {s}?", "What about {s}?", "How about {s}?", "And for {s}?", "The same for {s}, please.",
        "Same question for {s}.", "And of {s}?", "And what about {s}?", "Now {s}.", "Next: {s}.",
        "What about {s} then?", "Okay, and {s}?", "And in the case of {s}?", "Then {s}?", "Do the same for {s}.",
        "Tell me the same about {s}.", "And how about {s}?", "What if I ask about {s}?", "Also for {s}.", "{s}?",
        "I mean {s} too.", "Now the same for {s}.", "Good. And {s}?", "Thanks. And {s}?", "And now {s}?", "Try {s}.",
        "How is it for {s}?", "And the same for {s}?", "Next one: {s}?", "What is it for {s}?",
    ),
    "zh": (
        "那{s}呢？", "{s}呢？", "还有{s}呢？", "那么{s}呢？", "换成{s}呢？", "{s}的呢？", "那{s}的呢？",
        "再说说{s}。", "如果是{s}呢？", "{s}又如何？", "同样的问题，{s}呢？", "接下来是{s}。", "好的，那{s}呢？",
        "要是{s}呢？", "那{s}又是什么？", "谢谢，那{s}呢？", "{s}也说一下。", "再问{s}。", "下一个：{s}。",
        "同问{s}。", "那你再说说{s}。", "明白了，{s}呢？", "再来一个，{s}？", "那换{s}呢？", "嗯，{s}呢？",
        "也告诉我{s}的。", "还想知道{s}的。", "那对于{s}呢？", "{s}怎么样？", "现在问{s}。",
    ),
}  # fmt: skip
_FOLLOW_RELATION = {
    "en": (
        "And its {noun}?", "What about its {noun}?", "And the {noun}?", "What is its {noun}?",
        "How about the {noun}?", "Tell me its {noun}.", "And what is the {noun}?", "Its {noun}?",
        "Do you know its {noun}?", "The {noun}, too?", "What is the {noun}?", "And its {noun}, please?",
        "I also need the {noun}.", "Now the {noun}.", "Also its {noun}.", "Okay, and its {noun}?",
        "And what about the {noun}?", "Can you tell me its {noun}?", "What about the {noun}?", "Next, its {noun}.",
        "Give me its {noun} as well.", "Thanks. And the {noun}?", "Good. Its {noun}?", "Then the {noun}?",
        "And now its {noun}?", "I want its {noun} too.", "Could you add the {noun}?", "How about its {noun}?",
        "The {noun} as well, please.", "What was its {noun}?",
    ),
    "zh": (
        "那它的{noun}呢？", "它的{noun}呢？", "{noun}呢？", "那{noun}呢？", "它的{noun}是什么？",
        "还有它的{noun}呢？", "再说说它的{noun}。", "那么它的{noun}呢？", "告诉我它的{noun}。", "也说说{noun}。",
        "{noun}是什么？", "还想知道它的{noun}。", "你知道它的{noun}吗？", "再告诉我{noun}。", "好的，它的{noun}呢？",
        "谢谢，那{noun}呢？", "接着说它的{noun}。", "它的{noun}又是什么？", "那它的{noun}是什么？",
        "顺便说说它的{noun}。", "还要它的{noun}。", "明白了，{noun}呢？", "再问一下它的{noun}。",
        "请再说它的{noun}。", "另外，它的{noun}呢？", "嗯，{noun}呢？", "能说说它的{noun}吗？", "关于它的{noun}呢？",
        "我还要知道{noun}。", "下一个问题：它的{noun}？",
    ),
}  # fmt: skip
