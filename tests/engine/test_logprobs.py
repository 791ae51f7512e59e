"""Probabilities of tokens are the model's own: those of a whole forward, whatever sampling and grammar made of them."""

from __future__ import annotations

import pytest
import torch

from moss.engine.engine import Engine
from moss.engine.grammar import JsonGrammar
from moss.engine.params import SamplingParams
from moss.model.attention import PackedAttention
from moss.model.transformer import Transformer
from moss.tokenizer.bpe import Tokenizer


def log_probabilities(model: Transformer, tokens: list[int]) -> torch.Tensor:
    """(len(tokens), vocab), from one forward over all."""
    batch = torch.tensor([tokens])
    with torch.inference_mode():
        hidden = model(batch, torch.arange(len(tokens))[None], PackedAttention(torch.zeros_like(batch)))
        return model.logits(hidden[0]).log_softmax(dim=-1)


@pytest.mark.parametrize("constrained", [False, True])
def test_they_are_those_of_a_whole_forward(
    engine: Engine, model: Transformer, tokenizer: Tokenizer, constrained: bool
) -> None:
    prompt = tokenizer.encode("None, ")
    settings = SamplingParams(temperature=1.7, top_k=5, repetition_penalty=1.3, seed=1, logprobs=3)
    end = tokenizer.special["<eom>"]
    grammar = JsonGrammar({"type": "object"}, tokenizer, end, tokenizer.vocab_size) if constrained else None
    sequence = engine.open(prompt, settings)
    tokens = list(engine.generate(sequence, {end}, grammar, max_tokens=8))
    expected = log_probabilities(model, [*prompt, *tokens])[len(prompt) - 1 :]
    chances = list(sequence.chances)
    engine.close(sequence)
    assert len(chances) == len(tokens)
    for token, chance, row in zip(tokens, chances, expected, strict=False):
        assert chance.log_probability == pytest.approx(float(row[token]), abs=1e-5)
        top, best = row.topk(3)
        assert [found for found, _ in chance.likeliest] == best.tolist()
        assert [found for _, found in chance.likeliest] == pytest.approx(top.tolist(), abs=1e-5)


def test_nothing_is_noted_unasked(engine: Engine, tokenizer: Tokenizer) -> None:
    sequence = engine.open(tokenizer.encode("None"), SamplingParams(seed=1))
    list(engine.generate(sequence, (), max_tokens=3))
    assert not sequence.chances
    engine.close(sequence)
