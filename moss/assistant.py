"""An assistant ready to answer: checkpoint, engine, chat format, tools and agent, put together in one place.

    with load_assistant() as assistant:
        for event in assistant.reply(conversation):
            ...

The doors (terminal, HTTP) and the evaluation all start here. Not here: how an answer is made (`agent.py`).
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from .assets import packaged_checkpoint
from .config import from_dict
from .conversation import Conversation
from .errors import UserError
from .events import Event

if TYPE_CHECKING:
    from .checkpoint import Checkpoint
    from .engine.engine import Engine
    from .engine.sampling import SamplingParams
    from .tools import Toolbox


class Answering(Protocol):
    """What an assistant needs of an agent."""

    def run(
        self,
        conversation: Conversation,
        sampling: SamplingParams | None = None,
        tools: Sequence[str] | None = None,
        quality: int | None = None,
    ) -> Generator[Event, None, None]: ...


@dataclass(frozen=True)
class Assistant:
    """Everything one assistant holds; close it, or use it in a `with`, so that tool processes and the worker end."""

    name: str
    """What it is called in lists of models: the name of its folder."""
    agent: Answering
    toolbox: Toolbox
    engine: Engine | None = None
    """None for an agent that needs no engine of ours."""
    knows_quality: bool = False
    """Whether it was trained with quality tags; without them a wanted quality means nothing to it."""
    defaults: Mapping[str, Any] = field(default_factory=dict)
    """The sampling it was made for, where that is not the general one: what nobody asked to be otherwise."""

    def sampling(self, **wanted: Any) -> SamplingParams:
        """Its sampling, changed by what was asked for; None asks for nothing. Raises UserError out of range."""
        from .engine.sampling import SamplingParams

        return from_dict(SamplingParams, {**self.defaults, **{name: v for name, v in wanted.items() if v is not None}})

    def reply(
        self, conversation: Conversation, sampling: SamplingParams, quality: int | None = None
    ) -> Generator[Event, None, None]:
        """Answers a conversation that ends with a user's message, with the tools it switches on.

        Closing the generator stops the answer and frees its place in the engine.
        """
        return self.agent.run(conversation, sampling, conversation.tools, quality)

    def close(self) -> None:
        """Stops the engine and the tools. May be repeated."""
        if self.engine is not None:
            self.engine.shutdown()
        self.toolbox.close()

    def __enter__(self) -> Assistant:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def load_assistant(
    checkpoint: str | Path | None = None,
    *,
    search_index: str | Path | None = None,
    image_folder: str | Path | None = None,
    max_sequences: int = 32,
) -> Assistant:
    """The assistant of a checkpoint folder, or the packaged one, with the four tools.

    `search_index` and `image_folder` as in `moss.tools.default_toolbox`; `max_sequences` answers are made at once, more
    of them wait. Raises UserError when the checkpoint is missing or damaged.
    """
    folder = packaged_checkpoint() if checkpoint is None else Path(checkpoint)
    # torch is loaded here and not with this module: who only asks for help does not wait for it.
    from .agent import Agent
    from .chat_format import ChatFormat
    from .checkpoint import load
    from .engine.engine import Engine
    from .tools import default_toolbox

    found = load(folder)
    defaults = _own_sampling(found)
    chat_format = ChatFormat(found.tokenizer)
    toolbox = default_toolbox(search_index, image_folder)
    engine = Engine(found.model, found.tokenizer, max_sequences=max_sequences)
    return Assistant(
        name=folder.resolve().name,
        agent=Agent(engine, chat_format, toolbox),
        toolbox=toolbox,
        engine=engine,
        knows_quality=bool(found.recipe.get("quality_tags", False)),
        defaults=defaults,
    )


def _own_sampling(found: Checkpoint) -> Mapping[str, Any]:
    """The sampling that the recipe of a checkpoint asks for; UserError, naming the file, where it cannot be."""
    from .checkpoint import RECIPE
    from .engine.sampling import SamplingParams

    defaults = found.recipe.get("sampling", {})
    try:
        if not isinstance(defaults, Mapping):
            raise UserError(f"must be an object, not {type(defaults).__name__}")
        from_dict(SamplingParams, defaults)
    except UserError as error:
        raise UserError(f"{found.folder / RECIPE}, `sampling`: {error}") from None
    return defaults
