import random
from itertools import pairwise

import pytest

from moss.recipes.nano.wording import belongs, chinese_numeral, choose, decorate, english_numeral, held_out, phrase

TEMPLATES = tuple(f"template {n}" for n in range(13))


def test_choose_keeps_every_fifth_template_for_eval():
    rng = random.Random(1)
    trained = {choose(rng, TEMPLATES, "train") for _ in range(500)}
    evaluated = {choose(rng, TEMPLATES, "eval") for _ in range(500)}
    assert evaluated == {"template 4", "template 9"}
    assert trained == set(TEMPLATES) - evaluated


def test_more_templates_are_for_training_alone_and_leave_evaluation_as_it_is():
    more = ("another", "one more")
    trained = {choose(random.Random(n), TEMPLATES, "train", more) for n in range(500)}
    assert trained == {*TEMPLATES, *more} - {"template 4", "template 9"}
    for seed in range(50):
        with_more = choose(random.Random(seed), TEMPLATES, "eval", more)
        assert with_more == choose(random.Random(seed), TEMPLATES, "eval")


def test_choose_refuses_lists_that_leave_nothing_to_hold_out():
    with pytest.raises(ValueError, match="4 templates"):
        choose(random.Random(1), TEMPLATES[:4], "eval")


def test_one_name_in_ten_is_held_out_for_good():
    names = [f"name {n}" for n in range(5000)]
    held = [name for name in names if held_out(name)]
    assert 400 < len(held) < 600
    assert all(belongs(name, "eval") != belongs(name, "train") for name in names)
    # Pinned: a checkpoint is evaluated by another version of the code than made its training data.
    assert [n for n in range(100) if held_out(str(n))] == [16, 21, 30, 32, 39, 76, 82, 90, 97]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_decoration_never_touches_slots_or_their_text(language):
    rng = random.Random(2)
    templates = {
        "en": ["What is {e}?", "Calculate {e}.", "Please tell me {e}.", "{e} equals what?", "Find {e}."],
        "zh": ["{e}等于多少？", "计算{e}。", "请告诉我{e}。", "{e}是几？", "求{e}，谢谢。"],
    }[language]
    copied = "Mount Kilimanjaro?! 3.5*(2，1) The"
    for _ in range(2000):
        assert copied in phrase(rng, language, "train", templates, e=copied)


@pytest.mark.parametrize(("language", "text"), [("en", "What is the answer to {e}?"), ("zh", "{e}，到底等于多少？")])
def test_decoration_varies(language, text):
    rng = random.Random(3)
    seen = {decorate(rng, text, language) for _ in range(500)}
    assert len(seen) > 25
    assert text in seen
    assert all(variant.count("{e}") == 1 for variant in seen)


def test_impolite_decoration_adds_no_greeting():
    rng = random.Random(4)
    assert not any("hi" in decorate(rng, "Go on.", "en", polite=False).lower() for _ in range(500))


@pytest.mark.parametrize(
    ("n", "text"),
    [
        (0, "零"), (10, "十"), (15, "十五"), (48, "四十八"), (101, "一百零一"), (110, "一百一十"), (1001, "一千零一"),
        (10500, "一万零五百"), (2024, "二千零二十四"),
        (110000, "十一万"), (100000000, "一亿"), (120030000, "一亿二千零三万"),
    ],
)  # fmt: skip
def test_chinese_numerals(n, text):
    assert chinese_numeral(n) == text


@pytest.mark.parametrize(
    ("n", "text"),
    [
        (0, "zero"), (13, "thirteen"), (40, "forty"), (48, "forty-eight"), (115, "one hundred and fifteen"),
        (1200, "one thousand two hundred"), (1001, "one thousand and one"),
    ],
)  # fmt: skip
def test_english_numerals(n, text):
    assert english_numeral(n) == text


@pytest.mark.parametrize("numeral", [chinese_numeral, english_numeral])
def test_numerals_are_distinct_and_bounded(numeral):
    texts = sorted(numeral(n) for n in range(20000))
    assert all(a != b for a, b in pairwise(texts))
    with pytest.raises(ValueError, match="outside"):
        numeral(-1)
    with pytest.raises(ValueError, match="outside"):
        numeral(10**12)
