"""One question to an endpoint: the text, and each way not to get one."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from moss.errors import UserError
from moss.synth.endpoint import ChatEndpoint, NoAnswer
from tests.synth.chat_server import Answer, chat_server, said

HELLO = [{"role": "user", "content": "Hello?"}]


def ask(answer: Answer, **options: Any) -> str:
    with chat_server(lambda body: answer) as server, ChatEndpoint(server.url, "m", wait_seconds=0, **options) as model:
        return model.complete(HELLO)


def test_a_text_and_what_was_asked_for_it() -> None:
    with chat_server(lambda body: "Hi.") as server, ChatEndpoint(f"{server.url}/chat/completions", "m", "key") as model:
        assert model.complete(HELLO, temperature=0.5) == "Hi."
    assert server.asked == [{"model": "m", "messages": HELLO, "temperature": 0.5}]
    assert server.keys == ["Bearer key"]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ((200, said(None, refusal="I will not.")), "refused"),
        ((200, {"choices": [{"message": {"content": "x"}, "finish_reason": "content_filter"}]}), "refused"),
        ((200, said(" ")), "an empty answer"),
        ((200, said(None)), "an empty answer"),
        ((200, {"choices": []}), "no chat completion in the answer"),
        ((200, {"choices": [{"message": "x"}]}), "no chat completion in the answer"),
        ((400, {"error": "too long"}), 'error 400: {"error": "too long"}'),
        ((500, {}), "error 500"),
        ((429, {}), "error 429"),
    ],
)
def test_no_answer_has_a_reason(answer: Answer, reason: str) -> None:
    with pytest.raises(NoAnswer) as caught:
        ask(answer)
    assert str(caught.value) == reason


@pytest.mark.parametrize("status", [401, 403, 404])
def test_what_the_user_must_mend_ends_the_run(status: int) -> None:
    with pytest.raises(UserError, match=f"answers {status} for the model m: .*why"):
        ask((status, {"error": "why"}))


def test_what_passes_is_tried_again() -> None:
    answers: Iterator[Answer] = iter([(500, {}), (429, {}), "At last."])
    with chat_server(lambda body: next(answers)) as server, ChatEndpoint(server.url, "m", wait_seconds=0) as model:
        assert model.complete(HELLO) == "At last."
    assert len(server.asked) == 3


def test_what_does_not_pass_is_not_tried_for_ever() -> None:
    with (
        chat_server(lambda body: (503, {})) as server,
        ChatEndpoint(server.url, "m", retries=1, wait_seconds=0) as model,
        pytest.raises(NoAnswer, match="error 503"),
    ):
        model.complete(HELLO)
    assert len(server.asked) == 2


def test_a_server_that_does_not_answer_in_time() -> None:
    release = threading.Event()

    def late(body: dict[str, Any]) -> Answer:
        release.wait(20)
        return "Too late."

    with chat_server(late) as server, ChatEndpoint(server.url, "m", timeout_seconds=0.2, retries=0) as model:
        with pytest.raises(NoAnswer, match="timeout"):
            model.complete(HELLO)
        release.set()


def test_nobody_there() -> None:
    with chat_server(lambda body: "Hi.") as server:
        pass
    with ChatEndpoint(server.url, "m", retries=0) as model, pytest.raises(NoAnswer, match="not reachable"):
        model.complete(HELLO)
    with ChatEndpoint("nowhere", "m", retries=0) as model, pytest.raises(UserError, match="nowhere"):
        model.complete(HELLO)
