"""Prints training tokens/s and the share of this machine's measured matrix-product peak, fp32 and bf16.

    python benchmarks/training.py [--layers 6] [--width 256] [--vocab 6144] [--row 512] [--tokens 8192] [--rounds 5]
                                  [--device cpu]

A step is a whole step of the loop (batch, forward, backward, clipping, optimizer) on documents of random tokens, 100 to
row-length long, packed. `texts` learn every token, `dialogues` a third of them. All combinations take turns in every
round, so that a busy moment of the machine hits them alike; figures are medians.

    tokens/s      tokens of documents (padding not counted)
    GFLOP/s       products the result needs: 6 per matrix parameter and token, the head only where a token is learned,
                  causal attention within documents
    of peak       those against the best product of two matrices in the same number type, of 2,048 x 2,048 on a CPU
                  and of 8,192 x 8,192 on a GPU
    bf16          only where it is faster than fp32 on this machine
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from rich.console import Console
from rich.table import Table
from subject import device_name

from moss.data.batches import Batches
from moss.data.documents import Documents
from moss.model.config import ModelConfig
from moss.model.transformer import Transformer
from moss.tokenizer.training import train as train_tokenizer
from moss.train.loop import TrainConfig, Trainer, cross_entropy
from moss.train.precision import Precision, bf16_speedup

DTYPES: dict[Precision, torch.dtype] = {"fp32": torch.float32, "bf16": torch.bfloat16}
LEARNED = {"texts": 1.0, "dialogues": 1 / 3}


def peak(dtype: torch.dtype, device: torch.device) -> float:
    """GFLOP/s of the best of five products."""
    size = 8192 if device.type == "cuda" else 2048
    a, best = torch.randn(size, size, dtype=dtype, device=device), float("inf")
    for _ in range(6):
        started = time.perf_counter()
        (a @ a)[0, 0].item()  # waits for a GPU to be done
        best = min(best, time.perf_counter() - started)
    return 2 * size**3 / best / 1e9


def make_documents(options: argparse.Namespace, learned: float) -> Documents:
    """Enough documents for all rounds."""
    rng = np.random.default_rng(0)
    lengths = rng.integers(100, options.row + 1, 4 * options.tokens * (options.rounds + 1) // options.row)
    return Documents.build((rng.integers(0, options.vocab, n), rng.random(n) < learned) for n in lengths)


def make_trainer(options: argparse.Namespace, precision: Precision, learned: float, out: Path) -> Trainer:
    heads = options.width // 64
    shape = ModelConfig(
        vocab_size=options.vocab,
        num_layers=options.layers,
        hidden_size=options.width,
        num_heads=heads,
        num_kv_heads=heads,
        intermediate_size=options.width * 11 // 4,
        max_seq_len=options.row,
    )
    torch.manual_seed(0)
    config = TrainConfig(
        batch_tokens=options.tokens, row_length=options.row, precision=precision, device=options.device
    )
    tokenizer = train_tokenizer(["a b c"], 260, ["<|endoftext|>"])  # a run has one; the loop's steps do not use it
    batches = Batches(make_documents(options, learned), config.row_length, config.batch_tokens, config.seed)
    return Trainer(Transformer(shape), tokenizer, batches, cross_entropy, config, out)


def gflop(trainer: Trainer, step: int) -> float:
    """What the step's result needs, in 10^9 operations."""
    batch, config = trainer.batches[step], trainer.model.config
    tokens = int((batch.document_ids >= 0).sum())
    matrices = sum(p.numel() for p in trainer.model.blocks.parameters() if p.dim() == 2)
    head = config.vocab_size * config.hidden_size
    pairs = int((batch.positions[batch.document_ids >= 0] + 1).sum())  # a token sees itself and those before it
    attention = 12 * config.num_layers * config.num_heads * config.head_dim * pairs
    return (6 * (matrices * tokens + head * int(batch.loss_mask.sum())) + attention) / 1e9


def one_step(trainer: Trainer) -> tuple[float, float]:
    """(tokens/s, GFLOP/s) of the next step."""
    work, started = gflop(trainer, trainer.step), time.perf_counter()
    _, tokens = trainer.train_step()
    seconds = time.perf_counter() - started
    return tokens / seconds, work / seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (
        ("layers", 6),
        ("width", 256),
        ("vocab", 6144),
        ("row", 512),
        ("tokens", 8192),
        ("rounds", 5),
    ):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--device", default="cpu")
    options = parser.parse_args()
    device = torch.device(options.device)
    half = device.type == "cuda" or bf16_speedup() > 1
    precisions: list[Precision] = ["fp32", "bf16"] if half else ["fp32"]
    peaks = {precision: peak(DTYPES[precision], device) for precision in precisions}
    with tempfile.TemporaryDirectory() as folder:
        trainers = {
            (precision, data): make_trainer(options, precision, learned, Path(folder))
            for precision in precisions
            for data, learned in LEARNED.items()
        }
        rounds = [{key: one_step(trainer) for key, trainer in trainers.items()} for _ in range(options.rounds + 1)]
    model = next(iter(trainers.values())).model
    print(f"{device_name(device)}, torch {torch.__version__}")
    print(f"{model.num_parameters():,} parameters, rows of {options.row}, {options.tokens} tokens a step")
    table = Table("", "data", "tokens/s", "GFLOP/s", "peak", "of peak")
    for precision, data in trainers:
        speed, work = (statistics.median(found[precision, data][i] for found in rounds[1:]) for i in range(2))
        best = peaks[precision]
        table.add_row(precision, data, f"{speed:,.0f}", f"{work:,.0f}", f"{best:,.0f}", f"{work / best:.0%}")
    Console().print(table)


if __name__ == "__main__":
    main()
