"""U1, U2: whatever people, models, tools and sources write is shown and does nothing.

`open_page` fails a test for any dialog, any error that the policy of the page reports, and any request to another host.
"""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Page, expect

from moss.conversation import Citation, ToolCall
from moss.events import Event, ThoughtDelta, ToolCalled, ToolReturned
from tests.browser.answers import said
from tests.browser.conftest import Open, Serve, answered, ask
from tests.browser.hostile import EVIL, TEXTS

ALL = "\n\n".join(TEXTS)


def hostile() -> list[Event]:
    """Every place that a reply has, filled with the whole corpus."""
    sources = tuple(
        Citation(n + 1, text, source, text) for n, (text, source) in enumerate(zip(TEXTS, SOURCES, strict=False))
    )
    call = ToolCall("Search", ALL)
    return [
        ThoughtDelta(ALL),
        ToolCalled(0, call),
        ToolReturned(
            0, ToolCall("Search", ALL, ALL, "ok", sources, ("/files/../evil", f"{EVIL}/x.png", "javascript:alert(1)"))
        ),
        *said(ALL + "<sup><|1|><|2|></sup>"),
    ]


SOURCES = (
    "javascript:alert(1)",
    f"{EVIL}/page",
    "data:text/html,<script>alert(1)</script>",
    "//evil.example",
    *TEXTS[:4],
)


def inert(page: Page) -> None:
    """Nothing that the corpus asks for has become an element."""
    counts = page.evaluate(
        """() => [
          document.querySelectorAll('main :is(script, iframe, object, embed, style, link, form, base)').length,
          [...document.querySelectorAll('*')].filter(e => [...e.attributes].some(a => a.name.startsWith('on'))).length,
          [...document.querySelectorAll('[href], [src]')].filter(e => /^(javascript|vbscript|data:text)/i.test(
            (e.getAttribute('href') ?? e.getAttribute('src')).trim())).length,
          [...document.querySelectorAll('main img')].filter(e => !e.getAttribute('src').startsWith('/files/')).length,
        ]"""
    )
    assert counts == [0, 0, 0, 0]


@pytest.mark.parametrize("language", ["en-US", "zh-CN"])
def test_U1_U2_hostile_text_is_shown_and_does_nothing(serve: Serve, open_page: Open, language: str) -> None:
    page = open_page(serve(hostile()), language=language, expected=("404",))
    ask(page, ALL)
    answered(page)
    for step in page.locator(".step summary").all():
        step.click()
    page.locator(".source").first.click()
    expect(page.locator(".source-card")).to_be_visible()
    page.keyboard.press("Escape")
    inert(page)
    # As the title of a chat, in the list and over the page; and everything once more from the store.
    title = TEXTS[1]
    page.evaluate(
        """async ([title, id]) => {
          const {csrf} = await (await fetch('/api/session')).json();
          await fetch(`/api/chats/${id}`, {method: 'PATCH', body: JSON.stringify({title}),
            headers: {'content-type': 'application/json', 'x-csrf-token': csrf ?? ''}});
        }""",
        [title, page.url.rsplit("/", 1)[-1]],
    )
    page.reload()
    answered(page)
    expect(page.locator(".chat-list a[aria-current]")).to_have_text(title)
    inert(page)
    assert json.dumps(TEXTS[0])[1:-1] in page.locator(".question .bubble").inner_text()
