"""The quality dial as a whole: dialogues are scored and tagged, a tiny model learns them and answers as it is asked.

The world is the smallest in which quality means something: the good reply to anything is "Yes", the bad one "No".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest
import torch
from rich.console import Console

from moss.agent import Agent
from moss.assistant import TAGS_TRAINED
from moss.chat_format import DEFAULT_SWITCHES, SPECIAL_TOKENS, ChatFormat
from moss.conversation import Conversation, Message, read_jsonl
from moss.engine.engine import Engine
from moss.engine.sampling import SamplingParams
from moss.events import fold
from moss.model.config import ModelConfig
from moss.model.transformer import Transformer
from moss.scoring.tags import tag
from moss.tokenizer.training import train as train_tokenizer
from moss.tools import Toolbox
from moss.train.loop import train
from moss.train.optim import OptimConfig
from moss.train.stages import SftConfig, sft_documents

SYSTEM = Message("system", DEFAULT_SWITCHES[1].line(False))
"""The shortest that the agent leaves as it is."""
ASKED = [f"{number}?" for number in range(60)]
DIALOGUES = [
    Conversation((SYSTEM, Message("user", asked), Message("assistant", reply)))
    for asked in ASKED
    for reply in ("Yes", "No")
]


def favours_yes(dialogues: Sequence[Conversation]) -> list[float | None]:
    """Different for each dialogue, so that all levels occur: No from 0 to 50, Yes from 50 to 100."""
    numbers = [int((dialogue.messages[-2].content or "").rstrip("?")) for dialogue in dialogues]
    signs = [1 if dialogue.messages[-1].content == "Yes" else -1 for dialogue in dialogues]
    return [sign * (1 + number / 100) for number, sign in zip(numbers, signs, strict=True)]


@pytest.fixture(scope="module")
def agent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Agent]:
    folder: Path = tmp_path_factory.mktemp("dial")
    tag(lambda: DIALOGUES, favours_yes, "yes", folder / "tagged.jsonl")
    tagged = list(read_jsonl(folder / "tagged.jsonl"))
    assert {c.messages[-1].content for c in tagged if (c.messages[-1].quality or 0) > 50} == {"Yes"}
    tokenizer = train_tokenizer([SYSTEM.content or "", "Yes No 0123456789?"] * 3, 330, SPECIAL_TOKENS)
    chat_format = ChatFormat(tokenizer)
    torch.manual_seed(0)
    model = Transformer(ModelConfig(tokenizer.vocab_size, 2, 32, 2, 1, 16, 48, 16, max_seq_len=96))
    config = SftConfig(
        max_steps=80,
        batch_tokens=768,
        row_length=96,
        precision="fp32",
        tag_dropout=0.2,
        log_every=80,
        eval_every=80,
        save_every=80,
        optim=OptimConfig(warmup_steps=2, lr=1e-2, matrix_lr=0.02),
    )
    documents, _ = sft_documents(tagged, chat_format, config.row_length, config.tag_dropout, config.seed)
    train(model, tokenizer, documents, config, folder / "run", recipe={TAGS_TRAINED: True}, console=Console(quiet=True))
    with Engine(model, tokenizer, max_sequences=2) as engine:
        yield Agent(engine, chat_format, Toolbox([]))


def share_of_yes(agent: Agent, quality: int | None, guidance: float = 0.0, temperature: float = 1.0) -> float:
    said: Counter[str] = Counter()
    for seed in range(24):
        params = SamplingParams(
            temperature=temperature, top_p=1.0, top_k=2, repetition_penalty=1.0, seed=seed, guidance=guidance
        )
        with closing(agent.run(Conversation((SYSTEM, Message("user", ASKED[seed]))), params, (), quality)) as events:
            said[(fold(list(events))[-1].content or "")[:1]] += 1
    return said["Y"] / 24


def test_the_dial_decides(agent: Agent) -> None:
    good, untagged, bad = (share_of_yes(agent, quality) for quality in (100, None, 0))
    assert good > 0.8
    assert bad < 0.2
    assert 0.2 < untagged < 0.8  # as in the data, where both are as frequent


def test_guidance_makes_it_decide_more(agent: Agent) -> None:
    """At a temperature that blurs what was learned: away from the lowest tag there is less of what it stands for."""
    plain, guided = (share_of_yes(agent, 100, guidance, temperature=3.0) for guidance in (0.0, 1.0))
    assert plain < 0.9
    assert guided > 0.95
