"""U5: for people who do not see the page or use no mouse. axe-core (MPL-2.0) is in vendor/, as it was published."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.answers import asked, said
from tests.browser.conftest import Open, Serve, answered, ask

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text("utf-8")


def serious(page: Page) -> list[str]:
    """What axe finds serious or critical: its rule, and where."""
    # By the driver and not by a tag: the page's policy forbids scripts from elsewhere.
    page.evaluate(AXE + "; undefined")
    found = page.evaluate("async () => (await axe.run()).violations")
    return [
        f"{rule['id']}: {node['target']} {node['failureSummary']}"
        for rule in found
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize(
    ("language", "scheme", "width"),
    [("en-US", "light", 1280), ("zh-CN", "dark", 1280), ("zh-CN", "light", 390), ("en-US", "dark", 390)],
)
def test_U5_axe_finds_nothing_serious(serve: Serve, open_page: Open, language: str, scheme: str, width: int) -> None:
    page = open_page(serve(asked()), language=language, scheme=scheme, width=width, touch=width == 390)
    expect(page.locator(".greeting")).to_be_visible()
    found = {"start": serious(page)}
    ask(page, "What is the capital of France?")
    answered(page)
    for step in page.locator(".step summary").all():
        step.click()
    page.locator(".reply .actions [aria-pressed]").nth(1).click()
    expect(page.locator(".panel .label").first).to_be_visible()
    found["chat"] = serious(page)
    page.goto("/".join(page.url.split("/")[:3]) + "/settings")
    expect(page.locator(".panel-section").first).to_be_visible()
    found["settings"] = serious(page)
    assert found == {"start": [], "chat": [], "settings": []}


def test_U5_axe_finds_nothing_serious_in_the_administration(serve: Serve, open_page: Open) -> None:
    page = open_page(serve(asked()) + "/admin#prompts")
    expect(page.locator(".plot").first).to_be_visible()
    found = serious(page)
    page.get_by_role("tab", name="Users").click()
    expect(page.locator("tbody tr").first).to_be_visible()
    assert found + serious(page) == []


def test_U5_everything_by_keyboard(serve: Serve, open_page: Open) -> None:
    page = open_page(serve(asked("First."), said("Second.")))
    expect(page.locator("#composer")).to_be_focused()
    page.keyboard.type("What is it?")
    page.keyboard.press("Enter")
    answered(page)
    expect(page.locator("#composer")).to_be_focused()
    # Up from the composer, as Shift+Tab goes: the last reply's actions, down to its steps.
    names = []
    for _ in range(30):
        page.keyboard.press("Shift+Tab")
        names.append(
            page.evaluate("document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent")
        )
        if "Inner thoughts" in names[-1]:
            break
    assert {"More actions", "Answer again", "Poor answer", "Good answer", "Copy"} <= set(names)
    page.keyboard.press("Enter")
    expect(page.locator(".thought-text")).to_be_visible()
    # A menu: arrows, Escape, and back where it was opened.
    more = page.locator(".reply").get_by_role("button", name="More actions")
    more.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("menuitem").first).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("menuitem").nth(1)).to_be_focused()
    page.keyboard.press("Escape")
    expect(more).to_be_focused()
    # Shortcuts, and their list.
    page.keyboard.press("Control+/")
    expect(page.get_by_role("dialog")).to_contain_text("Keyboard shortcuts")
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    expect(page.locator("#search")).to_be_focused()
    page.keyboard.press("Control+Shift+O")
    expect(page.locator(".greeting")).to_be_visible()
    expect(page.locator("#composer")).to_be_focused()


def test_U5_the_skip_link_comes_first(serve: Serve, open_page: Open) -> None:
    page = open_page(serve(said("Yes.")) + "/settings")
    expect(page.locator("h1")).to_be_focused()
    page.goto(page.url.replace("/settings", "/"))
    expect(page.locator("#composer")).to_be_focused()
    assert page.evaluate("document.querySelector('a, button, input, textarea, summary').className") == "skip"
    expect(page.locator(".skip")).not_to_be_in_viewport()
    page.locator(".skip").focus()
    expect(page.locator(".skip")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("#composer")).to_be_focused()


def test_U5_an_answer_is_announced_once_and_whole(serve: Serve, open_page: Open) -> None:
    page = open_page(serve(asked("The whole answer.")))
    expect(page.locator(".greeting")).to_be_visible()
    page.evaluate(
        """() => {
          window.announced = [];
          new MutationObserver(() => window.announced.push(document.getElementById('status').textContent))
            .observe(document.getElementById('status'), {childList: true, characterData: true, subtree: true});
        }"""
    )
    ask(page, "What is it?")
    answered(page)
    expect(page.locator("[role=log]")).to_have_attribute("aria-busy", "false")
    assert page.evaluate("window.announced") == ["MOSS answered: The whole answer."]
    # The log itself is never read aloud while it grows.
    expect(page.locator("[role=log]")).to_have_attribute("aria-live", "off")
