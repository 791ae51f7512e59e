"""Log probabilities of tokens: the library's, with the library's gradients, whatever the chunk."""

from __future__ import annotations

import pytest
import torch

from moss.train import losses
from moss.train.losses import masked_cross_entropy, token_log_probs

TARGETS = torch.tensor([[1, 2, -100, 10, -100], [-100, 0, 5, -100, 7]])


def make_inputs(dtype: torch.dtype = torch.float64) -> tuple[torch.Tensor, torch.Tensor]:
    torch.manual_seed(0)
    return torch.randn(2, 5, 8, dtype=dtype, requires_grad=True), torch.randn(11, 8, dtype=dtype, requires_grad=True)


@pytest.mark.parametrize("chunk", [1, 3, 512])
def test_log_probs_are_the_library_s_with_their_gradients(monkeypatch: pytest.MonkeyPatch, chunk: int) -> None:
    monkeypatch.setitem(losses.CHUNK_ROWS, "cpu", chunk)
    hidden, head = make_inputs()
    ours = token_log_probs(hidden, head, TARGETS)
    everything = (hidden @ head.T).log_softmax(-1)
    theirs = everything.gather(-1, TARGETS.clamp(min=0)[..., None])[..., 0] * (TARGETS >= 0)
    assert torch.allclose(ours, theirs, atol=1e-12)
    assert torch.equal(ours[TARGETS < 0], torch.zeros(4, dtype=torch.float64))
    weights = torch.randn_like(theirs)
    for one, other in zip(
        torch.autograd.grad((ours * weights).sum(), (hidden, head)),
        torch.autograd.grad((theirs * weights).sum(), (hidden, head)),
        strict=True,
    ):
        assert torch.allclose(one, other, atol=1e-12)


def test_gradient_is_that_of_finite_differences() -> None:
    hidden, head = make_inputs()
    assert torch.autograd.gradcheck(lambda *x: token_log_probs(*x, TARGETS), (hidden, head))


def test_cross_entropy_is_their_negative_sum() -> None:
    hidden, head = make_inputs(torch.float32)
    total = token_log_probs(hidden, head, TARGETS).sum()
    assert -total.item() == pytest.approx(masked_cross_entropy(hidden, head, TARGETS).item(), rel=1e-6)


def test_under_autocast_products_are_bf16_and_log_probs_fp32() -> None:
    hidden, head = make_inputs(torch.float32)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        found = token_log_probs(hidden, head, TARGETS)
    exact = token_log_probs(hidden, head, TARGETS)
    assert found.dtype == torch.float32
    assert torch.allclose(found, exact, atol=0.1)
    assert not torch.equal(found, exact)
    found.sum().backward()
    assert hidden.grad is not None
    assert hidden.grad.dtype == torch.float32


def test_no_learned_position_is_no_error() -> None:
    hidden, head = make_inputs()
    found = token_log_probs(hidden, head, torch.full_like(TARGETS, -100))
    found.sum().backward()
    assert not found.any()
    assert hidden.grad is not None
    assert not hidden.grad.any()
