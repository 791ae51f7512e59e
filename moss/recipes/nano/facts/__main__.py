"""Prints how many facts there are, by relation and by kind: `python -m moss.recipes.nano.facts`."""

from __future__ import annotations

from collections import Counter

from . import all_entities, all_facts, bilingual_entities


def main() -> None:
    """Prints the counts and the share of facts that only English text states."""
    facts = all_facts()
    english_only = Counter(fact.relation for fact in facts if fact.english_only)
    print(f"{'relation':<14}{'facts':>7}{'both':>7}{'english only':>14}")
    for relation, count in Counter(fact.relation for fact in facts).most_common():
        print(f"{relation:<14}{count:>7}{count - english_only[relation]:>7}{english_only[relation]:>14}")
    only = english_only.total()
    print(f"{'all':<14}{len(facts):>7}{len(facts) - only:>7}{only:>14}  ({only / len(facts):.1%} english only)")
    kinds = Counter(entity.kind for entity in all_entities())
    print("entities:", ", ".join(f"{kind} {count}" for kind, count in kinds.most_common()))
    print(f"named in both languages: {len(bilingual_entities())}")


if __name__ == "__main__":
    main()
