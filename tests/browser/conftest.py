"""Real browsers for the page's tests: Debian's Chromium, driven by Playwright, at a real server with a fake assistant.

Whatever a page says on its console as an error, throws, or asks of another host fails the test that opened it.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect, sync_playwright

from tests.fake_agent import assistant_that_says
from tests.server.live import serving

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
"""What a Chromium may be called; Debian's package `chromium` is what the checks install."""

PICTURES = os.environ.get("MOSS_TEST_PICTURES")
"""A folder for a picture of each page as its test left it; none are made when it is not set."""

PATIENCE = 60_000
"""Milliseconds: how long to wait for what must happen. Nothing here measures speed, and the machine may be busy."""

expect.set_options(timeout=PATIENCE)

Serve = Callable[..., str]
"""`serve(*answers, **settings)` starts a server whose assistant gives these answers; returns its address."""
Open = Callable[..., Page]
"""`open_page(address, **options)` opens a page in a browser of its own."""


# Of a module, not of the session: Playwright keeps an event loop running, beside which asyncio.run fails elsewhere.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip(f"no browser on the PATH: none of {', '.join(NAMES)}")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=["--disable-gpu"])
        yield chromium
        chromium.close()


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    with ExitStack() as stack:

        def start(*answers: Any, knows_quality: bool = True, **settings: Any) -> str:
            assistant, _ = assistant_that_says(*answers, knows_quality=knows_quality)
            return stack.enter_context(serving(assistant, tmp_path, **settings))

        yield start


@pytest.fixture
def open_page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Open]:
    wrong: list[str] = []
    with ExitStack() as stack:

        def start(
            address: str,
            *,
            language: str = "en-US",
            scheme: str = "light",
            width: int = 1280,
            height: int = 860,
            touch: bool = False,
            expected: tuple[str, ...] = (),
        ) -> Page:
            context = browser.new_context(
                viewport={"width": width, "height": height},
                locale=language,
                color_scheme=scheme,  # type: ignore[arg-type]
                has_touch=touch,
                is_mobile=touch,
                # What moves without end is painted without end, which a machine without a graphics card feels.
                reduced_motion="reduce",
            )
            stack.callback(context.close)
            context.set_default_timeout(PATIENCE)
            page = context.new_page()
            if PICTURES:
                name = re.sub(r"[^\w-]+", "-", f"{request.node.name}-{language}-{scheme}-{width}")
                stack.callback(_picture, page, Path(PICTURES) / f"{name}.png")
            page.on("pageerror", lambda error: wrong.append(f"threw {error}"))
            page.on("dialog", lambda dialog: (wrong.append(f"opened a dialog: {dialog.message}"), dialog.dismiss()))
            page.on("console", lambda message: _note(message, expected, wrong))
            origin = "/".join(address.split("/")[:3])
            page.on("request", lambda asked: _note_foreign(asked, origin, wrong))
            page.goto(address)
            return page

        yield start
    assert wrong == []


def _picture(page: Page, path: Path) -> None:
    if not page.is_closed():
        page.screenshot(path=path)


def _note(message: ConsoleMessage, expected: tuple[str, ...], wrong: list[str]) -> None:
    if message.type == "error" and not any(words in message.text for words in expected):
        wrong.append(f"said {message.text}")


def _note_foreign(request: Request, origin: str, wrong: list[str]) -> None:
    if not request.url.startswith((origin, "data:", "blob:")):
        wrong.append(f"asked {request.url}")


def ask(page: Page, text: str) -> None:
    """Writes a message and sends it with the button."""
    page.locator("#composer").fill(text)
    page.locator("button.send").click()


def answered(page: Page, count: int = 1) -> None:
    """Waits until so many replies are shown, and none is being made."""
    expect(page.locator(".reply:not(.running) .actions button").first).to_be_attached()
    expect(page.locator(".reply:not(.running)")).to_have_count(count)
