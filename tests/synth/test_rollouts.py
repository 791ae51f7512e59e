"""Answers for training: only whole ones count, and the engine answers with the model that is being trained."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from rich.console import Console

from moss.agent import Agent
from moss.chat_format import SPECIAL_TOKENS, ChatFormat, system_text
from moss.conversation import AssistantTurn, Conversation, Message
from moss.engine.engine import Engine
from moss.engine.sampling import SamplingParams
from moss.events import Event, Failed, Finished, TextDelta
from moss.model.config import ModelConfig
from moss.model.transformer import Transformer
from moss.synth.rollouts import agent_answers, as_answered
from moss.terms import Terms
from moss.tokenizer.training import train as train_tokenizer
from moss.tools.base import Toolbox
from moss.train.loop import TrainConfig, train
from moss.train.metrics import read_metrics
from moss.train.optim import OptimConfig
from moss.train.policy import GRPOConfig, grpo
from moss.train.rollouts import train_on_rollouts
from moss.train.stages import sft_documents

ROW = 256
WORDS = ("red", "blue", "five", "fine")
CONTEXTS = [as_answered(Conversation((Message("user", f"{number}?"),))) for number in range(4)]


class Speaking:
    """Answers with the seed it was asked with, ended as told."""

    def __init__(self, ends: Sequence[Event]) -> None:
        self.ends = ends

    def run(
        self,
        conversation: Conversation,
        sampling: SamplingParams | None = None,
        tools: Sequence[str] | None = None,
        quality: int | None = None,
        terms: Terms | None = None,
    ) -> Generator[Event, None, None]:
        assert sampling is not None
        assert sampling.seed is not None
        yield TextDelta(f"seed {sampling.seed}")
        yield self.ends[sampling.seed % len(self.ends)]


def test_only_whole_answers_count() -> None:
    ends = [
        Finished("seed", "stop"),
        Finished("seed", "length"),
        Failed("broken"),
        Finished("seed", "stop", dropped_turns=1),
    ]
    answers = agent_answers(Speaking(ends))(CONTEXTS * 2, 100)
    assert answers == [said("seed 100"), None, None, None, said("seed 104"), None, None, None]


def said(text: str) -> AssistantTurn:
    return (Message("assistant", text),)


def test_what_is_learned_is_what_the_agent_reads() -> None:
    asked = Conversation((Message("user", "2+3?"),), tools=("Calculate",))
    shown = as_answered(asked)
    assert shown.messages[0].content == system_text(["Calculate"])
    assert shown.messages[1:] == asked.messages
    assert as_answered(shown) == shown


@pytest.fixture(scope="module")
def chat_format() -> ChatFormat:
    texts = [" ".join(WORDS), system_text([]), "0? 1? 2? 3?"] * 3
    return ChatFormat(train_tokenizer(texts, 400, SPECIAL_TOKENS, split_spaces=True))


def speaking_model(chat_format: ChatFormat, out: Path) -> Transformer:
    """Says one of WORDS, whatever it is asked."""
    tokenizer: Any = chat_format.tokenizer
    torch.manual_seed(0)
    model = Transformer(
        ModelConfig(
            vocab_size=tokenizer.vocab_size,
            num_layers=2,
            hidden_size=32,
            num_heads=2,
            num_kv_heads=1,
            head_dim=16,
            rotary_dim=16,
            intermediate_size=48,
            max_seq_len=ROW,
        )
    )
    dialogues = [Conversation((*c.messages, *said(word))) for c in CONTEXTS for word in WORDS]
    documents = sft_documents(dialogues, chat_format, ROW)[0]
    config = TrainConfig(
        max_steps=110,
        batch_tokens=4 * ROW,
        row_length=ROW,
        precision="fp32",
        device="cpu",
        optim=OptimConfig(warmup_steps=2),
    )
    train(model, tokenizer, documents, config, out, console=Console(quiet=True))
    return model


def test_the_engine_answers_with_the_model_that_is_trained(chat_format: ChatFormat, tmp_path: Path) -> None:
    """GRPO over the real agent: what is rewarded is said more often."""
    tokenizer: Any = chat_format.tokenizer
    model = speaking_model(chat_format, tmp_path / "sft")
    config = GRPOConfig(
        max_steps=12,
        batch_tokens=32 * ROW,
        row_length=ROW,
        precision="fp32",
        device="cpu",
        log_every=1,
        prompts=4,
        replies=8,
        kl_weight=0.0,
        optim=OptimConfig(warmup_steps=1, lr=4e-3, matrix_lr=0.012, final_lr_ratio=1.0),
    )

    def reward(turns: Sequence[tuple[Conversation, AssistantTurn]]) -> list[float]:
        return [float(messages[-1].content == "fine") for _, messages in turns]

    with Engine(model, tokenizer, max_sequences=32) as engine:
        answer = agent_answers(Agent(engine, chat_format, Toolbox([])))
        before = share_of("fine", answer(CONTEXTS * 8, 1))
        result = train_on_rollouts(
            model,
            tokenizer,
            CONTEXTS,
            answer,
            reward,
            grpo(model, config),
            config,
            tmp_path / "grpo",
            console=Console(quiet=True),
        )
        after = share_of("fine", answer(CONTEXTS * 8, 1))
    lines = read_metrics(tmp_path / "grpo")
    assert result.steps == 12
    assert lines[0]["kl"] == pytest.approx(0, abs=1e-6)  # the first answers are the reference's own
    assert lines[0]["failed"] < 0.5
    assert after > before + 0.3


def share_of(word: str, answers: Sequence[AssistantTurn | None]) -> float:
    return sum(answer == said(word) for answer in answers) / len(answers)
