"""Fixtures that every test folder shares: the real data and a tiny checkpoint."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

# Before torch: two xdist workers with two threads each only wait for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

from hypothesis import settings

# A slow moment of a shared machine is not a failure of the code.
settings.register_profile("moss", deadline=None)
settings.load_profile("moss")

REPOSITORY = Path(__file__).resolve().parent.parent


def _real_data_folder() -> Path:
    return Path(os.environ.get("MOSS_TEST_DATA", REPOSITORY.parent / "shared" / "data"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whoever takes `real_data` carries its marker; whoever carries the marker is skipped where the data is absent."""
    folder = _real_data_folder()
    absent = pytest.mark.skip(reason=f"no real data at {folder}: put it there or set MOSS_TEST_DATA to its folder")
    for item in items:
        if "real_data" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.real_data)
        if item.get_closest_marker("real_data") and not folder.is_dir():
            item.add_marker(absent)


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of the real data (its MANIFEST.md says what is in it); test input only, nothing of it is copied."""
    return _real_data_folder()


@pytest.fixture(scope="session")
def tiny_checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint folder of a random model of a few thousand parameters, with a tokenizer of the dialogue format.

    What it says means nothing, but it says it in the right form: the skeleton is forced and commands have a grammar.
    """
    import torch

    from moss.chat_format import PERSONA, SPECIAL_TOKENS, system_text
    from moss.checkpoint import save
    from moss.model.config import ModelConfig
    from moss.model.transformer import Transformer
    from moss.tokenizer.training import train

    folder = tmp_path_factory.mktemp("checkpoints") / "tiny"
    texts = [PERSONA, system_text(["Search", "Calculate", "Solve", "Text2Image"]), "你好，我是一个助手。"]
    tokenizer = train(texts * 3, 400, SPECIAL_TOKENS, split_spaces=True)
    config = ModelConfig(
        vocab_size=tokenizer.vocab_size,
        num_layers=2,
        hidden_size=16,
        num_heads=2,
        num_kv_heads=1,
        head_dim=8,
        intermediate_size=32,
        rotary_dim=8,
        max_seq_len=1024,
    )
    torch.manual_seed(0)
    save(folder, Transformer(config), tokenizer, {})
    return folder
