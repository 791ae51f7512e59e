"""Dialogues with quality tags: what is learned of them, and the share that loses them."""

from __future__ import annotations

import pytest
import torch

from moss.chat_format import SPECIAL_TOKENS, ChatFormat
from moss.conversation import Conversation, Message
from moss.data.documents import Documents
from moss.errors import UserError
from moss.model.config import ModelConfig
from moss.model.transformer import Transformer
from moss.tokenizer.training import train as train_tokenizer
from moss.train.stages import SftConfig, count_quality_tags, lay_out_tags, sft_documents


@pytest.fixture(scope="module")
def chat_format() -> ChatFormat:
    return ChatFormat(train_tokenizer(["What is it? It is so."] * 3, 300, SPECIAL_TOKENS))


def dialogue(number: int, *qualities: int | None) -> Conversation:
    turns = [(Message("user", f"{number}?"), Message("assistant", f"{number}.", quality=q)) for q in qualities]
    return Conversation(tuple(message for turn in turns for message in turn))


TAGGED = [dialogue(number, 100, 30) for number in range(400)]


def tags_of(documents: Documents, chat_format: ChatFormat) -> list[int]:
    """How many tags each document has."""
    return [sum(int(token) in chat_format.qualities for token in documents[i][0]) for i in range(len(documents))]


def test_tags_are_read_and_not_learned(chat_format: ChatFormat) -> None:
    documents, _ = sft_documents(TAGGED[:20], chat_format, 128)
    untagged, _ = sft_documents([dialogue(number, None, None) for number in range(20)], chat_format, 128)
    assert count_quality_tags(documents, chat_format) == 40
    assert count_quality_tags(untagged, chat_format) == 0
    assert documents.loss_mask.sum() == untagged.loss_mask.sum()


def test_a_dialogue_loses_all_of_its_tags_or_none(chat_format: ChatFormat) -> None:
    documents, _ = sft_documents(TAGGED, chat_format, 128, tag_dropout=0.1, seed=1)
    found = tags_of(documents, chat_format)
    assert set(found) == {0, 2}
    assert 20 <= found.count(0) <= 65  # 40 expected, within four standard deviations


def test_seed_and_number_decide_which(chat_format: ChatFormat) -> None:
    first, again, other = (
        tags_of(sft_documents(TAGGED, chat_format, 128, tag_dropout=0.3, seed=seed)[0], chat_format)
        for seed in (1, 1, 2)
    )
    fewer = tags_of(sft_documents(TAGGED[:50], chat_format, 128, tag_dropout=0.3, seed=1)[0], chat_format)
    assert first == again != other
    assert first[:50] == fewer


def test_fresh_tags_lie_on_a_line_as_wide_as_words_are(chat_format: ChatFormat) -> None:
    torch.manual_seed(0)
    shape = {"num_layers": 1, "hidden_size": 64, "num_heads": 2, "num_kv_heads": 2, "head_dim": 32, "rotary_dim": 32}
    model = Transformer(ModelConfig(vocab_size=chat_format.tokenizer.vocab_size, **shape))
    before = model.embedding.weight.detach().clone()
    lay_out_tags(model, chat_format, seed=3)
    after = model.embedding.weight.detach()
    ids = [chat_format.special[f"<quality: {level}>"] for level in range(0, 101, 10)]
    steps = after[ids].diff(dim=0)
    assert torch.allclose(steps, steps[:1].expand_as(steps), atol=1e-6), "equal steps in one direction"
    assert torch.allclose(after[ids].mean(0), before[ids].mean(0), atol=1e-6)
    assert (after[ids[-1]] - after[ids[5]]).square().mean().sqrt() == pytest.approx(before.std().item(), rel=0.5)
    others = torch.ones(len(before), dtype=torch.bool).index_fill(0, torch.tensor(ids), False)
    assert torch.equal(after[others], before[others])
    assert (after - before).abs().max() > 0


@pytest.mark.parametrize(("share", "tags"), [(0.0, 800), (1.0, 0)])
def test_none_or_all(chat_format: ChatFormat, share: float, tags: int) -> None:
    documents, _ = sft_documents(TAGGED, chat_format, 128, tag_dropout=share)
    assert count_quality_tags(documents, chat_format) == tags


def test_a_share_is_between_0_and_1() -> None:
    with pytest.raises(UserError, match=r"tag_dropout must be between 0 and 1, not 1\.5"):
        SftConfig(tag_dropout=1.5)
