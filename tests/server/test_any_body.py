"""Whatever JSON arrives, the answer is an answer or an error of the client's: never a failure of ours."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from moss.server.app import create_app
from moss.server.settings import ServerSettings
from tests.fake_agent import assistant_that_says, with_tools

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
CALL = {"name": "Search", "argument": "x", "result": "y", "status": "ok"}
MESSAGE = st.fixed_dictionaries(
    {"role": st.sampled_from(["system", "user", "assistant", "tool", "developer"]), "content": st.text() | ANYTHING},
    optional={
        "tool_calls": ANYTHING | st.just([{"id": "a", "function": {"name": "f", "arguments": "{}"}}]),
        "tool_call_id": st.just("a") | ANYTHING,
        "reasoning_content": st.text() | ANYTHING,
        "moss": ANYTHING | st.just({"tool_calls": [CALL]}),
    },
)
BODY = st.fixed_dictionaries(
    {"messages": st.lists(MESSAGE, max_size=5).map(lambda some: [*some, {"role": "user", "content": "x"}]) | ANYTHING},
    optional=dict.fromkeys(
        ["model", "stream", "stream_options", "n", "stop", "seed", "temperature", "max_tokens", "moss"], ANYTHING
    ),
)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    assistant, _ = assistant_that_says(with_tools())
    app = create_app(assistant, ServerSettings(data=tmp_path_factory.mktemp("data")))
    with TestClient(app, base_url="http://localhost") as client:
        yield client


@given(BODY | ANYTHING)
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_any_json_is_answered(client: TestClient, body: object) -> None:
    answer = client.post("/v1/chat/completions", content=json.dumps(body), headers={"content-type": "application/json"})
    assert answer.status_code in (200, 400, 404), answer.text
    if answer.status_code != 200:
        assert set(answer.json()["error"]) == {"message", "type", "param", "code"}


@given(st.text(max_size=30))
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_no_file_name_leads_out_of_the_folder(client: TestClient, name: str) -> None:
    # 400: an address with U+0000 is refused before anything looks for it.
    assert client.get(f"/files/{quote(name, safe='')}").status_code == (400 if "\0" in name else 404)
