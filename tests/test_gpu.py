"""What a GPU computes is what the CPU computes; skipped where there is none.

The tests of the training loop run on a GPU as they are where there is one. Here is what they do not reach.
"""

from __future__ import annotations

import copy

import pytest
import torch

from moss.engine.engine import Engine
from moss.engine.sampling import SamplingParams
from moss.model.attention import PackedAttention
from moss.model.config import ModelConfig
from moss.model.transformer import Transformer
from moss.tokenizer.training import train as train_tokenizer

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU here")

IDS = torch.tensor([[0] * 30 + [1] * 5 + [2] * 50 + [-1] * 15, [0] * 100, [-1] * 3 + [4] * 97])


def attended(qkv: list[torch.Tensor]) -> tuple[torch.Tensor, list[torch.Tensor]]:
    """What packed attention gives, and the gradients of its squared sum."""
    leaves = [x.detach().requires_grad_() for x in qkv]
    mixed = PackedAttention(IDS.to(qkv[0].device))(0, *leaves)
    (mixed.float() ** 2).sum().backward()
    return mixed.detach(), [leaf.grad for leaf in leaves if leaf.grad is not None]


def test_attention_in_one_kernel_is_attention_in_groups() -> None:
    torch.manual_seed(0)
    exact = [torch.randn(3, heads, 100, 64) for heads in (4, 2, 2)]
    half = [x.to("cuda", torch.bfloat16) for x in exact]
    (wanted, wanted_grads), (found, found_grads) = attended(exact), attended(half)
    assert found.dtype == torch.bfloat16
    torch.testing.assert_close(found.float().cpu(), wanted, atol=0.03, rtol=0.03)
    assert not found[0, :, 85:].any()
    for grad, other in zip(found_grads, wanted_grads, strict=True):
        torch.testing.assert_close(grad.float().cpu(), other, atol=0.15, rtol=0.05)


@pytest.mark.parametrize("temperature", [0.0, 1.0])
@pytest.mark.parametrize("guided", [False, True])
def test_the_engine_writes_what_it_writes_on_the_cpu(temperature: float, guided: bool) -> None:
    tokenizer = train_tokenizer(["a few words"], vocab_size=300, special_tokens=())
    torch.manual_seed(0)
    config = ModelConfig(vocab_size=300, num_layers=2, hidden_size=64, intermediate_size=96, max_seq_len=128)
    model = Transformer(config).double()  # so that no near tie can fall either way
    found = []
    for device in ("cpu", "cuda"):
        with Engine(copy.deepcopy(model).to(device), tokenizer, max_sequences=4, prefill_tokens=16) as engine:
            params = SamplingParams(temperature=temperature, repetition_penalty=1.1, seed=3, logprobs=2)
            sequence = engine.open(range(40), params, guided=guided)
            if guided:
                engine.guide(sequence, 77, 1.0)
            found.append(list(engine.generate(sequence, stop=(), max_tokens=40)))
    assert found[0] == found[1]
