"""A reply is followed through whatever happens to the page: stop, refresh, no network, hidden tabs, several tabs."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.answers import Held, said
from tests.browser.conftest import Open, Serve, answered, ask

FIRST = "The first part is here. "
REST = "And **the rest** came later 🌿, 随后到来。"
WHOLE = "The first part is here. And the rest came later 🌿, 随后到来。"


def test_a_reply_arrives_and_the_chat_is_listed(serve: Serve, open_page: Open) -> None:
    page = open_page(serve(said(FIRST + REST)))
    ask(page, "What is here?")
    answered(page)
    expect(page.locator(".reply .prose")).to_have_text(WHOLE)
    expect(page.locator(".reply .prose strong")).to_have_text("the rest")
    expect(page.locator(".chat-list a[aria-current]")).to_have_text("What is here?")
    assert "/c/" in page.url


def test_U4_a_refresh_in_mid_stream_loses_nothing(serve: Serve, open_page: Open) -> None:
    held = Held(FIRST, REST)
    page = open_page(serve(held))
    ask(page, "Go on")
    expect(page.locator(".reply .tail")).to_have_text(FIRST)
    page.reload()
    expect(page.locator(".reply .tail")).to_have_text(FIRST)
    held.go_on.set()
    answered(page)
    expect(page.locator(".reply .prose")).to_have_text(WHOLE)


def test_U4_offline_hidden_back_and_forward(serve: Serve, open_page: Open) -> None:
    held = Held(FIRST, REST)
    page = open_page(serve(held), expected=("Failed to load resource", "ERR_INTERNET_DISCONNECTED"))
    ask(page, "Go on")
    expect(page.locator(".reply .tail")).to_have_text(FIRST)
    # Elsewhere and back: the reply has gone on without us.
    page.locator(".new-chat").click()
    expect(page.locator(".greeting")).to_be_visible()
    page.go_back()
    expect(page.locator(".reply .tail")).to_have_text(FIRST)
    # A hidden tab holds no connection, and takes it up again.
    hide = "hidden => {Object.defineProperty(document, 'hidden', {value: hidden, configurable: true});"
    page.evaluate(hide + "document.dispatchEvent(new Event('visibilitychange'))}", True)
    page.evaluate(hide + "document.dispatchEvent(new Event('visibilitychange'))}", False)
    page.context.set_offline(True)
    expect(page.locator(".reply .stage")).to_contain_text("No network")
    page.context.set_offline(False)
    held.go_on.set()
    answered(page)
    expect(page.locator(".reply .prose")).to_have_text(WHOLE)


def test_C2_stop_keeps_what_was_shown(serve: Serve, open_page: Open) -> None:
    page = open_page(serve(Held(FIRST, REST)))
    ask(page, "Go on")
    expect(page.locator(".reply .tail")).to_have_text(FIRST)
    page.keyboard.press("Escape")
    answered(page)
    expect(page.locator(".reply .prose")).to_have_text(FIRST.strip())
    expect(page.locator(".reply .notice")).to_contain_text("Stopped")


def test_D5_two_tabs_show_the_same(serve: Serve, open_page: Open) -> None:
    held = Held(FIRST, REST)
    page = open_page(serve(held))
    ask(page, "Go on")
    expect(page.locator(".reply .tail")).to_have_text(FIRST)
    other = page.context.new_page()
    other.goto(page.url)
    expect(other.locator(".reply .tail")).to_have_text(FIRST)
    held.go_on.set()
    answered(page)
    answered(other)
    assert page.locator(".reply .prose").inner_html() == other.locator(".reply .prose").inner_html()
    # What one tab asks, the other shows, without being loaded anew.
    ask(other, "Once more")
    answered(page, 2)
    expect(page.locator(".question .bubble").last).to_have_text("Once more")


def test_D5_what_one_tab_does_to_a_chat_the_others_show(serve: Serve, open_page: Open) -> None:
    page = open_page(serve(said("one"), said("two")))
    ask(page, "First question")
    answered(page)
    other, elsewhere = page.context.new_page(), page.context.new_page()
    other.goto(page.url)
    answered(other)
    elsewhere.goto(page.url.partition("/c/")[0])
    expect(elsewhere.locator(".chat-list a")).to_have_text("First question")
    page.get_by_role("button", name="Answer again").click()
    expect(other.locator(".reply .prose")).to_have_text("two")
    expect(other.locator(".reply .siblings")).to_contain_text("2/2")
    answered(page)
    page.locator(".chat-list li").hover()
    page.locator(".chat-list li button").click()
    page.get_by_role("menuitem", name="Rename").click()
    page.keyboard.type("Renamed")
    page.keyboard.press("Enter")
    expect(other.locator("h1.title")).to_have_text("Renamed")
    expect(other.locator(".chat-list a")).to_have_text("Renamed")
    expect(elsewhere.locator(".chat-list a")).to_have_text("Renamed")
    page.get_by_role("button", name="Actions for this chat").click()
    page.get_by_role("menuitem", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(other.locator(".toast")).to_have_text("This chat was deleted in another tab.")
    expect(other.locator(".greeting")).to_be_visible()
    for tab in (page, other, elsewhere):
        expect(tab.locator(".chat-list a")).to_have_count(0)


def test_a_message_that_did_not_arrive_is_kept_and_sent_once(serve: Serve, open_page: Open) -> None:
    page = open_page(serve(said("Here.")), expected=("Failed to load resource",))
    page.route("**/messages", lambda route: route.abort())
    ask(page, "Are you there?")
    expect(page.locator(".question .notice")).to_contain_text("The server does not answer")
    page.unroute("**/messages")
    page.locator(".question .notice button").click()
    answered(page)
    expect(page.locator(".question")).to_have_count(1)
    page.reload()
    answered(page)
    expect(page.locator(".question")).to_have_count(1)
    assert page.locator("#composer").input_value() == ""


def test_what_was_written_without_a_network_is_sent_when_there_is_one(serve: Serve, open_page: Open) -> None:
    page = open_page(serve(said("Here.")), expected=("Failed to load resource", "ERR_INTERNET_DISCONNECTED"))
    page.context.set_offline(True)
    ask(page, "Are you there?")
    expect(page.locator(".question .notice")).to_contain_text("There is no network")
    page.context.set_offline(False)
    answered(page)
    expect(page.locator(".question")).to_have_count(1)


def test_edit_regenerate_and_siblings(serve: Serve, open_page: Open) -> None:
    page = open_page(serve(said("one"), said("two"), said("three")))
    ask(page, "First question")
    answered(page)
    page.get_by_role("button", name="Answer again").click()
    expect(page.locator(".reply .prose")).to_have_text("two")
    answered(page)
    expect(page.locator(".reply .siblings")).to_contain_text("2/2")
    page.locator(".reply").get_by_role("button", name="Previous version").click()
    expect(page.locator(".reply .prose")).to_have_text("one")
    page.locator("#composer").focus()
    page.keyboard.press("ArrowUp")
    page.locator(".edit-field").fill("Second question")
    page.keyboard.press("Enter")
    expect(page.locator(".reply .prose")).to_have_text("three")
    expect(page.locator(".question .siblings")).to_contain_text("2/2")
    page.locator(".question").hover()
    page.locator(".question").get_by_role("button", name="Previous version").click()
    expect(page.locator(".question .bubble")).to_have_text("First question")
    # The branch that was looked at last is the one that comes back.
    page.reload()
    expect(page.locator(".question .bubble")).to_have_text("First question")
