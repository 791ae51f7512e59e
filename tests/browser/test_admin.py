"""The administration as somebody moves through it: tabs by keyboard, back again, and who has no business there."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.answers import said
from tests.browser.conftest import Open, Serve


def test_arrows_lead_from_tab_to_tab_and_back_leads_out(serve: Serve, open_page: Open) -> None:
    address = serve(said("Yes."))
    page = open_page(address)
    expect(page.locator(".greeting")).to_be_visible()
    page.goto(f"{address}/admin")
    tabs = page.get_by_role("tab")
    tabs.first.focus()
    for number in (1, 2):
        page.keyboard.press("ArrowRight")
        expect(tabs.nth(number)).to_be_focused()
        expect(tabs.nth(number)).to_have_attribute("aria-selected", "true")
    expect(page).to_have_url(f"{address}/admin#invites")
    page.go_back()
    expect(page.locator(".greeting")).to_be_visible()


def test_who_is_no_administrator_is_told_so_and_shown_nothing_else(serve: Serve, open_page: Open) -> None:
    address = serve(said("Yes."), public=True, registration="open", secure_cookies=False)
    page = open_page(f"{address}/admin", expected=("401",))
    page.get_by_role("button", name="Create an account").click()
    page.get_by_label("Name").fill("ada")
    page.get_by_label("Password").fill("correct horse battery")
    page.get_by_role("button", name="Create an account").click()
    expect(page.get_by_role("alert")).to_have_text("Only administrators may do this.")
    expect(page.get_by_role("tab")).to_have_count(0)
