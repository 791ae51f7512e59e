"""What the doors share: a checkpoint folder becomes an assistant."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from moss.assistant import Wish, load_assistant, quality_for, upstream_assistant
from moss.conversation import Conversation, Message
from moss.engine.sampling import SamplingParams
from moss.errors import UserError
from moss.events import Finished, fold
from tests.engine.test_upstream import serving
from tests.fake_agent import assistant_that_says


def test_a_checkpoint_becomes_an_assistant(tiny_checkpoint: Path, tmp_path: Path) -> None:
    question = Conversation((Message("user", "你好 1+1"),), tools=("Calculate",))
    with load_assistant(tiny_checkpoint, image_folder=tmp_path) as assistant:
        assert assistant.name == "tiny"
        assert assistant.toolbox.names == ("Search", "Calculate", "Solve", "Text2Image")
        assert not assistant.knows_quality
        events = list(assistant.reply(question, SamplingParams(max_tokens=5, seed=1)))
    assert isinstance(events[-1], Finished)
    called = {call.name for message in fold(events) for call in message.tool_calls}
    assert called <= {"Calculate"}


def test_sampling_is_the_assistants_own_changed_as_asked() -> None:
    assistant, _ = assistant_that_says()
    assistant = replace(assistant, defaults={"temperature": 0.3, "stop": ["END"]})
    assert assistant.sampling(top_k=4, temperature=None) == SamplingParams(temperature=0.3, top_k=4, stop=("END",))
    assert assistant.sampling(temperature=1) == SamplingParams(temperature=1.0, stop=("END",))


@pytest.mark.parametrize(
    ("defaults", "message"),
    [
        ({"temprature": 1}, "Did you mean temperature"),
        ({"top_p": "all"}, "top_p: must be a number"),
        ({"top_p": 2}, "top_p"),
    ],
)
def test_a_checkpoint_with_sampling_that_cannot_be_is_told(defaults: dict[str, object], message: str) -> None:
    assistant, _ = assistant_that_says()
    with pytest.raises(UserError, match=message):
        replace(assistant, defaults=defaults).sampling()


@pytest.mark.parametrize(
    ("wish", "knows", "tag"),
    [(None, True, 100), (83, True, 80), (0, True, 0), ("off", True, None), (None, False, None), ("off", False, None)],
)
def test_what_a_wish_for_quality_comes_to(wish: Wish, knows: bool, tag: int | None) -> None:
    assert quality_for(wish, knows) == tag


@pytest.mark.parametrize(
    ("wish", "knows", "guidance", "message"),
    [
        (101, True, None, "from 0 to 100, not 101"),
        (-1, True, None, "from 0 to 100, not -1"),
        (90, False, None, "trained without quality tags: it cannot be asked for quality 90"),
        (None, False, 1.0, "guidance .* trained without quality tags"),
        ("off", True, 1.0, "guidance .* is to have none"),
    ],
)
def test_a_quality_that_cannot_be_had_is_told(wish: Wish, knows: bool, guidance: float | None, message: str) -> None:
    with pytest.raises(UserError, match=message):
        quality_for(wish, knows, guidance=guidance)


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ([0.5], "must be an object, not list"),
        (None, "must be an object, not NoneType"),
        ({"temprature": 1}, "unknown setting 'temprature'. Did you mean temperature?"),
        ({"top_p": "all"}, "top_p: must be a number, not 'all'"),
        ({"top_p": 2}, "top_p must be above 0 and at most 1, not 2.0"),
    ],
)
def test_a_damaged_recipe_is_told_with_its_file_when_it_is_loaded(
    written: object, message: str, tiny_checkpoint: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "damaged"
    shutil.copytree(tiny_checkpoint, folder)
    recipe = json.loads((folder / "recipe.json").read_text(encoding="utf-8"))
    recipe["recipe"]["sampling"] = written
    (folder / "recipe.json").write_text(json.dumps(recipe), encoding="utf-8")
    with pytest.raises(UserError) as told:
        load_assistant(folder)
    assert str(told.value) == f"{folder / 'recipe.json'}, `sampling`: {message}"


def test_no_checkpoint(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no checkpoint at"):
        load_assistant(tmp_path / "none")


def test_an_upstream_server_answers_with_the_model_that_it_has() -> None:
    with serving() as remote:
        with upstream_assistant(remote.url) as assistant:
            assert assistant.name == "far"
        with pytest.raises(UserError, match=r"upstream server .*/v1 'fra'\. Did you mean far"):
            upstream_assistant(remote.url, "fra")
    with pytest.raises(UserError, match=r"the upstream server http://127\.0\.0\.1:9/v1 cannot be reached: "):
        upstream_assistant("http://127.0.0.1:9/v1")
