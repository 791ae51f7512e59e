"""A model on disk: one folder with everything that is needed to use it or to go on training it.

    model.safetensors   parameters, by the names of `model/transformer.py`
    config.json         format version, ModelConfig, the tokenizer's size and fingerprint; of a preference model its
                        heads and the distributions of their scores
    tokenizer.json      the tokenizer
    recipe.json         how it was made: the run's resolved configuration, package versions, commit
    trainer/            optimizer, random state and position of the run (training checkpoints only)

A folder appears under its name only when it is complete and on the disk. A run's folder holds several of them and a
file `latest` that names the newest; `load` follows it. Foreign formats are not read here.
"""

from __future__ import annotations

import errno
import os
import platform
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Generic, TypeVar

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from . import __version__
from .checkpoint_folder import CONFIG, FORMAT, LATEST, RECIPE, TRAINER, WEIGHTS, read_recipe, read_settings, resolve
from .config import from_dict, to_dict
from .errors import UserError
from .files import sync, whole_file, write_json
from .model.config import ModelConfig
from .model.preference import PreferenceModel, ScoreDistribution
from .model.transformer import Transformer
from .tokenizer.bpe import Tokenizer

M = TypeVar("M", Transformer, PreferenceModel)


@dataclass(frozen=True)
class Checkpoint(Generic[M]):
    """What a folder held."""

    model: M
    tokenizer: Tokenizer
    config: ModelConfig
    recipe: dict[str, Any]
    """What `save` was given."""
    folder: Path
    """The folder it was read from, `latest` followed."""

    def trainer_state(self) -> dict[str, Any]:
        """Optimizer, random state and position; raises UserError where the folder holds none."""
        return _read_trainer(self.folder)


def save(
    folder: str | Path,
    model: Transformer | PreferenceModel,
    tokenizer: Tokenizer,
    recipe: Mapping[str, Any],
    *,
    dtype: torch.dtype = torch.float32,
    trainer: Mapping[str, Any] | None = None,
) -> None:
    """Writes the folder, replacing one of that name; weights are stored as `dtype` (fp16 halves the file).

    Raises UserError when the disk is full or the place cannot be written; what was there before is then untouched.
    """
    weights = {name: tensor.detach().to(dtype).contiguous() for name, tensor in model.state_dict().items()}
    config: dict[str, Any] = {
        "format": FORMAT,
        "model": to_dict(model.config),
        "tokenizer": {"vocab_size": tokenizer.vocab_size, "fingerprint": tokenizer.fingerprint()},
    }
    if isinstance(model, PreferenceModel):
        measured = {name: to_dict(distribution) for name, distribution in model.distributions.items()}
        config["heads"] = {name: measured.get(name) for name in model.head_names}
        config["likelihood"] = model.likelihood
    with new_folder(folder) as temporary:
        save_file(weights, temporary / WEIGHTS)
        write_json(temporary / CONFIG, config)
        write_json(temporary / RECIPE, {"format": FORMAT, "made_with": made_with(), "recipe": dict(recipe)})
        tokenizer.save(temporary)
        if trainer is not None:
            (temporary / TRAINER).mkdir()
            torch.save(dict(trainer), temporary / TRAINER / "state.pt")


def load(folder: str | Path, dtype: torch.dtype = torch.float32) -> Checkpoint[Transformer]:
    """Reads a checkpoint, or the latest one of a run's folder; the parameters come as `dtype`, on the CPU.

    Raises UserError when something is missing, damaged, does not belong together, or is a preference model.
    """
    folder = resolve(folder)
    settings = read_settings(folder)
    if "heads" in settings:
        raise UserError(f"{folder} holds a preference model, which scores replies: give one that writes them")
    return _checkpoint(folder, settings, Transformer(_model_config(folder, settings), initialise=False), dtype)


def load_preference_model(folder: str | Path, dtype: torch.dtype = torch.float32) -> Checkpoint[PreferenceModel]:
    """Reads a checkpoint of a model with scalar heads, as `load` reads one without; raises UserError likewise."""
    folder = resolve(folder)
    settings = read_settings(folder)
    heads = settings.get("heads")
    if not isinstance(heads, dict) or not heads:
        raise UserError(f"{folder} holds no preference model: give one that `moss train preference` has made")
    transformer = Transformer(_model_config(folder, settings), initialise=False)
    likelihood = settings.get("likelihood", 0.0)
    if isinstance(likelihood, bool) or not isinstance(likelihood, int | float):
        raise UserError(f"{folder / CONFIG}: likelihood must be a number, not {likelihood!r}")
    model = PreferenceModel(transformer, tuple(heads), likelihood=float(likelihood), initialise=False)
    try:
        measured = {name: from_dict(ScoreDistribution, scores) for name, scores in heads.items() if scores is not None}
    except UserError as error:
        raise UserError(f"{folder / CONFIG}: {error}") from None
    model.distributions = measured
    return _checkpoint(folder, settings, model, dtype)


def point_latest(run_folder: Path, name: str) -> None:
    """Makes `name` the checkpoint that the run's folder stands for, in one step that cannot be seen half done."""
    with _told_as_user_error(run_folder), whole_file(run_folder / LATEST) as temporary:
        temporary.write_text(name + "\n", encoding="utf-8")


@contextmanager
def new_folder(folder: str | Path) -> Iterator[Path]:
    """A temporary folder beside `folder`, which takes its name once the block has ended well and all is on the disk.

    An older folder of that name is moved aside first and removed last, so at every moment one of them is whole.
    """
    folder = Path(folder)
    temporary, aside = (folder.with_name(f".{folder.name}.{kind}-{os.getpid()}") for kind in ("new", "old"))
    try:
        with _told_as_user_error(folder):
            shutil.rmtree(temporary, ignore_errors=True)
            temporary.mkdir(parents=True)
            yield temporary
            for path in [*temporary.rglob("*"), temporary]:
                sync(path)
            if folder.exists():
                folder.rename(aside)
            temporary.rename(folder)
            sync(folder.parent)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    shutil.rmtree(aside, ignore_errors=True)


@cache
def made_with() -> dict[str, str | None]:
    """Versions of what takes part in the result, and the commit of the source when it is a git checkout."""
    found: dict[str, str | None] = {"moss": __version__, "python": platform.python_version()}
    for package in ("torch", "numpy", "tokenizers", "safetensors"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = None
    command = ["git", "-C", str(Path(__file__).parent), "rev-parse", "HEAD"]
    try:
        found["commit"] = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        found["commit"] = None
    return found


@contextmanager
def _told_as_user_error(folder: Path) -> Iterator[None]:
    """Failures to write, as the line that tells the user which and what to do."""
    try:
        yield
    except (OSError, SafetensorError, RuntimeError) as error:
        reason = _write_failure(error)
        if reason is None:
            raise
        raise UserError(f"cannot write {folder}: {reason}; what was saved before is intact") from None


def _write_failure(error: BaseException) -> str | None:
    """Why writing failed, or None when the error is no failure to write. safetensors and torch wrap the system's."""
    text = str(error)
    if getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT) or "No space left" in text:
        return "the disk is full (free some space and run the same command again)"
    if isinstance(error, OSError):
        return error.strerror or text
    if isinstance(error, SafetensorError) or "PytorchStreamWriter" in text:
        return f"writing failed ({text.splitlines()[0]})"
    return None


def _model_config(folder: Path, settings: Mapping[str, Any]) -> ModelConfig:
    try:
        return from_dict(ModelConfig, settings.get("model", {}))
    except UserError as error:
        raise UserError(f"{folder / CONFIG}: {error}") from None


def _checkpoint(folder: Path, settings: Mapping[str, Any], model: M, dtype: torch.dtype) -> Checkpoint[M]:
    """The model, still empty, filled, and what lies beside its parameters."""
    tokenizer = _load_tokenizer(folder, model.config, settings.get("tokenizer", {}))
    recipe = read_recipe(folder)
    _fill(model, folder / WEIGHTS, dtype)
    return Checkpoint(model, tokenizer, model.config, recipe, folder)


def _load_tokenizer(folder: Path, config: ModelConfig, expected: Any) -> Tokenizer:
    """`expected`: what config.json says of it."""
    tokenizer = Tokenizer.load(folder)
    if tokenizer.vocab_size > config.vocab_size:
        raise UserError(
            f"{folder}: the tokenizer has {tokenizer.vocab_size} tokens, the model only {config.vocab_size}; "
            "use the tokenizer the model was trained with"
        )
    if not isinstance(expected, Mapping) or tokenizer.fingerprint() != expected.get("fingerprint"):
        raise UserError(
            f"{folder}: tokenizer.json is not the one the model was trained with; put the original file back"
        )
    return tokenizer


def _fill(model: Transformer | PreferenceModel, path: Path, dtype: torch.dtype) -> None:
    """Gives the model the parameters of a file; UserError when they are not the ones it has."""
    weights = _read_weights(path)
    for name, parameter in model.state_dict().items():
        if name not in weights:
            raise UserError(f"{path} lacks {name}: it does not fit config.json beside it")
        if weights[name].shape != parameter.shape:
            found, wanted = tuple(weights[name].shape), tuple(parameter.shape)
            raise UserError(f"{path}: {name} is {found} where config.json beside it says {wanted}")
    if unknown := sorted(weights.keys() - model.state_dict().keys()):
        raise UserError(f"{path} holds {unknown[0]}, which config.json beside it does not know")
    model.load_state_dict({name: tensor.to(dtype) for name, tensor in weights.items()}, assign=True)


def _read_weights(path: Path) -> dict[str, Tensor]:
    if not path.is_file():
        raise UserError(f"{path} is missing: the checkpoint is incomplete, copy it again")
    try:
        return load_file(path)
    except (OSError, SafetensorError) as error:
        raise UserError(f"{path} is damaged or cut short ({error}): copy it again") from None


def _read_trainer(folder: Path) -> dict[str, Any]:
    path = folder / TRAINER / "state.pt"
    if not path.is_file():
        raise UserError(f"{folder} holds a model but no state to resume from; start a new run with --from {folder}")
    try:
        return torch.load(path, weights_only=True)
    except Exception as error:  # torch raises whatever its unpickler trips over
        raise UserError(f"{path} is damaged ({type(error).__name__}): resume from an older checkpoint") from None
