"""Importers: what each format becomes, which records are refused and why, and the real data."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moss.chat_format import enabled_tools, parse_commands, render_text, system_text
from moss.conversation import Conversation, Message, ToolCall, read_jsonl, write_jsonl
from moss.data.imports import IMPORTERS, importer
from moss.data.sources import BadRecord
from moss.errors import UserError


def imported(folder: Path, format_name: str, *records: Any) -> tuple[list[Conversation], list[BadRecord]]:
    path = folder / "records.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    bad: list[BadRecord] = []
    return list(importer(format_name)(path, bad.append)), bad


def one(folder: Path, format_name: str, record: Any) -> Conversation:
    good, bad = imported(folder, format_name, record)
    assert bad == []
    return good[0]


def refusal(folder: Path, format_name: str, record: Any) -> str:
    good, bad = imported(folder, format_name, record)
    assert good == []
    return bad[0].reason


# --- MOSS


def moss_turn(**changes: str) -> dict[str, str]:
    fields = {
        "Human": "<|Human|>: 1+1?<eoh>\n",
        "Inner Thoughts": "<|Inner Thoughts|>: Calculate.<eot>\n",
        "Commands": '<|Commands|>: Calculate("1+1")<eoc>\n',
        "Tool Responses": "<|Results|>:\nCalculate(\"1+1\") => '2'\n<eor>\n",
        "MOSS": "<|MOSS|>: It is 2.<eom>\n",
    }
    return {**fields, **{name.replace("_", " "): text for name, text in changes.items()}}


def moss_record(*turns: dict[str, str], **changes: Any) -> dict[str, Any]:
    chat = {f"turn_{number}": turn for number, turn in enumerate(turns, start=1)}
    system = system_text(["Calculate"])
    return {"conversation_id": 7, "meta_instruction": system, "num_turns": len(turns), "chat": chat, **changes}


def test_moss(tmp_path: Path) -> None:
    found = one(tmp_path, "moss", moss_record(moss_turn(), category="tool"))
    assert found == Conversation(
        (
            Message("system", system_text(["Calculate"])),
            Message("user", "1+1?"),
            Message("assistant", "It is 2.", "Calculate.", (ToolCall("Calculate", "1+1", "2", "ok"),)),
        ),
        ("Calculate",),
        {"source": "moss", "conversation_id": 7, "category": "tool"},
    )


def test_moss_keeps_blanks_and_what_looks_like_control_text(tmp_path: Path) -> None:
    turn = moss_turn(Human="<|Human|>:   two\nlines <eoh> \n<eoh>\n", MOSS="<|MOSS|>:  a <eor> b <eom>\n")
    _, user, assistant = one(tmp_path, "moss", moss_record(turn)).messages
    assert (user.content, assistant.content) == ("  two\nlines <eoh> \n", " a <eor> b ")


def test_moss_keeps_spellings_that_its_fields_do_not_determine(tmp_path: Path) -> None:
    commands = '1. Calculate("1+1")  # add\n2. Calculate("2*2"),'
    results = '\nCalculate("2*2") => 4\nCalculate("1+1") => \'2\'\n'
    turn = moss_turn(
        Commands=f"<|Commands|>: {commands}<eoc>\n",
        Tool_Responses=f"<|Results|>:{results}<eor>\n",
    )
    found = one(tmp_path, "moss", moss_record(turn))
    assistant = found.messages[-1]
    assert [(call.argument, call.result) for call in assistant.tool_calls] == [("1+1", "2"), ("2*2", "4")]
    assert assistant.verbatim == {"commands": commands, "results": results}
    assert render_text(found) == system_text(["Calculate"]) + "".join(turn.values())


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ([], "expected an object, found list"),
        ({}, "no meta_instruction"),
        (moss_record(moss_turn(), meta_instruction=None), "meta_instruction must be text, not NoneType"),
        (moss_record(moss_turn(), chat=[]), "chat must be an object, not list"),
        (moss_record(moss_turn(), num_turns=2), "num_turns is 2, but chat has 1 turns"),
        (moss_record(moss_turn(), chat={"turn_2": moss_turn()}), "no turn_1"),
        (moss_record(moss_turn(), moss_turn(MOSS="<|MOSS|>: no end")), "turn_2: MOSS is not of the form <|MOSS|>: "),
        (moss_record(moss_turn(Human="hello<eoh>\n")), "turn_1: Human is not of the form <|Human|>: ...<eoh>"),
        (moss_record(moss_turn(Human="<|Human|>:hello<eoh>\n")), "turn_1: Human is not of the form"),
    ],
)
def test_moss_refuses(tmp_path: Path, record: Any, reason: str) -> None:
    assert refusal(tmp_path, "moss", record).startswith(reason)


# --- ShareGPT


def sharegpt(*entries: tuple[str, str], **more: Any) -> dict[str, Any]:
    return {"conversations": [{"from": role, "value": text} for role, text in entries], **more}


WEATHER = {
    "name": "get-weather",
    "description": "Weather of a city",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}, "day": {"type": "string"}}},
}


def test_sharegpt(tmp_path: Path) -> None:
    record = sharegpt(("system", "Be kind."), ("human", "Hi"), ("gpt", "Hello!"), ("user", "Bye"), id="x1")
    assert one(tmp_path, "sharegpt", record) == Conversation(
        (Message("system", "Be kind."), Message("user", "Hi"), Message("assistant", "Hello!"), Message("user", "Bye")),
        meta={"source": "sharegpt", "id": "x1"},
    )


def test_sharegpt_with_tools(tmp_path: Path) -> None:
    call = {"name": "get-weather", "arguments": {"city": "Paris"}}
    record = sharegpt(
        ("human", "Weather?"),
        ("function_call", json.dumps(call)),
        ("observation", '{"sky": "clear"}'),
        ("gpt", "Clear."),
        tools=json.dumps([WEATHER]),
    )
    found = one(tmp_path, "sharegpt", record)
    system, _, reply = found.messages
    assert found.tools == ("get_weather",) == enabled_tools(system.content or "")
    assert "- get_weather: enabled. API: get_weather(city, day)\n" in (system.content or "")
    assert reply == Message(
        "assistant", "Clear.", tool_calls=(ToolCall("get_weather", "Paris", '{"sky": "clear"}', "ok"),)
    )
    assert 'get_weather("Paris") =>\n{"sky": "clear"}\n' in render_text(found)


def test_sharegpt_with_two_rounds_of_calls(tmp_path: Path) -> None:
    first = json.dumps([{"name": "Search", "arguments": {"query": q}} for q in ("a", "b")])
    record = sharegpt(
        ("human", "?"),
        ("function_call", first),
        ("observation", "A"),
        ("observation", "B"),
        ("function_call", json.dumps({"name": "Calculate", "arguments": '{"expression": "1+1"}'})),
        ("observation", "2"),
        ("gpt", "!"),
    )
    found = one(tmp_path, "sharegpt", record)
    assert found.messages[2:] == (
        Message("assistant", None, tool_calls=(ToolCall("Search", "a", "A", "ok"), ToolCall("Search", "b", "B", "ok"))),
        Message("assistant", "!", tool_calls=(ToolCall("Calculate", "1+1", "2", "ok"),)),
    )
    # Tools that are called but nowhere described are on; ours go by their own titles.
    assert found.tools == ("Search", "Calculate")
    assert "- Calculator: enabled. API: Calculate(expression)\n" in (found.messages[0].content or "")
    render_text(found)


def test_what_is_said_before_a_call_is_its_thought(tmp_path: Path) -> None:
    search = ("function_call", '{"name": "Search", "arguments": {"query": "a"}}')
    record = sharegpt(
        ("human", "?"),
        ("gpt", "Let me see."),
        search,
        ("observation", "A"),
        ("gpt", "Once more."),
        search,
        ("observation", "B"),
        ("gpt", "Done."),
    )
    found = one(tmp_path, "sharegpt", record)
    assert [(m.content, m.thought, [c.result for c in m.tool_calls]) for m in found.messages[2:]] == [
        (None, "Let me see.", ["A"]),
        ("Done.", "Once more.", ["B"]),
    ]
    render_text(found)


@pytest.mark.parametrize("parameters", [None, 7, {}, {"properties": None}, {"properties": [1]}, {"properties": {}}])
def test_a_tool_without_described_parameters(tmp_path: Path, parameters: Any) -> None:
    record = sharegpt(("human", "Hi"), tools=[{"name": "now", "parameters": parameters}])
    assert "- now: enabled. API: now(argument)\n" in (one(tmp_path, "sharegpt", record).messages[0].content or "")


def test_a_system_text_stays_in_front_of_the_switches(tmp_path: Path) -> None:
    record = sharegpt(("human", "Hi"), ("gpt", "Hello"), system="Be kind.", tools=[WEATHER])
    system = one(tmp_path, "sharegpt", record).messages[0].content or ""
    assert system.startswith("Be kind.\n")
    assert enabled_tools(system) == ("get_weather",)


CALL = ("function_call", '{"name": "f", "arguments": {}}')


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ({}, "no conversations"),
        (sharegpt(), "no messages"),
        ({"conversations": ["Hi"]}, "message 1: expected an object with from, found str"),
        ({"conversations": [{"from": "human", "value": None}]}, "message 1: value must be text, not NoneType"),
        (sharegpt(("gpt", "Hello")), "message 1: the assistant speaks where the user should"),
        (sharegpt(CALL), "message 1: the assistant speaks where the user should"),
        (sharegpt(("human", "a"), ("gpt", "b"), ("gpt", "c")), "message 3: the assistant speaks where the user should"),
        (sharegpt(("human", "a"), ("human", "b")), "message 2: the user speaks before the assistant has replied"),
        (sharegpt(("human", "a"), ("system", "b")), "message 2: a system message can only come first"),
        (sharegpt(("human", "a"), ("observation", "b")), "message 2: a tool result without a call"),
        (
            sharegpt(("human", "a"), CALL, ("gpt", "c")),
            "message 3: the assistant replies before its tool call has a result",
        ),
        (sharegpt(("human", "a"), CALL, ("human", "c")), "message 3: the user speaks before the assistant has replied"),
        (sharegpt(("human", "a"), CALL, ("observation", "b")), "it ends before the assistant has replied"),
        (sharegpt(("human", "a"), ("function_call", "{")), "message 2: function_call is not JSON"),
        (sharegpt(("human", "a"), ("function_call", "[7]")), "message 2: expected an object with name, found int"),
        (sharegpt(("humn", "a")), "message 1: unknown role 'humn'. Did you mean human?"),
        (sharegpt(("human", "a"), tools="[{]"), "tools is not JSON"),
        (sharegpt(("human", "a"), tools={}), "tools must be a list, not dict"),
        (sharegpt(("human", "a"), tools=[{"name": "--"}]), "'--' cannot be the name of a tool"),
        (sharegpt(("human", "a"), system=7), "system must be text, not int"),
    ],
)
def test_sharegpt_refuses(tmp_path: Path, record: Any, reason: str) -> None:
    assert refusal(tmp_path, "sharegpt", record).startswith(reason)


# --- Alpaca


def test_alpaca(tmp_path: Path) -> None:
    record = {
        "instruction": "Translate.",
        "input": "Hello",
        "output": "你好",
        "system": "Translator.",
        "history": [["Hi", "Hello"]],
    }
    assert [(m.role, m.content) for m in one(tmp_path, "alpaca", record).messages] == [
        ("system", "Translator."),
        ("user", "Hi"),
        ("assistant", "Hello"),
        ("user", "Translate.\nHello"),
        ("assistant", "你好"),
    ]


@pytest.mark.parametrize("empty", [{}, {"input": ""}, {"input": None}])
def test_alpaca_without_input(tmp_path: Path, empty: dict[str, Any]) -> None:
    found = one(tmp_path, "alpaca", {"instruction": "Sing.", "output": "", **empty})
    assert found.messages == (Message("user", "Sing."), Message("assistant", ""))


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ({"instruction": "x"}, "no output"),
        ({"instruction": 1, "output": "y"}, "instruction must be text, not int"),
        ({"instruction": "x", "output": "y", "input": ["z"]}, "input must be text, not list"),
        ({"instruction": "x", "output": "y", "history": [["a"]]}, "history 1 must be a pair"),
        ({"instruction": "x", "output": "y", "history": "abc"}, "history must be a list, not str"),
    ],
)
def test_alpaca_refuses(tmp_path: Path, record: Any, reason: str) -> None:
    assert refusal(tmp_path, "alpaca", record).startswith(reason)


# --- OpenAI


def openai_call(call_id: str, name: str, arguments: str) -> dict[str, Any]:
    return {"id": call_id, "type": "function", "function": {"name": name, "arguments": arguments}}


def test_openai_with_parallel_calls_that_return_out_of_order(tmp_path: Path) -> None:
    record = {
        "messages": [
            {"role": "developer", "content": "Be kind."},
            {"role": "user", "content": [{"type": "text", "text": "Two "}, {"type": "text", "text": "sums"}]},
            {
                "role": "assistant",
                "content": "Let me see.",
                "reasoning_content": "Two calls.",
                "tool_calls": [
                    openai_call("c1", "Calculate", '{"expression": "1+1"}'),
                    openai_call("c2", "Calculate", '{"expression": "2+2"}'),
                ],
            },
            {"role": "tool", "tool_call_id": "c2", "content": "4"},
            {"role": "tool", "tool_call_id": "c1", "content": "2"},
            {"role": "assistant", "content": "2 and 4."},
        ],
        "tools": [{"type": "function", "function": {"name": "Calculate"}}],
    }
    found = one(tmp_path, "openai", record)
    assert found.tools == ("Calculate",)
    assert found.messages[1] == Message("user", "Two sums")
    assert found.messages[2] == Message(
        "assistant",
        "2 and 4.",
        "Two calls.\nLet me see.",
        (ToolCall("Calculate", "1+1", "2", "ok"), ToolCall("Calculate", "2+2", "4", "ok")),
    )


def test_openai_with_calls_in_sequence(tmp_path: Path) -> None:
    record = {
        "messages": [
            {"role": "user", "content": "?"},
            {"role": "assistant", "content": None, "tool_calls": [openai_call("1", "Search", '{"query": "a"}')]},
            {"role": "tool", "tool_call_id": "1", "content": "A"},
            {"role": "assistant", "tool_calls": [openai_call("2", "Search", '{"query": "b"}')]},
            {"role": "tool", "tool_call_id": "2", "content": "B"},
            {"role": "assistant", "content": "!", "reasoning_content": "Done."},
        ]
    }
    found = one(tmp_path, "openai", record)
    assert [(m.content, m.thought, [c.argument for c in m.tool_calls]) for m in found.messages[2:]] == [
        (None, None, ["a"]),
        (None, None, ["b"]),
        ("!", "Done.", []),
    ]
    render_text(found)


@pytest.mark.parametrize(
    ("messages", "reason"),
    [
        (None, "messages must be a list, not NoneType"),
        ([{"role": "usr", "content": ""}], "message 1: unknown role 'usr'. Did you mean user?"),
        ([{"content": "x"}], "message 1: no role"),
        ([{"role": "user", "content": 7}], "message 1: content must be text or a list of parts, not int"),
        (
            [{"role": "user", "content": [{"type": "image_url"}]}],
            "message 1: only text can be imported, not parts of type",
        ),
        (
            [
                {"role": "user", "content": "?"},
                {"role": "assistant", "tool_calls": [openai_call("1", "f", "{}")]},
                {"role": "tool", "tool_call_id": "2", "content": ""},
            ],
            "message 3: a tool result without a call that it belongs to",
        ),
        (
            [{"role": "user", "content": "?"}, {"role": "assistant", "tool_calls": [openai_call("1", "f", "{")]}],
            "message 2: arguments is not JSON",
        ),
        ([{"role": "user", "content": "?"}, {"role": "assistant", "tool_calls": "f"}], "message 2: tool_calls must be"),
        (
            [{"role": "user", "content": "?"}, {"role": "assistant", "tool_calls": ["f"]}],
            "message 2: expected an object",
        ),
    ],
)
def test_openai_refuses(tmp_path: Path, messages: Any, reason: str) -> None:
    assert refusal(tmp_path, "openai", {"messages": messages}).startswith(reason)


JSON_OBJECTS = st.dictionaries(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
    st.recursive(st.none() | st.integers() | st.text("ab'\"\\\n\u2028é", max_size=8), st.lists, max_leaves=4),
    max_size=3,
)


@given(arguments=JSON_OBJECTS)
def test_any_arguments_can_be_spelled_and_read_back(
    tmp_path_factory: pytest.TempPathFactory, arguments: dict[str, Any]
) -> None:
    record = sharegpt(
        ("human", "?"),
        ("function_call", json.dumps({"name": "f", "arguments": arguments})),
        ("observation", "x"),
        ("gpt", "!"),
    )
    found = one(tmp_path_factory.mktemp("arguments"), "sharegpt", record)
    (call,) = found.messages[-1].tool_calls
    text = render_text(found)
    start = text.index("<|Commands|>: ") + len("<|Commands|>: ")
    assert parse_commands(text[start : text.rindex("<eoc>")]) == [ToolCall("f", call.argument)]
    if len(arguments) != 1 or call.argument not in arguments.values():
        assert json.loads(call.argument.replace("'", '"')) == arguments


# --- all formats


@pytest.mark.parametrize("format_name", IMPORTERS)
@settings(max_examples=30)
@given(
    value=st.recursive(st.none() | st.integers() | st.text(max_size=3), lambda inner: st.lists(inner) | JSON_OBJECTS)
)
def test_no_record_breaks_an_importer(tmp_path_factory: pytest.TempPathFactory, format_name: str, value: Any) -> None:
    keys = ["messages", "conversations", "chat", "instruction", "tools", "meta_instruction", "system", "history"]
    records = [value, *({key: value} for key in keys), {"messages": [{"role": "assistant", "tool_calls": [value]}]}]
    good, bad = imported(tmp_path_factory.mktemp("any"), format_name, *records)
    assert len(good) + len(bad) == len(records)


def test_our_own_jsonl_is_read_past_a_bad_line(tmp_path: Path) -> None:
    found = Conversation((Message("user", "Hi"), Message("assistant", "Hello")))
    good, bad = imported(tmp_path, "native", found.to_dict(), {"messages": []}, found.to_dict())
    assert good == [found, found]
    assert [(record.line, record.reason) for record in bad] == [(2, "conversation: no messages")]


def test_an_unknown_format_has_near_names() -> None:
    with pytest.raises(UserError, match="Did you mean sharegpt"):
        importer("sharegtp")


# --- real data


REAL = {
    # file: (format, records in its MANIFEST, bad records by line)
    "moss/conversations_noplugin.jsonl.gz": ("moss", 422, []),
    "moss/conversations_plugin.jsonl.gz": ("moss", 363, []),
    "sft/alpaca_chinese.jsonl.gz": ("alpaca", 14294, []),
    "sft/alpaca_en_demo.jsonl.gz": ("alpaca", 732, []),
    "sft/alpaca_zh_demo.jsonl.gz": ("alpaca", 700, []),
    "sft/fastchat_dummy_conversation.json": ("sharegpt", 500, []),
    "sft/glaive_toolcall_en_demo.jsonl.gz": ("sharegpt", 211, []),
    "sft/glaive_toolcall_zh_demo.jsonl.gz": ("sharegpt", 214, [208]),  # an observation that no call precedes
    "sft/sharegpt_zh.jsonl.gz": ("sharegpt", 675, []),
}


@pytest.mark.parametrize("name", REAL)
def test_real_sets_are_read_to_the_last_record(real_data: Path, tmp_path: Path, name: str) -> None:
    format_name, count, bad_lines = REAL[name]
    bad: list[BadRecord] = []
    found = list(importer(format_name)(real_data / name, bad.append))
    assert (len(found), [record.line for record in bad]) == (count - len(bad_lines), bad_lines)
    for conversation in found:
        render_text(conversation)
    write_jsonl(tmp_path / "own.jsonl", found)
    assert list(read_jsonl(tmp_path / "own.jsonl")) == found


def test_the_published_folder_tree(real_data: Path, tmp_path: Path) -> None:
    with tarfile.open(real_data / "moss/raw_layout.tar.gz") as archive:
        archive.extractall(tmp_path, filter="data")
    bad: list[BadRecord] = []
    found = list(importer("moss")(tmp_path, bad.append))
    assert (len(found), bad) == (48, [])
    for file, conversation in zip(sorted(tmp_path.rglob("*.json")), found, strict=True):
        original = json.loads(file.read_text(encoding="utf-8"))
        turns = ["".join(turn.values()) for turn in original["chat"].values()]
        assert render_text(conversation) == original["meta_instruction"] + "".join(turns)
