"""Pictures: what is kept of them, who sees them, and that no address leads anywhere else."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, PngImagePlugin

from moss.conversation import ToolCall
from moss.events import Event, Finished, TextDelta, ToolCalled, ToolReturned
from moss.server.pictures import MAX_BYTES, UnfitPicture, webp
from tests.fake_agent import plain
from tests.server.small_app import another, register
from tests.server.test_chat_api import browser, new_chat, say

DRAWN = "a red circle for Ann Lee"


def picture(kind: str = "PNG", mode: str = "RGB", size: tuple[int, int] = (32, 16), **options: Any) -> bytes:
    file = BytesIO()
    Image.new(mode, size, 200 if mode == "L" else "red").save(file, kind, **options)
    return file.getvalue()


def drawn(path: Path, data: bytes | None = None) -> list[Event]:
    """A reply that draws into this file."""
    path.write_bytes(picture() if data is None else data)
    call = ToolCall("Text2Image", DRAWN, "Image generated successfully.", "ok", files=(str(path),))
    return [
        ToolCalled(0, ToolCall("Text2Image", DRAWN)),
        ToolReturned(0, call),
        TextDelta("Here it is."),
        Finished("Here it is.", "stop", 1, 1),
    ]


def tools_of_last(client: Any, chat_id: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get(f"/api/chats/{chat_id}").json()["messages"][-1]["tools"]
    return found


def test_K5_a_drawn_picture_is_its_owners(tmp_path: Path) -> None:
    drawing = tmp_path / "a-red-circle-for-ann-lee-0.png"
    with browser(tmp_path / "data", drawn(drawing), public=True, registration="open") as ann:
        register(ann, "ann")
        chat = new_chat(ann)
        say(ann, chat, DRAWN)
        (tool,) = tools_of_last(ann, chat)
        (address,) = tool["files"]
        assert not drawing.exists()  # its name told what was asked for

        answer = ann.get(address)
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "image/webp"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-disposition"].startswith('inline; filename="moss-')
        assert "sandbox" in answer.headers["content-security-policy"]
        with Image.open(BytesIO(answer.content)) as image:
            assert (image.format, image.size) == ("WEBP", (32, 16))

        bob = another(ann)
        assert bob.get(address).status_code == 404
        register(bob, "bob")
        assert bob.get(address).status_code == 404

        kept = list((tmp_path / "data" / "images").iterdir())
        assert len(kept) == 1
        assert address.removeprefix("/files/") not in kept[0].name
        assert ann.delete(f"/api/chats/{chat}").status_code == 204
        assert ann.get(address).status_code == 404
        assert not kept[0].exists()


UNFIT = {"empty": b"", "svg": b"<svg onload=alert(1)>", "gif": b"GIF89a" + b"\0" * 50, "half": picture()[:60]}


@pytest.mark.parametrize("data", UNFIT.values(), ids=UNFIT)
def test_K5_a_file_that_is_no_picture_is_a_failed_call(tmp_path: Path, data: bytes) -> None:
    with browser(tmp_path / "data", drawn(tmp_path / "x.png", data)) as client:
        chat = new_chat(client)
        say(client, chat, "draw")
        (tool,) = tools_of_last(client, chat)
        assert (tool["status"], tool["files"]) == ("failed", [])
        assert client.get(f"/api/chats/{chat}").json()["messages"][-1]["text"] == "Here it is."


def test_K5_only_pixels_are_kept() -> None:
    about = PngImagePlugin.PngInfo()
    about.add_text("Comment", "SECRET")
    exif = Image.Exif()
    exif[0x010E] = "SECRET"
    for data in (
        picture(pnginfo=about) + b"SECRET<script>",
        picture("JPEG", exif=exif, comment=b"SECRET"),
        picture("WEBP", exif=exif, icc_profile=b"SECRET" * 30),
        picture("PNG", exif=exif, icc_profile=b"SECRET" * 30),
    ):
        assert b"SECRET" in data or b"iCCP" in data
        made = webp(data)
        assert b"SECRET" not in made
        with Image.open(BytesIO(made)) as image:
            assert not image.getexif()
            assert "icc_profile" not in image.info


def test_K5_a_picture_is_turned_as_its_camera_said() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    with Image.open(BytesIO(webp(picture("JPEG", exif=exif)))) as image:
        assert image.size == (16, 32)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "RGB"])
def test_K5_every_kind_of_pixel_is_read(mode: str) -> None:
    file = BytesIO()
    Image.new("RGBA", (4, 4), "red").convert(mode).save(file, "PNG")
    assert webp(file.getvalue())[:4] == b"RIFF"


@pytest.mark.parametrize("data", [b"\0" * (MAX_BYTES + 1), picture(mode="1", size=(20_000, 20_000))])
def test_K5_pictures_have_a_limit(data: bytes) -> None:
    with pytest.raises(UnfitPicture):
        webp(data)


TRAVERSALS = [
    "../moss.db",
    "..%2fmoss.db",
    "..%252fmoss.db",
    "%2e%2e/moss.db",
    "%2e%2e%2fmoss.db",
    "..\\moss.db",
    "..%5cmoss.db",
    "/etc/passwd",
    "//etc/passwd",
    "%2fetc%2fpasswd",
    "....//moss.db",
    "moss.db%00.webp",
    "x%0d%0aSet-Cookie:%20a=b",
    "C:%5cwindows%5cwin.ini",
    "file:%2f%2f%2fetc%2fpasswd",
    "~root",
    ".",
    "%2e",
    "a" * 5000,
    "%ff%fe",
    "secretsecretsecretsecret",
    "secretsecretsecretsecret.webp",
]


def test_H7_no_address_leads_out_of_the_pictures(tmp_path: Path) -> None:
    with browser(tmp_path / "data", plain("x")) as client:
        images = tmp_path / "data" / "images"
        images.mkdir(parents=True, exist_ok=True)
        (images / "secretsecretsecretsecret.webp").write_bytes(b"not in the database")
        for name in TRAVERSALS:
            answer = client.get(f"/files/{name}")
            assert answer.status_code in (400, 404), name
            assert b"SQLite" not in answer.content
            assert b"not in the database" not in answer.content
            assert "set-cookie" not in answer.headers


def test_H7_a_link_in_the_folder_is_not_followed(tmp_path: Path) -> None:
    with browser(tmp_path / "data", drawn(tmp_path / "x.png")) as client:
        chat = new_chat(client)
        say(client, chat, "draw")
        (address,) = tools_of_last(client, chat)[0]["files"]
        (kept,) = (tmp_path / "data" / "images").iterdir()
        secret = tmp_path / "secret"
        secret.write_bytes(b"SECRET")
        kept.unlink()
        kept.symlink_to(secret)
        assert client.get(address).status_code == 404
