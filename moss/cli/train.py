"""`moss train`: one stage of training, from files to a checkpoint."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from ..counts import counted
from .bad_records import BadRecords, dialogues, tell_dropped

if TYPE_CHECKING:
    from ..conversation import Conversation, PreferencePair
    from ..data.documents import Documents
    from ..data.packing import Shortened
    from ..data.pairs import PairDocuments
    from ..model.transformer import Transformer
    from ..tokenizer.bpe import Tokenizer
    from ..train.loop import TrainConfig, TrainResult

T = TypeVar("T")

app = typer.Typer(no_args_is_help=True, add_completion=False)

Data = Annotated[list[Path], typer.Option("--data", help="File or folder to learn from; may be given several times.")]
Validation = Annotated[
    list[Path] | None, typer.Option("--validation", help="File or folder held out, scored by language; repeatable.")
]
Pairs = Annotated[list[Path], typer.Option("--data", help="File of pairs (our JSONL); may be given several times.")]
PairsHeldOut = Annotated[list[Path] | None, typer.Option("--validation", help="File of pairs held out; repeatable.")]
Out = Annotated[Path, typer.Option("--out", help="Folder of the run: checkpoints and metrics.")]
Overrides = Annotated[
    list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Change a setting, e.g. optim.lr=1e-3.")
]
Show = Annotated[bool, typer.Option("--print", help="Show the resolved settings and stop.")]
Resume = Annotated[bool, typer.Option("--resume", help="Go on with the run that --out holds, if it holds one.")]


@app.command()
def pretrain(
    data: Data,
    out: Out,
    tokenizer: Annotated[Path | None, typer.Option("--tokenizer", help="Tokenizer of a new model.")] = None,
    start: Annotated[Path | None, typer.Option("--from", help="Checkpoint to go on from, not a new model.")] = None,
    validation: Validation = None,
    overrides: Overrides = None,
    show: Show = False,
    resume: Resume = False,
) -> None:
    """Learn to continue texts: .txt, .md, or .jsonl and .json with a `text` in each object."""
    import torch

    from .. import checkpoint
    from ..config import override
    from ..errors import UserError
    from ..model.transformer import Transformer
    from ..tokenizer.bpe import Tokenizer
    from ..train.stages import pretrain_config, pretrain_documents

    if tokenizer is not None and start is None:
        codec, begun = Tokenizer.load(tokenizer), None
    elif start is not None and tokenizer is None:
        begun = checkpoint.load(start)
        codec = begun.tokenizer
    else:
        raise UserError("moss train pretrain needs either --tokenizer DIR (a new model) or --from CHECKPOINT")
    config = override(pretrain_config(codec.vocab_size, begun.config if begun else None), overrides or ())
    if begun and config.model != begun.config:
        raise UserError(f"the shape of the model is that of {start}: leave out --set model.*")
    if show:
        _print(config)
        return
    documents, shortened = pretrain_documents(_texts(data), codec, config.row_length)
    _describe(documents, shortened, config)
    held_out = {
        language: pretrain_documents(texts, codec, config.row_length)[0]
        for language, texts in _by_language(_texts(validation or ()), lambda text: text).items()
    }
    torch.manual_seed(config.seed)
    model = begun.model if begun else Transformer(config.model)
    _train("pretrain", model, codec, documents, held_out, config, data, out, resume)


@app.command()
def sft(
    data: Data,
    out: Out,
    start: Annotated[Path, typer.Option("--from", help="Checkpoint to go on from.")],
    validation: Validation = None,
    overrides: Overrides = None,
    show: Show = False,
    resume: Resume = False,
) -> None:
    """Learn to answer from dialogues: our own JSONL (`moss data import` makes it of other formats)."""
    from .. import checkpoint
    from ..assistant import TAGS_TRAINED
    from ..chat_format import ChatFormat
    from ..config import override
    from ..train.stages import count_quality_tags, sft_config, sft_documents

    begun = checkpoint.load(start)
    config = override(sft_config(begun.config), overrides or ())
    if show:
        _print(config)
        return
    chat_format = ChatFormat(begun.tokenizer)
    documents, shortened = sft_documents(
        _dialogues(data), chat_format, config.row_length, config.tag_dropout, config.seed
    )
    _describe(documents, shortened, config)
    if tags := count_quality_tags(documents, chat_format):
        replies = counted(tags, "reply", "replies")
        typer.echo(f"{replies} with a quality tag ({config.tag_dropout:.0%} of the dialogues without theirs)")
    # What a model knows of tags is not lost with a stage that has none.
    about = {TAGS_TRAINED: bool(tags) or bool(begun.recipe.get(TAGS_TRAINED, False))}
    held_out = {
        language: sft_documents(talk, chat_format, config.row_length)[0]
        for language, talk in _by_language(_dialogues(validation or ()), _what_users_say).items()
    }
    _train("sft", begun.model, begun.tokenizer, documents, held_out, config, data, out, resume, about)


@app.command()
def preference(
    data: Pairs,
    out: Out,
    start: Annotated[Path, typer.Option("--from", help="Checkpoint whose model learns to score.")],
    validation: PairsHeldOut = None,
    overrides: Overrides = None,
    show: Show = False,
    resume: Resume = False,
) -> None:
    """Learn which of two replies is better: the preference model that `moss tag` asks."""
    from .. import checkpoint
    from ..config import override
    from ..train.preference import REPORT, preference_config, train_preference_model

    begun = checkpoint.load(start)
    config = override(preference_config(begun.config), overrides or ())
    if show:
        _print(config)
        return
    pairs, held_out = (
        _pair_documents(paths, begun.tokenizer, config, config.heads) if paths else None for paths in (data, validation)
    )
    assert pairs is not None
    result = train_preference_model(
        begun.model,
        begun.tokenizer,
        pairs,
        config,
        out,
        validation=held_out,
        recipe=_recipe("preference", data, config),
        resume=resume,
    )
    _say(result)
    if held_out is not None:
        typer.echo(f"{out / REPORT}: accuracy by source, language and length; calibration")


@app.command()
def dpo(
    data: Pairs,
    out: Out,
    start: Annotated[Path, typer.Option("--from", help="Checkpoint to go on from; it is the reference, too.")],
    validation: PairsHeldOut = None,
    overrides: Overrides = None,
    show: Show = False,
    resume: Resume = False,
) -> None:
    """Learn to answer from pairs, without a preference model: direct preference optimisation."""
    from .. import checkpoint
    from ..assistant import TAGS_TRAINED
    from ..config import override
    from ..train.dpo import dpo_config, train_dpo

    begun = checkpoint.load(start)
    config = override(dpo_config(begun.config), overrides or ())
    if show:
        _print(config)
        return
    pairs, held_out = (
        _pair_documents(paths, begun.tokenizer, config) if paths else None for paths in (data, validation)
    )
    assert pairs is not None
    about = {TAGS_TRAINED: bool(begun.recipe.get(TAGS_TRAINED, False))}
    result = train_dpo(
        begun.model,
        begun.tokenizer,
        pairs,
        config,
        out,
        validation=held_out,
        recipe=_recipe("dpo", data, config, about),
        resume=resume,
    )
    _say(result)


def _pair_documents(
    paths: Sequence[Path], tokenizer: Tokenizer, config: TrainConfig, heads: Sequence[str] = ("score",)
) -> PairDocuments:
    """The pairs of the files that can be learned from, counted; what else there was is named or counted, too."""
    from ..chat_format import ChatFormat
    from ..data.pairs import PairDocuments
    from ..data.preferences import clean

    dropped: Counter[str] = Counter()
    pairs = clean(_readable_pairs(paths), dropped)
    found = PairDocuments.build(pairs, ChatFormat(tokenizer), config.row_length, dropped, heads)
    tell_dropped(dropped)
    contexts = len(set(found.contexts.tolist()))
    typer.echo(
        f"{counted(len(found), 'pair')} of {counted(len(found.documents), 'reply', 'replies')} "
        f"to {counted(contexts, 'context')}, {counted(found.documents.num_tokens, 'token')}"
    )
    return found


def _readable_pairs(paths: Sequence[Path]) -> Iterator[PreferencePair]:
    """The pairs that can be rendered; the others are named and left out."""
    from ..chat_format import render_text
    from ..data.pairs import answered
    from ..data.preference_imports import import_native_pairs
    from ..errors import UserError

    with BadRecords() as bad:
        for path in paths:
            for number, pair in enumerate(import_native_pairs(path, bad.add), start=1):
                try:
                    for side in (pair.chosen, pair.rejected):
                        render_text(answered(pair.context, side))
                except UserError as error:
                    bad.say(f"{path}, pair {number}: {error}")
                else:
                    yield pair


def _train(
    stage: str,
    model: Transformer,
    tokenizer: Tokenizer,
    documents: Documents,
    validation: dict[str, Documents],
    config: TrainConfig,
    data: Sequence[Path],
    out: Path,
    resume: bool,
    about: Mapping[str, Any] | None = None,
) -> None:
    """Runs the loop over documents."""
    from ..train.loop import train

    result = train(
        model,
        tokenizer,
        documents,
        config,
        out,
        validation=validation,
        recipe=_recipe(stage, data, config, about),
        title=stage,
        resume=resume,
    )
    _say(result)


def _recipe(
    stage: str, data: Sequence[Path], config: TrainConfig, about: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """What the checkpoint says of how it was made; `about` is what there is besides stage, data and settings."""
    from ..config import to_dict

    return {"stage": stage, "data": [str(path) for path in data], "config": to_dict(config), **(about or {})}


def _say(result: TrainResult) -> None:
    """Where the run's result is, and what it came to."""
    from rich.console import Console

    scores = [f"{name} {score:.3f} bits per byte" for name, score in result.bits_per_byte.items()]
    if (accuracy := result.evaluation.get("accuracy/held_out")) is not None:
        scores.append(f"right on {accuracy:.1%} of the held-out pairs")
    Console().print(" · ".join([f"{result.checkpoint}: loss {result.loss:.3f}", *scores]))


def _describe(documents: Documents, shortened: Shortened, config: TrainConfig) -> None:
    """What is about to be learned from, before anything long begins."""
    learned = int(documents.loss_mask.sum())
    if not learned:
        return  # the loop is going to refuse it
    times = config.max_steps * config.batch_tokens / documents.num_tokens
    typer.echo(
        f"{counted(len(documents), 'document')}, {counted(documents.num_tokens, 'token')} ({learned:,} learned), "
        f"seen about {times:.1f} times in {counted(config.max_steps, 'step')}"
    )
    if shortened.documents:
        what = f"{counted(shortened.tokens_lost, 'token')} left out" if shortened.tokens_lost else "split"
        longer = f"{counted(shortened.documents, 'document')} longer than a row of {config.row_length} tokens"
        typer.echo(f"{longer}: {what}", err=True)


def _print(config: Any) -> None:
    from ..config import to_dict

    typer.echo(json.dumps(to_dict(config), indent=2))


def _texts(paths: Sequence[Path]) -> Iterator[str]:
    from ..data.sources import texts

    with BadRecords() as bad:
        for path in paths:
            yield from texts(path, bad.add)


def _dialogues(paths: Sequence[Path]) -> Iterator[Conversation]:
    with BadRecords() as bad:
        yield from dialogues(paths, bad)


def _by_language(items: Iterable[T], text_of: Callable[[T], str]) -> dict[str, list[T]]:
    from ..data.statistics import language_of

    groups: dict[str, list[T]] = defaultdict(list)
    for item in items:
        groups[language_of(text_of(item))].append(item)
    return dict(groups)


def _what_users_say(conversation: Conversation) -> str:
    return "\n".join(message.content or "" for message in conversation.messages if message.role == "user")
