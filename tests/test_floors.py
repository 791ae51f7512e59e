"""The house stands as CONTRIBUTING.md says: who imports whom, what runs without torch, where the format is spelled."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import moss
from moss.chat_format import SPECIAL_TOKENS

PACKAGE = Path(moss.__file__).parent

FLOORS = (
    {"errors", "counts", "conversation", "events", "terms", "config", "interrupts"},
    {"tokenizer", "chat_format"},
    {"data", "model"},
    {"files", "checkpoint_folder"},
    {"checkpoint", "assets"},
    {"train", "engine"},
    # Some floors have steps: checkpoints are made of files, the agent runs tools, evaluations ask the agent.
    {"tools"},
    {"agent"},
    {"evals", "flywheel", "scoring", "synth"},
    {"assistant"},
    {"recipes", "server"},
    {"cli"},
    {"__main__"},
)
"""What lies in moss/, lowest first. Only the values on the lowest floor import each other."""

HEAVY = {"torch", "safetensors", "sympy", "mpmath", "fastapi", "uvicorn"}
"""Packages that cost a second, or that not everybody needs."""

LIGHT = (
    *("conversation", "events", "config", "errors", "files", "chat_format", "tokenizer", "tools", "flywheel"),
    *("assistant", "cli"),
)
"""Importing these loads nothing heavy, ..."""

LIGHT_FILES = (
    "model/config.py",
    "data/sources.py",
    "data/imports.py",
    "data/preference_imports.py",
    "data/documents.py",
    "synth/preferences.py",
    "synth/llm_judge.py",
    "recipes/nano/data.py",
    "recipes/nano/preferences.py",
    "engine/params.py",
    "engine/automaton.py",
    "engine/json_schema.py",
    "engine/remote_chat.py",
    "engine/upstream.py",
)
"""... nor do these, which processes without torch import, ..."""

HEAVY_FILES = {"tools/painter.py", "tools/symbolic.py"}
"""... except these, which are imported when something has to be painted, or solved by sympy."""

SOURCES = sorted(PACKAGE.rglob("*.py"))


def name_of(path: Path) -> str:
    """`moss.tools.search` for moss/tools/search/__init__.py."""
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name_of(path): path for path in SOURCES}


def wing_of(module: str) -> str:
    """`tools` for `moss.tools.search`."""
    return module.split(".")[1]


def floor_of(wing: str) -> int:
    found = [number for number, wings in enumerate(FLOORS) if wing in wings]
    assert found, f"moss/{wing} has no floor: give it one in FLOORS and in CONTRIBUTING.md"
    return found[0]


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(module: str, nodes: Iterator[ast.AST]) -> Iterator[str]:
    """The modules that import statements among the nodes name, in full."""
    package = module if MODULES[module].name == "__init__.py" else module.rpartition(".")[0]
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) + 1 - node.level] if node.level else []
            source = ".".join([*above, *filter(None, [node.module])])
            for alias in node.names:
                inner = f"{source}.{alias.name}"
                yield inner if inner in MODULES else source


def when_imported(nodes: list[ast.stmt]) -> Iterator[ast.AST]:
    """The statements that run with the import of a module: none inside functions or behind TYPE_CHECKING."""
    for node in nodes:
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        yield node
        for inner in ("body", "orelse", "handlers", "finalbody"):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield from when_imported(getattr(node, inner, []))


@cache
def loaded_with(module: str) -> frozenset[str]:
    """The modules that the import of this one loads, as far as its own statements say."""
    return frozenset(imports(module, when_imported(tree_of(MODULES[module]).body)))


def reached_from(module: str) -> dict[str, str]:
    """Every module and package that is loaded with this one, and which module of ours imports it."""
    found: dict[str, str] = {}
    waiting = [module]
    while waiting:
        importer = waiting.pop()
        parents = [importer.rpartition(".")[0]] if importer.count(".") > 1 else []
        for imported in [*loaded_with(importer), *parents]:
            if imported not in found:
                found[imported] = importer
                waiting += [imported] if imported in MODULES else []
    return found


@pytest.mark.parametrize("module", [name for name in MODULES if name.count(".")])
def test_a_file_imports_only_from_lower_floors_and_its_own_folder(module: str) -> None:
    wing = wing_of(module)
    for imported in imports(module, ast.walk(tree_of(MODULES[module]))):
        if imported == "moss" or not imported.startswith("moss."):
            continue
        other = wing_of(imported)
        fits = other == wing or floor_of(other) < floor_of(wing) or floor_of(other) == 0
        assert fits, f"{module} imports {imported}, which is not below it"


def light_modules() -> list[str]:
    light = [name for name in MODULES if name.count(".") and wing_of(name) in LIGHT]
    light += [name_of(PACKAGE / file) for file in LIGHT_FILES]
    return [name for name in light if str(MODULES[name].relative_to(PACKAGE)) not in HEAVY_FILES]


@pytest.mark.parametrize("module", light_modules())
def test_values_text_tools_and_command_line_load_nothing_heavy(module: str) -> None:
    for imported, importer in reached_from(module).items():
        assert imported.partition(".")[0] not in HEAVY, f"{module} loads {imported} by way of {importer}"


@pytest.mark.parametrize("module", [name for name in MODULES if name.count(".") and wing_of(name) == "server"])
def test_the_server_loads_no_torch(module: str) -> None:
    """The model has a process of its own, and the server without it stays small."""
    assert "torch" not in reached_from(module)


def test_the_static_reading_sees_what_python_sees() -> None:
    """The tests above are worth something only when what is heavy would be found."""
    assert reached_from("moss.tools.painter")["torch"] == "moss.tools.painter"
    assert reached_from("moss.agent")["torch"].startswith("moss.engine.")
    assert {"moss.errors", "moss.conversation"} <= set(reached_from("moss.chat_format")) <= set(sys.modules)


def texts(tree: ast.Module) -> Iterator[str]:
    """The text literals of a module that are no documentation."""
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
            yield node.value


def test_only_the_chat_format_spells_its_special_tokens() -> None:
    special = re.compile("|".join(re.escape(token.removesuffix(":")) for token in SPECIAL_TOKENS) + "|<quality")
    spelled = {path.name: text for path in SOURCES for text in texts(tree_of(path)) if special.search(text)}
    assert set(spelled) == {"chat_format.py"}
