"""The real facts, the invented entities, and the turns that ask for them."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace

import pytest
from babel.languages import get_official_languages

from moss.conversation import Citation, ToolCall
from moss.recipes.nano.facts import (
    Fact,
    all_entities,
    all_facts,
    bilingual_entities,
    facts_by_subject,
    is_english_only,
    translatable_entities,
)
from moss.recipes.nano.facts.__main__ import main as print_statistics
from moss.recipes.nano.facts.relations import (
    REAL,
    RELATIONS,
    direct_questions,
    framed_questions,
    questions_in_training,
    statements,
)
from moss.recipes.nano.facts.tables import _rows
from moss.recipes.nano.intents import facts as intents
from moss.recipes.nano.invented import DOCUMENTED, KINDS, documented, invent
from moss.recipes.nano.turns import Language, Split, Turn
from moss.recipes.nano.wording import held_out

LANGUAGES: tuple[Language, ...] = ("en", "zh")
SPLITS: tuple[Split, ...] = ("train", "eval")
ON, OFF = frozenset({"Search"}), frozenset({"Calculate"})


def find(subject: str, relation: str) -> Fact:
    return next(f for f in all_facts() if f.subject.en == subject and f.relation == relation)


# -- the facts -----------------------------------------------------------------------------------------------


def test_there_are_1500_facts_in_both_languages_and_a_fifth_more_in_english_only() -> None:
    facts = all_facts()
    both = [fact for fact in facts if not fact.english_only]
    assert len(both) >= 1500
    assert len(facts) <= 1900
    assert 0.17 <= 1 - len(both) / len(facts) <= 0.23


@pytest.mark.parametrize(
    ("subject", "relation", "en", "zh"),
    [
        ("France", "capital", "Paris", "巴黎"),
        ("Australia", "capital", "Canberra", "堪培拉"),
        ("Bulgaria", "currency", "euro", "欧元"),
        ("Japan", "currency", "Japanese yen", "日元"),
        ("China", "currency", "Chinese yuan", "人民币"),
        ("Brazil", "language", "Portuguese", "葡萄牙语"),
        ("Egypt", "continent", "Africa", "非洲"),
        ("United Kingdom", "calling_code", "+44", "+44"),
        ("Osaka", "country", "Japan", "日本"),
        ("Ottawa", "country", "Canada", "加拿大"),
        ("Machu Picchu", "country", "Peru", "秘鲁"),
        ("gold", "symbol", "Au", "Au"),
        ("oganesson", "number", "118", "118"),
        ("Mars", "position", "fourth", "第四"),
        ("Neptune", "type", "ice giant", "冰巨星"),
        ("Tang dynasty", "founder", "Li Yuan", "李渊"),
        ("Ming dynasty", "end", "1644 AD", "公元1644年"),
        ("telephone", "inventor", "Alexander Graham Bell", "贝尔"),
        ("World Wide Web", "year", "1989", "1989"),
        ("Hamlet", "author", "William Shakespeare", "莎士比亚"),
        ("Dream of the Red Chamber", "author", "Cao Xueqin", "曹雪芹"),
        ("Starry Night", "painter", "Vincent van Gogh", "梵高"),
        ("Swan Lake", "composer", "Pyotr Tchaikovsky", "柴可夫斯基"),
        ("hour", "size", "60 minutes", "60分钟"),
    ],
)
def test_facts_are_true(subject: str, relation: str, en: str, zh: str) -> None:
    subjects = [f for f in all_facts() if f.subject.en in (subject, f"The {subject}") and f.relation == relation]
    assert [(f.object.en, f.object.zh) for f in subjects] == [(en, zh)]


def test_official_languages_are_official_in_cldr_too() -> None:
    """CLDR knows Australia, Mexico and the United States as de facto."""
    for code, *_, language in _rows("countries"):
        if language != "-":
            assert language in get_official_languages(code, de_facto=True), code


def test_elements_have_each_number_and_each_symbol_once() -> None:
    numbers = [f.object.en for f in all_facts() if f.relation == "number"]
    symbols = [f.object.en for f in all_facts() if f.relation == "symbol"]
    assert numbers == [str(n) for n in range(1, 119)]
    assert len(set(symbols)) == 118
    assert all(len(symbol) <= 2 and symbol.istitle() for symbol in symbols)


def test_names_are_plain() -> None:
    for entity in all_entities():
        assert entity.en.isascii(), entity
        assert entity.en == entity.en.strip().removeprefix("the "), entity
        assert not set(entity.en + entity.zh) & set("&()（）\t"), entity
        assert entity.zh, entity
        if entity.kind != "value":
            assert any(char >= "㐀" for char in entity.zh), entity


def test_no_two_entities_share_a_name_except_mercury() -> None:
    for language in LANGUAGES:
        named = Counter(e.name(language).lower() for e in all_entities() if e.kind != "value")
        assert {name for name, count in named.items() if count > 1} <= {"mercury"}


def test_a_capital_and_its_country_do_not_give_each_other_away() -> None:
    for fact in all_facts():
        if fact.relation == "capital" and fact.subject.kind == "country":
            back = next(f for f in facts_by_subject()[fact.object] if f.relation == "country")
            assert (back.object, back.english_only) == (fact.subject, fact.english_only)


def test_english_only_is_the_same_on_every_machine() -> None:
    assert [key for key in map(str, range(20)) if is_english_only(key)] == ["4", "9", "16"]


def test_articles_stand_in_text_and_not_in_queries() -> None:
    fact = find("Netherlands", "capital")
    assert fact.statement("en") == "The capital of the Netherlands is Amsterdam."
    assert (fact.query("en"), fact.query("zh")) == ("capital of Netherlands", "荷兰的首都")


def test_stated_in_takes_any_document_wording_and_no_other_subject() -> None:
    fact = find("Guinea", "capital")
    assert fact.stated_in("Guinea: Conakry is the capital of Guinea.", "en")
    assert fact.stated_in("THE CAPITAL OF GUINEA IS CONAKRY", "en")
    assert not fact.stated_in("The capital of Guinea-Bissau is Bissau.", "en")
    assert not fact.stated_in("The country of Conakry is Guinea.", "en")


def test_statistics_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    print_statistics()
    printed = capsys.readouterr().out
    assert f"{len(all_facts())}" in printed
    assert "english only" in printed


# -- wordings ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", RELATIONS)
def test_every_relation_can_be_asked_in_thirty_ways(name: str, language: Language) -> None:
    relation = RELATIONS[name]
    asked = (*direct_questions(relation, language), *framed_questions(relation, language))
    assert len(direct_questions(relation, language)) >= 5  # fewer would leave none to hold out
    assert len(set(asked)) >= 30
    assert all(question.count("{s}") == 1 and "{np}" not in question and "{q}" not in question for question in asked)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", REAL)
def test_every_relation_is_stated_in_dozens_of_ways_and_never_with_a_held_out_question(
    name: str, language: Language
) -> None:
    relation = REAL[name]
    templates = statements(relation, language)
    assert len(set(templates)) >= 24
    assert all("{s}" in t and "{o}" in t and "np}" not in t and "{q}" not in t for t in templates)
    held = direct_questions(relation, language)[4].rstrip("？")
    assert not any(held in template for template in templates)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_only_training_asks_holds_no_question_of_evaluation(language: Language) -> None:
    for relation in RELATIONS.values():
        held = {
            q.rstrip("?？。.") for ask in (direct_questions, framed_questions) for q in ask(relation, language)[4::5]
        }
        direct = [q.rstrip("？?") for q in direct_questions(relation, language)[4::5]]
        more = questions_in_training(relation, language)
        assert not held & {question.rstrip("?？。.") for question in more}
        assert not [question for question in more if any(q in question for q in direct)]


# -- invented entities ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("split", SPLITS)
def test_documented_entities_belong_to_their_split_and_are_not_real(split: Split) -> None:
    real = {name.lower() for e in all_entities() for name in (e.en, e.zh)}
    found = documented(split)
    assert len(found) == DOCUMENTED[split]
    assert {e.kind for e in found} == set(KINDS)
    for entity, facts in found.items():
        assert held_out(entity.en) == (split == "eval")
        assert not {entity.en.lower(), entity.zh} & real
        assert len({f.relation for f in facts}) == len(facts) >= 3 - (len(KINDS[entity.kind].facts) < 3)


def test_chinese_names_of_documented_entities_are_unique_in_their_index() -> None:
    for split in SPLITS:
        assert len({e.zh for e in documented(split)}) == DOCUMENTED[split]


def test_invented_names_have_no_document() -> None:
    rng = random.Random(0)
    for split in SPLITS:
        for _ in range(300):
            entity = invent(rng, split)
            assert held_out(entity.en) == (split == "eval")
            assert entity not in documented("train")
            assert entity not in documented("eval")


# -- turns ---------------------------------------------------------------------------------------------------

INTENTS = (intents.fact, intents.lookup, intents.unknown, intents.translate)


def searched(turn: Turn, *snippets: str) -> str:
    """The turn's reply after a search that found the snippets."""
    citations = tuple(Citation(n, "title", "source", text) for n, text in enumerate(snippets, start=1))
    (step,) = turn.steps
    return turn.reply([replace(call, citations=citations, status="ok") for call in step.calls])


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("tools", [ON, OFF, frozenset[str]()], ids=["search on", "search off", "no tools"])
@pytest.mark.parametrize("split", SPLITS)
def test_turns_keep_to_the_tools_that_are_on(language: Language, tools: frozenset[str], split: Split) -> None:
    rng = random.Random(1)
    for intent in INTENTS:
        for _ in range(40):
            turn = intent(rng, language, split, tools, None)
            assert turn is not None
            assert {call.name for step in turn.steps for call in step.calls} <= tools
            assert "{" not in turn.user + turn.reply([])
            assert turn.language == language
            if not turn.steps:
                assert turn.thought
                assert all(answer in turn.reply([]) for answer in turn.answer)


def test_a_fact_is_searched_for_and_read_with_its_citation() -> None:
    fact = find("Netherlands", "capital")
    turn = intents.fact_turn(random.Random(2), fact, "en", "train", ON)
    assert turn.steps[0].calls == (ToolCall("Search", "capital of Netherlands"),)
    reply = searched(
        turn, "The country of Amsterdam is the Netherlands.", "The capital of the Netherlands is Amsterdam."
    )
    assert reply == "The capital of the Netherlands is Amsterdam<sup><|2|></sup>."
    assert all(answer in reply for answer in turn.answer)


def test_a_search_without_the_answer_is_not_made_up() -> None:
    fact = find("Netherlands", "capital")
    turn = intents.fact_turn(random.Random(2), fact, "zh", "train", ON)
    reply = searched(turn, "荷兰的货币是欧元。")
    assert "荷兰的首都" in reply
    assert not any(answer in reply for answer in turn.answer)


def test_with_the_search_off_a_fact_is_remembered() -> None:
    fact = find("gold", "symbol")
    turn = intents.fact_turn(random.Random(3), fact, "en", "train", OFF)
    assert (turn.steps, turn.reply([]), turn.outcome) == ((), "The chemical symbol of gold is Au.", "answer")


def test_asked_to_search_while_it_is_off_it_says_so() -> None:
    rng = random.Random(4)
    for language in LANGUAGES:
        turn = intents.lookup(rng, language, "train", OFF, None)
        assert turn is not None
        assert (turn.steps, turn.answer, turn.outcome) == ((), (), "tool_off")


def test_looking_an_entity_up_tells_the_first_thing_found() -> None:
    rng = random.Random(5)
    turns = (intents.lookup(rng, "en", "train", ON, None) for _ in range(200))
    turn = next(t for t in turns if t and "relation" not in t.memory)
    entity = turn.memory["entity"]
    fact = (facts_by_subject().get(entity) or documented("train")[entity])[0]
    reply = searched(turn, fact.statement("en"))
    assert all(answer in reply for answer in turn.answer)
    assert not all(answer in searched(turn, "Something else entirely.") for answer in turn.answer)


def test_the_unknown_is_admitted_and_names_what_was_asked() -> None:
    rng = random.Random(6)
    for language in LANGUAGES:
        for tools in (ON, OFF):
            turn = intents.unknown(rng, language, "eval", tools, None)
            assert turn is not None
            assert (turn.outcome, turn.answer, bool(turn.steps)) == ("unknown", (), tools is ON)


def test_english_only_facts_are_never_asked_in_chinese() -> None:
    rng = random.Random(7)
    only = {(f.subject, f.relation) for f in all_facts() if f.english_only}
    previous = None
    for _ in range(4000):
        turn = intents.fact(rng, "zh", "train", OFF, None)
        assert turn is not None
        previous = intents.fact_follow_up(rng, "zh", "train", OFF, turn)
        for each in filter(None, (turn, previous)):
            assert (each.memory["entity"], each.memory["relation"]) not in only


@pytest.mark.parametrize("language", LANGUAGES)
def test_follow_ups_lean_on_the_last_turn(language: Language) -> None:
    rng = random.Random(8)
    kinds = Counter[str]()
    for _ in range(300):
        first = intents.fact(rng, language, "train", OFF, None)
        turn = intents.fact_follow_up(rng, language, "train", OFF, first)
        if first is None or turn is None:
            continue
        same_entity = turn.memory["entity"] == first.memory["entity"]
        assert same_entity != (turn.memory["relation"] == first.memory["relation"])
        kinds["entity" if same_entity else "relation"] += 1
        assert turn.answer[0] in turn.reply([])
    assert min(kinds["entity"], kinds["relation"]) > 50


def test_there_is_no_follow_up_to_nothing() -> None:
    talk = Turn("Hi", "en", "small_talk", lambda calls: "Hello!", memory={"entity": "Paris"})
    for previous in (None, talk):
        assert intents.fact_follow_up(random.Random(0), "en", "train", ON, previous) is None


def test_names_are_translated_both_ways() -> None:
    rng = random.Random(9)
    targets = set()
    for _ in range(50):
        turn = intents.translate(rng, "en", "train", ON, None)
        assert turn is not None
        entity = turn.memory["entity"]
        assert entity in translatable_entities()
        assert turn.steps == ()
        assert {entity.en, entity.zh} == {turn.answer[0], entity.zh if turn.answer[0] == entity.en else entity.en}
        assert entity.en in turn.reply([]) or entity.en[0].upper() + entity.en[1:] in turn.reply([])
        assert entity.zh in turn.reply([])
        targets.add("en" if turn.answer[0] == entity.en else "zh")
    assert targets == {"en", "zh"}
    assert set(translatable_entities()) <= set(bilingual_entities())


def test_training_and_evaluation_ask_in_different_words() -> None:
    fact = find("France", "capital")
    asked: dict[Split, set[str]] = {}
    for split in SPLITS:
        rng = random.Random(10)
        turns = (intents.fact_turn(rng, fact, "zh", split, OFF) for _ in range(400))
        asked[split] = {turn.user for turn in turns}
    assert len(asked["train"]) > 60
    assert not asked["train"] & asked["eval"]


def test_turns_depend_on_the_seed_alone() -> None:
    def users(seed: int) -> list[str]:
        rng = random.Random(seed)
        return [turn.user for intent in INTENTS for _ in range(5) if (turn := intent(rng, "en", "train", ON, None))]

    assert users(1) == users(1) != users(2)
