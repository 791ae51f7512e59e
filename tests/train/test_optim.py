"""Optimizers: every parameter in the group it belongs to, Muon's updates orthogonal, the learning rate's course."""

from __future__ import annotations

import pytest
import torch

from moss.errors import UserError
from moss.model.config import ModelConfig
from moss.model.preference import PreferenceModel
from moss.model.transformer import Transformer
from moss.train.optim import Muon, OptimConfig, build_optimizers, lr_factor, orthogonalise, parameter_kinds, set_lr


def make_model(**changes: object) -> Transformer:
    torch.manual_seed(0)
    shape = {
        "vocab_size": 40,
        "num_layers": 2,
        "hidden_size": 16,
        "num_heads": 2,
        "num_kv_heads": 1,
        "head_dim": 8,
        "rotary_dim": 8,
        "intermediate_size": 24,
        "max_seq_len": 32,
    }
    return Transformer(ModelConfig(**{**shape, **changes}))  # type: ignore[arg-type]


@pytest.mark.parametrize("tie", [True, False])
@pytest.mark.parametrize("name", ["muon", "adamw"])
def test_every_parameter_is_in_one_group_and_only_matrices_decay(name: str, tie: bool) -> None:
    model = make_model(tie_embeddings=tie, qk_norm=True)
    optimizers = build_optimizers(model, OptimConfig(name=name))  # type: ignore[arg-type]
    groups = [group for optimizer in optimizers for group in optimizer.param_groups]
    held = [parameter for group in groups for parameter in group["params"]]
    assert {id(parameter) for parameter in held} == {id(parameter) for parameter in model.parameters()}
    assert len(held) == len({id(parameter) for parameter in held})
    decayed = {id(parameter) for group in groups if group["weight_decay"] for parameter in group["params"]}
    for path, parameter in model.named_parameters():
        is_matrix = path.startswith("blocks.") and parameter.dim() == 2
        assert (id(parameter) in decayed) == is_matrix, path


def test_muon_takes_the_matrices_of_the_blocks_and_knows_what_is_stacked() -> None:
    matrices, embeddings, vectors = parameter_kinds(make_model())
    assert sorted({sizes for _, sizes in matrices}) == [(16,), (16, 8, 8), (24, 24)]
    assert [parameter.shape for parameter in embeddings] == [(40, 16)]
    assert all(parameter.dim() == 1 for parameter in vectors)


@pytest.mark.parametrize("shape", [(3, 8, 8), (2, 24, 8), (2, 8, 24)])
def test_orthogonalised_matrices_have_singular_values_near_one(shape: tuple[int, int, int]) -> None:
    torch.manual_seed(0)
    singular = torch.linalg.svdvals(orthogonalise(torch.randn(shape) * 50, torch.float32))
    assert singular.min() > 0.5
    assert singular.max() < 1.3


def test_muon_orthogonalises_stacked_projections_each_for_itself() -> None:
    weight = torch.nn.Parameter(torch.zeros(24, 8))
    weight.grad = torch.randn(24, 8)
    weight.grad[8:] *= 1000
    Muon([(weight, (8, 16))], lr=1.0, momentum=0.0, weight_decay=0.0, dtype=torch.float32).step()
    for part, scale in ((weight[:8], 1.0), (weight[8:], 2**0.5)):
        singular = torch.linalg.svdvals(part.detach()) / scale
        assert singular.min() > 0.5
        assert singular.max() < 1.3
    # Momentum 0 descends: the step is against the gradient.
    assert (weight.detach() * weight.grad).sum() < 0


@pytest.mark.parametrize("name", ["muon", "adamw"])
def test_optimizers_lower_a_loss(name: str) -> None:
    model = make_model()
    target = torch.randn(16, 16)
    optimizers = build_optimizers(model, OptimConfig(name=name))  # type: ignore[arg-type]
    losses = []
    for _ in range(60):
        loss = (model.blocks[0].attention.out.weight - target).square().mean()  # type: ignore[union-attr]
        loss.backward()
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad()
        losses.append(loss.item())
    assert losses[-1] < 0.9 * losses[0]


def test_the_learning_rate_rises_then_falls_to_its_share() -> None:
    config = OptimConfig(warmup_steps=10, final_lr_ratio=0.1)
    course = [lr_factor(step, 100, config) for step in range(101)]
    assert course[0] == pytest.approx(0.1)
    assert course[9] == course[10] == 1.0
    assert course[55] == pytest.approx(0.55)
    assert course[100] == pytest.approx(0.1)
    assert course[10:] == sorted(course[10:], reverse=True)


def test_set_lr_scales_each_group_s_own() -> None:
    optimizers = build_optimizers(make_model(), OptimConfig(lr=0.004, matrix_lr=0.02))
    set_lr(optimizers, 0.5)
    set_lr(optimizers, 0.25)
    assert [group["lr"] for optimizer in optimizers for group in optimizer.param_groups] == [0.005, 0.001]


@pytest.mark.parametrize(
    ("changes", "message"),
    [({"lr": 0.0}, "optim.lr must be positive"), ({"final_lr_ratio": 2.0}, "final_lr_ratio between 0 and 1")],
)
def test_impossible_settings_are_refused(changes: dict[str, float], message: str) -> None:
    with pytest.raises(UserError, match=message):
        OptimConfig(**changes)  # type: ignore[arg-type]


def test_heads_are_no_matrices_also_where_the_decoder_lies_in_another_model() -> None:
    model = PreferenceModel(make_model(tie_embeddings=False))
    matrices, embeddings, _ = parameter_kinds(model)
    expected = [model.transformer.embedding.weight, model.transformer.head.weight, model.heads.weight]
    assert {id(parameter) for parameter in embeddings} == {id(parameter) for parameter in expected}
    assert len(matrices) == 2 * 4
