"""The tools of the assistant: calculator, equation solver, search, text-to-image, and any typed Python function."""

from __future__ import annotations

from pathlib import Path

from .base import Tool, Toolbox, ToolResult, tool_from_function

__all__ = ["Tool", "ToolResult", "Toolbox", "default_toolbox", "tool_from_function"]


def default_toolbox(search_index: str | Path | None = None, image_folder: str | Path | None = None) -> Toolbox:
    """The four tools of MOSS, ready to run.

    `search_index` is a file that `moss index` built, by default the encyclopedia that comes in the package. Images go
    to `image_folder`, by default `moss-images` in the current folder.
    """
    # Imported here, so that who wants one pure function pays for no other tool.
    from .calculator import CalculatorTool
    from .search import SearchTool
    from .solver import SolverTool
    from .text2image import Text2ImageTool

    return Toolbox([SearchTool(search_index), CalculatorTool(), SolverTool(), Text2ImageTool(image_folder)])
