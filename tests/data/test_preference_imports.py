"""Importers of preferences: what each format becomes, which records are refused and why, and the real data."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moss.chat_format import render_text
from moss.conversation import (
    Candidate,
    Conversation,
    Message,
    PreferencePair,
    Ranking,
    ToolCall,
    read_pairs,
    write_pairs,
    write_rankings,
)
from moss.data.preference_imports import PAIR_IMPORTERS, RANKING_IMPORTERS, pair_importer, ranking_importer
from moss.data.preferences import EQUAL_SCORES, clean, measure_pairs, pairs_of_ranking
from moss.data.sources import BadRecord
from moss.errors import UserError

Found = PreferencePair | Ranking


def imported(folder: Path, format_name: str, *found: Any) -> tuple[list[Any], list[BadRecord]]:
    path = folder / "records.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in found), encoding="utf-8")
    bad: list[BadRecord] = []
    return list({**PAIR_IMPORTERS, **RANKING_IMPORTERS}[format_name](path, bad.append)), bad


def one(folder: Path, format_name: str, record: Any) -> Any:
    good, bad = imported(folder, format_name, record)
    assert bad == []
    return good[0]


def refusal(folder: Path, format_name: str, record: Any) -> str:
    good, bad = imported(folder, format_name, record)
    assert good == []
    return bad[0].reason


def user(text: str) -> Message:
    return Message("user", text)


def reply(text: str) -> Message:
    return Message("assistant", text)


# --- chosen and rejected

SIDES = {"chosen": "Good.", "rejected": "Bad."}
TURNS = {
    "chosen": {"role": "assistant", "content": "Good."},
    "rejected": [{"role": "assistant", "content": "Bad."}],
}
ASKED = {"role": "user", "content": "How?"}


@pytest.mark.parametrize(
    "record",
    [
        {"conversations": [{"from": "human", "value": "How?"}], **SIDES},
        {
            "conversations": [{"from": "human", "value": "How?"}],
            "chosen": {"from": "gpt", "value": "Good."},
            "rejected": [{"from": "gpt", "value": "Bad."}],
        },
        {"messages": [ASKED], **TURNS},
        {"prompt": "How?", **SIDES},
        {"prompt": [ASKED], **TURNS},
        {"prompt": "How?", "chosen": [ASKED, TURNS["chosen"]], "rejected": [ASKED, *TURNS["rejected"]]},
        {"chosen": [ASKED, TURNS["chosen"]], "rejected": [ASKED, *TURNS["rejected"]]},
        {"question": "How?", **SIDES},
        {"instruction": "How?", "input": "", **SIDES},
    ],
)
def test_a_prompt_with_two_sides(tmp_path: Path, record: Any) -> None:
    meta = {"source": "chosen-rejected", "language": "en"}
    expected = PreferencePair(Conversation((user("How?"),)), (reply("Good."),), (reply("Bad."),), meta=meta)
    assert one(tmp_path, "chosen-rejected", record) == expected


def test_a_dialogue_before_the_sides_and_its_system_text(tmp_path: Path) -> None:
    turns = [{"from": "human", "value": "你好"}, {"from": "gpt", "value": "你好！"}, {"from": "human", "value": "再见"}]
    found = one(tmp_path, "chosen-rejected", {"system": "Be kind.", "conversations": turns, "id": 7, **SIDES})
    assert found.context.messages == (Message("system", "Be kind."), user("你好"), reply("你好！"), user("再见"))
    assert found.meta == {"source": "chosen-rejected", "language": "zh", "id": 7}
    question = one(tmp_path, "chosen-rejected", {"system": "Be kind.", "question": "How?", **SIDES})
    assert question.context.messages == (Message("system", "Be kind."), user("How?"))


def test_an_instruction_with_its_input(tmp_path: Path) -> None:
    found = one(tmp_path, "chosen-rejected", {"instruction": "Add.", "input": "1 1", **SIDES})
    assert found.context.messages == (user("Add.\n1 1"),)


WEATHER = json.dumps([{"name": "get_weather", "parameters": {"properties": {"city": {}}}}])
IN_ROME = {"conversations": [{"from": "human", "value": "Rome?"}], "tools": WEATHER}


def test_a_side_that_calls(tmp_path: Path) -> None:
    action = 'Action: get_weather\nAction Input: {"city": "Rome"}\n'
    found = one(tmp_path, "chosen-rejected", {**IN_ROME, "chosen": action, "rejected": "It rains."})
    assert found.chosen == (Message("assistant", None, None, (ToolCall("get_weather", "Rome"),)),)
    assert found.context.tools == ("get_weather",)
    call = {"from": "function_call", "value": json.dumps({"name": "get_weather", "arguments": {"city": "Rome"}})}
    assert one(tmp_path, "chosen-rejected", {**IN_ROME, "chosen": call, "rejected": "It rains."}) == found
    assert render_text(Conversation((*found.context.messages, *found.chosen))).endswith(
        '<|Commands|>: get_weather("Rome")<eoc>\n'
    )


def test_sides_after_the_same_call_are_whole_turns(tmp_path: Path) -> None:
    call = {"from": "function_call", "value": json.dumps({"name": "get_weather", "arguments": {"city": "Rome"}})}
    turns = [*IN_ROME["conversations"], call, {"from": "observation", "value": "rain"}]
    found = one(tmp_path, "chosen-rejected", {**IN_ROME, "conversations": turns, **SIDES})
    called = (ToolCall("get_weather", "Rome", "rain", "ok"),)
    assert found.context.messages[-1] == user("Rome?")
    assert found.chosen == (Message("assistant", "Good.", None, called),)
    assert found.rejected == (Message("assistant", "Bad.", None, called),)


def test_scores_become_the_margin(tmp_path: Path) -> None:
    record = {"prompt": "How?", **SIDES, "score_chosen": 8.5, "score_rejected": 3}
    assert one(tmp_path, "chosen-rejected", record).margin == 5.5


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"chosen": "Bad."}, "the two sides are equal"),
        ({"rejected": "\n"}, "the rejected side is empty"),
        ({"rejected": []}, "the rejected side is empty"),
        ({"rejected": None}, "rejected: message 2: expected an object with role, found NoneType"),
        ({"rejected": [ASKED, {"role": "user", "content": "?"}]}, "rejected: message 2: the user speaks before"),
        ({"rejected": [{**ASKED, "content": "Why?"}, TURNS["chosen"]]}, "the two sides answer different dialogues"),
        ({"prompt": {}}, "chosen: message 1: no role"),
        ({"prompt": 7}, "chosen: message 1: expected an object with role, found int"),
        ({"chosen_score": 1, "rejected_score": 1}, "chosen_score and rejected_score are equal (1)"),
        ({"chosen_score": 1, "rejected_score": 2}, "chosen_score (1) is below rejected_score (2)"),
    ],
)
def test_sides_that_make_no_pair(tmp_path: Path, changes: dict[str, Any], reason: str) -> None:
    assert refusal(tmp_path, "chosen-rejected", {"prompt": "How?", **SIDES, **changes}).startswith(reason)


def test_records_that_lack_something(tmp_path: Path) -> None:
    assert refusal(tmp_path, "chosen-rejected", SIDES).startswith("chosen: nothing that it answers")
    assert refusal(tmp_path, "chosen-rejected", {"prompt": "How?", "chosen": "Good."}) == "no rejected"
    assert refusal(tmp_path, "chosen-rejected", ["How?"]) == "expected an object, found list"


# --- transcripts and verdicts


def test_hh(tmp_path: Path) -> None:
    start = "\n\nHuman: Hi.\n\nAssistant: Hello.\n\nHuman: How?\n\nAssistant:"
    found = one(tmp_path, "hh", {"chosen": f"{start} Good.\n\nAs I said.", "rejected": f"{start} Bad."})
    assert found.context == Conversation((user("Hi."), reply("Hello."), user("How?")))
    assert (found.chosen, found.rejected) == ((reply("Good.\n\nAs I said."),), (reply("Bad."),))


@pytest.mark.parametrize(
    ("chosen", "rejected", "reason"),
    [
        ("\n\nHuman: A?\n\nAssistant: B.", "\n\nHuman: A?\n\nAssistant: B.", "the two sides are equal"),
        ("\n\nHuman: A?\n\nAssistant:", "\n\nHuman: A?\n\nAssistant: B.", "the chosen side is empty"),
        ("\n\nHuman: A?\n\nAssistant: C.", "\n\nHuman: D?\n\nAssistant: B.", "the two sides answer different"),
        ("\n\nHuman: A?\n\nHuman: A!\n\nAssistant: C.", "", "chosen: message 2: the user speaks before"),
        ("A?", "B.", "chosen: the transcript does not begin with Human:"),
        ("\n\nHuman: A?", "\n\nHuman: A?", "the chosen side is empty"),
        ("", "", "chosen: no messages"),
    ],
)
def test_transcripts_that_make_no_pair(tmp_path: Path, chosen: str, rejected: str, reason: str) -> None:
    assert refusal(tmp_path, "hh", {"chosen": chosen, "rejected": rejected}).startswith(reason)


def alpaca_eval(preference: Any) -> dict[str, Any]:
    outputs = {"output_1": "One.", "output_2": "Two.", "model_1": "m1", "generator_2": "m2"}
    return {"instruction": "Count.", **outputs, "preference": preference}


def test_alpaca_eval(tmp_path: Path) -> None:
    for preference, better, worse in ((1, "One.", "Two."), (1.9, "Two.", "One.")):
        found = one(tmp_path, "alpaca-eval", alpaca_eval(preference))
        assert (found.chosen, found.rejected) == ((reply(better),), (reply(worse),))
    assert (found.meta["chosen_source"], found.meta["rejected_source"]) == ("m2", "m1")
    assert refusal(tmp_path, "alpaca-eval", alpaca_eval(1.5)) == "preference is 1.5, a draw"
    assert refusal(tmp_path, "alpaca-eval", alpaca_eval(None)) == "preference must be a number from 1 to 2, not None"


# --- labels and ranks


def labelled(text: str, label: Any, prompt: str = "How?") -> dict[str, Any]:
    answer = {"role": "assistant", "content": text}
    return {"messages": [{"role": "user", "content": prompt}, answer], "label": label}


def test_kto_labels_are_scores_and_both_labels_of_a_prompt_make_pairs(tmp_path: Path) -> None:
    lines = [labelled("Good.", True), labelled("Fine.", True, "Why?"), labelled("Bad.", False)]
    both, alone = imported(tmp_path, "kto", *lines)[0]
    assert both.candidates == (Candidate((reply("Good."),), score=1.0), Candidate((reply("Bad."),), score=0.0))
    assert both.meta == {"source": "kto", "language": "en"}
    assert alone.candidates == (Candidate((reply("Fine."),), score=1.0),)
    dropped: Counter[str] = Counter()
    pairs = [pair for ranking in (both, alone) for pair in pairs_of_ranking(ranking, dropped, with_margins=False)]
    assert [(pair.chosen, pair.rejected) for pair in pairs] == [((reply("Good."),), (reply("Bad."),))]


def test_kto_with_a_completion(tmp_path: Path) -> None:
    expected = one(tmp_path, "kto", labelled("Good.", True))
    assert one(tmp_path, "kto", {"prompt": "How?", "completion": "Good.", "label": True}) == expected
    assert one(tmp_path, "kto", {"prompt": [ASKED], "completion": [TURNS["chosen"]], "label": True}) == expected


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (labelled("Good.", "yes"), "label must be true or false, not str"),
        ({"messages": [ASKED], "label": True}, "it ends without the reply"),
        ({"prompt": "How?", "label": True}, "no messages"),
    ],
)
def test_labels_that_say_nothing(tmp_path: Path, record: Any, reason: str) -> None:
    assert refusal(tmp_path, "kto", record).startswith(reason)


def said_by(role: str, text: str, *replies: Any, **more: Any) -> dict[str, Any]:
    return {"role": role, "text": text, "replies": list(replies), **more}


def tree(*replies: Any) -> dict[str, Any]:
    return {"message_tree_id": "t", "prompt": said_by("prompter", "Hi?", *replies)}


def test_oasst_trees(tmp_path: Path) -> None:
    again = said_by("prompter", "And?", said_by("assistant", "Worse.", rank=1), said_by("assistant", "Better.", rank=0))
    replies = [
        said_by("assistant", "Second.", rank=1),
        said_by("assistant", "First.", again, rank=0),
        said_by("assistant", "Third.", rank=2),
        said_by("assistant", "Never ranked."),
        said_by("assistant", "Gone.", rank=3, deleted=True),
    ]
    first, second = imported(tmp_path, "oasst", tree(*replies))[0]
    assert [candidate.score for candidate in first.candidates] == [-1.0, 0.0, -2.0, None, None]
    assert first.context == Conversation((user("Hi?"),))
    assert first.meta == {"source": "oasst", "language": "en", "tree": "t"}
    assert second.context.messages == (user("Hi?"), reply("First."), user("And?"))
    dropped: Counter[str] = Counter()
    pairs = pairs_of_ranking(first, dropped, with_margins=False)
    assert [(pair.chosen[0].content, pair.rejected[0].content) for pair in pairs] == [
        ("First.", "Second."),
        ("First.", "Third."),
        ("Second.", "Third."),
    ]
    assert dropped.total() == 2


def test_oasst_without_a_choice_gives_nothing(tmp_path: Path) -> None:
    assert imported(tmp_path, "oasst", tree(), tree(said_by("assistant", "Alone.", rank=0))) == ([], [])
    assert refusal(tmp_path, "oasst", tree(said_by("assistant", "A", rank="best"))).startswith("rank must be a whole")
    assert refusal(tmp_path, "oasst", {"prompt": {"text": 3}}) == "text must be text, not int"


def rows_of(message: dict[str, Any], parent: str | None = None) -> list[dict[str, Any]]:
    """A tree as the published tables have it: one message a row, each after its parent, named by its text."""
    own = {key: value for key, value in message.items() if key != "replies"}
    row = {**own, "message_id": message["text"], "parent_id": parent, "message_tree_id": "t"}
    return [row, *(below for reply in message["replies"] for below in rows_of(reply, message["text"]))]


def test_oasst_rows_are_the_tree_they_make(tmp_path: Path) -> None:
    again = said_by("prompter", "And?", said_by("assistant", "Worse.", rank=1), said_by("assistant", "Better.", rank=0))
    replies = [
        said_by("assistant", "Second.", rank=1),
        said_by("assistant", "First.", again, rank=0),
        said_by("assistant", "Never ranked.", rank=None),
        said_by("assistant", "Gone.", rank=3, deleted=True),
    ]
    whole = tree(*replies)
    expected = imported(tmp_path, "oasst", whole)[0]
    assert len(expected) == 2
    assert imported(tmp_path, "oasst", *rows_of(whole["prompt"])) == (expected, [])


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"parent_id": "x"}, "its parent_id 'x' is no message before it"),
        ({"parent_id": None}, "message 1: the assistant speaks where the user should"),
        ({"message_id": "Hi?"}, "the message_id 'Hi?' comes twice"),
        ({"role": "user"}, "role must be prompter or assistant, not 'user'"),
        ({"role": "prompter"}, "message 2: the user speaks before"),
        ({"rank": "best"}, "rank must be a whole number"),
    ],
)
def test_oasst_rows_that_do_not_hold_together(tmp_path: Path, changes: dict[str, Any], reason: str) -> None:
    root, one_reply, other = rows_of(
        said_by("prompter", "Hi?", said_by("assistant", "A", rank=0), said_by("assistant", "B", rank=1))
    )
    good, bad = imported(tmp_path, "oasst", root, {**one_reply, **changes}, other)
    assert good == []
    assert bad[0].line == 2
    assert bad[0].reason.startswith(reason)


# --- choices


def spoken(name: str, parent: str | None, role: str, content: str | None, **more: Any) -> dict[str, Any]:
    return {"id": name, "parent_id": parent, "role": role, "content": content, **more}


CALLED = {"tool_calls": [{"name": "Search", "argument": "tea", "result": "tea", "status": "ok"}]}
CHAT = [
    spoken("s", None, "system", "Be kind."),
    spoken("u", "s", "user", "Tea?"),
    spoken("a", "u", "assistant", "No."),
    spoken("b", "u", "assistant", None, chosen=True, **CALLED),
    spoken("b2", "b", "assistant", "Yes."),
    spoken("v", "b2", "user", "More?"),
    spoken("c", "v", "assistant", "Sure."),
]


def test_choices_between_siblings(tmp_path: Path) -> None:
    later = [*CHAT, spoken("d", "v", "assistant", "Yes, please.", chosen=True)]
    first, second = imported(tmp_path, "choices", {"id": 7, "tools": ["Search"], "messages": later})[0]
    called = Message("assistant", None, None, (ToolCall("Search", "tea", "tea", "ok"),))
    assert first.context == Conversation((Message("system", "Be kind."), user("Tea?")), ("Search",))
    assert first.candidates == (Candidate((reply("No."),), score=0), Candidate((called, reply("Yes.")), score=1))
    assert first.meta == {"source": "choices", "language": "en", "chat": 7}
    assert second.context.messages == (*first.context.messages, called, reply("Yes."), user("More?"))
    assert [candidate.score for candidate in second.candidates] == [0, 1]


def test_where_nothing_was_chosen_there_is_no_ranking(tmp_path: Path) -> None:
    unchosen = [{key: value for key, value in message.items() if key != "chosen"} for message in CHAT]
    assert imported(tmp_path, "choices", {"messages": unchosen}) == ([], [])


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        (spoken("u", "x", "user", "Tea?"), "message 2: its parent_id 'x' is no message before it"),
        (spoken("s", None, "user", "Tea?"), "message 2: the id 's' comes twice"),
        ({"role": "user"}, "message 2: no id"),
        (spoken("u", "s", "friend", "Tea?"), "message 2: message: role must be one of"),
        (spoken("u", "s", "user", "Tea?", chosen=1), "message 2: chosen must be true or false, not int"),
    ],
)
def test_chats_that_do_not_hold_together(tmp_path: Path, changed: Any, reason: str) -> None:
    assert refusal(tmp_path, "choices", {"messages": [CHAT[0], changed, *CHAT[2:]]}).startswith(reason)


def test_a_chosen_turn_must_have_its_end(tmp_path: Path) -> None:
    assert refusal(tmp_path, "choices", {"messages": CHAT[:4]}).startswith("a message that goes on")


# --- ours, any record, the real data


def test_our_own_forms(tmp_path: Path) -> None:
    pair = PreferencePair(Conversation((user("How?"),)), (reply("Good."),), (reply("Bad."),), 0.5, {"source": "x"})
    write_pairs(tmp_path / "pairs.jsonl", [pair])
    assert list(PAIR_IMPORTERS["pairs"](tmp_path / "pairs.jsonl", pytest.fail)) == [pair]
    ranking = Ranking(pair.context, (Candidate(pair.chosen, "x", 1.0),))
    write_rankings(tmp_path / "rankings.jsonl", [ranking])
    assert list(RANKING_IMPORTERS["rankings"](tmp_path / "rankings.jsonl", pytest.fail)) == [ranking]
    assert refusal(tmp_path, "pairs", ranking.to_dict()).startswith("pair: unknown key 'candidates'")


def test_pairs_of_any_format_with_a_count_of_what_makes_none(tmp_path: Path) -> None:
    path = tmp_path / "kto.jsonl"
    lines = [labelled("Good.", True), labelled("Bad.", False), labelled("Great.", True)]
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    dropped: Counter[str] = Counter()
    pairs = list(pair_importer("kto", dropped)(path, pytest.fail))
    assert [(pair.chosen[0].content, pair.margin) for pair in pairs] == [("Good.", None), ("Great.", None)]
    assert dropped == {EQUAL_SCORES: 1}


def test_an_unknown_format_is_answered_with_near_ones() -> None:
    with pytest.raises(UserError, match="Did you mean alpaca-eval"):
        pair_importer("alpaca_eval", Counter())
    with pytest.raises(UserError, match="Known: choices, kto, oasst, rankings"):
        ranking_importer("hh")


KEYS = (
    "prompt messages conversations chosen rejected label completion role from value content text replies rank "
    "instruction output_1 output_2 preference tools context candidates turn score "
    "id parent_id chosen message_id"
)
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.text("ab\n:", max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(KEYS.split()),
            inner | st.sampled_from(["user", "human", "gpt", "assistant", "\n\nHuman: a\n\nAssistant: b"]),
            max_size=5,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=150)
@given(record=ANY_JSON, format_name=st.sampled_from([*PAIR_IMPORTERS, *RANKING_IMPORTERS]))
def test_any_json_is_imported_or_refused_with_a_reason(
    tmp_path_factory: pytest.TempPathFactory, record: Any, format_name: str
) -> None:
    good, bad = imported(tmp_path_factory.getbasetemp(), format_name, record)
    assert all(isinstance(found, Found) for found in good)
    assert all(record.reason for record in bad)


@pytest.mark.parametrize(
    ("name", "format_name", "found", "refused"),
    [
        ("alpaca_eval_gpt4_pairs", "alpaca-eval", 2824, 1),
        ("dpo_en_demo", "chosen-rejected", 235, 0),
        ("dpo_zh_500", "chosen-rejected", 318, 0),
        ("dpo_zh_demo", "chosen-rejected", 218, 0),
        ("hh_harmless_test", "hh", 1619, 8),
        ("toolcall_dpo_zh_demo", "chosen-rejected", 7, 0),
    ],
)
def test_real_pairs_are_read_to_the_last_record(
    real_data: Path, tmp_path: Path, name: str, format_name: str, found: int, refused: int
) -> None:
    bad: list[BadRecord] = []
    pairs = list(PAIR_IMPORTERS[format_name](real_data / f"preference/{name}.jsonl.gz", bad.append))
    assert (len(pairs), len(bad)) == (found, refused), Counter(record.reason for record in bad)
    write_pairs(tmp_path / "pairs.jsonl", pairs)
    assert list(read_pairs(tmp_path / "pairs.jsonl")) == pairs
    for pair in pairs:
        for side in (pair.chosen, pair.rejected):
            assert render_text(Conversation((*pair.context.messages, *side), pair.context.tools))


def test_real_labels(real_data: Path) -> None:
    bad: list[BadRecord] = []
    rankings = list(RANKING_IMPORTERS["kto"](real_data / "preference/kto_en_demo.jsonl.gz", bad.append))
    assert (sum(len(ranking.candidates) for ranking in rankings), bad) == (215, [])


@pytest.mark.parametrize(
    ("name", "format_name", "longer_wins"),
    [("alpaca_eval_gpt4_pairs", "alpaca-eval", 0.72), ("hh_harmless_test", "hh", 0.44)],
)
def test_how_often_the_longer_reply_wins(real_data: Path, name: str, format_name: str, longer_wins: float) -> None:
    pairs = list(PAIR_IMPORTERS[format_name](real_data / f"preference/{name}.jsonl.gz", lambda bad: None))
    dropped: Counter[str] = Counter()
    kept = clean(pairs, dropped)
    assert len(kept) + dropped.total() == len(pairs)
    assert measure_pairs(kept).longer_wins == pytest.approx(longer_wins, abs=0.01)
