"""U3: what Enter does, with an input method and under fingers; drafts; switches and the dial."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.answers import said
from tests.browser.conftest import Open, Serve, answered, ask

ENTER = """(element, options) => element.dispatchEvent(
  Object.assign(new KeyboardEvent('keydown', {key: 'Enter', bubbles: true, cancelable: true, ...options})))"""


def test_U3_enter_that_ends_a_composition_never_sends(serve: Serve, open_page: Open) -> None:
    page = open_page(serve(said("好的。")), language="zh-CN")
    field = page.locator("#composer")
    field.fill("ni hao")
    # Chromium and Firefox say so; old ones give the code 229; Safari reports the Enter after the composition's end.
    field.evaluate(ENTER, {"isComposing": True})
    field.evaluate(ENTER, {"keyCode": 229})
    field.evaluate(
        """element => {
          element.dispatchEvent(new CompositionEvent('compositionend', {bubbles: true}));
          element.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', bubbles: true, cancelable: true}));
        }"""
    )
    expect(page.locator(".question")).to_have_count(0)
    assert field.input_value() == "ni hao"
    page.wait_for_timeout(150)
    field.press("Shift+Enter")
    assert field.input_value() == "ni hao\n"
    field.press("Enter")
    answered(page)
    expect(page.locator(".question .bubble")).to_have_text("ni hao")


def test_U3_under_fingers_enter_is_a_new_line(serve: Serve, open_page: Open) -> None:
    page = open_page(serve(said("Yes.")), touch=True, width=390, height=844)
    field = page.locator("#composer")
    field.fill("one")
    field.press("Enter")
    field.press_sequentially("two")
    assert field.input_value() == "one\ntwo"
    # Smaller letters would make a phone zoom in.
    assert field.evaluate("element => parseFloat(getComputedStyle(element).fontSize)") >= 16
    page.locator("button.send").tap()
    answered(page)
    expect(page.locator(".question .bubble")).to_have_text("one\ntwo")


def test_drafts_are_kept_for_each_chat(serve: Serve, open_page: Open) -> None:
    page = open_page(serve(said("Yes.")))
    page.locator("#composer").fill("half a thought")
    page.reload()
    expect(page.locator("#composer")).to_have_value("half a thought")
    ask(page, "A whole one")
    answered(page)
    page.locator("#composer").fill("about this chat")
    page.locator(".new-chat").click()
    expect(page.locator("#composer")).to_have_value("")
    page.go_back()
    expect(page.locator("#composer")).to_have_value("about this chat")


def test_switches_and_the_dial_go_with_the_message(serve: Serve, open_page: Open) -> None:
    page = open_page(serve(said("Yes.")))
    page.get_by_role("button", name="Calculate").click()
    page.get_by_role("button", name="Quality").click()
    page.get_by_role("slider").fill("40")
    page.keyboard.press("Escape")
    with page.expect_request("**/messages") as sent:
        ask(page, "Hello")
    body = sent.value.post_data_json
    assert (body["tools"], body["quality"]) == (["Search"], 40)
    answered(page)
    expect(page.locator(".about")).to_contain_text("quality 40")
    page.reload()
    expect(page.get_by_role("button", name="Calculate")).to_have_attribute("aria-pressed", "false")
    expect(page.locator(".dial")).to_contain_text("40")


def test_the_dial_is_only_where_the_model_has_tags(serve: Serve, open_page: Open) -> None:
    page = open_page(serve(said("Yes."), knows_quality=False))
    expect(page.locator(".switch")).to_have_count(2)
    expect(page.locator(".dial")).to_have_count(0)


def test_a_message_that_is_refused_goes_back_to_the_field(serve: Serve, open_page: Open) -> None:
    page = open_page(serve(said("Yes."), message_characters=20), expected=("400",))
    ask(page, "much too long for this server")
    expect(page.locator(".toast")).to_contain_text("at most 20 characters")
    expect(page.locator("#composer")).to_have_value("much too long for this server")
    expect(page.locator(".question")).to_have_count(0)
    # Nor is there an empty chat in the list.
    expect(page).to_have_url(re.compile("/$"))
    expect(page.locator(".chats li")).to_have_count(0)
    page.locator("#composer").fill("")
    ask(page, "shorter")
    answered(page)
    expect(page.locator(".chats li")).to_have_count(1)
    expect(page.locator(".question .bubble")).to_have_text("shorter")


def test_an_address_that_does_not_exist_leads_to_the_start(serve: Serve, open_page: Open) -> None:
    page = open_page(serve(said("Yes.")), expected=("404",))
    page.goto(page.url + "nonsense")
    expect(page.locator(".toast")).to_contain_text("no page at this address")
    expect(page.locator(".greeting")).to_be_visible()
    expect(page).to_have_url(re.compile(r":\d+/$"))
