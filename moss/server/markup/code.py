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
from .sanitise import escaped

MAX_HIGHLIGHTED = 20_000
"""Characters; longer code is shown in one colour."""

LANGUAGES = {
    **dict.fromkeys(("python", "py", "python3"), "python"),
    **dict.fromkeys(("bash", "sh", "shell", "zsh"), "bash"),
    **dict.fromkeys(("javascript", "js", "mjs", "jsx", "node"), "javascript"),
    **dict.fromkeys(("typescript", "ts", "tsx"), "typescript"),
    **dict.fromkeys(("c++", "cpp", "cc", "cxx", "hpp"), "cpp"),
    **dict.fromkeys(("c#", "csharp", "cs"), "csharp"),
    **dict.fromkeys(("go", "golang"), "go"),
    **dict.fromkeys(("rust", "rs"), "rust"),
    **dict.fromkeys(("ruby", "rb"), "ruby"),
    **dict.fromkeys(("kotlin", "kt"), "kotlin"),
    **dict.fromkeys(("yaml", "yml"), "yaml"),
    **dict.fromkeys(("markdown", "md"), "markdown"),
    **dict.fromkeys(("latex", "tex"), "latex"),
    **dict.fromkeys(("dockerfile", "docker"), "docker"),
    **dict.fromkeys(("makefile", "make"), "make"),
    **dict.fromkeys(("powershell", "ps1"), "powershell"),
    **dict.fromkeys(("haskell", "hs"), "haskell"),
    **dict.fromkeys(("matlab", "octave"), "matlab"),
    **dict.fromkeys(("console", "shell-session", "terminal"), "console"),
    **dict.fromkeys(("html", "htm"), "html"),
    **{
        name: name
        for name in ("c", "java", "php", "swift", "scala", "r", "lua", "perl", "julia", "dart", "sql", "sqlite3")
    },
    **{
        name: name
        for name in ("json", "xml", "css", "scss", "less", "ini", "toml", "diff", "cmake", "nginx", "graphql")
    },
    **{name: name for name in ("objective-c", "fortran", "vbnet", "groovy", "elixir", "erlang", "clojure", "scheme")},
    **{name: name for name in ("ocaml", "prolog", "nasm", "pycon", "protobuf", "verilog", "vhdl", "awk", "zig")},
}
"""What a fence may say, and Pygments' name for it. A list, because the several hundred others are loaded into memory
whenever somebody writes their names, and some of their expressions take for ever."""


def figure(source: str, language: str, budget: Budget) -> str:
    """The code as HTML; raises TooCostly when the budget is used up while it is being coloured."""
    name = LANGUAGES.get(language.lower())
    code = escaped(source)
    if name and len(source) <= MAX_HIGHLIGHTED:
        lexer = get_lexer_by_name(name, stripnl=False, ensurenl=False)
        code = "".join(_coloured(_joined(_tokens(lexer, source, budget))))
    shown = escaped(language[:40])
    return (
        f'<figure class="code" data-language="{shown}"><figcaption><span>{shown}</span>'
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
