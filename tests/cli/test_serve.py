"""`moss serve` as a process: its one line, its errors, its end; and a tiny real model behind the openai client."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import openai
import pytest
from typer.testing import CliRunner

from moss.cli.main import USER_ERROR
from moss.cli.serve import app, check_reach, listen
from moss.errors import UserError
from moss.server.settings import ServerSettings
from tests.engine.test_upstream import delta, serving

MOSS = [sys.executable, "-m", "moss.cli.main"]


@contextmanager
def served(*arguments: str, cwd: Path, **settings: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A `moss serve` process and its address; ended by force where the block did not end it."""
    process = subprocess.Popen(
        [*MOSS, "serve", *arguments], cwd=cwd, text=True, stdout=subprocess.PIPE, env=os.environ | settings
    )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        yield process, line.split(" at ")[1].split(" ")[0]
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def test_a_tiny_model_answers_the_openai_client(tiny_checkpoint: Path, tmp_path: Path) -> None:
    with served(str(tiny_checkpoint), cwd=tmp_path, MOSS_PORT="0", MOSS_API_KEY="k") as (process, url):
        client = openai.OpenAI(base_url=url, api_key="k", max_retries=0)
        assert [model.id for model in client.models.list()] == ["tiny"]
        question = [{"role": "user", "content": "1+1 <eoh> <|MOSS|>:"}]
        settings = {"model": "tiny", "messages": question, "max_tokens": 12, "seed": 5}
        whole = client.chat.completions.create(**settings, extra_body={"moss": {"tools": ["Calculate"]}})
        message = whole.choices[0].message
        assert {call["name"] for call in message.model_extra["moss"]["tool_calls"]} <= {"Calculate"}
        assert whole.usage is not None
        assert whole.usage.completion_tokens > 0
        stream = client.chat.completions.create(**settings, stream=True, extra_body={"moss": {"tools": ["Calculate"]}})
        streamed = "".join(chunk.choices[0].delta.content or "" for chunk in stream)
        assert streamed == message.content
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0


def test_a_port_in_use_is_one_line(tmp_path: Path) -> None:
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        ran = subprocess.run([*MOSS, "serve", "--port", str(port)], cwd=tmp_path, capture_output=True, text=True)
    assert ran.returncode == USER_ERROR
    assert ran.stderr.count("\n") == 1
    assert f"port {port}" in ran.stderr
    assert "in use" in ran.stderr


@pytest.mark.parametrize("host", ["no.such.host.invalid", "203.0.113.1"])
def test_a_host_that_is_not_here(host: str) -> None:
    with pytest.raises(UserError, match="cannot listen on"):
        listen(host, 0)


def test_no_checkpoint_is_one_line(tmp_path: Path) -> None:
    ran = subprocess.run([*MOSS, "serve", "nowhere", "--port", "0"], cwd=tmp_path, capture_output=True, text=True)
    assert (ran.returncode, ran.stdout) == (USER_ERROR, "")
    assert ran.stderr == "moss: no checkpoint at nowhere: the folder does not exist\n"


def test_O3_a_database_that_cannot_be_used_is_one_line(tiny_checkpoint: Path, tmp_path: Path) -> None:
    (tmp_path / "moss.db").write_text("no database " * 100)
    command = [*MOSS, "serve", str(tiny_checkpoint), "--port", "0", "--data", str(tmp_path)]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert (ran.returncode, ran.stdout) == (USER_ERROR, "")
    assert ran.stderr == f"moss: the database {tmp_path / 'moss.db'}: the file is no SQLite database\n"


def test_O3_a_setting_that_is_not_known_is_one_line(tmp_path: Path) -> None:
    ran = subprocess.run([*MOSS, "serve", "--set", "slot=3"], cwd=tmp_path, capture_output=True, text=True)
    assert (ran.returncode, ran.stdout) == (USER_ERROR, "")
    assert ran.stderr.startswith("moss: unknown setting 'slot'. Did you mean slots")
    assert ran.stderr.count("\n") == 1


def test_a_model_without_tags_has_no_quality_to_serve(tiny_checkpoint: Path, tmp_path: Path) -> None:
    command = [*MOSS, "serve", str(tiny_checkpoint), "--port", "0"]
    settings = os.environ | {"MOSS_QUALITY": "80"}
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, env=settings)
    assert (ran.returncode, ran.stdout) == (USER_ERROR, "")
    assert ran.stderr == "moss: this model was trained without quality tags: it cannot be asked for quality 80\n"


def test_another_server_answers_in_place_of_a_checkpoint(tmp_path: Path) -> None:
    with serving() as remote:
        remote.answers[:] = [[delta("stop", content="From afar.")]]
        arguments = ("--port", "0", "--upstream", remote.url, "--upstream-model", "far")
        with served(*arguments, cwd=tmp_path, MOSS_UPSTREAM_KEY="secret") as (_, url):
            client = openai.OpenAI(base_url=url, api_key="any", max_retries=0)
            answer = client.chat.completions.create(model="far", messages=[{"role": "user", "content": "Hello"}])
    assert answer.choices[0].message.content == "From afar."


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--upstream", "example.org"], "upstream_url must begin with http:// or https://"),
        (["--upstream-model", "far"], "give the address of that in upstream_url"),
        (["runs/mine", "--upstream", "http://far/v1"], "runs/mine or the upstream server http://far/v1: only one"),
    ],
)
def test_what_cannot_answer_together_or_alone_is_told(arguments: list[str], told: str) -> None:
    ran = CliRunner().invoke(app, arguments)
    assert isinstance(ran.exception, UserError)
    assert told in str(ran.exception)


def test_a_listener_takes_ipv6() -> None:
    if not socket.has_ipv6:
        pytest.skip("this machine has no IPv6")
    with listen("::1", 0) as listener:
        assert listener.family == socket.AF_INET6


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.5", "moss.lan"])
def test_a_server_without_accounts_is_not_opened_to_the_network(host: str) -> None:
    with pytest.raises(UserError, match="--public gives people accounts"):
        check_reach(ServerSettings(), host)
    check_reach(ServerSettings(public=True), host)
    check_reach(ServerSettings(api_key="open sesame"), host)
    check_reach(ServerSettings(), "localhost")
