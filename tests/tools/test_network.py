"""K4: no tool fetches anything, so there is nothing to point at an inner address. Shown twice: no tool has the means,
and none of them opens a connection or asks for a name, whatever it is given."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import moss
from moss.conversation import ToolCall
from moss.tools.base import Toolbox
from moss.tools.calculator import CalculatorTool
from moss.tools.search import Document, SearchIndex, SearchTool, read_folder
from moss.tools.solver import SolverTool

PACKAGE = Path(moss.__file__).parent
MEANS = {"socket", "ssl", "http", "urllib", "httpx", "httpx2", "requests", "aiohttp", "ftplib", "smtplib", "asyncio"}
"""What a connection is made with."""

ADDRESSES = (
    *("http://127.0.0.1/", "http://10.0.0.1/", "http://172.16.0.1/", "http://192.168.1.1/", "http://169.254.169.254/"),
    *(
        "http://100.64.0.1/",
        "http://0.0.0.0/",
        "http://[::1]/",
        "http://[::]/",
        "http://[fc00::1]/",
        "http://[fe80::1]/",
    ),
    *("http://[::ffff:169.254.169.254]/", "http://[64:ff9b::a9fe:a9fe]/", "http://[2002:7f00:1::]/", "http://127.1/"),
    *("http://2130706433/", "http://0x7f.1/", "http://0177.0.0.1/", "http://0/", "http://user@127.0.0.1/"),
    *("http://example.com\\@127.0.0.1/", "http://localhost./", "http://１２７.０.０.１/", "http://localtest.me/"),
    *("file:///etc/passwd", "gopher://127.0.0.1:6379/", "ftp://127.0.0.1/", "dict://127.0.0.1:11211/", "data:,x"),
    *("//127.0.0.1/", "http://127.0.0.1:22/", "https://example.com/redirect?to=http://127.0.0.1/"),
)

_reached: list[str] = []
_watching = False


def _note(event: str, arguments: tuple[Any, ...]) -> None:
    if _watching and (event.startswith(("socket.connect", "socket.getaddrinfo", "socket.gethost", "urllib."))):
        _reached.append(f"{event} {arguments[-1:]}")


sys.addaudithook(_note)  # a hook stays for the life of the process; it notes only while a test watches


@contextmanager
def watched() -> Iterator[list[str]]:
    """Notes every connection and every look-up of a name that this process makes."""
    global _watching
    _reached.clear()
    _watching = True
    try:
        yield _reached
    finally:
        _watching = False


@pytest.mark.parametrize("file", sorted((PACKAGE / "tools").rglob("*.py")), ids=lambda file: file.name)
def test_K4_no_tool_has_the_means_to_fetch(file: Path) -> None:
    nodes = ast.walk(ast.parse(file.read_text(encoding="utf-8")))
    imported = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    nodes = ast.walk(ast.parse(file.read_text(encoding="utf-8")))
    imported |= {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom) and not node.level}
    assert {name.partition(".")[0] for name in imported} & MEANS == set()


def test_K4_an_address_reaches_nobody_as_an_argument_or_in_a_page() -> None:
    pages = [Document(address, f"See {address} for more. {address}", address) for address in ADDRESSES]
    toolbox = Toolbox([SearchTool(SearchIndex.from_documents(pages)), CalculatorTool(), SolverTool()])
    try:
        with watched() as reached:
            for address in ADDRESSES:
                for name in toolbox.names:
                    (returned,) = [call for _, call in toolbox.run([ToolCall(name, address)], 1)]
                    assert returned.status is not None
        assert reached == []
    finally:
        toolbox.close()


def test_K4_a_folder_of_pages_is_read_without_following_its_links(tmp_path: Path) -> None:
    links = "".join(f'<img src="{address}"><a href="{address}">x</a>' for address in ADDRESSES)
    (tmp_path / "page.html").write_text(f"<title>t</title><body>text {links}</body>", encoding="utf-8")
    with watched() as reached:
        assert [document.title for document in read_folder(tmp_path, [])] == ["t"]
    assert reached == []


def test_K4_the_watch_sees_a_connection() -> None:
    import socket

    with watched() as reached, pytest.raises(ConnectionError):
        socket.create_connection(("127.0.0.1", 1), timeout=1)
    assert reached
