"""A preference model as a scorer: the same scores alone, together and after saving; long dialogues; several heads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from moss.chat_format import SPECIAL_TOKENS, ChatFormat
from moss.checkpoint import save
from moss.conversation import Conversation, Message
from moss.data.pairs import turn_documents
from moss.errors import UserError
from moss.model.attention import PackedAttention
from moss.model.config import ModelConfig
from moss.model.preference import PreferenceModel
from moss.model.transformer import Transformer
from moss.scoring.scorer import FittingScorer, load_scorer
from moss.tokenizer.bpe import Tokenizer
from moss.tokenizer.training import train
from moss.train.loop import TrainConfig
from moss.train.preference import PreferenceScorer


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return train(["question and answer"] * 3, 300, SPECIAL_TOKENS)


def make_model(vocab_size: int, heads: Sequence[str] = ("score",)) -> PreferenceModel:
    torch.manual_seed(0)
    config = ModelConfig(vocab_size, 2, 32, 4, 2, 8, 48, 8, max_seq_len=160)
    return PreferenceModel(Transformer(config), tuple(heads)).double()


def dialogue(*texts: str, quality: int | None = None) -> Conversation:
    """User and assistant in turn."""
    users, replies = texts[::2], texts[1::2]
    turns = [
        (Message("user", a), Message("assistant", b, quality=quality)) for a, b in zip(users, replies, strict=True)
    ]
    return Conversation(tuple(message for turn in turns for message in turn))


DIALOGUES = [dialogue("a" * (n % 7 + 1), "b" * (n * 5 % 23 + 1), "c", "d" * (n % 3 + 1)) for n in range(20)]


def by_hand(model: PreferenceModel, chat_format: ChatFormat, asked: Conversation, head: int = 0) -> float:
    """The head at the last token of the rendered dialogue."""
    context = replace(asked, messages=asked.messages[:-1])
    (document,) = turn_documents([(context, asked.messages[-1:])], chat_format)
    tokens = torch.tensor([document.tokens])
    with torch.inference_mode():
        hidden = model(tokens, torch.arange(tokens.shape[1])[None], PackedAttention(torch.zeros_like(tokens)))
        return float(model.scores(hidden[0, -1])[head])


def make_scorer(tokenizer: Tokenizer, heads: Sequence[str] = ("score",), head: str | None = None) -> FittingScorer:
    model = make_model(tokenizer.vocab_size, heads)
    precise = TrainConfig(precision="fp32", device="cpu")
    return FittingScorer(PreferenceScorer(model, ChatFormat(tokenizer), head, config=precise), "tiny")


def test_together_as_by_hand(tokenizer: Tokenizer) -> None:
    scorer = make_scorer(tokenizer, ("helpful", "harmless"), "harmless")
    found = scorer(DIALOGUES)
    model, chat_format = scorer.scorer.model, scorer.scorer.format
    assert found == pytest.approx([by_hand(model, chat_format, asked, head=1) for asked in DIALOGUES], abs=1e-12)
    assert len(set(found)) > 10
    assert scorer([]) == []


def test_tags_are_not_shown(tokenizer: Tokenizer) -> None:
    scorer = make_scorer(tokenizer)
    plain, *tagged = scorer([dialogue("a", "b", quality=quality) for quality in (None, 100, 0)])
    assert tagged == pytest.approx([plain] * 2, abs=1e-12)


def test_what_is_too_long_loses_its_oldest_turns_or_has_no_score(tokenizer: Tokenizer) -> None:
    scorer = make_scorer(tokenizer)
    cut, whole, none = scorer([dialogue("Q" * 60, "A" * 60, "q", "a"), dialogue("q", "a"), dialogue("q", "a" * 1000)])
    assert cut == pytest.approx(whole, abs=1e-12)
    assert none is None


def test_a_dialogue_without_an_answer_is_told(tokenizer: Tokenizer) -> None:
    scorer = make_scorer(tokenizer)
    for messages in ((Message("user", "q"),), (Message("system", "s"),)):
        with pytest.raises(UserError, match="ends with a turn of the assistant"):
            scorer([Conversation(messages)])


def test_a_folder_becomes_a_scorer(tokenizer: Tokenizer, tmp_path: Path) -> None:
    one, two = make_model(tokenizer.vocab_size), make_model(tokenizer.vocab_size, ("helpful", "harmless"))
    save(tmp_path / "one", one, tokenizer, {})
    save(tmp_path / "two", two, tokenizer, {})
    assert load_scorer(tmp_path / "one")(DIALOGUES) == pytest.approx(make_scorer(tokenizer)(DIALOGUES), abs=1e-5)
    assert load_scorer(tmp_path / "two", "harmless").name == "two/harmless"
    with pytest.raises(UserError, match="one of helpful, harmless"):
        load_scorer(tmp_path / "two")
    with pytest.raises(UserError, match="has no head 'harmles'"):
        load_scorer(tmp_path / "two", "harmles")


def test_an_assistant_is_no_scorer(tiny_checkpoint: Path) -> None:
    with pytest.raises(UserError, match="holds no preference model"):
        load_scorer(tiny_checkpoint)
