"""Packing: every document once and whole, rows well filled; batches that do not mix documents and repeat exactly."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from moss.data.batches import IGNORE_INDEX, PADDING_ID, Batches, make_batch
from moss.data.documents import Documents
from moss.data.packing import Shortened, cut_dialogues, pack, split_texts
from moss.errors import UserError


@given(st.lists(st.integers(1, 50), max_size=80))
def test_every_document_is_in_one_row_and_rows_hold_their_documents(lengths: list[int]) -> None:
    rows = pack(lengths, 50)
    assert sorted(document for row in rows for document in row) == list(range(len(lengths)))
    assert all(0 < sum(lengths[i] for i in row) <= 50 for row in rows)
    # Best fit never opens a row for a document that an earlier row had room for: no two rows fit into one.
    loads = sorted(sum(lengths[i] for i in row) for row in rows)
    assert len(loads) < 2 or loads[0] + loads[1] > 50


def test_short_documents_leave_hardly_any_padding() -> None:
    lengths = np.random.default_rng(0).integers(10, 300, 2000).tolist()
    assert sum(lengths) / (len(pack(lengths, 1024)) * 1024) > 0.99


def test_pack_refuses_what_does_not_fit() -> None:
    with pytest.raises(ValueError, match="document 1 has 9 tokens, a row only 8"):
        pack([3, 9], 8)


def test_long_texts_are_split_into_documents_that_are_all_learned() -> None:
    shortened = Shortened()
    pieces = list(split_texts([(list(range(10)), None), ([1, 2], [True, False])], 4, shortened))
    assert pieces == [([0, 1, 2, 3], None), ([4, 5, 6, 7], None), ([8, 9], None), ([1, 2], [True, False])]
    assert (shortened.documents, shortened.tokens_lost) == (1, 0)


def test_long_dialogues_end_with_their_last_whole_turn() -> None:
    end, shortened = 99, Shortened()
    dialogues = [([1, 2, end, 3, 4, end], [True] * 6), ([1, 2, 3, 4, 5, end], None), ([1, end], None)]
    assert list(cut_dialogues(dialogues, 5, end, shortened)) == [([1, 2, end], [True] * 3), ([1, end], None)]
    assert (shortened.documents, shortened.tokens_lost) == (2, 3 + 6)


def test_documents_come_back_one_by_one() -> None:
    given = [([1, 2, 3], None), ([], None), ([70_000, 5], [False, True])]
    documents = Documents.build(given)
    assert len(documents) == 2
    assert [[part.tolist() for part in documents[i]] for i in range(2)] == [
        [[1, 2, 3], [True] * 3],
        [[70_000, 5], [False, True]],
    ]
    assert Documents.build([([1, 2, 3], None)]).tokens.dtype == np.uint16


def test_a_fingerprint_is_of_tokens_of_what_is_learned_and_of_the_cuts() -> None:
    corpora = [
        [([1, 2, 3], None), ([4], None)],
        [([1, 2, 3], None), ([5], None)],
        [([1, 2, 3], None), ([4], [False])],
        [([1, 2], None), ([3, 4], None)],
    ]
    assert len({Documents.build(corpus).fingerprint() for corpus in corpora}) == 4
    assert Documents.build(corpora[0]).fingerprint() == Documents.build(corpora[0]).fingerprint()


def test_a_batch_keeps_documents_apart() -> None:
    documents = Documents.build([([11, 12, 13], [False, True, True]), ([21, 22], None), ([31], None)])
    batch = make_batch(documents, [[0, 1], [2]], 6)
    x, pad = IGNORE_INDEX, PADDING_ID
    assert batch.tokens.tolist() == [[11, 12, 13, 21, 22, 0], [31, 0, 0, 0, 0, 0]]
    # 13 does not predict 21, and 22 predicts nothing; the first token of a document is nobody's target.
    assert batch.targets.tolist() == [[12, 13, x, 22, x, x], [x] * 6]
    assert batch.positions.tolist() == [[0, 1, 2, 0, 1, 0], [0] * 6]
    assert batch.document_ids.tolist() == [[0, 0, 0, 1, 1, pad], [0, pad, pad, pad, pad, pad]]
    assert batch.loss_mask.sum() == 3


def test_unlearned_tokens_are_no_targets() -> None:
    documents = Documents.build([([1, 2, 3, 4], [True, False, True, False])])
    assert make_batch(documents, [[0]], 4).targets.tolist() == [[IGNORE_INDEX, 3, IGNORE_INDEX, IGNORE_INDEX]]


def numbered_documents(count: int = 37) -> Documents:
    return Documents.build(([i + 1] * (3 + i % 5), None) for i in range(count))


def test_batches_repeat_exactly_and_every_epoch_holds_every_document_once() -> None:
    batches = Batches(numbered_documents(), row_length=8, batch_tokens=32, seed=5)
    again = Batches(numbered_documents(), row_length=8, batch_tokens=32, seed=5)
    for step in (7, 0, 3):  # in any order: a batch depends on its number only
        assert torch.equal(batches[step].tokens, again[step].tokens)
    rows = [row for step in range(50) for row in batches[step].tokens.tolist()]
    size = len(batches.rows)
    epochs = [rows[:size], rows[size : 2 * size]]
    assert epochs[0] != epochs[1]
    for epoch in epochs:
        assert {token for row in epoch for token in row} - {0} == set(range(1, 38))
        assert len(epoch) == len({tuple(row) for row in epoch})


def test_another_seed_is_another_order() -> None:
    one, other = (Batches(numbered_documents(), 8, 32, seed)[0] for seed in (1, 2))
    assert not torch.equal(one.tokens, other.tokens)


def test_an_epoch_for_validation_holds_every_row_once() -> None:
    batches = Batches(numbered_documents(), row_length=8, batch_tokens=40, seed=0)
    parts = list(batches.epoch())
    assert sum(len(part.tokens) for part in parts) == len(batches.rows)
    assert sum(int((part.document_ids >= 0).sum()) for part in parts) == numbered_documents().num_tokens


def test_split_parts_make_up_the_batch() -> None:
    batch = Batches(numbered_documents(), row_length=8, batch_tokens=40, seed=0)[0]
    parts = batch.split(3)
    assert [len(part.tokens) for part in parts] == [2, 2, 1]
    assert torch.equal(torch.cat([part.targets for part in parts]), batch.targets)
    assert len(batch.split(9)) == 5


@pytest.mark.parametrize("documents", [[], [([], None)], [([1, 2], [False, False])]])
def test_nothing_to_learn_is_refused(documents: list[tuple[list[int], list[bool] | None]]) -> None:
    with pytest.raises(UserError, match="the training data is empty"):
        Batches(Documents.build(documents), 8, 32, seed=0)


def test_a_document_longer_than_a_row_is_refused() -> None:
    with pytest.raises(UserError, match="a document has 9 tokens, a row 8: shorten it or raise row_length"):
        Batches(Documents.build([([1] * 9, None)]), 8, 32, seed=0)
