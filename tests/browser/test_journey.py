"""The whole journey on a server with accounts, from sign-up to export and leaving; and what consent decides (U9)."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.answers import asked, said
from tests.browser.conftest import Open, Serve, answered, ask

PASSWORD = "correct horse battery"


def sign_up(page: Page, name: str) -> None:
    page.get_by_role("button", name="Create an account").click()
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create an account").click()
    expect(page.locator(".greeting")).to_be_visible()


def test_from_sign_up_to_export_and_leaving(serve: Serve, open_page: Open, tmp_path: Path) -> None:
    address = serve(asked(), said("Because."), public=True, registration="open", secure_cookies=False)
    page = open_page(address, expected=("401",))
    sign_up(page, "小明")
    page.get_by_role("button", name="Yes, use my chats").click()
    expect(page.locator(".consent")).to_have_count(0)
    ask(page, "What is the capital of France?")
    answered(page)
    page.locator(".step.thoughts summary").click()
    expect(page.locator(".thought-text")).to_have_text("I look this up and compute the rest.")
    expect(page.locator(".step.tool.ok")).to_have_count(2)
    expect(page.locator(".source")).to_have_count(2)
    page.locator(".prose .citation").first.locator("a, button").click()
    expect(page.locator(".source-card")).to_contain_text("Paris is the capital of France.")
    page.keyboard.press("Escape")

    # Renamed, found, shared, exported.
    page.locator(".chat-list li").hover()
    page.locator(".chat-list li button").click()
    page.get_by_role("menuitem", name="Rename").click()
    page.keyboard.type("On capitals")
    page.keyboard.press("Enter")
    expect(page.locator("h1.title")).to_have_text("On capitals")
    page.locator("#search").fill("nothing like it")
    expect(page.locator(".chat-list")).to_contain_text("No chat has these words")
    page.locator("#search").fill("CAPITALS")
    expect(page.locator(".chat-list a")).to_have_text("On capitals")
    page.get_by_role("button", name="Share", exact=True).click()
    page.get_by_role("button", name="Create a link").click()
    link = page.get_by_label("Link", exact=True).input_value()
    stranger = open_page(link, expected=("404",))
    expect(stranger.locator(".question .bubble")).to_have_text("What is the capital of France?")
    expect(stranger.locator(".reply .prose strong").first).to_have_text("Paris")
    expect(stranger.locator("#composer")).to_have_count(0)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Actions for this chat").click()
    with page.expect_download() as exported:
        page.get_by_role("menuitem", name="Export as JSONL").click()
    assert "France" in Path(exported.value.path()).read_text("utf-8")
    page.locator(".reply").get_by_role("button", name="More actions").click()
    page.get_by_role("menuitem", name="Share as image").click()
    with page.expect_download() as drawn:
        page.get_by_role("button", name="Download").click()
    assert Path(drawn.value.path()).read_bytes().startswith(b"\x89PNG")
    page.keyboard.press("Escape")

    # Everything of one's own; then a password, a key, and leaving for good.
    page.locator(".sidebar-foot a").first.click()
    with page.expect_download() as archive:
        page.get_by_role("button", name="Download").click()
    with zipfile.ZipFile(archive.value.path()) as packed:
        assert any("France" in packed.read(name).decode() for name in packed.namelist())
    page.get_by_label("Name of the key").fill("laptop")
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("dialog")).to_contain_text("shown only now")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_label("Password").fill(PASSWORD)
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("button", name="Log in")).to_be_visible()
    stranger.reload()
    expect(stranger.locator("h1")).to_contain_text("This link does not work")


def test_U9_only_what_was_consented_leaves(serve: Serve, open_page: Open) -> None:
    address = serve(said("Noted."))
    page = open_page(address)
    page.get_by_role("button", name="No, keep them private").click()
    expect(page.locator(".consent")).to_have_count(0)
    ask(page, "This is my secret")
    answered(page)
    page.goto(f"{address}/settings")
    page.get_by_role("switch").check()
    expect(page.locator(".toast")).to_have_text("Saved")
    page.locator(".new-chat").click()
    ask(page, "This may be used")
    answered(page)
    page.locator(".new-chat").click()
    ask(page, "This will be deleted")
    answered(page)
    page.get_by_role("button", name="Actions for this chat").click()
    page.get_by_role("menuitem", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.locator(".chat-list a")).to_have_count(2)
    page.goto(f"{address}/admin#export")
    with page.expect_download() as exported:
        page.get_by_role("link", name="Conversations").click()
    lines = Path(exported.value.path()).read_text("utf-8").splitlines()
    text = json.dumps([json.loads(line) for line in lines], ensure_ascii=False)
    assert "This may be used" in text
    assert "secret" not in text
    assert "deleted" not in text
