"""The real facts of the nano world: entities with names in both languages, and what stands in which relation to what.

One fact in five is `english_only`: pre-training and dialogues state and ask it in English alone, so that asking it in
Chinese measures what crosses from one language to the other. Here are values and look-ups; `tables.py` reads the
tables, `relations.py` has the words.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from ..turns import Language
from .relations import RELATIONS, Relation


@dataclass(frozen=True, slots=True)
class Entity:
    """Something with a name in both languages."""

    en: str
    """English name without an article: it is what a query uses."""
    zh: str
    kind: str
    article: bool = False
    """Whether English text says "the" before it."""

    def name(self, language: Language) -> str:
        """The bare name."""
        return self.en if language == "en" else self.zh

    def in_text(self, language: Language) -> str:
        """The name as it stands inside a sentence."""
        return f"the {self.en}" if self.article and language == "en" else self.name(language)


@dataclass(frozen=True, slots=True)
class Fact:
    """`subject` stands in `relation` to `object`."""

    subject: Entity
    relation: str
    object: Entity
    english_only: bool = False

    @property
    def words(self) -> Relation:
        """The relation with its templates."""
        return RELATIONS[self.relation]

    def allowed(self, language: Language) -> bool:
        """Whether text in the language may state the fact."""
        return language == "en" or not self.english_only

    def statement(self, language: Language) -> str:
        """The canonical sentence that states it."""
        return fill(self.words.words(language).statements[0], self, language)

    def stated_in(self, text: str, language: Language) -> bool:
        """Whether the text states it in one of the wordings that documents use; case does not matter."""
        lowered = text.lower()
        wordings = self.words.words(language).statements
        return any(fill(wording, self, language).rstrip(".。").lower() in lowered for wording in wordings)

    def query(self, language: Language) -> str:
        """What to search for."""
        return self.words.query(self.subject.name(language), language)


def fill(template: str, fact: Fact, language: Language) -> str:
    """A statement template about the fact, as a sentence that starts with a capital letter."""
    text = template.format(s=fact.subject.in_text(language), o=fact.object.in_text(language))
    return text[:1].upper() + text[1:]


def is_english_only(key: str) -> bool:
    """One key in five, the same on every machine. Facts that give each other away share a key."""
    return hashlib.blake2b(key.encode(), digest_size=4, person=b"english-only").digest()[0] % 5 == 0


@lru_cache(maxsize=1)
def all_facts() -> tuple[Fact, ...]:
    """Every real fact, one for each subject and relation; needs Babel."""
    from .tables import read_facts

    return read_facts()


@lru_cache(maxsize=1)
def facts_by_subject() -> Mapping[Entity, tuple[Fact, ...]]:
    """The real facts grouped by what they are about."""
    grouped: dict[Entity, list[Fact]] = {}
    for fact in all_facts():
        grouped.setdefault(fact.subject, []).append(fact)
    return MappingProxyType({subject: tuple(facts) for subject, facts in grouped.items()})


@lru_cache(maxsize=1)
def all_entities() -> tuple[Entity, ...]:
    """Everything the facts name, subjects and objects, in the order of the tables."""
    return tuple(dict.fromkeys(entity for fact in all_facts() for entity in (fact.subject, fact.object)))


@lru_cache(maxsize=1)
def bilingual_entities() -> tuple[Entity, ...]:
    """Entities with real names in both languages (no numbers or symbols) that Chinese text may mention."""
    mentioned = {entity for fact in all_facts() if not fact.english_only for entity in (fact.subject, fact.object)}
    return tuple(e for e in all_entities() if e in mentioned and e.kind != "value" and e.en != e.zh)


@lru_cache(maxsize=1)
def translatable_entities() -> tuple[Entity, ...]:
    """Those whose names dialogues translate; Mercury is left out, being a planet and an element."""
    kinds = {"country", "city", "element", "language", "planet", "continent"}
    return tuple(e for e in bilingual_entities() if e.kind in kinds and e.en.lower() != "mercury")
