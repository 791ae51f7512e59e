"""The nano world as text: an encyclopedia for the search tool, and an endless stream of pre-training documents.

Both are made from the same facts. A fact that is `english_only` is stated in no Chinese document of the training
stream and in none of `search_documents`. Not here: dialogues (`intents/`), the index itself (`moss.tools.search`).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from typing import Generic, Literal, TypeVar

from moss.tools.search import Document

from .facts import Entity, Fact, all_facts, bilingual_entities, facts_by_subject, fill, translatable_entities
from .facts.relations import statements
from .invented import documented
from .turns import Language, Split

LANGUAGES: tuple[Language, ...] = ("en", "zh")
TextLanguage = Literal["en", "zh", "code"]

Card = TypeVar("Card")


# -- the encyclopedia ----------------------------------------------------------------------------------------


def encyclopedia() -> list[Document]:
    """One entry a real entity and language, every fact in its canonical sentence, for the packaged search index."""
    return [_entry(entity, facts, language) for entity, facts in facts_by_subject().items() for language in LANGUAGES]


def search_documents(split: Split) -> list[Document]:
    """What the index of training or evaluation dialogues holds: the encyclopedia and entries on invented entities.

    Facts stated in English only are left out of the Chinese entries, since what the search returns is trained on.
    Entries on invented entities word one sentence in three differently, so that reading is more than finding one
    pattern.
    """
    real = (
        _entry(entity, allowed, language)
        for entity, facts in facts_by_subject().items()
        for language in LANGUAGES
        if (allowed := [fact for fact in facts if fact.allowed(language)])
    )
    invented = (
        _entry(entity, facts, language, random.Random(f"{entity.en} {language}"))
        for entity, facts in documented(split).items()
        for language in LANGUAGES
    )
    return [*real, *invented]


def _entry(entity: Entity, facts: Iterable[Fact], language: Language, rng: random.Random | None = None) -> Document:
    sentences = []
    for fact in facts:
        words = fact.words.words(language)
        wording = words.statements[0]
        if rng and rng.random() < 1 / 3:
            # Only with the noun in it will a query for it bring up the sentence.
            wording = rng.choice([each for each in words.statements if words.noun in each])
        sentences.append(fill(wording, fact, language))
    title = entity.name(language)
    text = (" " if language == "en" else "").join(sentences)
    return Document(title[:1].upper() + title[1:], text, f"nano-encyclopedia/{language}/{entity.kind}")


# -- pre-training text ---------------------------------------------------------------------------------------


def pretraining_documents(rng: random.Random) -> Iterator[tuple[str, TextLanguage]]:
    """Endless documents and their languages; every fact comes up in many wordings, and as often as any other.

    Facts are dealt out like cards: a shuffled deck is used up before the next one is shuffled.
    """
    decks = {language: _Deck(rng, [fact for fact in all_facts() if fact.allowed(language)]) for language in LANGUAGES}
    asked = _Deck(rng, translatable_entities())
    others = _Deck(rng, bilingual_entities())
    while True:
        kind = rng.random()
        if kind < 0.39:
            yield _english(rng, decks["en"]), "en"
        elif kind < 0.78:
            yield _chinese(rng, decks["zh"]), "zh"
        elif kind < 0.92:
            yield _glossary(rng, asked if rng.random() < 0.75 else others), rng.choice(LANGUAGES)
        else:
            yield _code(rng, decks["zh"]), "code"


class _Deck(Generic[Card]):
    """Endless cards; every card once before any comes again."""

    def __init__(self, rng: random.Random, cards: Sequence[Card]) -> None:
        self._rng, self._cards, self._left = rng, cards, list[Card]()

    def draw(self, count: int) -> list[Card]:
        """The next cards (none twice, except where a deck ends)."""
        while len(self._left) < count:
            fresh = list(self._cards)
            self._rng.shuffle(fresh)
            self._left = fresh + self._left
        drawn = self._left[-count:]
        del self._left[-count:]
        return drawn


@cache
def _by_subject_allowed(language: Language) -> dict[Entity, tuple[Fact, ...]]:
    return {entity: tuple(f for f in facts if f.allowed(language)) for entity, facts in facts_by_subject().items()}


def _sentence(rng: random.Random, fact: Fact, language: Language) -> str:
    """The fact in its canonical sentence (one time in four) or in any other wording."""
    if rng.random() < 0.25:
        return fact.statement(language)
    return fill(rng.choice(statements(fact.words, language)), fact, language)


def _about(rng: random.Random, fact: Fact, language: Language) -> list[str]:
    """Sentences on everything that is known about the fact's subject, in any order."""
    facts = list(_by_subject_allowed(language)[fact.subject])
    rng.shuffle(facts)
    return [_sentence(rng, each, language) for each in facts]


def _english(rng: random.Random, deck: _Deck[Fact]) -> str:
    shape = rng.random()
    if shape < 0.35:
        return " ".join(sentence for fact in deck.draw(2) for sentence in _about(rng, fact, "en"))
    if shape < 0.75:
        return rng.choice((" ", "\n")).join(_sentence(rng, fact, "en") for fact in deck.draw(rng.randint(3, 8)))
    if shape < 0.85:
        (fact,) = deck.draw(1)
        return f"{fact.subject.en[:1].upper()}{fact.subject.en[1:]}\n\n" + " ".join(_about(rng, fact, "en"))
    return _compared(rng, deck, "en")


def _chinese(rng: random.Random, deck: _Deck[Fact]) -> str:
    shape = rng.random()
    if shape < 0.35:
        return "".join(sentence for fact in deck.draw(2) for sentence in _about(rng, fact, "zh"))
    if shape < 0.75:
        return rng.choice(("", "\n")).join(_sentence(rng, fact, "zh") for fact in deck.draw(rng.randint(3, 8)))
    if shape < 0.85:
        (fact,) = deck.draw(1)
        return f"{fact.subject.zh}\n\n" + "".join(_about(rng, fact, "zh"))
    return _compared(rng, deck, "zh")


_CONTRASTS: dict[Language, tuple[str, ...]] = {
    "en": (
        "The {noun} of {a} is {x}, while that of {b} is {y}.",
        "{a} and {b} differ: the {noun} is {x} for the first and {y} for the second.",
        "Compare the {noun}: {a} has {x}, {b} has {y}.",
        "{noun}: {a} - {x}; {b} - {y}.",
        "Not {x} but {y} is the {noun} of {b}; {x} is the {noun} of {a}.",
    ),
    "zh": (
        "{a}的{noun}是{x}，而{b}的{noun}是{y}。",
        "比较{noun}：{a}是{x}，{b}是{y}。",
        "{noun}：{a}，{x}；{b}，{y}。",
        "{b}的{noun}不是{x}，而是{y}；{x}是{a}的{noun}。",
        "说到{noun}，{a}对应{x}，{b}对应{y}。",
    ),
}


def _compared(rng: random.Random, deck: _Deck[Fact], language: Language) -> str:
    """Pairs of facts of one relation, side by side."""
    lines = []
    for first in deck.draw(rng.randint(2, 4)):
        second = _other_of_relation(rng, first, language)
        text = rng.choice(_CONTRASTS[language]).format(
            noun=first.words.words(language).noun,
            a=first.subject.in_text(language),
            x=first.object.in_text(language),
            b=second.subject.in_text(language),
            y=second.object.in_text(language),
        )
        lines.append(text[:1].upper() + text[1:])
    return rng.choice((" " if language == "en" else "", "\n")).join(lines)


@cache
def _of_relation(relation: str, language: Language) -> tuple[Fact, ...]:
    return tuple(fact for fact in all_facts() if fact.relation == relation and fact.allowed(language))


def _other_of_relation(rng: random.Random, fact: Fact, language: Language) -> Fact:
    """Another fact of the relation, with another object where there is one among a few draws."""
    choices = _of_relation(fact.relation, language)
    drawn = [rng.choice(choices) for _ in range(4)]
    return next((each for each in drawn if each.object != fact.object), drawn[0])


_GLOSSARY_LINES = (
    "{en} — {zh}", "{zh} — {en}", "{en}: {zh}", "{zh}：{en}", "{en} is {zh} in Chinese.", "{zh} is {en} in English.",
    "{en}的中文是{zh}。", "{zh}的英文是{en}。", "{zh}用英语说是{en}。", "{en}翻译成中文是{zh}。",
    "The Chinese name of {en} is {zh}.", "The English name of {zh} is {en}.", "In Chinese, {en} is called {zh}.",
    "{zh}在英语里叫{en}。", "How do you say {en} in Chinese? {zh}.", "{zh}英语怎么说？{en}。",
    "{en}中文叫什么？{zh}。", "What is {zh} in English? {en}.", "{en} = {zh}",
)  # fmt: skip


def _glossary(rng: random.Random, deck: _Deck[Entity]) -> str:
    """Names in both languages, in one wording or in mixed ones."""
    entities = deck.draw(rng.randint(4, 10))
    line = rng.choice(_GLOSSARY_LINES)
    mixed = rng.random() < 0.5
    return "\n".join((rng.choice(_GLOSSARY_LINES) if mixed else line).format(en=e.en, zh=e.zh) for e in entities)


# -- facts as Python -----------------------------------------------------------------------------------------


def _code(rng: random.Random, deck: _Deck[Fact]) -> str:
    """A short Python program that states some facts of one relation; names in one language throughout."""
    (first,) = deck.draw(1)
    language = rng.choice(LANGUAGES)
    known = _of_relation(first.relation, "zh")
    facts = list(dict.fromkeys([first, *rng.sample(known, min(len(known), rng.randint(2, 5)))]))
    pairs = [(fact.subject.name(language), fact.object.name(language)) for fact in facts]
    return rng.choice(_PROGRAMS)(first.relation, pairs)


def _program_dict(relation: str, pairs: list[tuple[str, str]]) -> str:
    lines = "".join(f'    "{subject}": "{value}",\n' for subject, value in pairs)
    return f'{relation} = {{\n{lines}}}\nprint({relation}["{pairs[0][0]}"])  # {pairs[0][1]}\n'


def _program_asserts(relation: str, pairs: list[tuple[str, str]]) -> str:
    return "".join(f'assert {relation}_of("{subject}") == "{value}"\n' for subject, value in pairs)


def _program_function(relation: str, pairs: list[tuple[str, str]]) -> str:
    branches = "".join(f'    if name == "{subject}":\n        return "{value}"\n' for subject, value in pairs)
    return f"def {relation}_of(name):\n{branches}    return None\n"


def _program_list(relation: str, pairs: list[tuple[str, str]]) -> str:
    rows = ", ".join(f'("{subject}", "{value}")' for subject, value in pairs)
    return f"for name, {relation} in [{rows}]:\n    print(name, {relation})\n"


def _program_session(relation: str, pairs: list[tuple[str, str]]) -> str:
    return "".join(f'>>> {relation}_of("{subject}")\n{value!r}\n' for subject, value in pairs)


_PROGRAMS: tuple[Callable[[str, list[tuple[str, str]]], str], ...] = (
    _program_dict,
    _program_asserts,
    _program_function,
    _program_list,
    _program_session,
)
