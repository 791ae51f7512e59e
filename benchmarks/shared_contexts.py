"""What reading a context once for all its replies saves a preference model: the same steps with it and without.

    python benchmarks/shared_contexts.py --contexts 6 --repeats 3

Trains the packaged assistant under a new head on pairs of the nano world, forward and backward without the optimizer,
over every pair once, the two ways in turn. Printed are the tokens that each reads and the seconds of the fastest pass.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from unittest.mock import patch

import torch

from moss.assets import packaged_checkpoint
from moss.chat_format import ChatFormat
from moss.checkpoint import load
from moss.data import branches
from moss.data.pairs import PairBatches, PairDocuments
from moss.model.preference import PreferenceModel
from moss.recipes.nano.preferences import preference_pairs
from moss.train.loop import TrainConfig, computing
from moss.train.precision import compute_dtype
from moss.train.preference import pairwise_loss

ROW, BATCH = 1024, 12_288


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--contexts", type=int, default=6, help="of each task in each language")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    found = load(packaged_checkpoint())
    pairs = preference_pairs(1, options.contexts, "train", replies=6)
    data = PairDocuments.build(pairs, ChatFormat(found.tokenizer), ROW, Counter())
    model = PreferenceModel(found.model, likelihood=0.25)
    with patch.object(branches, "LEAST_SHARED", 2.0):  # nobody shares twice as much as there is
        whole = list(PairBatches(data, ROW, BATCH, seed=0).epoch())
    ways = {"each whole": whole, "contexts once": list(PairBatches(data, ROW, BATCH, seed=0).epoch())}
    device = TrainConfig().torch_device()
    compute = computing(model.to(device), model, device, compute_dtype("auto", device))
    loss, best = pairwise_loss(margins=True, centering=0.01), dict.fromkeys(ways, float("inf"))
    for _ in range(options.repeats):
        for name, batches in ways.items():
            begun, total = time.perf_counter(), 0.0
            for batch in batches:
                sums = compute(loss, batch.to(device))
                sums["loss"].backward()
                total += sums["loss"].item()
                model.zero_grad(set_to_none=True)
            best[name] = min(best[name], time.perf_counter() - begun)
            print(f"{name}: loss {total / len(data):.4f} over {len(data):,} pairs")
    for name, batches in ways.items():
        tokens = sum(batch.num_tokens for batch in batches)
        print(f"{name}: {len(data.documents):,} replies, {tokens:,} tokens, {best[name]:.1f} s")
    print(f"ratio: {best['each whole'] / best['contexts once']:.2f}")


if __name__ == "__main__":
    main()
