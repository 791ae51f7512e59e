"""`moss train`: one stage of training, from files to a checkpoint."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from ..counts import counted
from .bad_records import BadRecords
from .train_options import (
    Data,
    Out,
    Overrides,
    Resume,
    Show,
    Validation,
    print_settings,
    read_dialogues,
    recipe_of,
    say,
)
from .train_preferences import dpo, preference
from .train_rollouts import grpo, ppo, rejection

if TYPE_CHECKING:
    from ..conversation import Conversation
    from ..data.documents import Documents
    from ..data.packing import Shortened
    from ..model.transformer import Transformer
    from ..tokenizer.bpe import Tokenizer
    from ..train.loop import TrainConfig

T = TypeVar("T")

app = typer.Typer(no_args_is_help=True, add_completion=False)


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
        print_settings(config)
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
    from ..train.stages import count_quality_tags, lay_out_tags, sft_config, sft_documents

    begun = checkpoint.load(start)
    config = override(sft_config(begun.config), overrides or ())
    if show:
        print_settings(config)
        return
    chat_format = ChatFormat(begun.tokenizer)
    documents, shortened = sft_documents(
        read_dialogues(data), chat_format, config.row_length, config.tag_dropout, config.seed
    )
    _describe(documents, shortened, config)
    if tags := count_quality_tags(documents, chat_format):
        replies = counted(tags, "reply", "replies")
        typer.echo(f"{replies} with a quality tag ({config.tag_dropout:.0%} of the dialogues without theirs)")
    # What a model knows of tags is not lost with a stage that has none.
    knows_tags = bool(begun.recipe.get(TAGS_TRAINED, False))
    if tags and not knows_tags:
        lay_out_tags(begun.model, chat_format)
    about = {TAGS_TRAINED: bool(tags) or knows_tags}
    held_out = {
        language: sft_documents(talk, chat_format, config.row_length)[0]
        for language, talk in _by_language(read_dialogues(validation or ()), _what_users_say).items()
    }
    _train("sft", begun.model, begun.tokenizer, documents, held_out, config, data, out, resume, about)


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
        recipe=recipe_of(stage, data, config, about),
        title=stage,
        resume=resume,
    )
    say(result)


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


def _texts(paths: Sequence[Path]) -> Iterator[str]:
    from ..data.sources import texts

    with BadRecords() as bad:
        for path in paths:
            yield from texts(path, bad.add)


def _by_language(items: Iterable[T], text_of: Callable[[T], str]) -> dict[str, list[T]]:
    from ..data.statistics import language_of

    groups: dict[str, list[T]] = defaultdict(list)
    for item in items:
        groups[language_of(text_of(item))].append(item)
    return dict(groups)


def _what_users_say(conversation: Conversation) -> str:
    return "\n".join(message.content or "" for message in conversation.messages if message.role == "user")


for command in (preference, dpo, rejection, grpo, ppo):
    app.command()(command)
