"""The decoder: packed = separate, its hand-written gradients = autograd's, its block = the published formulas."""

from __future__ import annotations

import math

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from moss.data.batches import make_batch
from moss.data.documents import Documents
from moss.errors import UserError
from moss.model import attention
from moss.model.attention import PackedAttention, document_spans, similar_lengths
from moss.model.config import ModelConfig
from moss.model.transformer import RMSNorm, Transformer, rotary_tables, rotate

LENGTHS = (5, 9, 1, 30, 7)


def small_config(**changes: object) -> ModelConfig:
    shape = {
        "vocab_size": 50,
        "num_layers": 2,
        "hidden_size": 24,
        "num_heads": 4,
        "num_kv_heads": 2,
        "head_dim": 8,
        "rotary_dim": 4,
        "intermediate_size": 40,
        "max_seq_len": 64,
    }
    return ModelConfig(**{**shape, **changes})  # type: ignore[arg-type]


def small_model(**changes: object) -> Transformer:
    torch.manual_seed(0)
    return Transformer(small_config(**changes)).double()


def documents() -> list[Tensor]:
    generator = torch.Generator().manual_seed(1)
    return [torch.randint(50, (length,), generator=generator) for length in LENGTHS]


def alone(model: Transformer, tokens: Tensor) -> Tensor:
    """Hidden states of one document by itself, with plain causal attention."""

    def attend(layer: int, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        return F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)

    return model(tokens[None], torch.arange(len(tokens))[None], attend)[0]


@pytest.mark.parametrize("changes", [{}, {"num_kv_heads": 4}, {"qk_norm": True, "rotary_dim": 8}])
def test_packed_documents_give_what_separate_ones_give(changes: dict[str, object]) -> None:
    model, items = small_model(**changes), documents()
    packed = make_batch(Documents.build((item.tolist(), None) for item in items), [[0, 1, 2], [3, 4]], 40)
    hidden = model(packed.tokens, packed.positions, PackedAttention(packed.document_ids))
    together = hidden[packed.document_ids >= 0]
    separate = torch.cat([alone(model, item) for item in items])
    assert torch.allclose(together, separate, atol=1e-12, rtol=0)

    weights = torch.randn(separate.shape, dtype=torch.float64)
    gradients = [torch.autograd.grad((x * weights).sum(), list(model.parameters()), allow_unused=True)
                 for x in (together, separate)]  # fmt: skip
    for one, other in zip(*gradients, strict=True):
        assert (one is None and other is None) or torch.allclose(one, other, atol=1e-10, rtol=0)


def test_one_document_a_row_is_plain_causal_attention() -> None:
    model, tokens = small_model(), torch.randint(50, (3, 20))
    attend = PackedAttention(torch.zeros(3, 20, dtype=torch.int64))
    assert attend.whole_rows
    hidden = model(tokens, torch.arange(20).expand(3, 20), attend)
    assert torch.allclose(hidden[1], alone(model, tokens[1]), atol=1e-12, rtol=0)


def test_attention_outputs_of_padding_are_zero() -> None:
    q = torch.randn(1, 2, 6, 4)
    mixed = PackedAttention(torch.tensor([[0, 0, 1, 1, -1, -1]]))(0, q, q, q)
    assert mixed.shape == q.shape
    assert mixed[:, :, 4:].eq(0).all()
    assert mixed[:, :, :4].ne(0).all()


def test_spans_end_with_rows_and_with_documents() -> None:
    ids = torch.tensor([[0, 0, 1, -1], [0, 0, 0, 0], [-1, -1, -1, -1]])
    assert document_spans(ids) == [(0, 2), (2, 1), (4, 4)]


def test_groups_hold_similar_lengths_only() -> None:
    groups = similar_lengths([(0, length) for length in (100, 10, 85, 9, 81, 79)])
    assert [[length for _, length in group] for group in groups] == [[100, 85, 81], [79], [10, 9]]


def test_attention_by_matmul_equals_the_library_s_with_its_gradients(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attention, "QUERY_BLOCK", 7)  # 20 queries in blocks of 7, 7 and 6
    q = torch.randn(3, 4, 20, 8, dtype=torch.float64, requires_grad=True)
    k, v = (torch.randn(3, 2, 20, 8, dtype=torch.float64, requires_grad=True) for _ in range(2))
    weights = torch.randn_like(q)
    ours = attention._MatmulAttention.apply(q, k, v)
    theirs = F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)
    assert torch.allclose(ours, theirs, atol=1e-12, rtol=0)
    for one, other in zip(
        torch.autograd.grad((ours * weights).sum(), (q, k, v)),
        torch.autograd.grad((theirs * weights).sum(), (q, k, v)),
        strict=True,
    ):
        assert torch.allclose(one, other, atol=1e-5, rtol=0)  # keys and values are summed in fp32


def test_rms_norm_equals_the_library_s_with_its_gradients() -> None:
    norm = RMSNorm(16, 1e-6).double()
    torch.nn.init.normal_(norm.weight)
    x = torch.randn(3, 5, 16, dtype=torch.float64, requires_grad=True)
    weights = torch.randn_like(x)
    ours, theirs = norm(x), F.rms_norm(x, (16,), norm.weight, 1e-6)
    assert torch.allclose(ours, theirs, atol=1e-12, rtol=0)
    for one, other in zip(
        torch.autograd.grad((ours * weights).sum(), (x, norm.weight)),
        torch.autograd.grad((theirs * weights).sum(), (x, norm.weight)),
        strict=True,
    ):
        assert torch.allclose(one, other, atol=1e-12, rtol=0)
    with torch.no_grad():
        assert torch.allclose(norm(x), theirs, atol=1e-12, rtol=0)


def test_rotation_makes_scores_depend_on_distance_only() -> None:
    cos, sin = (table.double() for table in rotary_tables(small_config(rotary_dim=8)))
    q, k = (torch.randn(8, dtype=torch.float64).expand(1, 64, 1, 8) for _ in range(2))
    rotated = [rotate(x, cos[None, :, None], sin[None, :, None])[0, :, 0] for x in (q, k)]
    scores = rotated[0] @ rotated[1].T
    assert torch.allclose(scores[3:, 3:], scores[:-3, :-3], atol=1e-6)
    assert not torch.allclose(scores[0], scores[0, 0].expand(64), atol=1e-2)


def test_rotation_leaves_dimensions_past_rotary_dim_alone() -> None:
    cos, sin = rotary_tables(small_config())
    x = torch.randn(1, 64, 2, 8)
    rotated = rotate(x, cos[None, :, None], sin[None, :, None])
    assert torch.equal(rotated[..., 4:], x[..., 4:])
    angle = torch.tensor(10.0)  # position 10, first pair: dimensions 0 and 2, wavelength 2 pi
    expected = x[0, 10, 0, 0] * angle.cos() - x[0, 10, 0, 2] * angle.sin()
    assert math.isclose(rotated[0, 10, 0, 0].item(), expected.item(), rel_tol=1e-4, abs_tol=1e-5)


def test_tied_and_untied_heads() -> None:
    tied, untied = small_model(), small_model(tie_embeddings=False)
    assert tied.head_weight is tied.embedding.weight
    assert untied.num_parameters() - tied.num_parameters() == 50 * 24
    assert untied.logits(torch.randn(2, 3, 24, dtype=torch.float64)).shape == (2, 3, 50)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"block": "lama"}, "unknown model block 'lama'. Did you mean llama?"),
        ({"num_heads": 3}, "num_heads (3) must be a multiple of num_kv_heads (2)"),
        ({"rotary_dim": 5}, "rotary_dim must be even and at most head_dim (8), not 5"),
        ({"rotary_dim": 16}, "rotary_dim must be even and at most head_dim (8), not 16"),
        ({"num_layers": 0}, "num_layers must be at least 1"),
    ],
)
def test_impossible_shapes_are_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(UserError) as raised:
        small_config(**changes)
    assert message in str(raised.value)
