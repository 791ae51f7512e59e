"""Documents that begin alike: read once where they do, with the same numbers as each alone."""

from __future__ import annotations

import random

import pytest
import torch

from moss.data.branches import Branches
from moss.data.documents import Document, Documents
from moss.data.pairs import document_batch, document_batches
from moss.model import attention
from moss.model.attention import PackedAttention, joined
from moss.model.config import ModelConfig
from moss.model.transformer import Transformer

ROW = 96
SHAPE = ModelConfig(
    vocab_size=50,
    num_layers=2,
    hidden_size=32,
    num_heads=4,
    num_kv_heads=2,
    head_dim=8,
    rotary_dim=8,
    intermediate_size=48,
    max_seq_len=ROW,
)


def answers(seed: int, contexts: int = 12) -> Documents:
    """One to five replies to each of some contexts, of all lengths; a reply alone is learned."""
    draw = random.Random(seed)
    found: list[Document] = []
    for _ in range(contexts):
        context = draw.choices(range(50), k=draw.randint(5, 40))
        for _ in range(draw.randint(1, 5)):
            reply = draw.choices(range(50), k=draw.randint(2, 30))
            found.append(([*context, *reply], [False] * (len(context) + 1) + [True] * (len(reply) - 1)))
    return Documents.build(found)


def test_what_is_shared_is_laid_out_once() -> None:
    learned = [False] * 6 + [True] * 2
    documents = Documents.build((list(map(ord, text)), learned) for text in ("abcdefgh", "abcdefxy", "uvwxyzgh"))
    branches = Branches(documents)
    assert branches.shared.tolist() == [0, 5, 0]  # the sixth letter is what predicts the first that is learned
    assert branches.size([0, 1, 2]) == 8 + 3 + 8
    batch = document_batch(documents, [[0, 1, 2]], 24, branches)
    assert "".join(map(chr, batch.tokens[0, :19].tolist())) == "abcdefgh" + "fxy" + "uvwxyzgh"
    assert batch.positions[0, :19].tolist() == [*range(8), 5, 6, 7, *range(8)]
    assert batch.ends.tolist() == [7, 10, 18]


def test_replies_that_differ_early_stand_alone() -> None:
    documents = Documents.build([(list(range(10)), None), ([0, 1, 2, *range(20, 30)], None)])
    assert Branches(documents).shared.tolist() == [0, 0]


def test_rows_hold_every_document_once_and_are_not_overfull() -> None:
    for seed in range(20):
        documents = answers(seed)
        branches = Branches(documents)
        rows = branches.rows(range(len(documents)), ROW)
        assert sorted(number for row in rows for number in row) == list(range(len(documents)))
        assert all(branches.size(row) <= ROW for row in rows)
        assert sum(map(branches.size, rows)) < documents.num_tokens


def test_a_branch_torn_from_the_first_of_all_goes_on_from_another() -> None:
    learned = [False] * 7 + [True]
    texts = ("abcdefgh", "abcdefij", "abcdekij")
    documents = Documents.build((list(map(ord, text)), learned) for text in texts)
    branches = Branches(documents)
    assert branches.shared.tolist() == [0, 6, 5]
    assert branches.skips([1, 2]) == [0, 5]
    assert branches.skips([0, 2]) == [0, 0]  # only neighbours


def alone(model: Transformer, tokens: torch.Tensor) -> torch.Tensor:
    """(seq, hidden_size) of one document by itself."""
    attend = PackedAttention(torch.zeros(1, len(tokens), dtype=torch.int64))
    hidden: torch.Tensor = model(tokens[None], torch.arange(len(tokens))[None], attend)
    return hidden[0]


@pytest.mark.parametrize("by_matmul", [False, True])
def test_hidden_states_and_gradients_are_those_of_each_alone(by_matmul: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if by_matmul:  # what bf16 takes on CPU, here in a precision that can be compared
        monkeypatch.setattr(attention, "QUERY_BLOCK", 16)
        monkeypatch.setattr(attention, "_causal", lambda *qkv: attention._MatmulAttention.apply(*qkv))
    torch.manual_seed(0)
    model = Transformer(SHAPE).double()
    documents = answers(1)
    together, separate, branched = [], [], 0
    for batch in document_batches(documents, ROW, 4 * ROW):
        hidden = model(batch.tokens, batch.positions, PackedAttention(batch.document_ids, batch.positions))
        branched += int((batch.positions.flatten()[batch.document_of().flatten().diff().nonzero() + 1] > 0).sum())
        learned = batch.loss_mask
        for place, number in enumerate(batch.numbers.tolist()):
            tokens, mask = documents[number]
            together.append(hidden[learned & (batch.document_of() == place)])
            separate.append(alone(model, torch.from_numpy(tokens.astype("int64")))[:-1][torch.from_numpy(mask)[1:]])
    assert branched > 10
    one, other = torch.cat(together), torch.cat(separate)
    assert torch.allclose(one, other, atol=1e-12, rtol=0)
    weights = torch.randn(one.shape, dtype=torch.float64)
    parameters = list(model.parameters())
    gradients = [torch.autograd.grad((found * weights).sum(), parameters, allow_unused=True) for found in (one, other)]
    atol = 2e-3 if by_matmul else 1e-10  # of some hundreds; there keys and values are summed in fp32
    for first, second in zip(*gradients, strict=True):
        assert (first is None and second is None) or torch.allclose(first, second, atol=atol, rtol=0)


def test_spans_with_branches() -> None:
    positions = torch.tensor([[0, 1, 2, 1, 2, 2, 0, 1], [0, 1, 0, 1, 2, 3, 2, 3]])
    spans = [(0, 3), (3, 2), (5, 1), (6, 2), (8, 2), (10, 4), (14, 2)]
    assert joined(spans, positions) == (
        [(0, 6), (6, 2), (8, 2), (10, 6)],
        {0: [(3, 5, 1), (5, 6, 2)], 10: [(4, 6, 2)]},
    )
