"""Checkpoints: what is saved is loaded, what is damaged is named, and what was there survives a failure to write."""

from __future__ import annotations

import errno
import json
from pathlib import Path
from typing import Any

import pytest
import torch

from moss import checkpoint
from moss.errors import UserError
from moss.model.config import ModelConfig
from moss.model.preference import PreferenceModel, ScoreDistribution
from moss.model.transformer import Transformer
from moss.tokenizer.bpe import Tokenizer
from moss.tokenizer.training import train


def make_tokenizer(text: str = "hello world") -> Tokenizer:
    return train([text] * 20, 270, ["<|endoftext|>"])


def make_model(vocab_size: int = 300, seed: int = 0) -> Transformer:
    torch.manual_seed(seed)
    return Transformer(
        ModelConfig(
            vocab_size=vocab_size,
            num_layers=1,
            hidden_size=16,
            num_heads=2,
            num_kv_heads=1,
            head_dim=8,
            rotary_dim=8,
            intermediate_size=24,
            max_seq_len=32,
        )
    )


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    folder = tmp_path / "model"
    checkpoint.save(folder, make_model(), make_tokenizer(), {"seed": 7}, trainer={"step": 3})
    return folder


def test_what_is_saved_is_loaded(saved: Path) -> None:
    loaded = checkpoint.load(saved)
    original = make_model()
    assert loaded.config == original.config
    assert loaded.recipe == {"seed": 7}
    assert loaded.trainer_state() == {"step": 3}
    assert loaded.tokenizer.encode("hello") == make_tokenizer().encode("hello")
    for name, tensor in original.state_dict().items():
        assert torch.equal(loaded.model.state_dict()[name], tensor), name
    assert torch.equal(loaded.model.cos, original.cos)
    assert all(parameter.requires_grad for parameter in loaded.model.parameters())


def test_loading_draws_no_random_numbers(saved: Path) -> None:
    before = torch.get_rng_state()
    checkpoint.load(saved)
    assert torch.equal(torch.get_rng_state(), before)


def test_half_precision_halves_the_file_and_loads_as_fp32(saved: Path, tmp_path: Path) -> None:
    model = make_model()
    checkpoint.save(tmp_path / "half", model, make_tokenizer(), {}, dtype=torch.float16)
    sizes = [(folder / "model.safetensors").stat().st_size for folder in (tmp_path / "half", saved)]
    assert sizes[0] < 0.6 * sizes[1]
    weight = checkpoint.load(tmp_path / "half").model.embedding.weight
    assert weight.dtype == torch.float32
    assert torch.equal(weight, model.embedding.weight.half().float())


def test_recipe_says_with_what_it_was_made(saved: Path) -> None:
    recipe = json.loads((saved / "recipe.json").read_text())
    assert recipe["format"] == 1
    assert recipe["made_with"]["torch"] == torch.__version__


def test_saving_replaces_the_folder_and_leaves_nothing_else(saved: Path) -> None:
    checkpoint.save(saved, make_model(seed=1), make_tokenizer(), {"seed": 8})
    loaded = checkpoint.load(saved)
    assert loaded.recipe == {"seed": 8}
    assert torch.equal(loaded.model.embedding.weight, make_model(seed=1).embedding.weight)
    assert not (saved / "trainer").exists()
    assert [path.name for path in saved.parent.iterdir()] == ["model"]


def test_a_run_folder_stands_for_its_latest_checkpoint(saved: Path) -> None:
    checkpoint.point_latest(saved.parent, saved.name)
    assert checkpoint.load(saved.parent).folder == saved


@pytest.mark.parametrize("target", ["safetensors", "torch", "json"])
def test_a_full_disk_leaves_the_old_checkpoint_and_says_so(
    saved: Path, monkeypatch: pytest.MonkeyPatch, target: str
) -> None:
    def full(*_: Any, **__: Any) -> None:
        if target == "torch":
            raise RuntimeError("[enforce fail] PytorchStreamWriter failed writing file data/0: file write failed")
        raise OSError(errno.ENOSPC, "No space left on device")

    place = {"safetensors": (checkpoint, "save_file"), "torch": (torch, "save"), "json": (checkpoint, "write_json")}
    monkeypatch.setattr(*place[target], full)
    with pytest.raises(UserError, match="what was saved before is intact") as raised:
        checkpoint.save(saved, make_model(seed=1), make_tokenizer(), {"seed": 8}, trainer={"step": 4})
    assert "\n" not in str(raised.value)
    monkeypatch.undo()
    assert checkpoint.load(saved).recipe == {"seed": 7}
    assert [path.name for path in saved.parent.iterdir()] == ["model"]


def test_a_defect_while_saving_is_no_user_error(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("a defect of ours")

    monkeypatch.setattr(checkpoint, "save_file", broken)
    with pytest.raises(RuntimeError, match="a defect of ours"):
        checkpoint.save(saved, make_model(), make_tokenizer(), {})


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-50])


def edit(path: Path, **changes: Any) -> None:
    data = json.loads(path.read_text())
    for key, value in changes.items():
        data[key] = {**data[key], **value} if isinstance(value, dict) else value
    path.write_text(json.dumps(data))


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda folder: cut(folder / "model.safetensors"), "model.safetensors is damaged or cut short"),
        (lambda folder: (folder / "model.safetensors").unlink(), "model.safetensors is missing"),
        (lambda folder: (folder / "config.json").unlink(), "it has no config.json"),
        (lambda folder: (folder / "config.json").write_text("{"), "config.json cannot be read"),
        (lambda folder: (folder / "config.json").write_text("[]"), "config.json is not a JSON object"),
        (lambda folder: (folder / "recipe.json").unlink(), "recipe.json is missing"),
        (lambda folder: (folder / "recipe.json").write_text('{"recipe": 5}'), "recipe.json: `recipe` is not an object"),
        (lambda folder: (folder / "tokenizer.json").unlink(), "tokenizer.json"),
        (lambda folder: edit(folder / "config.json", format=9), "has format 9, this MOSS reads 1"),
        (lambda folder: edit(folder / "config.json", tokenizer=None), "tokenizer.json is not the one"),
        (lambda folder: edit(folder / "config.json", model={"hidden_size": 32}), "where config.json beside it says"),
        (lambda folder: edit(folder / "config.json", model={"num_layers": 2}), "lacks blocks.1."),
        (lambda folder: edit(folder / "config.json", model={"layers": 2}), "Did you mean num_layers"),
        (lambda folder: edit(folder / "config.json", model={"vocab_size": 200}), "the model only 200"),
        (lambda folder: make_tokenizer("other words").save(folder), "tokenizer.json is not the one"),
    ],
)
def test_damage_is_one_line_that_names_it(saved: Path, damage: Any, message: str) -> None:
    damage(saved)
    with pytest.raises(UserError) as raised:
        checkpoint.load(saved)
    assert message in str(raised.value)
    assert str(saved) in str(raised.value)
    assert "\n" not in str(raised.value)


def test_no_folder_and_a_pointer_to_nowhere(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="the folder does not exist"):
        checkpoint.load(tmp_path / "nowhere")
    (tmp_path / "latest").write_text("step-00000001\n")
    with pytest.raises(UserError, match="step-00000001: the folder does not exist"):
        checkpoint.load(tmp_path)
    with pytest.raises(UserError, match="this is a file; give the folder"):
        checkpoint.load(tmp_path / "latest")
    (tmp_path / "latest").write_bytes(b"\xf8\xff")
    with pytest.raises(UserError, match="the folder does not exist"):
        checkpoint.load(tmp_path)


def test_a_model_without_trainer_state_cannot_be_resumed_from(tmp_path: Path) -> None:
    checkpoint.save(tmp_path / "model", make_model(), make_tokenizer(), {})
    with pytest.raises(UserError, match="no state to resume from"):
        checkpoint.load(tmp_path / "model").trainer_state()


def test_a_damaged_trainer_state_is_named(saved: Path) -> None:
    cut(saved / "trainer" / "state.pt")
    with pytest.raises(UserError, match=r"state\.pt is damaged"):
        checkpoint.load(saved).trainer_state()


def test_a_preference_model_is_loaded_with_its_heads_and_their_distributions(tmp_path: Path) -> None:
    model = PreferenceModel(make_model(), ("helpful", "harmless"), likelihood=0.5)
    model.distributions["helpful"] = ScoreDistribution.of(torch.randn(50))
    checkpoint.save(tmp_path / "model", model, make_tokenizer(), {"seed": 7}, trainer={"step": 3})
    loaded = checkpoint.load_preference_model(tmp_path / "model")
    assert loaded.model.head_names == ("helpful", "harmless")
    assert loaded.model.likelihood == 0.5
    assert loaded.model.distributions == model.distributions
    assert loaded.recipe == {"seed": 7}
    assert loaded.trainer_state() == {"step": 3}
    for name, tensor in model.state_dict().items():
        assert torch.equal(loaded.model.state_dict()[name], tensor), name


def test_a_model_that_scores_and_one_that_writes_are_not_taken_for_each_other(saved: Path, tmp_path: Path) -> None:
    checkpoint.save(tmp_path / "scores", PreferenceModel(make_model()), make_tokenizer(), {})
    with pytest.raises(UserError, match="holds a preference model, which scores replies"):
        checkpoint.load(tmp_path / "scores")
    with pytest.raises(UserError, match="holds no preference model"):
        checkpoint.load_preference_model(saved)


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        ({"heads": {"score": {"mean": "high", "std": 1.0, "quantiles": []}}}, "mean: must be a number"),
        ({"likelihood": "high"}, "likelihood must be a number, not 'high'"),
    ],
)
def test_a_damaged_setting_of_scores_is_named(tmp_path: Path, damage: dict[str, object], told: str) -> None:
    checkpoint.save(tmp_path, PreferenceModel(make_model()), make_tokenizer(), {})
    settings = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps({**settings, **damage}))
    with pytest.raises(UserError, match=rf"config\.json: {told}"):
        checkpoint.load_preference_model(tmp_path)
