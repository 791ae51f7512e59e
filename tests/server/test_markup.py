"""What a reader's browser gets to see of a text: its form, and nothing that acts."""

import re
import time
import unicodedata
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moss.conversation import Citation
from moss.server.markup import MAX_TEXT, BlockSplitter, plain, render, render_block, rendered
from moss.server.markup.code import LANGUAGES, MAX_HIGHLIGHTED
from moss.server.markup.dialect import MAX_NESTING
from moss.server.markup.formulas import MAX_FORMULA
from moss.server.markup.sanitise import OWN_IMAGE, sanitised

from .xss_payloads import PAYLOADS

SOURCES = (
    Citation(1, 'Paris" onmouseover="alert(1)', "https://example.org/paris?q=1&r=2", "Paris"),
    Citation(2, "A file <script>alert(1)</script>", "facts/france.md", "Paris"),
    Citation(3, "x", "javascript:alert(1)", "x"),
)
PICTURE = "/files/abcdefghijklmnopqrstuv"

TAGS = """
p h1 h2 h3 h4 h5 h6 ul ol li blockquote hr br em strong s sup span a button div table thead tbody tr th td figure
figcaption pre code img math mrow mi mn mo ms mtext mspace mfrac msqrt mroot msub msup msubsup munder mover
munderover mtable mtr mtd mstyle menclose mpadded mphantom mmultiscripts mprescripts none
"""
ATTRIBUTES = """
class title href rel target type tabindex data-language data-citation src alt loading start align display
mathvariant stretchy fence form minsize maxsize movablelimits separator accent accentunder linethickness
columnalign rowlines columnlines notation linebreak displaystyle scriptlevel
"""


class Elements(HTMLParser):
    """Every element of a piece of HTML with its attributes, and the text between them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.found if name == tag]


def text_of(html: str) -> str:
    return Elements(html).text


def assert_inert(html: str) -> None:
    """Only elements that do nothing, only attributes that do nothing, only addresses that are known."""
    for tag, attributes in Elements(html).found:
        assert tag in TAGS.split()
        assert set(attributes) <= set(ATTRIBUTES.split())
        if tag == "img":
            assert OWN_IMAGE.fullmatch(attributes["src"] or "")
        if tag == "a" and "href" in attributes:
            assert re.match(r"https?://[^@\\]+(/|$)|mailto:|/files/[\w-]+$", attributes["href"] or "")
            assert attributes["rel"] == "noopener noreferrer nofollow"
            assert attributes["title"]
        assert attributes.get("type") in (None, "button")
    assert sanitised(html) == html  # a browser that reads it and writes it again finds nothing new


@pytest.mark.parametrize("payload", PAYLOADS)
def test_U1_payloads_are_inert(payload: str) -> None:
    for text in (payload, f"- {payload}", f"> {payload}", f"**{payload}**", f"| a |\n|---|\n| {payload} |"):
        assert_inert(render(text, SOURCES))
    assert_inert(plain(payload))


@pytest.mark.parametrize("payload", PAYLOADS)
def test_U1_payloads_in_sources_are_inert(payload: str) -> None:
    html = render("<sup><|1|></sup>", [Citation(1, payload, payload, payload)])
    assert_inert(html)
    html = render("<sup><|1|></sup>", [Citation(1, payload, f"https://example.org/{payload}", payload)])
    assert_inert(html)


@given(st.lists(st.sampled_from(PAYLOADS), min_size=2, max_size=4), st.sampled_from(["", "\n", "\n\n", "**", "`", "$"]))
@settings(max_examples=100, deadline=None)
def test_U1_payloads_together_are_inert(payloads: list[str], between: str) -> None:
    assert_inert(render(between.join(payloads), SOURCES))


@given(st.text(alphabet="<>/\"'=&#;:()[]{}!`$\\|*_-~ \n\tscriptonerrorimgjavascript1", max_size=80))
@settings(max_examples=200, deadline=None)
def test_U1_any_text_is_inert(text: str) -> None:
    assert_inert(render(text, SOURCES))


def test_U1_the_wall_holds_by_itself() -> None:
    """Had the renderer let everything through, the allow-list would still stop it."""
    for payload in PAYLOADS:
        for tag, attributes in Elements(sanitised(payload)).found:
            assert tag in TAGS.split()
            assert set(attributes) <= set(ATTRIBUTES.split())
            assert not (attributes.get("href") or "").lower().startswith(("javascript", "data", "//", "/api"))
            assert "src" not in attributes or OWN_IMAGE.fullmatch(attributes["src"] or "")


def test_U2_only_own_pictures_are_shown() -> None:
    html = render(f"![far](https://evil.example/x.png) ![own]({PICTURE})")
    assert [image["src"] for image in Elements(html).all("img")] == [PICTURE]
    assert "evil.example" not in html
    assert "far" in text_of(html)


def test_links_tell_where_they_lead() -> None:
    (link,) = Elements(render("[paypal.com](https://аpple.com/x)")).all("a")
    assert link["title"] == "xn--pple-43d.com"
    assert link["target"] == "_blank"


@pytest.mark.parametrize("text", ["[half](https://example.org", "[half](", "[half]", "[x]()", "[x](http://)"])
def test_half_links_lead_nowhere(text: str) -> None:
    assert not any("href" in link for link in Elements(render(text)).all("a") if "example" not in text)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("见https://example.org/a。然后", "https://example.org/a"),
        ("(https://example.org/a_(b)).", "https://example.org/a_(b)"),
        ("“https://example.org”", "https://example.org"),
        ("https://example.org/a?b=c&d=e, more", "https://example.org/a?b=c&d=e"),
        ("xhttps://example.org", None),
        ("`https://example.org`", None),
        ("https://", None),
    ],
)
def test_bare_addresses_are_links_up_to_their_punctuation(text: str, address: str | None) -> None:
    assert [link["href"] for link in Elements(render(text)).all("a")] == ([address] if address else [])


def test_citations_lead_to_their_sources() -> None:
    html = render("Paris<sup><|1|><|2|></sup>, and<sup><|7|></sup>", SOURCES)
    (link,), (button,) = Elements(html).all("a"), Elements(html).all("button")
    assert (link["href"], link["data-citation"]) == ("https://example.org/paris?q=1&r=2", "1")
    assert (button["data-citation"], button["type"]) == ("2", "button")
    assert text_of(html).strip() == "Paris12, and7"


@pytest.mark.parametrize(
    ("text", "bold"),
    [
        ("**注意：**请看", "注意："),
        ("他说**“你好”**。", "“你好”"),
        ("这是**重点**内容", "重点"),
        ("**Note:** read", "Note:"),
        ("第**1**名", "1"),
    ],
)
def test_bold_needs_no_blank_in_chinese(text: str, bold: str) -> None:
    assert f"<strong>{bold}</strong>" in render(text)


@pytest.mark.parametrize("text", ["2 * 3 * 4", "snake_case_name", "a ** b", "文 * 字 *"])
def test_asterisks_that_mean_themselves_stay(text: str) -> None:
    assert render(text) == f"<p>{text}</p>\n"


@pytest.mark.parametrize(
    "text", ["$x^2$", r"\(x^2\)", "so $x^2$.", "$x$ is 5", "值为$x$。", "- a $x$ b", "$$x$$ inline $$y$$"]
)
def test_formulas_are_mathml(text: str) -> None:
    assert Elements(render(text)).all("math")
    assert "$" not in text_of(render(text))


@pytest.mark.parametrize("text", ["It costs $5 and $6.", r"\$x\$", "$ x $", "US$5, US$6", "a $x", r"\\(x\\)"])
def test_money_is_no_formula(text: str) -> None:
    assert not Elements(render(text)).all("math")


@pytest.mark.parametrize("text", ["$$\nx\n$$", "\\[\nx\n\\]", "text\n$$\nx\n$$\nmore", "- a\n  $$\n  x\n  $$", "$$x$$"])
def test_formulas_of_their_own_line(text: str) -> None:
    assert [math["display"] for math in Elements(render(text)).all("math")] == ["block"]


@pytest.mark.parametrize(
    "latex",
    [
        r"\frac{",
        r"\undefinedcommand{x",
        r"\newcommand{\a}{\b\b}\a",
        "x" * (MAX_FORMULA - 10) + "}",
        "{" * 500 + "}" * 500,
        r"\begin{matrix} 1 & 2",
        "^_^_",
        r"\left( \left( x",
    ],
)
def test_formulas_that_cannot_be_set_show_their_source(latex: str) -> None:
    html = render(f"$${latex}$$")
    assert_inert(html)
    assert Elements(html).all("math") or latex in text_of(html)


def test_symbols_of_formulas_are_characters() -> None:
    html = render(r"$\alpha \le \infty$, $\text{a<b}$")
    assert "α" in html
    assert "≤" in html
    assert "<mtext>a&lt;b</mtext>" in html


@pytest.mark.parametrize(
    ("language", "source"),
    [
        ("python", "def f(x):\n    return '<b>' + x  # 注释\n"),
        ("", "\n\n  two blank lines, tabs\t\n\n"),
        ("js", "`${a}` && b\n"),
        ("nolanguage", "x < y\n"),
        ("diff", "+ a\n- b\n"),
        ("html", "<p>&amp;</p>\n"),
        ("console", "$ ls\nfile\n"),
    ],
)
def test_code_is_shown_as_it_was_written(language: str, source: str) -> None:
    html = render(f"~~~{language}\n{source}~~~")
    assert Elements(html).all("figure")[0]["data-language"] == language
    code = html[html.index("<code>") : html.index("</code>")]
    assert text_of(code) == source
    assert ("<span" in code) == (language in LANGUAGES)


def test_long_code_has_one_colour() -> None:
    source = "x = 1\n" * (MAX_HIGHLIGHTED // 6 + 1)
    html = render(f"```python\n{source}```")
    assert "<span class" not in html
    assert text_of(html[html.index("<code>") : html.index("</code>")]) == source


def test_tables_scroll_by_themselves_and_align_without_style() -> None:
    html = render("| a | b |\n|:-:|--:|\n| 1 | 2 |")
    assert Elements(html).all("div") == [{"class": "table", "tabindex": "0"}]
    assert [cell["align"] for cell in Elements(html).all("td")] == ["center", "right"]
    assert "style" not in html


def test_a_line_break_is_a_line_break() -> None:
    assert render("床前明月光\n疑是地上霜") == "<p>床前明月光<br>\n疑是地上霜</p>\n"


# --- characters -----------------------------------------------------------------------------------------------------

TURN = "\u202eevil\u202c and \u2066more\u2069"


@pytest.mark.parametrize(
    "text", [TURN, f"`{TURN}`", f"```\n{TURN}\n```", f"[{TURN}](https://example.org)", f"# {TURN}"]
)
def test_T3_signs_that_turn_text_are_boxed_in(text: str) -> None:
    html = render(text)
    assert re.sub('<span class="turn">[\u202a-\u202e\u2066-\u2069]</span>', "", html).isascii()
    assert TURN in text_of(html)  # what is copied is what was written


@pytest.mark.parametrize(
    "text",
    [
        "z" + "\u0335\u0321\u0489" * 3400,
        "👩‍👩‍👧‍👦" * 9000,
        "\ue000\uf8ff\U000f0000\U0010fffd\U000e0001",
        "\u0378\U0001fbff",
        "e\u0301 é Å \u212b",
        "ﬁ ＡＢＣ ①",
        "\u200b\u200d\ufeff\u00ad",
        "\u115f\u3164\u2800",
    ],
)
def test_T3_characters_stay_what_they_are(text: str) -> None:
    assert text_of(render(text)).strip() == text[:MAX_TEXT].strip()
    assert text_of(plain(text)).strip() == text.strip()


def test_T3_composed_and_decomposed_are_not_mixed_up() -> None:
    for form in ("NFC", "NFD"):
        text = unicodedata.normalize(form, "Ünïcödé が")
        assert text_of(render(text)).strip() == text


def test_T3_halves_of_characters_are_replaced() -> None:
    assert render("a\ud800b") == "<p>a�b</p>\n"
    assert plain("a\udfffb") == '<p class="plain">a�b</p>\n'


@given(st.text(max_size=100))
@settings(max_examples=100, deadline=None)
def test_T3_plain_text_is_the_text(text: str) -> None:
    shown = text_of(plain(text)).strip()
    # HTML has one kind of line end, and no NUL.
    assert shown == re.sub("\r\n?", "\n", text).replace("\x00", "").strip() or not shown.isprintable()


# --- bombs ----------------------------------------------------------------------------------------------------------

BOMBS = {
    "columns": "|" + "a|" * 2000 + "\n|" + "-|" * 2000 + "\n" + ("|" + "a|" * 2000 + "\n") * 12,
    "rows": "|a|b|\n|-|-|\n" + "|1|2|\n" * 9000,
    "quotes": ">" * 60_000 + "a",
    "quotes in lines": "".join(">" * n + "a\n" for n in range(340)),
    "lists": "".join(" " * 2 * n + "- a\n" for n in range(250)),
    "lists in a line": "- " * 30_000,
    "code": "```python\n" + "x = [1]\n" * 8000,
    "code without end": "```python\n" + "'''" + "a\\" * 9000,
    "regular expression": "```js\n" + "/" + "(a" * 6000 + "\n```",
    "formula": "$" + "x^" * 30_000 + "$",
    "formulas": "$x$" * 20_000,
    "formula openers": r"\(" * 30_000,
    "fractions": "$$" + r"\frac{" * 300 + "x" + "}{2}" * 300 + "$$",
    "backticks": "`" * 60_000,
    "backticks of each length": " ".join("`" * n for n in range(350)),
    "brackets": "[" * 60_000,
    "links": "[a](" * 15_000,
    "links in links": "[" * 20_000 + "a" + "](b)" * 10_000,
    "images": "![" * 30_000,
    "asterisks": "*a_ " * 15_000,
    "asterisks alone": "*" * 60_000,
    "asterisks in pairs": "**a " * 15_000,
    "tildes": "~~a" * 20_000,
    "citations": "<sup><|1|></sup>" * 4000,
    "half citations": "<sup><|1|>" * 6000,
    "addresses": "https://a.b/" * 5000,
    "parentheses": "https://a.b/" + ")" * 60_000,
    "entities": "&#x1F600;" * 7000,
    "escapes": "\\*" * 30_000,
    "headings": "# a\n" * 16_000,
    "breaks": "\n" * 60_000,
    "autolinks": "<" * 60_000,
    "html": "<a b='" * 10_000,
    "turns": "\u202e" * 20_000,
    "indents": "".join(" " * (n % 50) + "a\n" for n in range(2200)),
    "dollars": "$" * 60_000,
}


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_are_rendered_within_a_bound(name: str) -> None:
    """The bound is of processor time, and about hanging: an honest text of this length takes a tenth of it."""
    text = BOMBS[name][:MAX_TEXT]
    began = time.thread_time()
    html = render(text, SOURCES)
    assert time.thread_time() - began < 5
    assert len(html) < 2_500_000
    assert sanitised(html) == html


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_in_a_stream_are_rendered_within_a_bound(name: str) -> None:
    text = BOMBS[name][:MAX_TEXT]
    splitter = BlockSplitter()
    began = time.thread_time()
    blocks = [b for at in range(0, len(text), 40) for b in splitter.feed(text[at : at + 40])] + splitter.finish()
    assert time.thread_time() - began < 5
    assert "".join(block.source for block in blocks).strip() == text.strip()


def test_only_the_block_that_costs_too_much_loses_its_form() -> None:
    html = render("**before**\n\n" + "> " * (MAX_NESTING + 5) + "deep\n\n**after**")
    assert html.startswith("<p><strong>before</strong></p>")
    assert html.endswith("<p><strong>after</strong></p>\n")
    assert "&gt; &gt;" in html


def test_time_that_runs_out_leaves_the_text(monkeypatch: pytest.MonkeyPatch) -> None:
    from moss.server.markup import document

    monkeypatch.setattr(document, "RENDER_SECONDS", -1.0)
    text = "**never** seen before, so that no cache knows it"
    assert render(text) == f'<p class="plain">{text}</p>\n'
    splitter = BlockSplitter()
    (block,) = [*splitter.feed("# a\n"), *splitter.finish()]
    assert render_block(block) == '<p class="plain"># a</p>\n'


async def test_rendered_beside_the_loop_is_the_same() -> None:
    assert await rendered("**a**<sup><|1|></sup>", SOURCES) == render("**a**<sup><|1|></sup>", SOURCES)


# --- the style ------------------------------------------------------------------------------------------------------


def luminance(colour: str) -> float:
    """Relative luminance of `#rrggbb` (WCAG 2.2)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_colours_of_code_can_be_read_in_light_and_dark() -> None:
    css = (Path(__file__).parents[2] / "moss/server/web/markup.css").read_text()
    pairs = dict(re.findall(r"--code-([a-z]+): light-dark\((#\w{6}, #\w{6})\)", css))
    grounds = pairs["ground"].split(", ")
    for name in ("text", "comment", "keyword", "name", "type", "string", "number", "wrong"):
        for colour, ground in zip(pairs[name].split(", "), grounds, strict=True):
            assert contrast(colour, ground) >= 4.5, name
    for name in ("added", "removed"):
        for colour, ground in zip(pairs["text"].split(", "), pairs[name].split(", "), strict=True):
            assert contrast(colour, ground) >= 4.5, name
