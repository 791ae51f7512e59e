"""The assistant's search tool, and the encyclopedia that comes in the package."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path

from ..base import FAILURE, Tool, ToolResult
from .documents import Document
from .index import SearchIndex


class SearchTool(Tool):
    """Looks a query up in an index: an open one, a file, or by default the packaged encyclopedia."""

    name = "Search"
    title = "Web search"
    parameter = "query"
    description = "Looks a question up in the documents at hand and quotes the sentences that fit it best."

    def __init__(self, index: SearchIndex | str | Path | None = None, top_k: int = 3, snippet_chars: int = 160) -> None:
        if isinstance(index, str | Path):
            index = SearchIndex(index)
        self.index = index or SearchIndex.from_documents(packaged_encyclopedia())
        self.top_k = top_k
        self.snippet_chars = snippet_chars

    def run(self, argument: str) -> ToolResult:
        """The citations for a query; a failure when no document is about it."""
        citations = self.index.search(argument, self.top_k, self.snippet_chars, relevant_only=True)
        if not citations:
            return FAILURE
        return ToolResult("\n".join(citation.snippet for citation in citations), citations=tuple(citations))

    def close(self) -> None:
        """Closes the index."""
        self.index.close()


def packaged_encyclopedia() -> list[Document]:
    """The documents of the nano world. As text they are smaller than an index of them, and indexed in 50 ms."""
    text = (resources.files("moss.assets") / "encyclopedia.jsonl").read_text(encoding="utf-8")
    return [Document(**json.loads(line)) for line in text.splitlines()]
