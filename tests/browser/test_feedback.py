"""U8: judgements are sent once, can be changed, and reach the administration; two answers to choose from."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.answers import said
from tests.browser.conftest import Open, Serve, answered, ask


def test_U8_thumbs_labels_and_words(serve: Serve, open_page: Open) -> None:
    address = serve(said("Paris."))
    page = open_page(address)
    posted: list[object] = []
    page.on(
        "request",
        lambda request: (
            posted.append(request.post_data_json)
            if request.url.endswith("/feedback") and request.method == "PUT"
            else None
        ),
    )
    ask(page, "What is the capital of France?")
    answered(page)
    page.get_by_role("button", name="Poor answer").click()
    page.get_by_role("button", name="Too long").click()
    page.locator(".panel textarea").fill("One word too many.")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".panel .label")).to_have_count(0)
    assert posted == [
        {"rating": -1, "labels": [], "text": ""},
        {"rating": -1, "labels": ["too_long"], "text": "One word too many."},
    ]
    page.reload()
    answered(page)
    expect(page.get_by_role("button", name="Poor answer")).to_have_attribute("aria-pressed", "true")
    # Changed: the other thumb takes the place of the first.
    page.get_by_role("button", name="Good answer").click()
    expect(page.get_by_role("button", name="Poor answer")).to_have_attribute("aria-pressed", "false")
    page.locator(".reply").get_by_role("button", name="More actions").click()
    page.get_by_role("menuitem", name="Report this answer").click()
    page.get_by_role("radio", name="Privacy").check()
    page.get_by_role("button", name="Report", exact=True).click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.goto(f"{address}/admin#reports")
    expect(page.locator("tbody tr")).to_contain_text("Privacy")
    page.get_by_role("tab", name="Feedback").click()
    expect(page.locator(".figure", has_text="Good answer")).to_contain_text("1")


def test_U8_two_answers_to_choose_from(serve: Serve, open_page: Open) -> None:
    address = serve(said("The one."), said("The other."), compare_share=1.0)
    page = open_page(address)
    ask(page, "Which?")
    expect(page.locator(".pair .reply:not(.running)")).to_have_count(2)
    # A reload does not lose the question.
    page.reload()
    expect(page.locator(".pair .reply:not(.running)")).to_have_count(2)
    second = page.locator(".pair .reply .prose").nth(1).inner_text()
    page.get_by_role("button", name="The second").click()
    expect(page.locator(".pair")).to_have_count(0)
    expect(page.locator(".reply .prose")).to_have_text(second.strip())
    page.reload()
    expect(page.locator(".reply .prose")).to_have_text(second.strip())
    expect(page.locator(".pair")).to_have_count(0)
    page.goto(f"{address}/admin#choices")
    expect(page.locator(".plot")).to_contain_text("The second")
