"""The settings of an account: where it is logged in, and how that is ended."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.answers import said
from tests.browser.conftest import Open, Serve

PASSWORD = "correct horse battery"


@pytest.mark.parametrize(
    ("language", "log_in", "here", "end_others"),
    [
        ("en-US", "Log in", "this browser", "Log out everywhere else"),
        ("zh-CN", "登录", "当前浏览器", "退出其他所有设备"),
    ],
)
def test_A5_other_logins_are_seen_and_ended(
    serve: Serve, open_page: Open, language: str, log_in: str, here: str, end_others: str
) -> None:
    address = serve(said("Yes."), public=True, registration="open", secure_cookies=False)
    phone, desk, library = (
        open_page(f"{address}/settings", language=language, width=width, expected=("401",))
        for width in (390, 1280, 1280)
    )
    phone.locator("button.quiet", has_text=re.compile("account|账号")).click()
    for page in (phone, desk, library):
        page.locator("input[autocomplete=username]").fill("小明")
        page.locator("input[type=password]").fill(PASSWORD)
        page.locator("button[type=submit]").click()
        expect(page.locator(".page h1")).to_be_visible()
    rows = desk.locator("li", has=desk.locator("strong", has_text="Chrome"))
    desk.reload()
    expect(rows).to_have_count(3)
    expect(rows.filter(has_text=here)).to_have_count(1)

    rows.filter(has_not_text=here).first.get_by_role("button").click()
    expect(rows).to_have_count(2)
    desk.get_by_role("button", name=end_others).click()
    expect(rows).to_have_count(1)
    expect(desk.get_by_role("button", name=end_others)).to_be_hidden()
    for page in (phone, library):
        page.reload()
        expect(page.get_by_role("button", name=log_in, exact=True)).to_be_visible()

    # The one that is left ends itself.
    rows.get_by_role("button", name=re.compile("Chrome")).click()
    expect(desk.get_by_role("button", name=log_in, exact=True)).to_be_visible()
