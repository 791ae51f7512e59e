"""A streamed text, cut into its blocks, is the whole text: whatever it holds and however it arrives."""

from itertools import pairwise

from hypothesis import example, given, settings
from hypothesis import strategies as st

from moss.server.markup import MAX_TEXT, Block, BlockSplitter, render, render_block

LINES = st.sampled_from(
    [
        "",
        " ",
        "text",
        "文字，与标点。",
        "# title",
        "===",
        "---",
        "***",
        "- item",
        "  - inner",
        "  more of the item",
        "1. first",
        "2) second",
        "> quote",
        "> - item in a quote",
        "lazy",
        "    indented",
        "\tindented",
        "```python",
        "```",
        "````",
        "~~~",
        "  ```",
        "def f(): return '`'",
        "| a | b |",
        "a | b",
        "|---|---|",
        "--- | ---",
        "$$",
        "$$x^2$$",
        "\\[",
        "\\]",
        "  $$",
        "> $$",
        "- $$",
        "costs $5",
        "[name]: https://example.com",
        "[name]",
        "<div>",
        "<sup><|1|></sup>",
        "**bold",
        "👩‍👩‍👧 emoji",
    ]
)
TEXTS = st.lists(st.tuples(LINES, st.sampled_from(["\n", "\n", "\n", "\r\n", "\n\n"])), max_size=14).map(
    lambda lines: "".join(line + end for line, end in lines)
)


def blocks_of(pieces: list[str]) -> list[Block]:
    splitter = BlockSplitter()
    return [block for piece in pieces for block in splitter.feed(piece)] + splitter.finish()


def cut(text: str, places: list[int]) -> list[str]:
    places = sorted({0, *(place % (len(text) + 1) for place in places), len(text)})
    return [text[start:end] for start, end in pairwise(places)]


@given(TEXTS, st.lists(st.integers(0, 10_000), max_size=20))
@settings(max_examples=150, deadline=None)
@example("$$\na\n\nb\n$$\n", [])
@example("text\na | b\n--- | ---\n1 | 2\n\n", [9, 13])
@example("- a\n\n\n  b\n\nc\n", [5, 6, 7, 8])
@example("# a\r\n===\r\n", [4, 5])
def test_blocks_of_any_split_render_as_the_whole(text: str, places: list[int]) -> None:
    blocks = blocks_of(cut(text, places))
    assert "".join(block.source for block in blocks).strip() == text.strip()
    assert "".join(map(render_block, blocks)) == render(text)


@given(st.text(alphabet="#->`$|*_[]()\\ \n\tab1。", max_size=60), st.lists(st.integers(0, 60), max_size=8))
@settings(max_examples=150, deadline=None)
def test_blocks_of_any_characters_render_as_the_whole(text: str, places: list[int]) -> None:
    assert "".join(map(render_block, blocks_of(cut(text, places)))) == render(text)


def test_a_block_is_given_as_soon_as_it_is_closed() -> None:
    splitter = BlockSplitter()
    given_after = {line: [b.source for b in splitter.feed(line + "\n")] for line in ["# T", "p", "", "- a", "- b", "x"]}
    assert given_after == {"# T": ["# T\n"], "p": [], "": ["p\n\n"], "- a": [], "- b": [], "x": []}
    assert [b.source for b in splitter.feed("\n```py\n1\n")] == ["- a\n- b\nx\n\n"]
    assert [b.source for b in splitter.feed("```\n")] == ["```py\n1\n```\n"]


def test_ends_count_characters() -> None:
    assert [block.end for block in blocks_of(["😀\n\n", "文\n\n"])] == [3, 6]


def test_what_is_over_the_limit_stays_as_it_was_written() -> None:
    text = "**a**\n\n" + "x" * MAX_TEXT + "\n\n**b**\n"
    for pieces in ([text], cut(text, list(range(0, len(text), 997)))):
        html = "".join(map(render_block, blocks_of(pieces)))
        assert html == render(text)
        assert html.startswith("<p><strong>a</strong></p>")
        assert html.endswith("**b**</p>\n")


def test_long_code_is_not_looked_at_again_for_each_line(monkeypatch) -> None:
    from moss.server.markup import blocks

    parse, looked = blocks._SKELETON.parse, []
    monkeypatch.setattr(blocks._SKELETON, "parse", lambda text: looked.append(len(text)) or parse(text))
    blocks_of(["```\n", *["a = 1\n"] * 5000, "```\n", *["- b\n"] * 5000])
    assert sum(looked) < 12 * 50_000
