"""The README's pictures, with the packaged assistant: MOSS_SCREENSHOTS=docs/screenshots makes them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

from moss.assistant import load_assistant
from tests.browser.conftest import Open, answered, ask
from tests.server.live import serving

FOLDER = os.environ.get("MOSS_SCREENSHOTS")
SHOTS = [
    ("start-en-light", {}, None),
    ("chat-en-light", {}, "What is the capital of France?"),
    ("chat-zh-dark", {"language": "zh-CN", "scheme": "dark"}, "法国的首都是哪里？"),
    ("phone-zh-light", {"language": "zh-CN", "width": 390, "height": 844, "touch": True}, "画草地上的一辆红色汽车。"),
]


@pytest.mark.skipif(not FOLDER, reason="pictures are made when MOSS_SCREENSHOTS names a folder")
def test_pictures_for_the_readme(open_page: Open, tmp_path: Path) -> None:
    folder = Path(FOLDER or "")
    folder.mkdir(parents=True, exist_ok=True)
    with load_assistant(image_folder=tmp_path) as assistant, serving(assistant, tmp_path) as address:
        for name, options, question in SHOTS:
            page = open_page(address, **options)
            expect(page.locator(".greeting")).to_be_visible()
            if question:
                ask(page, question)
                answered(page)
                page.locator(".step summary").first.click()
            page.wait_for_timeout(500)
            page.screenshot(path=folder / f"{name}.png")
            page.context.close()
