"""AdamW, or Muon for the matrices with AdamW for the rest, and the learning rate's course.

Muon (Jordan et al. 2024) replaces a matrix's momentum by the nearest orthogonal matrix, found by five Newton-Schulz
iterations. torch's own runs them in bf16 and matrix by matrix; here matrices of one shape go through together, in the
number type the caller found fast, and stacked projections (q, k, v) are orthogonalised each for itself.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.optim import AdamW, Optimizer

from ..errors import UserError
from ..model.transformer import StackedLinear


@dataclass(frozen=True)
class OptimConfig:
    """How parameters are updated."""

    name: Literal["muon", "adamw"] = "muon"
    """muon: Muon for the decoder's matrices, AdamW for embedding, head and norms. adamw: AdamW for everything."""
    lr: float = 4e-3
    """Highest learning rate of AdamW's parameters."""
    matrix_lr: float = 0.02
    """Highest learning rate of Muon's matrices; not used by adamw."""
    betas: tuple[float, float] = (0.9, 0.95)
    """AdamW's decay of the first and second moment."""
    momentum: float = 0.95
    """Muon's (Nesterov) momentum."""
    weight_decay: float = 0.1
    """Decoupled decay of matrices (times the learning rate); norms and embeddings are not decayed."""
    max_grad_norm: float = 1.0
    """The gradient of a step is scaled down to this norm."""
    warmup_steps: int = 50
    """Steps over which the learning rate rises from zero."""
    final_lr_ratio: float = 0.1
    """Learning rate at the end of the cosine, as a share of the highest."""

    def __post_init__(self) -> None:
        for name in ("lr", "matrix_lr", "max_grad_norm"):
            if getattr(self, name) <= 0:
                raise UserError(f"optim.{name} must be positive, not {getattr(self, name)}")
        if self.warmup_steps < 0 or not 0 <= self.final_lr_ratio <= 1:
            raise UserError("optim: warmup_steps must be at least 0 and final_lr_ratio between 0 and 1")


def lr_factor(step: int, max_steps: int, config: OptimConfig) -> float:
    """Share of the highest learning rate at `step` (from 0): a linear rise, then half a cosine down."""
    if step < config.warmup_steps:
        return (step + 1) / config.warmup_steps
    progress = min(1.0, (step - config.warmup_steps) / max(1, max_steps - config.warmup_steps))
    return config.final_lr_ratio + (1 - config.final_lr_ratio) * (1 + math.cos(math.pi * progress)) / 2


def build_optimizers(model: nn.Module, config: OptimConfig, dtype: torch.dtype = torch.float32) -> list[Optimizer]:
    """The optimizers that together hold every parameter once; `dtype` is for Muon's iterations.

    Each group keeps its highest learning rate as `initial_lr`, which `set_lr` scales.
    """
    matrices, embeddings, vectors = parameter_kinds(model)
    adamw: dict[str, Any] = {"lr": config.lr, "betas": config.betas, "eps": 1e-10, "fused": True}
    undecayed = {"params": [*embeddings, *vectors], "weight_decay": 0.0}
    optimizers: list[Optimizer]
    if config.name == "muon":
        muon = Muon(matrices, config.matrix_lr, config.momentum, config.weight_decay, dtype)
        optimizers = [muon, AdamW([undecayed], **adamw)]
    else:
        decayed = {"params": [parameter for parameter, _ in matrices], "weight_decay": config.weight_decay}
        optimizers = [AdamW([decayed, undecayed], **adamw)]
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            group["initial_lr"] = group["lr"]
    return optimizers


def set_lr(optimizers: Iterable[Optimizer], factor: float) -> None:
    """Sets every group's learning rate to `factor` times its highest."""
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            group["lr"] = group["initial_lr"] * factor


def load_moments(optimizers: list[Optimizer], states: list[dict[str, Any]]) -> None:
    """Takes the running averages of saved optimizers, but keeps these ones' settings: those are the run's to choose.

    Raises UserError when the saved ones were of another kind.
    """
    if [_layout(optimizer.state_dict()) for optimizer in optimizers] != [_layout(state) for state in states]:
        raise UserError("the run was begun with another optim.name: resume with the one it has in recipe.json")
    for optimizer, state in zip(optimizers, states, strict=True):
        settings = [{key: value for key, value in group.items() if key != "params"} for group in optimizer.param_groups]
        optimizer.load_state_dict(state)
        for group, own in zip(optimizer.param_groups, settings, strict=True):
            group.update(own)


def _layout(state: dict[str, Any]) -> list[int]:
    """How many parameters each group has."""
    return [len(group["params"]) for group in state["param_groups"]]


Matrix = tuple[nn.Parameter, tuple[int, ...]]
"""A weight and the numbers of rows of the projections stacked in it."""


def parameter_kinds(model: nn.Module) -> tuple[list[Matrix], list[nn.Parameter], list[nn.Parameter]]:
    """(matrices of the blocks, embedding and heads, vectors), every parameter once."""
    matrices, embeddings, vectors = [], [], []
    for name, module in model.named_modules():
        for parameter in module.parameters(recurse=False):
            if parameter.dim() < 2:
                vectors.append(parameter)
            elif isinstance(module, nn.Embedding) or name.rpartition(".")[2] in ("head", "heads"):
                embeddings.append(parameter)
            else:
                sizes = module.sizes if isinstance(module, StackedLinear) else (len(parameter),)
                matrices.append((parameter, sizes))
    return matrices, embeddings, vectors


class Muon(Optimizer):
    """Momentum, orthogonalised, for matrices only."""

    def __init__(
        self, matrices: list[Matrix], lr: float, momentum: float, weight_decay: float, dtype: torch.dtype
    ) -> None:
        settings = {"lr": lr, "momentum": momentum, "weight_decay": weight_decay}
        super().__init__([parameter for parameter, _ in matrices], settings)
        self._sizes = dict(matrices)
        self._dtype = dtype

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> None:  # type: ignore[override]
        """Updates every matrix that has a gradient. A closure is not supported."""
        if closure is not None:
            raise ValueError("Muon takes no closure")
        for group in self.param_groups:
            by_shape: dict[torch.Size, list[tuple[Tensor, Tensor]]] = defaultdict(list)  # shape -> (weight, direction)
            for parameter in group["params"]:
                if parameter.grad is not None:
                    direction = self._direction(parameter, group["momentum"])
                    sizes = self._sizes[parameter]
                    for weight, part in zip(parameter.split(sizes), direction.split(sizes), strict=True):
                        by_shape[weight.shape].append((weight, part))
            for shape, pairs in by_shape.items():
                weights = [weight for weight, _ in pairs]
                updates = orthogonalise(torch.stack([part for _, part in pairs]), self._dtype)
                # A tall matrix has room for larger steps: the factor keeps the change of its outputs alike.
                scale = group["lr"] * max(1.0, shape[0] / shape[1]) ** 0.5
                torch._foreach_mul_(weights, 1 - group["lr"] * group["weight_decay"])
                torch._foreach_add_(weights, list(updates.to(weights[0].dtype).unbind()), alpha=-scale)

    def _direction(self, parameter: Tensor, momentum: float) -> Tensor:
        """The Nesterov momentum of a parameter, after taking in its gradient."""
        assert parameter.grad is not None
        state = self.state[parameter]
        if not state:
            state["momentum"] = torch.zeros_like(parameter)
        state["momentum"].lerp_(parameter.grad, 1 - momentum)
        return parameter.grad.lerp(state["momentum"], momentum)


def orthogonalise(matrices: Tensor, dtype: torch.dtype, iterations: int = 5) -> Tensor:
    """(count, m, n): each matrix with its singular values moved to about 1 (0.7 to 1.2).

    The quintic Newton-Schulz iteration with the coefficients of Jordan et al. 2024, on the shorter side's Gram matrix.
    """
    a, b, c = 3.4445, -4.7750, 2.0315
    tall = matrices.shape[1] > matrices.shape[2]
    x = matrices.mT if tall else matrices
    x = (x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)).to(dtype).contiguous()
    for _ in range(iterations):
        gram = x @ x.mT
        polynomial = torch.baddbmm(gram, gram, gram, beta=b, alpha=c)
        x = torch.baddbmm(x, polynomial, x, beta=a)
    return x.mT if tall else x
