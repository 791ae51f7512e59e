"""The assistant's search tool, and the encyclopedia that comes in the package."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from ..base import FAILURE, Tool, ToolResult
from .index import SearchIndex

MIN_COVERAGE = 0.5
"""Share of the query that a document must hold to be shown. A query about something unknown ("capital of Zorvania") still
finds documents by its other words; half of it by weight missing is how they are told (benchmarks/search.py)."""

PACKAGED = resources.files("moss") / "assets" / "encyclopedia.sqlite"


class SearchTool(Tool):
    """Looks a query up in an index: an open one, a file, or by default the packaged encyclopedia."""

    name = "Search"
    title = "Web search"
    parameter = "query"
    description = "Looks a question up in the documents at hand and quotes the sentences that fit it best."

    def __init__(self, index: SearchIndex | str | Path | None = None, top_k: int = 3, snippet_chars: int = 160) -> None:
        self.index = index if isinstance(index, SearchIndex) else SearchIndex(index or Path(str(PACKAGED)))
        self.top_k = top_k
        self.snippet_chars = snippet_chars

    def run(self, argument: str) -> ToolResult:
        """The citations for a query; a failure when no document holds enough of it."""
        citations = self.index.search(argument, self.top_k, self.snippet_chars, MIN_COVERAGE)
        if not citations:
            return FAILURE
        return ToolResult("\n".join(citation.snippet for citation in citations), citations=tuple(citations))

    def close(self) -> None:
        """Closes the index."""
        self.index.close()
