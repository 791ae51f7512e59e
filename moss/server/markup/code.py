"""Code as a figure: the language's name, a place for the copy button, and the source in the classes of Pygments.

The text of `<code>` is the source, character by character, so that what is copied is what was written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.token import STANDARD_TYPES, Token

from .limits import Budget
from .sanitise import attribute, escaped

MAX_HIGHLIGHTED = 20_000
"""Characters; longer code is shown in one colour."""

_NAMES = """
awk bash sh shell zsh c c++ cpp c# csharp clojure cmake console shell-session css scss less dart diff docker dockerfile
elixir erlang fortran go golang graphql groovy haskell hs html ini java javascript js jsx json julia kotlin latex tex
lua make makefile markdown md matlab octave nasm nginx objective-c ocaml perl php powershell ps1 prolog protobuf pycon
python py python3 r ruby rb rust rs scala scheme sql sqlite3 swift toml ts tsx typescript vbnet verilog vhdl xml yaml
yml zig
"""
LANGUAGES = frozenset(_NAMES.split())
"""What a fence may say to be coloured. A list, because Pygments loads each of its several hundred languages into memory
as somebody writes its name, and the expressions of some take for ever."""


def figure(source: str, language: str, budget: Budget) -> str:
    """The code as HTML; raises TooCostly when the budget is used up while it is being coloured."""
    code = escaped(source)
    if language.lower() in LANGUAGES and len(source) <= MAX_HIGHLIGHTED:
        lexer = get_lexer_by_name(language, stripnl=False, ensurenl=False)
        code = "".join(_coloured(_joined(_tokens(lexer, source, budget))))
    shown = language[:40]
    return (
        f'<figure class="code" data-language="{attribute(shown)}"><figcaption><span>{escaped(shown)}</span>'
        '<button type="button" class="copy"></button></figcaption>'
        f'<pre tabindex="0"><code>{code}</code></pre></figure>\n'
    )


def _tokens(lexer: Lexer, source: str, budget: Budget) -> Iterator[tuple[Any, str]]:
    for number, token in enumerate(lexer.get_tokens(source)):
        if number % 64 == 0:
            budget.check()
        yield token


def _joined(tokens: Iterable[tuple[Any, str]]) -> Iterator[tuple[str, str]]:
    """(class, text), neighbours of one class made one: half as many elements for the browser."""
    before, text = "", ""
    for kind, piece in tokens:
        name = _class(kind)
        if name != before:
            yield before, text
            before, text = name, ""
        text += piece
    yield before, text


def _class(kind: Any) -> str:
    while kind not in STANDARD_TYPES and kind is not Token:
        kind = kind.parent
    return STANDARD_TYPES.get(kind, "")


def _coloured(pieces: Iterable[tuple[str, str]]) -> Iterator[str]:
    for name, text in pieces:
        # White space has no colour.
        yield f'<span class="{name}">{escaped(text)}</span>' if name not in ("", "w") else escaped(text)
