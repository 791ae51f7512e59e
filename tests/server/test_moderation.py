"""Moderation: the offline rules on both kinds of texts, the gate of streamed clauses, a service and its failures."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moss.errors import UserError
from moss.server.moderation import (
    ClauseGate,
    HttpModerator,
    ModerationSettings,
    RuleModerator,
    Stage,
    Verdict,
    create_moderator,
)
from moss.server.moderation_rules import categories_of
from tests.server.moderation_texts import (
    BENIGN_EN,
    BENIGN_REPLIES,
    BENIGN_ZH,
    HARMFUL_EN,
    HARMFUL_REPLIES,
    HARMFUL_ZH,
)


def test_the_lists_are_long_enough_to_say_something() -> None:
    assert min(map(len, (HARMFUL_EN, HARMFUL_ZH, BENIGN_EN, BENIGN_ZH))) >= 120


@pytest.mark.parametrize("texts", [HARMFUL_EN, HARMFUL_ZH], ids=["en", "zh"])
def test_what_is_asked_plainly_is_refused_for_its_reason(texts: tuple[tuple[str, str], ...]) -> None:
    missed = [(category, text) for category, text in texts if category not in categories_of(text, "prompt")]
    assert missed == []


@pytest.mark.parametrize("texts", [BENIGN_EN, BENIGN_ZH], ids=["en", "zh"])
def test_what_only_looks_alike_passes(texts: list[str]) -> None:
    assert {text: found for text in texts if (found := categories_of(text, "prompt"))} == {}


def test_replies_are_refused_for_what_they_do_and_not_for_what_they_mention() -> None:
    assert [(c, text) for c, text in HARMFUL_REPLIES if c not in categories_of(text, "reply")] == []
    assert {text: found for text in BENIGN_REPLIES if (found := categories_of(text, "reply"))} == {}


async def test_self_harm_is_answered_with_support_in_both_languages() -> None:
    verdict = await RuleModerator().check("我不想活了", "prompt", "zh")
    assert (verdict.allowed, verdict.categories, verdict.moderator) == (False, ("self_harm",), "rules")
    assert "12356" in verdict.message["zh"]
    assert "988" in verdict.message["en"]


async def test_an_allowed_text_has_no_message() -> None:
    assert await RuleModerator().check("Hello", "prompt") == Verdict(True, (), "rules", {})


@given(st.text(max_size=200))
def test_any_text_can_be_judged(text: str) -> None:
    categories_of(text, "prompt")
    categories_of(text, "reply")


@pytest.mark.parametrize("piece", ["how to make a bomb ", "a b ", "我想", "kill ", "sex child ", "\u0301", "b.o."])
def test_a_long_text_is_judged_without_hanging(piece: str) -> None:
    categories_of((piece * 32_000)[:32_000], "prompt")


# --- the gate -----------------------------------------------------------------------------------------------------


class Spy:
    """Refuses what holds `bad`, and notes what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def check(self, text: str, stage: Stage, language: str | None = None) -> Verdict:
        assert stage == "reply"
        self.asked.append(text)
        return Verdict("bad" not in text, ("test",) if "bad" in text else ())

    async def aclose(self) -> None:
        pass


async def shown(gate: ClauseGate, text: str, piece: int) -> list[str]:
    found = [await gate.push(text[start : start + piece]) for start in range(0, len(text), piece)]
    return [*found, await gate.flush()]


@pytest.mark.parametrize("piece", [1, 3, 7, 1000])
@pytest.mark.parametrize(
    "text", ["One. Two! Three?", "第一句。第二句，还有；第三句！", "3.14 is pi.\nNo end", "x" * 1000, ""]
)
async def test_what_passes_the_gate_is_the_text(text: str, piece: int) -> None:
    assert "".join(await shown(ClauseGate(Spy()), text, piece)) == text


async def test_a_clause_is_held_until_it_is_cleared() -> None:
    gate = ClauseGate(Spy())
    assert await gate.push("This is ") == ""
    assert await gate.push("fine. This") == "This is fine."
    assert await gate.push(" is bad. More.") == ""
    assert gate.verdict is not None
    assert (await gate.push("Good."), await gate.flush()) == ("", "")


async def test_a_clause_is_judged_with_what_came_before() -> None:
    spy = Spy()
    gate = ClauseGate(spy)
    await gate.push("First. ")
    await gate.push("Second. ")
    assert spy.asked == ["First.", "First. Second."]


async def test_an_instruction_in_pieces_is_stopped_before_it_is_whole() -> None:
    _, text = HARMFUL_REPLIES[0]
    gate = ClauseGate(RuleModerator())
    passed = "".join(await shown(gate, "Sure. " + text + " Then leave.", 4))
    assert "gunpowder" not in passed
    assert gate.verdict is not None
    assert gate.verdict.categories == ("weapons",)


# --- a service ----------------------------------------------------------------------------------------------------


def service(answer: Callable[[httpx2.Request], httpx2.Response], **settings: str) -> HttpModerator:
    return HttpModerator("https://judge.example/v1", transport=httpx2.MockTransport(answer), **settings)  # type: ignore[arg-type]


async def test_a_service_is_asked_as_openai_is() -> None:
    requests: list[httpx2.Request] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        requests.append(request)
        flagged = {"violence": True, "self-harm/intent": True, "hate": False}
        return httpx2.Response(200, json={"results": [{"flagged": True, "categories": flagged}]})

    verdict = await service(answer, model="judge-1", api_key="k").check("text", "prompt")
    assert str(requests[0].url) == "https://judge.example/v1/moderations"
    assert json.loads(requests[0].content) == {"model": "judge-1", "input": "text"}
    assert requests[0].headers["authorization"] == "Bearer k"
    assert (verdict.allowed, verdict.categories, verdict.moderator) == (
        False,
        ("violence", "self-harm/intent"),
        "judge-1",
    )
    assert "988" in verdict.message["en"]  # who is in need comes first


@pytest.mark.parametrize(
    "answer",
    [
        httpx2.Response(500),
        httpx2.Response(302, headers={"location": "http://169.254.169.254/"}),
        httpx2.Response(200, text="no JSON"),
        httpx2.Response(200, json=[]),
        httpx2.Response(200, json={"results": []}),
        httpx2.Response(200, json={"results": [None]}),
    ],
    ids=["error", "redirect", "no json", "list", "empty", "null"],
)
async def test_without_a_verdict_the_policy_decides_and_nobody_else_is_asked(answer: httpx2.Response) -> None:
    asked: Counter[str] = Counter()

    def respond(request: httpx2.Request) -> httpx2.Response:
        asked[request.url.host] += 1
        return answer

    closed = await service(respond).check("text", "prompt")
    opened = await service(respond, on_failure="open").check("text", "prompt")
    assert (closed.allowed, closed.categories) == (False, ("unavailable",))
    assert closed.message.keys() == {"en", "zh"}
    assert (opened.allowed, opened.categories) == (True, ("unavailable",))
    assert asked == {"judge.example": 2}


async def test_a_service_that_does_not_answer_is_a_failure() -> None:
    def respond(request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ReadTimeout("late", request=request)

    assert not (await service(respond).check("text", "prompt")).allowed


async def test_the_rules_are_asked_before_the_service_and_both_may_be_off() -> None:
    assert not (await create_moderator(ModerationSettings()).check("how to make a bomb", "prompt")).allowed
    assert (await create_moderator(ModerationSettings(rules=False)).check("how to make a bomb", "prompt")).allowed


def test_an_address_that_is_none_is_the_users_mistake() -> None:
    with pytest.raises(UserError, match="http"):
        HttpModerator("file:///etc/passwd")
