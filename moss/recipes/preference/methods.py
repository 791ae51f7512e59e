"""The methods that the study compares, each trained from the same checkpoint, with the same prompts and budget.

| method | learns from |
|---|---|
| sft | all replies to the training contexts, good and bad |
| sft-best | of these the best to each context, as the preference model has it |
| tag-sft | the same replies, each with its quality tag, where they call what the best one calls |
| dpo | pairs of the same replies, as the preference model orders them |
| rejection, ppo, grpo | the model's own replies to the same contexts, rewarded by the preference model |

What a method is lies in `moss.train`; here are its data, and what it cost. Best-of-n and guidance need no training
(`measurement.py`).
"""

from __future__ import annotations

import json
import shutil
import threading
from collections import Counter
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from ...agent import Answering
from ...assistant import TAGS_TRAINED
from ...chat_format import ChatFormat
from ...checkpoint import Checkpoint, load, save
from ...config import to_dict
from ...conversation import AssistantTurn, Conversation, read_jsonl, read_pairs, read_rankings
from ...data.pairs import PairDocuments
from ...engine.sampling import SamplingParams
from ...events import Event, Finished
from ...files import write_json
from ...model.preference import PreferenceModel
from ...model.transformer import Transformer
from ...scoring.scorer import load_scorer, reward_of
from ...synth.rollouts import AS_IT_IS, agent_answers
from ...terms import Terms
from ...train.dpo import train_dpo
from ...train.loop import Model, train
from ...train.metrics import read_metrics
from ...train.policy import VALUE, grpo, ppo
from ...train.rollouts import Answer, Method, RolloutConfig, rejection_sampling, train_on_rollouts
from ...train.stages import lay_out_tags, sft_documents
from ..recipe import Results, Run
from ..side_by_side import side_by_side
from .data import CONCURRENT, MODEL, PREFERENCE, REPLIES, START, TAGS, asked, world

SAMPLED = "sampled.jsonl"
"""In the folder of a training: tokens of each round of rollouts."""
COST = "cost.json"
"""In the folder of a training, once it is done."""
TRAININGS = "trainings"
"""The stage that trains them all."""
TAG_SFT = "tag-sft"
"""The method that makes a dial."""


@dataclass(frozen=True)
class Cost:
    """What a training took."""

    learned_tokens: int
    """Read forward and backward, padding left out."""
    sampled_tokens: int = 0
    """Prompts and replies of rollouts."""
    scored_tokens: int = 0
    """Read forward only: by the reference model, the old policy and the preference model."""
    training_seconds: float = 0.0
    """Of steps and rollouts; without validating and saving."""

    def flops(self, parameters: int) -> float:
        """6 x parameters x tokens learned, 2 x parameters x tokens sampled or scored."""
        return float(parameters) * (6 * self.learned_tokens + 2 * (self.sampled_tokens + self.scored_tokens))


Train = Callable[[Run, Checkpoint[Transformer], int, Path], int]
"""(run, start, seed, folder) -> tokens that were scored; `start.model` is trained in place."""


def train_methods(run: Run) -> Results:
    """Trains every method with each seed, in NAME/seed-N; those that are done are passed over. By name their costs."""
    trainings = [(name, seed) for name in METHODS for seed in run.config.seeds]
    waiting = [training for training in trainings if not (_folder(run, *training) / COST).exists()]
    side_by_side(run, _train, waiting, run.config.processes)
    parameters = load(checkpoint_of(run)).model.num_parameters()
    return {name: _mean_cost(run, name, parameters) for name in METHODS}


def _folder(run: Run, name: str, seed: int) -> Path:
    return run.out / name / f"seed-{seed}"


def _mean_cost(run: Run, name: str, parameters: int) -> dict[str, float]:
    files = [_folder(run, name, seed) / COST for seed in run.config.seeds]
    costs = [Cost(**json.loads(file.read_text(encoding="utf-8"))) for file in files]
    mean = {key: sum(getattr(cost, key) for cost in costs) / len(costs) for key in to_dict(costs[0])}
    return {**mean, "flops": sum(cost.flops(parameters) for cost in costs) / len(costs)}


def _train(run: Run, method_and_seed: tuple[str, int]) -> None:
    name, seed = method_and_seed
    folder, start = _folder(run, name, seed), load(checkpoint_of(run))
    scored = METHODS[name](run, start, seed, folder)
    recipe = {"recipe": run.recipe, "stage": name, "seed": seed, TAGS_TRAINED: name == TAG_SFT}
    save(folder / MODEL, start.model, start.tokenizer, recipe)
    write_json(folder / COST, to_dict(_cost(folder, scored)))
    for step in folder.glob("step-*"):  # optimizers of dozens of trainings would fill the disk
        shutil.rmtree(step)


def checkpoint_of(run: Run, method: str | None = None, seed: int = 0) -> Path:
    """The checkpoint that a method came to; without one, that which all begin with."""
    return run.out / START / MODEL if method is None else run.out / method / f"seed-{seed}" / MODEL


def _cost(folder: Path, scored: int) -> Cost:
    lines = [line for line in read_metrics(folder) if "loss" in line]
    return Cost(
        learned_tokens=int(sum(line["tokens"] for line in lines)),
        sampled_tokens=_sampled_tokens(folder),
        scored_tokens=scored,
        training_seconds=round(sum(line["seconds"] for line in lines), 1),
    )


# --- fine-tuning and pairs ------------------------------------------------------------------------------------------


def _finetune(
    run: Run, start: Checkpoint[Transformer], seed: int, folder: Path, data: str, tag_dropout: float = 1.0
) -> None:
    """Fine-tuning on dialogues of TAGS; with a dropout of 1 no tag is ever seen, and it is plain."""
    config = replace(run.config.within_budget(run.config.sft, seed), tag_dropout=tag_dropout)
    dialogues = read_jsonl(run.folder(TAGS) / data)
    chat_format = ChatFormat(start.tokenizer)
    if config.tag_dropout < 1:
        lay_out_tags(start.model, chat_format, seed)
    documents, _ = sft_documents(dialogues, chat_format, config.row_length, config.tag_dropout, seed)
    title = f"{folder.parent.name} {seed}"
    train(start.model, start.tokenizer, documents, config, folder, title=title, console=run.console, resume=True)


def _plain_sft(run: Run, start: Checkpoint[Transformer], seed: int, folder: Path) -> int:
    _finetune(run, start, seed, folder, "tagged.jsonl")
    return 0


def _sft_on_best(run: Run, start: Checkpoint[Transformer], seed: int, folder: Path) -> int:
    _finetune(run, start, seed, folder, "best.jsonl")
    return _tagging_tokens(run)


def _tag_sft(run: Run, start: Checkpoint[Transformer], seed: int, folder: Path) -> int:
    _finetune(run, start, seed, folder, "dial.jsonl", run.config.sft.tag_dropout)
    return _tagging_tokens(run)


def _tagging_tokens(run: Run) -> int:
    """What the preference model read to tell good replies from bad ones."""
    tokens: int = json.loads((run.folder(TAGS) / "done.json").read_text(encoding="utf-8"))["tokens"]
    return tokens


def _dpo(run: Run, start: Checkpoint[Transformer], seed: int, folder: Path) -> int:
    config = run.config.within_budget(run.config.dpo, seed)
    pairs = read_pairs(run.folder(TAGS) / "pairs.jsonl")
    dropped: Counter[str] = Counter()
    data = PairDocuments.build(pairs, ChatFormat(start.tokenizer), config.row_length, dropped)
    for reason, number in (+dropped).items():
        run.console.print(f"  {number:,} x {reason}: left out")
    title = f"dpo {seed}"
    train_dpo(start.model, start.tokenizer, data, config, folder, title=title, console=run.console, resume=True)
    return _tagging_tokens(run) + len(data.documents.tokens)  # the latter for the reference


# --- the model's own replies ----------------------------------------------------------------------------------------


def _rejection(run: Run, start: Checkpoint[Transformer], seed: int, folder: Path) -> int:
    config = run.config.within_budget(run.config.rejection, seed)
    _on_rollouts(run, start, start.model, rejection_sampling(config), config, folder)
    return _sampled_tokens(folder)


def _grpo(run: Run, start: Checkpoint[Transformer], seed: int, folder: Path) -> int:
    config = run.config.within_budget(run.config.grpo, seed)
    _on_rollouts(run, start, start.model, grpo(start.model, config), config, folder)
    return READINGS * _sampled_tokens(folder)


def _ppo(run: Run, start: Checkpoint[Transformer], seed: int, folder: Path) -> int:
    config = run.config.within_budget(run.config.ppo, seed)
    torch.manual_seed(seed)
    model = PreferenceModel(start.model, (VALUE,))
    _on_rollouts(run, start, model, ppo(model, config), config, folder)
    return READINGS * _sampled_tokens(folder)


READINGS = 3
"""Policy gradients read a reply forward for its reward, and for its old and its reference probabilities."""


def _on_rollouts(
    run: Run, start: Checkpoint[Transformer], model: Model, method: Method, config: RolloutConfig, folder: Path
) -> None:
    """Trains `model`, whose decoder is that of `start`, on its replies to the training contexts."""
    contexts = [ranking.context for ranking in read_rankings(run.folder(REPLIES) / "train.jsonl")]
    reward = reward_of(load_scorer(run.folder(PREFERENCE), precision="auto").scorer)
    sampling = replace(AS_IT_IS, max_tokens=run.config.max_tokens)
    with world(run, "train") as place, asked(start, place.toolbox) as agent:
        train_on_rollouts(
            model,
            start.tokenizer,
            contexts,
            counted_answers(agent, sampling, folder),
            reward,
            method,
            config,
            folder,
            console=run.console,
            resume=True,
        )


class Counting:
    """An agent whose tokens are counted."""

    def __init__(self, agent: Answering) -> None:
        self.agent, self.tokens = agent, 0
        """Of prompts and answers so far."""
        self._lock = threading.Lock()

    def run(
        self,
        conversation: Conversation,
        sampling: SamplingParams | None = None,
        tools: Sequence[str] | None = None,
        quality: int | None = None,
        terms: Terms | None = None,
    ) -> Generator[Event, None, None]:
        """As the agent."""
        for event in self.agent.run(conversation, sampling, tools, quality, terms):
            if isinstance(event, Finished):
                with self._lock:
                    self.tokens += event.prompt_tokens + event.completion_tokens
            yield event


def counted_answers(agent: Answering, sampling: SamplingParams, folder: Path) -> Answer:
    """Answers for rollouts, whose tokens are noted in SAMPLED: a line a round."""
    counting = Counting(agent)
    answers = agent_answers(counting, sampling, CONCURRENT)

    def answer(contexts: Sequence[Conversation], seed: int) -> Sequence[AssistantTurn | None]:
        before = counting.tokens
        turns = answers(contexts, seed)
        folder.mkdir(parents=True, exist_ok=True)
        with open(folder / SAMPLED, "a", encoding="utf-8") as file:
            file.write(json.dumps({"seed": seed, "tokens": counting.tokens - before}) + "\n")
        return turns

    return answer


def _sampled_tokens(folder: Path) -> int:
    """Tokens of the rounds in SAMPLED, those that an interrupted run made twice counted once."""
    path = folder / SAMPLED
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return sum({line["seed"]: line["tokens"] for line in map(json.loads, lines)}.values())


METHODS: dict[str, Train] = {
    "rejection": _rejection,
    "ppo": _ppo,
    "grpo": _grpo,
    "dpo": _dpo,
    "sft": _plain_sft,
    "sft-best": _sft_on_best,
    TAG_SFT: _tag_sft,
}
"""How each method is trained, by the name of its folder. The longest come first: one that is left over at the end has
the machine for itself and uses half of it."""
