"""An assistant ready to answer: checkpoint, engine, chat format, tools and agent, put together in one place.

    with load_assistant() as assistant:
        for event in assistant.reply(conversation):
            ...

The doors (terminal, HTTP) and the evaluation all start here. Not here: how an answer is made (`agent/`).
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

from .assets import packaged_checkpoint
from .chat_format import quality_level
from .checkpoint_folder import RECIPE, read_recipe, resolve
from .config import from_dict
from .conversation import QUALITY_LEVELS, Conversation
from .errors import UserError, unknown_name
from .events import Event
from .terms import Terms

if TYPE_CHECKING:
    from .agent import Answering
    from .engine.params import SamplingParams
    from .tools import Toolbox

State = Literal["loading", "ready", "dead"]
"""Whether what an assistant runs on can answer; `dead` is for good."""


class Backend(Protocol):
    """What an assistant runs on: an engine here, one in another process, one of another server."""

    @property
    def state(self) -> State: ...

    def shutdown(self) -> None: ...


Wish = int | Literal["off"] | None
"""A quality that is asked for: 0 to 100, or "off" for a reply without a tag; None asks for nothing."""
TAGS_TRAINED = "quality_tags"
"""The key of a checkpoint's recipe that says whether the model was trained with quality tags."""
UPSTREAM_SAMPLING = {"temperature": 1.0, "top_p": 1.0, "repetition_penalty": 1.0, "max_tokens": 4096}
"""What nobody asked for, over another server: what OpenAI's API takes for granted, and room for long thoughts."""


def quality_for(
    wish: Wish, knows_quality: bool, unasked: int | None = QUALITY_LEVELS[-1], guidance: float | None = None
) -> int | None:
    """The tag (0, 10, ..., 100) that a wish comes to; `unasked` where there is none and the model knows tags.

    Raises UserError for a number that is no quality, for any where the model was trained without tags, and where
    `guidance` was asked for and there is no tag to guide by.
    """
    untrained = "this model was trained without quality tags"
    tag = unasked if knows_quality else None
    if wish is not None:
        tag = None if wish == "off" else quality_level(wish)
    if tag is not None and not knows_quality:
        raise UserError(f"{untrained}: it cannot be asked for quality {wish}")
    if guidance and tag is None:
        why = "this reply is to have none" if knows_quality else untrained
        raise UserError(f"guidance moves a reply towards the quality in its tag, and {why}")
    return tag


@dataclass(frozen=True)
class Assistant:
    """Everything one assistant holds; close it, or use it in a `with`, so that tool processes and the worker end."""

    name: str
    """What it is called in lists of models: the name of its folder."""
    agent: Answering
    toolbox: Toolbox
    engine: Backend | None = None
    """None for an agent that needs none."""
    knows_quality: bool = False
    """Whether it was trained with quality tags; without them a wanted quality means nothing to it."""
    default_quality: int | None = QUALITY_LEVELS[-1]
    """The quality of replies where nobody asks for another, if it knows what that is."""
    defaults: Mapping[str, Any] = field(default_factory=dict)
    """The sampling it was made for, where that is not the general one: what nobody asked to be otherwise."""

    def sampling(self, **wanted: Any) -> SamplingParams:
        """Its sampling, changed by what was asked for; None asks for nothing. Raises UserError out of range."""
        from .engine.params import SamplingParams

        return from_dict(SamplingParams, {**self.defaults, **{name: v for name, v in wanted.items() if v is not None}})

    def quality(self, wish: Wish, guidance: float | None = None) -> int | None:
        """The tag of a reply that is wished for like this; None for a reply without. UserError as in `quality_for`."""
        return quality_for(wish, self.knows_quality, self.default_quality, guidance)

    def reply(
        self,
        conversation: Conversation,
        sampling: SamplingParams,
        quality: int | None = None,
        terms: Terms | None = None,
    ) -> Generator[Event, None, None]:
        """Answers a conversation that ends with a user's message, with the tools it switches on; `quality` is its tag.

        `terms`: functions of the asker's and the shape of the reply; then it may also end with functions' results.

        Closing the generator stops the answer and frees its place in the engine.
        """
        return self.agent.run(conversation, sampling, conversation.tools, quality, terms)

    @property
    def state(self) -> State:
        """Whether it can answer now."""
        return "ready" if self.engine is None else self.engine.state

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
    # torch is loaded here and not with this module: who only asks for help does not wait for it.
    from .agent import Agent
    from .chat_format import ChatFormat
    from .checkpoint import load
    from .engine.engine import Engine
    from .tools import default_toolbox

    folder = checkpoint_folder(checkpoint)
    found, known = load(folder), facts(folder)
    toolbox = default_toolbox(search_index, image_folder)
    engine = Engine(found.model, found.tokenizer, max_sequences=max_sequences)
    return Assistant(agent=Agent(engine, ChatFormat(found.tokenizer), toolbox), toolbox=toolbox, engine=engine, **known)


def upstream_assistant(
    url: str,
    model: str | None = None,
    key: str | None = None,
    *,
    search_index: str | Path | None = None,
    image_folder: str | Path | None = None,
) -> Assistant:
    """The assistant over a model of another OpenAI-compatible server (`http://host/v1`), with the four tools; no torch.

    Without a `model` the first one that the server lists. Sampling that nobody asks for is left to the server. Raises
    UserError where the server cannot be asked, or has no such model.
    """
    from .engine.remote_chat import RemoteChat
    from .engine.upstream import Upstream
    from .tools import default_toolbox

    remote = RemoteChat(url, key)
    try:
        names = remote.models()
        if not names:
            raise UserError(f"the upstream server {url} lists no models: load one there first")
        name = names[0] if model is None else model
        if name not in names:
            raise unknown_name(f"model of the upstream server {url}", name, names)
        toolbox = default_toolbox(search_index, image_folder)
    except BaseException:
        remote.close()
        raise
    upstream = Upstream(remote, name, toolbox)
    return Assistant(name=name, agent=upstream, toolbox=toolbox, engine=upstream, defaults=UPSTREAM_SAMPLING)


def checkpoint_folder(checkpoint: str | Path | None) -> Path:
    """The folder that was asked for, or that of the packaged assistant; UserError where the package has none."""
    return packaged_checkpoint() if checkpoint is None else Path(checkpoint)


def facts(folder: Path) -> dict[str, Any]:
    """What a checkpoint's recipe says of its assistant, as arguments of `Assistant`; needs no torch.

    Raises UserError where there is no checkpoint, and, naming the file, where its recipe asks for what cannot be.
    """
    from .engine.params import SamplingParams

    found = resolve(folder)
    recipe = read_recipe(found)
    defaults = recipe.get("sampling", {})
    try:
        if not isinstance(defaults, Mapping):
            raise UserError(f"must be an object, not {type(defaults).__name__}")
        from_dict(SamplingParams, defaults)
    except UserError as error:
        raise UserError(f"{found / RECIPE}, `sampling`: {error}") from None
    return {
        "name": folder.resolve().name,
        "knows_quality": bool(recipe.get(TAGS_TRAINED, False)),
        "defaults": defaults,
    }
