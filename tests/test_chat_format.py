"""The dialogue format: what is trained is served, what is rendered is read back, and no text becomes control."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from itertools import chain, combinations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from moss.chat_format import (
    DEFAULT_SWITCHES,
    SPECIAL_TOKENS,
    ChatFormat,
    LossPolicy,
    Section,
    StreamParser,
    ToolSwitch,
    commands_text,
    enabled_tools,
    message_from_sections,
    parse_commands,
    quality_level,
    render_text,
    results_text,
    system_text,
    tagged,
)
from moss.conversation import QUALITY_LEVELS, Conversation, Message, ToolCall
from moss.data.imports import import_moss
from moss.errors import UserError
from moss.events import TextDelta, ThoughtDelta, ToolCalled, ToolReturned, fold
from moss.tokenizer import Tokenizer, train

TOOLS = tuple(switch.api for switch in DEFAULT_SWITCHES)
CALCULATED = ToolCall("Calculate", "1+1", "2", "ok")
WAITING = ToolCall("Calculate", "1+1")


@pytest.fixture(scope="module")
def chat_format() -> ChatFormat:
    corpus = ["The answer is in the search results. 答案在搜索结果里。 None\n"] * 20
    return ChatFormat(train(corpus, 350, SPECIAL_TOKENS, split_spaces=True))


def asked(*messages: Message, tools: tuple[str, ...] = ("Calculate",)) -> Conversation:
    return Conversation((Message("system", system_text(tools)), Message("user", "1+1?"), *messages), tools)


def learned(chat_format: ChatFormat, conversation: Conversation, loss: Any = "assistant") -> str:
    """What carries loss, special tokens spelled out, `|` where something without loss stands between."""
    rendered = chat_format.render(conversation, loss)
    names = {token: text for text, token in chat_format.special.items()}
    shown = ""
    for token, trained in zip(rendered.tokens, rendered.loss_mask, strict=True):
        data = names[token].encode() if token in names else chat_format.tokenizer.token_bytes(token)
        shown += data.decode("latin-1") if trained else "\0"
    return "|".join(part for part in shown.split("\0") if part)


# --- the system text


def test_every_set_of_switches_is_read_back() -> None:
    subsets = chain.from_iterable(combinations(TOOLS, size) for size in range(len(TOOLS) + 1))
    assert [enabled_tools(system_text(subset)) for subset in subsets] == [
        subset for size in range(len(TOOLS) + 1) for subset in combinations(TOOLS, size)
    ]


def test_inner_thoughts_are_on_exactly_with_a_tool() -> None:
    assert "- Inner thoughts: disabled.\n" in system_text([])
    assert "- Inner thoughts: enabled.\n" in system_text(["Solve"])


def test_a_system_text_with_a_tool_and_a_persona_of_ones_own() -> None:
    text = system_text(["weather"], [ToolSwitch("Weather", "weather", "city")], persona="You are Ada.\n")
    assert text == (
        "You are Ada.\nCapabilities and tools that MOSS can possess.\n"
        "- Inner thoughts: enabled.\n- Weather: enabled. API: weather(city)\n"
    )


# --- commands and results


@pytest.mark.parametrize(
    ("text", "calls"),
    [
        ('Calculate("1+1")', [("Calculate", "1+1")]),
        ('Search("a"), Search("b,c")', [("Search", "a"), ("Search", "b,c")]),
        ('Search("f(x) = (1)")', [("Search", "f(x) = (1)")]),
        ('Solve("x=1", "x")', [("Solve", "x=1")]),
        ('1. Search("a")  # first\n2. Search("b"),', [("Search", "a"), ("Search", "b")]),
        ('Search("a"), None', [("Search", "a")]),
        ("Search, Search, None", []),
        ("None", []),
        ("None.", []),
        ("Non", []),
        ('None (I could Calculate("1+1") but need not)', []),
        ('Nonprofits("Paris")', [("Nonprofits", "Paris")]),
        ('Calculate("(" + str(2) + ")")', []),
        ('Calculate("{}".format(2))', []),
        ('Calculate("1+1', []),
        ('Calculate("")', []),
        ('Search("two\nlines")', []),
        ("", []),
    ],
)
def test_parse_commands(text: str, calls: list[tuple[str, str]]) -> None:
    assert [(call.name, call.argument) for call in parse_commands(text)] == calls


@given(text=st.text() | st.text('Non"(),\n abS_1'))
def test_T6_parse_commands_never_raises_and_never_invents(text: str) -> None:
    for call in parse_commands(text):
        assert f'{call.name}("{call.argument}"' in text


@pytest.mark.parametrize("argument", ["", 'say "hi"', "two\nlines"])
def test_an_argument_that_cannot_be_spelled_is_an_error(argument: str) -> None:
    with pytest.raises(UserError, match="the argument of Search must be one non-empty line"):
        commands_text([ToolCall("Search", argument)])


def test_results_as_the_published_data_spells_them() -> None:
    calls = [
        ToolCall("Search", "q", "<|1|>: 'a'\n<|2|>: 'b'", "ok"),
        ToolCall("Calculate", "60/6", "10.0", "ok"),
        ToolCall("Solve", "x+y=90;x-y=30", "x = 60\ny = 30", "ok"),
    ]
    assert results_text(calls) == (
        "Search(\"q\") =>\n<|1|>: 'a'\n<|2|>: 'b'\nCalculate(\"60/6\") => '10.0'\n"
        'Solve("x+y=90;x-y=30") =>\nx = 60\ny = 30'
    )
    drawn = ToolCall("Text2Image", "a cat", "Image generated successfully.", "ok")
    assert results_text([drawn]) == "Image generated successfully."
    assert results_text([ToolCall("Search", "q")]) == results_text([]) == "None"


# --- rendering


def test_a_turn_as_text() -> None:
    conversation = asked(Message("assistant", "2.", "A sum.", (CALCULATED,)))
    assert render_text(conversation) == system_text(["Calculate"]) + (
        "<|Human|>: 1+1?<eoh>\n"
        "<|Inner Thoughts|>: A sum.<eot>\n"
        '<|Commands|>: Calculate("1+1")<eoc>\n'
        "<|Results|>:\nCalculate(\"1+1\") => '2'\n<eor>\n"
        "<|MOSS|>: 2.<eom>\n"
    )


def test_loss_is_on_what_the_assistant_writes(chat_format: ChatFormat) -> None:
    with_tool = asked(Message("assistant", "2.", "A sum.", (CALCULATED,), quality=100))
    assert learned(chat_format, with_tool) == 'A sum.<eot>|Calculate("1+1")<eoc>|<|MOSS|>:|2.<eom>'
    no_call = asked(Message("assistant", "Hi.", "A greeting."))
    assert learned(chat_format, no_call) == "A greeting.<eot>|None<eoc>|Hi.<eom>"
    no_tool = asked(Message("assistant", "Hi."), tools=())
    assert learned(chat_format, no_tool) == "Hi.<eom>"


def test_loss_after_results_is_on_the_choice_to_go_on(chat_format: ChatFormat) -> None:
    rounds = asked(
        Message("assistant", None, "First.", (CALCULATED,)),
        Message("assistant", "4.", "Then.", (ToolCall("Calculate", "2+2", "4", "ok"),)),
    )
    assert learned(chat_format, rounds) == (
        'First.<eot>|Calculate("1+1")<eoc>|<|Inner Thoughts|>:|Then.<eot>|Calculate("2+2")<eoc>|<|MOSS|>:|4.<eom>'
    )


def test_loss_of_the_original_is_on_all_but_system_text_and_results(chat_format: ChatFormat) -> None:
    with_tool = asked(Message("assistant", "2.", "A sum.", (CALCULATED,), quality=100))
    assert learned(chat_format, with_tool, "original") == (
        "<|Human|>: 1+1?<eoh>\n<|Inner Thoughts|>: A sum.<eot>\n"
        '<|Commands|>: Calculate("1+1")<eoc>\n<|Results|>:|<eor>\n<|MOSS|>: |2.<eom>\n'
    )


@pytest.mark.parametrize(
    ("messages", "reason"),
    [
        ([Message("user", "a"), Message("system", "b")], "message 2: a system message cannot follow user"),
        ([Message("user", "a"), Message("user", "b")], "message 2: a user message cannot follow user"),
        ([Message("assistant", "a")], "message 1: a assistant message cannot follow nothing"),
        ([Message("user", "a"), Message("tool", "b")], r"message 2: a tool message .* belong in tool_calls"),
        ([Message("user", "a"), Message("assistant", None)], "only a message with tool results can go on"),
        ([Message("user", "a"), Message("assistant", None, tool_calls=(CALCULATED,))], "nothing follows"),
        (
            [Message("user", "a"), Message("assistant", None, tool_calls=(WAITING,)), Message("assistant", "b")],
            "message 3: a assistant message cannot follow assistant",
        ),
        (
            [Message("user", "a"), Message("assistant", None, tool_calls=(CALCULATED,)), Message("user", "b")],
            "message 3: a user message cannot follow assistant",
        ),
    ],
)
def test_messages_out_of_order_are_an_error(chat_format: ChatFormat, messages: list[Message], reason: str) -> None:
    with pytest.raises(UserError, match=reason):
        chat_format.render(Conversation(tuple(messages)))


def test_a_turn_may_end_with_calls_that_wait_for_their_results(chat_format: ChatFormat) -> None:
    dialogue = asked(Message("assistant", None, "A sum.", (WAITING,)))
    rendered = chat_format.render(dialogue)
    assert chat_format.parse(rendered.tokens) == dialogue
    assert learned(chat_format, dialogue) == 'A sum.<eot>|Calculate("1+1")<eoc>'
    whole = chat_format.render(asked(Message("assistant", "2.", "A sum.", (CALCULATED,)))).tokens
    assert whole[: len(rendered.tokens)] == rendered.tokens


def test_a_tokenizer_without_the_special_tokens_is_an_error() -> None:
    with pytest.raises(UserError, match=r"lacks 21 special tokens of the MOSS format, first <\|Human\|>:"):
        ChatFormat(train(["text"], 300, SPECIAL_TOKENS[:1]))


def test_many_are_rendered_as_one_by_one(chat_format: ChatFormat) -> None:
    dialogues = [asked(), asked(Message("assistant", "2.", "A sum.", (CALCULATED,))), asked(tools=())]
    assert chat_format.render_many(dialogues) == [chat_format.render(dialogue) for dialogue in dialogues]


@pytest.mark.parametrize(("quality", "level"), [(0, 0), (4, 0), (6, 10), (83, 80), (99, 100), (100, 100)])
def test_the_nearest_level_of_quality(quality: int, level: int) -> None:
    assert quality_level(quality) == level


@pytest.mark.parametrize("quality", [-1, 101])
def test_no_quality_outside_0_to_100(quality: int) -> None:
    with pytest.raises(UserError, match=f"from 0 to 100, not {quality}"):
        quality_level(quality)


# --- any dialogue: strategies

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
CONTROL_TEXT = st.lists(st.sampled_from([*SPECIAL_TOKENS, " ", "\n", "None", "答案", "=>"]), max_size=5).map("".join)
ANY = TEXT | CONTROL_TEXT
ARGUMENT = ANY.map(lambda text: text.replace('"', "").replace("\n", "")).filter(bool)
THOUGHT = st.none() | ANY.filter(lambda text: text not in ("", "None"))
QUALITY = st.none() | st.sampled_from(QUALITY_LEVELS)


def _returned(name: str, argument: str, result: str) -> ToolCall:
    return ToolCall(name, argument, result, "failed" if result == "No result." else "ok")


# `=>` inside a result could spell another call's heading; such text is covered by the tests on real data.
RESULT = ANY.filter(lambda text: "=>" not in text and text not in ("", "None")) | st.just("No result.")
CALL = st.builds(_returned, st.sampled_from(TOOLS), ARGUMENT, RESULT)
ROUND = st.builds(Message, st.just("assistant"), st.none(), THOUGHT, st.lists(CALL, min_size=1, max_size=3).map(tuple))
REPLY = st.builds(Message, st.just("assistant"), ANY, THOUGHT, st.lists(CALL, max_size=3).map(tuple), QUALITY)
PLAIN_REPLY = st.builds(Message, st.just("assistant"), ANY, quality=QUALITY)


@st.composite
def dialogues(draw: st.DrawFn, tools: bool | None = None) -> Conversation:
    """Any dialogue that ends with a reply, with all tools on or none."""
    on = TOOLS if (draw(st.booleans()) if tools is None else tools) else ()
    messages = [Message("system", draw(ANY) + "\n" + system_text(on))]
    for _ in range(draw(st.integers(1, 3))):
        messages.append(Message("user", draw(ANY)))
        messages += draw(st.lists(ROUND, max_size=2)) if on else []
        messages.append(draw(REPLY if on else PLAIN_REPLY))
    return Conversation(tuple(messages), enabled_tools(messages[0].content or ""))


# --- any dialogue: inverses and equivalences


@given(conversation=dialogues())
def test_parse_inverts_render(chat_format: ChatFormat, conversation: Conversation) -> None:
    assert chat_format.parse(chat_format.render(conversation).tokens) == conversation


@given(conversation=dialogues())
def test_tokens_say_what_the_text_says(chat_format: ChatFormat, conversation: Conversation) -> None:
    names = {token: text.encode() for text, token in chat_format.special.items()}
    tokens = chat_format.render(conversation).tokens
    spelled = b"".join(names.get(token) or chat_format.tokenizer.token_bytes(token) for token in tokens)
    assert spelled.decode() == render_text(conversation)


@given(conversation=dialogues())
def test_T1_no_text_adds_a_control_token(chat_format: ChatFormat, conversation: Conversation) -> None:
    rounds = sum(message.role == "assistant" for message in conversation.messages)
    replies = sum(message.role == "assistant" and message.content is not None for message in conversation.messages)
    users = sum(message.role == "user" for message in conversation.messages)
    count = Counter(chat_format.render(conversation).tokens)
    expected = {Section.HUMAN: users, Section.REPLY: replies}
    for section in Section:
        assert count[chat_format.tag_id(section)] == expected.get(section, rounds)
        assert count[chat_format.end_id(section)] == expected.get(section, rounds)
    tags = sum(count[token] for token in chat_format.qualities)
    assert tags == sum(message.quality is not None for message in conversation.messages)


@pytest.mark.parametrize("loss", ["assistant", "original"])
@given(conversation=dialogues())
def test_a_quality_tag_is_one_token_that_is_not_learned(
    chat_format: ChatFormat, loss: LossPolicy, conversation: Conversation
) -> None:
    """Beside the tags, tokens and mask are those of the dialogue without qualities; no tag has loss."""
    rendered = chat_format.render(conversation, loss)
    pairs = list(zip(rendered.tokens, rendered.loss_mask, strict=True))
    plain = chat_format.render(tagged(conversation, None), loss)
    assert [pair for pair in pairs if pair[0] not in chat_format.qualities] == list(
        zip(plain.tokens, plain.loss_mask, strict=True)
    )
    assert not any(learned for token, learned in pairs if token in chat_format.qualities)


@given(conversation=dialogues(tools=True))
def test_serving_feeds_what_training_rendered(chat_format: ChatFormat, conversation: Conversation) -> None:
    """Prompt, what the model writes and what the engine appends are together the rendered dialogue."""
    encode, end = chat_format.tokenizer.encode, chat_format.end_id
    messages = conversation.messages
    last_user = max(index for index, message in enumerate(messages) if message.role == "user")
    tokens = chat_format.prompt(replace(conversation, messages=messages[: last_user + 1]))
    for number, message in enumerate(messages[last_user + 1 :]):
        if number > 0:
            tokens += chat_format.section_start(Section.THOUGHTS)
        tokens += [*encode(message.thought or "None"), end(Section.THOUGHTS), *chat_format.after_thought()]
        tokens += [*encode(commands_text(message.tool_calls)), end(Section.COMMANDS)]
        tokens += chat_format.after_commands(message.tool_calls)
    tokens += [*chat_format.reply_start(messages[-1].quality), *encode(messages[-1].content or ""), end(Section.REPLY)]
    assert tokens + encode("\n") == chat_format.render(conversation).tokens


@given(conversation=dialogues(tools=False))
def test_serving_without_tools_starts_at_the_reply(chat_format: ChatFormat, conversation: Conversation) -> None:
    *before, reply = conversation.messages
    tokens = chat_format.prompt(replace(conversation, messages=tuple(before)), quality=reply.quality)
    tokens += [*chat_format.tokenizer.encode(reply.content or ""), chat_format.end_id(Section.REPLY)]
    assert tokens + chat_format.tokenizer.encode("\n") == chat_format.render(conversation).tokens


@given(conversation=dialogues(tools=True))
def test_a_streamed_turn_folds_to_its_messages(chat_format: ChatFormat, conversation: Conversation) -> None:
    messages = conversation.messages
    last_user = max(index for index, message in enumerate(messages) if message.role == "user")
    # Events do not tell a round without thought and call from none.
    assume(all(message.thought or message.tool_calls for message in messages[last_user + 2 :]))
    prompt = chat_format.prompt(replace(conversation, messages=messages[: last_user + 1]))
    parser = StreamParser(chat_format, Section.THOUGHTS)
    events = parser.feed_all(chat_format.render(conversation).tokens[len(prompt) :])
    assert fold(events) == [replace(message, quality=None) for message in messages[last_user + 1 :]]
    assert parser.quality == messages[-1].quality


# --- streaming


def test_T2_events_come_as_soon_as_they_are_sure(chat_format: ChatFormat) -> None:
    encode = chat_format.tokenizer.encode
    parser = StreamParser(chat_format, Section.THOUGHTS)
    assert parser.feed_all(encode("No")) == []  # may become None
    assert parser.feed_all(encode("w")) == [ThoughtDelta("Now")]
    assert parser.feed(chat_format.end_id(Section.THOUGHTS)) == []
    assert parser.feed_all([*chat_format.after_thought(), *encode('Calculate("1+1")')]) == []
    called = ToolCall("Calculate", "1+1")
    assert parser.feed(chat_format.end_id(Section.COMMANDS)) == [ToolCalled(0, called)]
    assert parser.calls == [called]
    assert parser.feed_all(chat_format.after_commands([CALCULATED])) == [ToolReturned(0, CALCULATED)]
    fox = encode("🦊")
    assert len(fox) == 4
    assert parser.feed_all([*chat_format.reply_start(90), *fox[:3]]) == []
    assert parser.feed(fox[3]) == [TextDelta("🦊")]
    assert parser.quality == 90


def test_a_thought_cut_short_is_shown_as_far_as_it_went(chat_format: ChatFormat) -> None:
    parser = StreamParser(chat_format, Section.THOUGHTS)
    parser.feed_all(chat_format.tokenizer.encode("No"))
    assert parser.feed(chat_format.end_id(Section.THOUGHTS)) == [ThoughtDelta("No")]
    parser = StreamParser(chat_format, Section.THOUGHTS)
    parser.feed_all(chat_format.tokenizer.encode("None"))
    assert parser.feed(chat_format.end_id(Section.THOUGHTS)) == []


def test_T2_a_broken_character_at_the_end_is_marked(chat_format: ChatFormat) -> None:
    parser = StreamParser(chat_format, Section.REPLY)
    parser.feed_all(chat_format.tokenizer.encode("🦊")[:2])
    assert parser.feed(chat_format.end_id(Section.REPLY)) == [TextDelta("\ufffd")]


@settings(max_examples=50)
@given(data=st.data())
def test_no_tokens_break_the_parsers(chat_format: ChatFormat, data: st.DataObject) -> None:
    specials = st.sampled_from(sorted(chat_format.special.values()))
    tokens = data.draw(st.lists(specials | st.integers(0, 255)))
    StreamParser(chat_format, Section.THOUGHTS).feed_all(tokens)
    with suppress(UserError):
        chat_format.parse(tokens)


def test_broken_dialogues_are_named(chat_format: ChatFormat) -> None:
    tokens = chat_format.render(asked(Message("assistant", "2."))).tokens
    human, reply = chat_format.tag_id(Section.HUMAN), chat_format.tag_id(Section.REPLY)
    with pytest.raises(UserError, match=r"<\|MOSS\|>: is not closed by <eom>"):
        chat_format.parse(tokens[: tokens.index(reply) + 2])
    with pytest.raises(UserError, match=r"<\|MOSS\|>: inside <\|Human\|>:"):
        chat_format.parse([human, *chat_format.tokenizer.encode(" hi"), reply])
    with pytest.raises(UserError, match=r"<eom> outside of any section"):
        chat_format.parse([chat_format.end_id(Section.REPLY)])
    with pytest.raises(UserError, match=r"no blank after <\|Human\|>:"):
        chat_format.parse([human, *chat_format.tokenizer.encode("hi"), chat_format.end_id(Section.HUMAN)])


# --- the published data


@pytest.fixture(scope="module")
def published(real_data: Path) -> list[tuple[dict[str, Any], Conversation]]:
    """The original objects, and what they are imported as."""
    found = []
    for name in ("conversations_noplugin", "conversations_plugin"):
        file = real_data / "moss" / f"{name}.jsonl.gz"
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            originals = [json.loads(line) for line in lines]
        found += zip(originals, import_moss(file, _fail), strict=True)
    return found


def _fail(bad: object) -> None:
    raise AssertionError(str(bad))


@pytest.fixture(scope="module")
def commands_gold(real_data: Path) -> list[dict[str, Any]]:
    with gzip.open(real_data / "moss/commands_gold.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def test_every_published_dialogue_is_read_back(published: list[tuple[dict, Conversation]]) -> None:
    texts = [message.content or "" for _, conversation in published for message in conversation.messages]
    chat_format = ChatFormat(train(texts, 2000, SPECIAL_TOKENS))
    rendered = chat_format.render_many([conversation for _, conversation in published])
    for (_, conversation), tokens in zip(published, rendered, strict=True):
        assert chat_format.parse(tokens.tokens) == replace(conversation, meta={})


def test_published_turns_are_reproduced_byte_for_byte(published: list[tuple[dict, Conversation]]) -> None:
    """All of them with the spellings that were kept; nearly all from the structured fields alone."""
    same: Counter[str] = Counter()
    for original, conversation in published:
        pairs = zip(conversation.messages[1::2], conversation.messages[2::2], strict=True)
        for turn, (user, assistant) in zip(original["chat"].values(), pairs, strict=True):
            bare = replace(assistant, verbatim={})
            same["turns"] += 1
            same["kept"] += _turn_text(conversation, user, assistant) == "".join(turn.values())
            same["bare"] += _turn_text(conversation, user, bare) == "".join(turn.values())
    assert same["kept"] == same["turns"]
    assert same["bare"] >= 0.976 * same["turns"]


def _turn_text(conversation: Conversation, *messages: Message) -> str:
    return render_text(replace(conversation, messages=messages))


def test_sections_of_published_turns_are_where_the_loss_is(published: list[tuple[dict, Conversation]]) -> None:
    chat_format = ChatFormat(train(["None"], 300, SPECIAL_TOKENS))
    for original, conversation in published[::20]:
        turns = zip(original["chat"].values(), conversation.messages[2::2], strict=True)
        written = [part for turn, reply in turns for part in _written(turn, reply, bool(conversation.tools))]
        assert learned(chat_format, conversation).encode("latin-1").decode() == "|".join(written)


def _written(turn: dict[str, str], imported: Message, thinks: bool) -> list[str]:
    """The stretches of an original turn that the assistant wrote."""
    reply = [turn["MOSS"].removeprefix("<|MOSS|>: ").removesuffix("\n")]
    if not thinks:
        return reply
    thought = turn["Inner Thoughts"].removeprefix("<|Inner Thoughts|>: ").removesuffix("\n")
    commands = turn["Commands"].removeprefix("<|Commands|>: ").removesuffix("\n")
    chosen = ["<|MOSS|>:"] if any(call.result is not None for call in imported.tool_calls) else []
    return [thought, commands, *chosen, *reply]


def test_commands_are_read_as_the_gold_says(commands_gold: list[dict[str, Any]]) -> None:
    for line in commands_gold:
        calls = [(call.name, call.argument) for call in parse_commands(line["commands"])]
        assert calls == [(call["api"], call["arg"]) for call in line["calls"]], line["commands"]


def test_T6_no_odd_form_is_executed(commands_gold: list[dict[str, Any]]) -> None:
    no_call = [line for line in commands_gold if {"none", "none_variant"} & set(line["classes"])]
    assert len(no_call) >= 40
    assert not [line["commands"] for line in no_call if parse_commands(line["commands"])]
    mangled = [line for line in commands_gold if any("malformed" in name for name in line["classes"])]
    assert mangled
    for line in mangled:
        assert all(
            "str(" not in call.argument and "{" not in call.argument for call in parse_commands(line["commands"])
        )


def test_results_are_found_in_their_calls(published: list[tuple[dict, Conversation]]) -> None:
    """Whatever order the blocks come in; what stays without a result never had one of its own."""
    messages = [message for _, conversation in published for message in conversation.messages]
    calls = [call for message in messages for call in message.tool_calls]
    without = [call for call in calls if call.result is None and call.name != "Count"]
    assert len(calls) > 700
    assert len(without) <= 2  # Solve with a second argument, which the original echoes as a heading of its own kind


def test_switches_are_read_from_the_published_system_texts(
    published: list[tuple[dict, Conversation]], commands_gold: list[dict[str, Any]]
) -> None:
    on = {original["_path"]: conversation.tools for original, conversation in published}
    assert [list(on[line["_path"]]) for line in commands_gold] == [line["enabled"] for line in commands_gold]


def test_an_odd_message_from_its_sections() -> None:
    message = message_from_sections(" None", " None (no need)", "\nNone\n", "  Hi")
    assert message == Message("assistant", " Hi", verbatim={"commands": "None (no need)", "results": "\nNone\n"})


def test_the_tokenizer_fits_the_protocol() -> None:
    tokenizer: Tokenizer = train(["x"], 300, SPECIAL_TOKENS)
    assert ChatFormat(tokenizer).special == tokenizer.special
