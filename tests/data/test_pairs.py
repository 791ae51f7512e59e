"""Pairs as documents: each reply once, the comparisons of a context together, and batches that cover all of them."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
import torch

from moss.chat_format import SPECIAL_TOKENS, ChatFormat, Section
from moss.conversation import Conversation, Message, PreferencePair, ToolCall
from moss.data.batches import IGNORE_INDEX
from moss.data.pairs import TOO_LONG, PairBatch, PairBatches, PairDocuments, document_batches, turn_documents
from moss.errors import UserError
from moss.tokenizer.training import train

ROW = 96


@pytest.fixture(scope="module")
def chat_format() -> ChatFormat:
    return ChatFormat(train(["the answer is five", "你好，世界。"] * 3, 330, SPECIAL_TOKENS, split_spaces=True))


def context(text: str, *earlier: str) -> Conversation:
    turns = [message for said in earlier for message in (Message("user", said), Message("assistant", f"re {said}"))]
    return Conversation((*turns, Message("user", text)))


def said(text: str) -> tuple[Message, ...]:
    return (Message("assistant", text),)


def pair(question: str, chosen: str, rejected: str, margin: float | None = None, **meta: object) -> PreferencePair:
    return PreferencePair(context(question), said(chosen), said(rejected), margin, meta)


def ranking(question: str, *replies: str) -> list[PreferencePair]:
    """All pairs of replies, the best first."""
    return [pair(question, a, b) for i, a in enumerate(replies) for b in replies[i + 1 :]]


def many_pairs() -> list[PreferencePair]:
    """Contexts with one to four replies ranked, of very different lengths; the pairs lie in no order."""
    draw = random.Random(0)
    pairs = []
    for number in range(30):
        replies = [f"{number} {k} " + "five " * draw.randint(0, 12) for k in range(draw.randint(2, 4))]
        pairs += ranking(f"question {number}", *replies)
    draw.shuffle(pairs)
    return pairs


def build(pairs: list[PreferencePair], chat_format: ChatFormat, **options: object) -> PairDocuments:
    return PairDocuments.build(pairs, chat_format, ROW, Counter(), **options)  # type: ignore[arg-type]


def text_of(data: PairDocuments, document: int, chat_format: ChatFormat) -> str:
    tokens, mask = data.documents[document]
    return chat_format.tokenizer.decode([int(token) for token in tokens[mask]])


def test_each_reply_is_one_document_and_each_pair_names_two(chat_format: ChatFormat) -> None:
    pairs = [*ranking("a", "best", "good", "bad"), pair("b", "good", "bad", margin=2.5)]
    data = build(pairs, chat_format)
    assert len(data.documents) == 3 + 2
    assert len(data) == 3 + 1
    found = [tuple(text_of(data, document, chat_format) for document in both) for both in data.pairs]
    assert found == [("best", "good"), ("best", "bad"), ("good", "bad"), ("good", "bad")]
    assert data.contexts.tolist() == [0, 0, 0, 1, 1]
    assert data.margins.tolist() == [0, 0, 0, 2.5]
    assert data.characters.tolist() == [4, 4, 3, 4, 3]


def test_only_the_last_turn_is_learned_and_no_quality_is_seen(chat_format: ChatFormat) -> None:
    asked = context("and now?", "before")
    tagged = (Message("assistant", "five", quality=100),)
    (document,) = turn_documents([(asked, tagged)], chat_format)
    untagged = (Message("assistant", "five"),)
    assert turn_documents([(asked, untagged)], chat_format) == [document]
    learned = [token for token, learn in zip(document.tokens, document.loss_mask, strict=True) if learn]
    assert learned == [*chat_format.tokenizer.encode("five"), chat_format.end_id(Section.REPLY)]
    whole = replace(asked, messages=(*asked.messages, *untagged))
    assert document.tokens == chat_format.render(whole).tokens


def test_a_turn_that_waits_for_its_tools_ends_with_its_calls(chat_format: ChatFormat) -> None:
    calls = (Message("assistant", None, "count", (ToolCall("Calculate", "2+3"),)),)
    (document,) = turn_documents([(replace(context("2+3?"), tools=("Calculate",)), calls)], chat_format)
    assert document.tokens[-1] == chat_format.end_id(Section.COMMANDS)
    assert document.loss_mask[-1]
    assert len(document.tokens) == len(document.loss_mask)
    assert 'Calculate("2+3")' in chat_format.tokenizer.decode(document.tokens)


def test_pairs_that_do_not_fit_are_counted_and_leave_nothing_behind(chat_format: ChatFormat) -> None:
    dropped: Counter[str] = Counter()
    pairs = [pair("a", "five " * 100, "bad"), pair("b", "good", "bad")]
    data = PairDocuments.build(pairs, chat_format, ROW, dropped)
    assert dropped == {TOO_LONG: 1}
    assert (len(data), len(data.documents)) == (1, 2)


def test_sources_and_languages(chat_format: ChatFormat) -> None:
    data = build([pair("what?", "a", "b", source="hh"), pair("是什么？", "a", "b")], chat_format)
    assert data.sources == ("hh", "not named")
    assert data.languages == ("en", "zh")


def test_several_heads_need_to_be_named(chat_format: ChatFormat) -> None:
    pairs = [pair("a", "x", "y", head="harmless"), pair("a", "x", "z", head="helpful")]
    assert build(pairs, chat_format, heads=("helpful", "harmless")).heads.tolist() == [1, 0]
    assert build(pairs, chat_format).heads.tolist() == [0, 0]
    with pytest.raises(UserError, match=r"for the head 'helpfull' .* helpful, harmless"):
        build([pair("a", "x", "y", head="helpfull")], chat_format, heads=("helpful", "harmless"))


def compared(data: PairDocuments, batch: PairBatch) -> list[tuple[int, int]]:
    """The pairs of a batch as numbers of the data's documents."""
    return [(int(a), int(b)) for a, b in batch.numbers[batch.pairs]]


def check(data: PairDocuments, batch: PairBatch) -> None:
    """Documents end where `ends` says, each is there once, and what it leaves out begins the last that is whole."""
    tokens, positions = batch.tokens.flatten(), batch.positions.flatten()
    assert len(batch.ends) == len(batch.numbers) == len(set(batch.numbers.tolist()))
    found, whole = 0, 0
    for end, number in zip(batch.ends.tolist(), batch.numbers.tolist(), strict=True):
        expected = data.documents[number][0].astype(np.int64).tolist()
        (begins,) = torch.where(batch.document_of().flatten()[: end + 1] == batch.document_of().flatten()[end])
        start = int(begins[0])
        left_out = int(positions[start])
        whole = start if left_out == 0 else whole
        assert [*tokens[whole : whole + left_out].tolist(), *tokens[start : end + 1].tolist()] == expected
        assert positions[start : end + 1].tolist() == list(range(left_out, len(expected)))
        found += end + 1 - start
    assert int((batch.document_ids >= 0).sum()) == found


def test_an_epoch_has_every_pair_once_and_contexts_whole(chat_format: ChatFormat) -> None:
    data = build(many_pairs(), chat_format)
    batches = PairBatches(data, ROW, 4 * ROW, seed=0)
    for sequence in (list(batches.epoch()), [batches[step] for step in range(len(batches.plan))]):
        for batch in sequence:
            check(data, batch)
        found = sorted(pair for batch in sequence for pair in compared(data, batch))
        assert found == sorted((int(a), int(b)) for a, b in data.pairs)
        documents = [number for batch in sequence for number in batch.numbers.tolist()]
        assert sorted(documents) == list(range(len(data.documents)))
    assert any(len(batch.tokens) > 1 for batch in batches.epoch())


def test_margins_heads_and_reference_follow_their_pairs(chat_format: ChatFormat) -> None:
    data = build(many_pairs(), chat_format)
    data = replace(
        data,
        margins=np.arange(len(data), dtype=np.float32),
        heads=np.arange(len(data)) % 3,
        reference=np.arange(len(data.documents), dtype=np.float32),
    )
    for batch in PairBatches(data, ROW, 4 * ROW, seed=0).epoch():
        for part in batch.split(3):
            assert torch.equal(part.reference, part.numbers.float())
            for both, margin, head in zip(compared(data, part), part.margins, part.heads, strict=True):
                assert tuple(data.pairs[int(margin)]) == both
                assert head == margin % 3


def test_parts_of_a_batch_add_up_to_it_and_keep_comparisons_whole(chat_format: ChatFormat) -> None:
    data = build(many_pairs(), chat_format)
    divided = 0
    for batch in PairBatches(data, ROW, 6 * ROW, seed=0).epoch():
        parts = batch.split(3)
        for part in parts:
            check(data, part)
        assert sorted(pair for part in parts for pair in compared(data, part)) == sorted(compared(data, batch))
        assert sum(part.weight for part in parts) == batch.weight
        assert torch.equal(torch.cat([part.tokens for part in parts]), batch.tokens)
        divided += len(parts) > 1
    assert divided


def test_a_context_larger_than_a_batch_is_a_batch(chat_format: ChatFormat) -> None:
    data = build(ranking("a", *(f"{k} " + "five " * 8 for k in range(6))), chat_format)
    (batch,) = PairBatches(data, ROW, ROW, seed=0).epoch()
    assert len(batch.tokens) > 1
    assert batch.weight == 15
    check(data, batch)
    assert len(batch.split(4)) == 1


def test_the_sequence_follows_from_data_and_seed(chat_format: ChatFormat) -> None:
    data = build(many_pairs(), chat_format)
    one, other = (PairBatches(data, ROW, 4 * ROW, seed=3) for _ in range(2))
    assert one.name == other.name
    for step in (0, 5, 50):
        assert torch.equal(one[step].tokens, other[step].tokens)
        assert torch.equal(one[step].pairs, other[step].pairs)
    changed = replace(data, margins=data.margins + 1)
    names = {PairBatches(*arguments).name for arguments in ((data, ROW, 4 * ROW, 4), (changed, ROW, 4 * ROW, 3))}
    assert len(names | {one.name}) == 3


def test_what_a_document_learns_is_its_own(chat_format: ChatFormat) -> None:
    data = build(many_pairs(), chat_format)
    for batch in PairBatches(data, ROW, 4 * ROW, seed=0).epoch():
        learned = batch.document_sums((batch.targets != IGNORE_INDEX).double())
        assert learned.tolist() == [data.documents[number][1].sum() for number in batch.numbers]


def test_documents_alone_are_each_there_once(chat_format: ChatFormat) -> None:
    data = build(many_pairs(), chat_format)
    batches = list(document_batches(data.documents, ROW, 4 * ROW))
    for batch in batches:
        check(data, batch)
        assert not len(batch.pairs)
    assert sorted(number for batch in batches for number in batch.numbers.tolist()) == list(range(len(data.documents)))


def test_targets_are_the_replies_only(chat_format: ChatFormat) -> None:
    data = build(many_pairs(), chat_format)
    batch = PairBatches(data, ROW, 4 * ROW, seed=0)[0]
    assert int((batch.targets != IGNORE_INDEX).sum()) == sum(int(data.documents[n][1].sum()) for n in batch.numbers)


def test_no_pairs_are_refused(chat_format: ChatFormat) -> None:
    with pytest.raises(UserError, match="no pair to learn from"):
        PairBatches(build([], chat_format), ROW, ROW, seed=0)
