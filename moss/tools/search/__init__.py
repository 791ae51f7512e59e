"""Search over documents: one SQLite file, English words and Chinese character pairs, ranked by BM25.

`build_index` makes the file from documents or a folder, `SearchIndex` asks it, `SearchTool` is for the assistant. Not
here: the web, spelling correction, meaning (a query finds the words it uses), conversion between simplified and
traditional characters.
"""

from __future__ import annotations

from .documents import Document, Skipped, read_folder
from .index import IndexReport, SearchIndex, build_index
from .tool import SearchTool

__all__ = ["Document", "IndexReport", "SearchIndex", "SearchTool", "Skipped", "build_index", "read_folder"]
