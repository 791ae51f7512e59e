"""An agent's answers as training samples them: tools run, in batches of the engine, with the model as it is now.

    with Engine(model, tokenizer) as engine:
        answer = agent_answers(Agent(engine, chat_format, toolbox))
        train_on_rollouts(model, tokenizer, [as_answered(c) for c in contexts], answer, reward, ...)

The engine reads the very parameters that are trained, so every round is answered by the newest model. Not here:
rewards, and what is learned from the answers (train/rollouts.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from ..agent import Answering
from ..chat_format import system_text
from ..conversation import AssistantTurn, Conversation, Message
from ..engine.params import SamplingParams
from ..events import Finished, fold
from ..train.rollouts import Answer

AS_IT_IS = SamplingParams(temperature=1.0, top_p=1.0, repetition_penalty=1.0)
"""Draws from the model's own distribution, which is the one that policy gradients are about."""


def agent_answers(agent: Answering, sampling: SamplingParams = AS_IT_IS, concurrent: int = 32) -> Answer:
    """`concurrent` answers are under way at once; as many as the engine has places is best.

    An answer that failed, was cut by a limit, or was given to less than the whole context is none.
    """

    def answer(contexts: Sequence[Conversation], seed: int) -> list[AssistantTurn | None]:
        def one(number: int, context: Conversation) -> AssistantTurn | None:
            events = list(agent.run(context, replace(sampling, seed=seed + number), context.tools))
            last = events[-1]
            whole = isinstance(last, Finished) and last.finish_reason == "stop" and not last.dropped_turns
            return tuple(fold(events)) if whole and last.content else None  # type: ignore[union-attr]

        with ThreadPoolExecutor(concurrent, thread_name_prefix="rollouts") as pool:
            return list(pool.map(one, range(len(contexts)), contexts))

    return answer


def as_answered(context: Conversation) -> Conversation:
    """The context with the system text that an agent adds where there is none: what is learned is what was read."""
    if context.messages[0].role == "system":
        return context
    return replace(context, messages=(Message("system", system_text(context.tools)), *context.messages))
