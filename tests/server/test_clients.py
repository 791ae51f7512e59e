"""Programs that other people wrote, as processes of their own against a real server."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from moss.conversation import ToolCall
from moss.errors import EngineBusy
from moss.events import Event, Finished, ToolCalled
from tests.fake_agent import assistant_that_says, plain, with_tools
from tests.server.client_session import ANSWERS
from tests.server.live import serving

HERE = Path(__file__).parent
CLIENTS = HERE.parent.parent / ".venv" / "clients"
"""Where other versions of clients are installed, once."""
SAYS: dict[str, Iterable[Event] | BaseException] = {
    "busy": EngineBusy("all places are taken"),
    "tools": with_tools(),
    "call": [ToolCalled(0, ToolCall("get-weather", '{"city": "Paris"}')), Finished("", "tool_calls", 1, 1)],
    "json": plain('{"name": "Paris"}'),
}


def installed(requirement: str) -> Path:
    """The folder that a package and what it needs are in. Skips the test where pip cannot install it."""
    folder = CLIENTS / requirement.replace("==", "-")
    if not (folder / ".complete").exists():
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(folder), requirement]
        done = subprocess.run(command, capture_output=True, text=True, timeout=500, check=False)
        if done.returncode != 0:
            pytest.skip(f"pip cannot install {requirement}: {done.stderr.strip()[-200:]}")
        (folder / ".complete").touch()
    return folder


def ran(command: list[str], **environment: str) -> str:
    """What a program printed; it must end well."""
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=500, check=False, env={**os.environ, **environment}
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@pytest.mark.parametrize("version", [None, "2.54.0"], ids=["installed", "previous"])
def test_openai_of_this_and_the_previous_major(tmp_path: Path, version: str | None) -> None:
    path = {} if version is None else {"PYTHONPATH": str(installed(f"openai=={version}"))}
    assistant, _ = assistant_that_says(*(SAYS[name] for name in ANSWERS))
    with serving(assistant, tmp_path) as url:
        said = ran([sys.executable, str(HERE / "client_session.py"), url], **path)
    assert f"openai {version or ''}" in said


@pytest.mark.parametrize("options", [["--no-stream"], []], ids=["whole", "stream"])
def test_llm(tmp_path: Path, options: list[str]) -> None:
    assistant, agent = assistant_that_says(plain("你好, llm"))
    with serving(assistant, tmp_path) as url:
        model = f"- model_id: moss\n  model_name: fake\n  api_base: {url}/v1\n"
        (tmp_path / "extra-openai-models.yaml").write_text(model, encoding="utf-8")
        asking = ["-m", "moss", "--key", "any", "--system", "Be brief.", "Hello", *options]
        assert ran([sys.executable, "-m", "llm", *asking], LLM_USER_PATH=str(tmp_path)).strip() == "你好, llm"
    assert [message.content for message in agent.asked[0][0].messages] == ["Be brief.", "Hello"]
