"""`moss train preference` and `moss train dpo`: stages that learn from pairs of replies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..counts import counted
from .bad_records import BadRecords, tell_dropped
from .train_options import Out, Overrides, Resume, Show, print_settings, recipe_of, say

if TYPE_CHECKING:
    from ..conversation import PreferencePair
    from ..data.pairs import PairDocuments
    from ..tokenizer.bpe import Tokenizer
    from ..train.loop import TrainConfig

Pairs = Annotated[list[Path], typer.Option("--data", help="File of pairs (our JSONL); may be given several times.")]
HeldOut = Annotated[list[Path] | None, typer.Option("--validation", help="File of pairs held out; repeatable.")]


def preference(
    data: Pairs,
    out: Out,
    start: Annotated[Path, typer.Option("--from", help="Checkpoint whose model learns to score.")],
    validation: HeldOut = None,
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
        print_settings(config)
        return
    result = train_preference_model(
        begun.model,
        begun.tokenizer,
        _pair_documents(data, begun.tokenizer, config, config.heads),
        config,
        out,
        validation=_pair_documents(validation, begun.tokenizer, config, config.heads) if validation else None,
        recipe=recipe_of("preference", data, config),
        resume=resume,
    )
    say(result)
    if validation:
        typer.echo(f"{out / REPORT}: accuracy by source, language and length; calibration")


def dpo(
    data: Pairs,
    out: Out,
    start: Annotated[Path, typer.Option("--from", help="Checkpoint to go on from; it is the reference, too.")],
    validation: HeldOut = None,
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
        print_settings(config)
        return
    about = {TAGS_TRAINED: bool(begun.recipe.get(TAGS_TRAINED, False))}
    result = train_dpo(
        begun.model,
        begun.tokenizer,
        _pair_documents(data, begun.tokenizer, config),
        config,
        out,
        validation=_pair_documents(validation, begun.tokenizer, config) if validation else None,
        recipe=recipe_of("dpo", data, config, about),
        resume=resume,
    )
    say(result)


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
