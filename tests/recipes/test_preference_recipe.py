"""The preference study: its figures against counts by hand, its settings, and the whole of it in small."""

from __future__ import annotations

import json
from collections.abc import Generator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from rich.console import Console

from moss.assistant import TAGS_TRAINED
from moss.chat_format import ChatFormat
from moss.checkpoint import load
from moss.config import override
from moss.conversation import Candidate, Conversation, Message, read_jsonl, read_pairs, read_rankings
from moss.data.preferences import context_key
from moss.engine.sampling import SamplingParams
from moss.errors import UserError
from moss.events import Event, Finished, TextDelta
from moss.recipes import load_recipe
from moss.recipes.preference.config import PreferenceStudy
from moss.recipes.preference.data import make_start
from moss.recipes.preference.figures import MEASURES, Bootstrap, case_values, distinct_2
from moss.recipes.preference.measurement import DIAL, SYSTEMS, answers, answers_file
from moss.recipes.preference.methods import METHODS, TAG_SFT, Cost, checkpoint_of, counted_answers
from moss.recipes.recipe import Results, Run, run_recipe
from moss.terms import Terms

# --- figures --------------------------------------------------------------------------------------------------------


def test_distinct_pairs_are_counted_over_all_replies() -> None:
    assert distinct_2(["a b c", "a b d"]) == pytest.approx(3 / 4)  # ab bc ab bd
    assert distinct_2(["天空天空"]) == pytest.approx(2 / 3)  # 天空 空天 天空
    assert distinct_2(["one"]) == 1


def candidate(reply: str, score: float, reason: str = "stop", preference: float | None = 1.0) -> Candidate:
    meta = {
        "parts": {"correctness": score},
        "preference": preference,
        "judge": 0.0,
        "finish_reason": reason,
        "completion_tokens": 3,
        "refused": reply == "no",
    }
    return Candidate((Message("assistant", reply),), "x", score, meta)


def test_measures_are_means_over_the_answers_to_a_case() -> None:
    answers_to = [candidate("no", 1.0), candidate("", 0.0, preference=None), candidate("cut of", 0.5, "length")]
    found = {measure.name: measure.of(answers_to) for measure in MEASURES}
    assert found["verified"] == pytest.approx(0.5)
    assert found["correct"] == found["refused"] == pytest.approx(1 / 3)
    assert found["preference"] == 1.0, "who could not be scored does not count"
    assert found["broken"] == pytest.approx(2 / 3), "one says nothing, one is cut"
    assert found["distinct"] == 1


def test_a_bootstrap_draws_over_seeds_and_cases() -> None:
    values = np.array([[0.0, 1.0, 0.0, 1.0], [1.0, 1.0, 0.0, 1.0]])
    bootstrap = Bootstrap(seeds=2, cases=4, draws=2000)
    figure = bootstrap.figure(values)
    assert figure.mean == pytest.approx(5 / 8)
    assert figure.low < 0.4
    assert figure.high > 0.85
    same = bootstrap.difference(values + 0.25, values)
    assert (same.low, same.high) == pytest.approx((0.25, 0.25)), "like is compared with like"


def test_rho_follows_the_order_of_the_levels() -> None:
    bootstrap = Bootstrap(seeds=1, cases=3, draws=20)
    rising = [np.full((1, 3), float(level)) for level in range(4)]
    assert bootstrap.rho(range(4), rising).mean == pytest.approx(1)  # type: ignore[union-attr]
    assert bootstrap.rho(range(4), rising[::-1]).high == pytest.approx(-1)  # type: ignore[union-attr]
    assert bootstrap.rho(range(4), [np.zeros((1, 3))] * 4) is None


def test_costs_count_backward_passes_threefold() -> None:
    assert Cost(learned_tokens=10, sampled_tokens=4, scored_tokens=1).flops(100) == 100 * (60 + 10)


# --- settings and answers -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ("dpo.max_steps=5", "set sft.max_steps"),
        ("tasks=calculat", "Did you mean calculate"),
        ("samples=1", "at least 2"),
        ("seeds=1,1", "different"),
        ("fresh_start=true checkpoint=here", "not both"),
    ],
)
def test_settings_that_make_no_study_are_refused(setting: str, told: str) -> None:
    with pytest.raises(UserError, match=told):
        override(PreferenceStudy(), setting.split())


def test_how_the_start_is_made_can_be_set() -> None:
    assert override(load_recipe("preference_smoke").config, ["start.early=5"]).start.early == (5,)


def test_methods_have_one_budget() -> None:
    study = override(PreferenceStudy(), ["sft.max_steps=7", "sft.batch_tokens=2048"])
    for method in (study.sft, study.rejection, study.dpo, study.ppo, study.grpo):
        config = study.within_budget(method, 5)
        assert (config.max_steps, config.batch_tokens, config.row_length, config.seed) == (7, 2048, 1024, 5)
        assert type(config) is type(method)


class Echo:
    """Answers with the seed that it was asked with."""

    def run(
        self,
        conversation: Conversation,
        sampling: SamplingParams | None = None,
        tools: Sequence[str] | None = None,
        quality: int | None = None,
        terms: Terms | None = None,
    ) -> Generator[Event, None, None]:
        assert sampling is not None
        yield TextDelta(text := f"{conversation.messages[-1].content} {sampling.seed} {quality}")
        yield Finished(text, "stop", prompt_tokens=5, completion_tokens=2)


def test_every_answer_is_drawn_with_a_seed_of_its_own() -> None:
    class Case:
        tools = ()

        def __init__(self, text: str) -> None:
            self.conversation = Conversation((Message("user", text),))

    cases: Any = [Case("a"), Case("b")]
    found = answers(Echo(), cases, SamplingParams(seed=1000), 30, 2)
    said = [[answer.turn[-1].content for answer in several] for several in found]
    assert said == [["a 1000 30", "a 1100 30"], ["b 1200 30", "b 1300 30"]]


def test_sampled_tokens_are_noted_by_round(tmp_path: Path) -> None:
    answer = counted_answers(Echo(), SamplingParams(), tmp_path)
    contexts = [Conversation((Message("user", "a"),))] * 3
    assert [len(answer(contexts, 8)), len(answer(contexts[:1], 9))] == [3, 1]
    lines = [json.loads(line) for line in (tmp_path / "sampled.jsonl").read_text().splitlines()]
    assert lines == [{"seed": 8, "tokens": 21}, {"seed": 9, "tokens": 7}]


# --- the whole study ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, dict[str, Results]]:
    out = tmp_path_factory.mktemp("study")
    recipe, console = load_recipe("preference_smoke"), Console(quiet=True)
    results = run_recipe(recipe, out, console)
    return Run(recipe.name, out, recipe.config, console), results


def test_it_goes_from_a_checkpoint_to_figures(study: tuple[Run, dict[str, Results]]) -> None:
    run, results = study
    assert results["start"]["earlier_checkpoints"] == 1
    assert results["preference"]["preference"]["pairs"] > 0
    assert 0 <= results["preference"]["judge"]["accuracy"] <= 1
    for system in (*SYSTEMS, *DIAL):
        rankings = list(read_rankings(answers_file(run.out, system.name, 1)))
        assert len(rankings) == results["comparison"]["cases"]
        values = case_values([rankings])
        assert all(found.shape == (1, len(rankings)) for found in values.values())
        assert np.isfinite(values["preference"]).all()


def test_methods_start_alike_and_come_to_models_of_their_own(study: tuple[Run, dict[str, Results]]) -> None:
    run, results = study
    start = load(checkpoint_of(run)).model.state_dict()
    for method in METHODS:
        found = load(checkpoint_of(run, method, 1))
        weights = found.model.state_dict()
        assert any(not torch.equal(weights[name], start[name]) for name in start), method
        assert found.recipe["quality_tags"] == (method == "tag-sft")
        cost = results["trainings"][method]
        assert cost["learned_tokens"] > 0
        assert (cost["sampled_tokens"] > 0) == (method in ("rejection", "ppo", "grpo"))


def test_all_methods_learn_from_the_same_contexts(study: tuple[Run, dict[str, Results]]) -> None:
    run, _ = study
    asked = {context_key(ranking.context) for ranking in read_rankings(run.out / "replies" / "train.jsonl")}
    for name in ("tagged", "best"):
        dialogues = list(read_jsonl(run.out / "tags" / f"{name}.jsonl"))
        assert {context_key(context_of(dialogue)) for dialogue in dialogues} == asked
        assert all((dialogue.messages[-1].quality is not None) == (name == "tagged") for dialogue in dialogues)
    assert len(dialogues) == len(asked), "one best reply to each"
    best = {context_key(context_of(dialogue)): calls_of(dialogue) for dialogue in dialogues}
    dial = list(read_jsonl(run.out / "tags" / "dial.jsonl"))
    assert {dialogue.messages[-1].quality for dialogue in dial} > {100}
    assert all(calls_of(dialogue) == best[context_key(context_of(dialogue))] for dialogue in dial)
    halves = [
        {context_key(pair.context) for pair in read_pairs(run.out / "pairs" / f"{name}.jsonl")}
        for name in ("preference", "judge")
    ]
    assert not halves[0] & halves[1], "the judge has seen no context of the preference model"
    others = {
        name: {
            context_key(ranking.context): ranking for ranking in read_rankings(run.out / "replies" / f"{name}.jsonl")
        }
        for name in ("own", "made")
    }
    assert halves[0] | halves[1] <= asked | others["own"].keys() | others["made"].keys()
    assert not asked & others["own"].keys()
    (hottest,) = run.config.temperatures[-1:]
    models = {
        reply.source
        for ranking in others["own"].values()
        for reply in ranking.candidates
        if reply.source.startswith("start")
    }
    assert models == {f"start at {hottest:g}"}


def context_of(dialogue: Conversation) -> Conversation:
    """Up to the last message of the user."""
    last = max(number for number, message in enumerate(dialogue.messages) if message.role == "user")
    return replace(dialogue, messages=dialogue.messages[: last + 1])


def calls_of(dialogue: Conversation) -> list[tuple[str, str]]:
    """In the last turn."""
    turn = dialogue.messages[len(context_of(dialogue).messages) :]
    return [(call.name, call.argument) for message in turn for call in message.tool_calls]


def test_it_ends_with_a_report_and_is_not_done_twice(study: tuple[Run, dict[str, Results]]) -> None:
    run, results = study
    recipe = load_recipe("preference_smoke")
    assert run_recipe(recipe, run.out, Console(quiet=True)) == results
    assert recipe.report is not None
    page = recipe.report(run.out).read_text(encoding="utf-8")
    assert "GRPO" in page
    assert json.loads((run.out / "report.json").read_text(encoding="utf-8"))["run"]["recipe"] == "preference_smoke"


def test_a_start_that_knows_tags_forgets_them(study: tuple[Run, dict[str, Results]], tmp_path: Path) -> None:
    before, _ = study
    tagged = checkpoint_of(before, TAG_SFT, seed=1)
    config = load_recipe("preference_smoke", ["fresh_start=false", f"checkpoint={tagged}"]).config
    run = Run("preference_smoke", tmp_path, config, Console(quiet=True))
    make_start(run)
    found = load(checkpoint_of(run))
    tags = list(ChatFormat(found.tokenizer).qualities)
    learned, forgotten = (model.embedding.weight[tags] for model in (load(tagged).model, found.model))
    assert learned.std(0).max() > 0
    assert forgotten.std(0).max() < 1e-6
    assert not found.recipe[TAGS_TRAINED]
