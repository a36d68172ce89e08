"""Whatever text goes in, the HTML is well formed and holds nothing but what Mastodon's apps expect."""

from __future__ import annotations

from html.parser import HTMLParser

from hypothesis import given, settings
from hypothesis import strategies as st

from rostra.network.text import Mentioned, clean, clean_name, length, mentions_in, render, tags_in, urls_in

MENTIONED = {"ada": Mentioned("ada", "https://live.example/@ada")}
ATTRIBUTES = {
    "p": set(),
    "br": set(),
    "span": {"class", "translate"},
    "a": {"href", "class", "rel", "target", "translate"},
}
CLASSES = {"invisible", "ellipsis", "h-card", "u-url mention", "mention hashtag"}

pieces = st.sampled_from(
    [
        "<", ">", "&", '"', "'", "<script>", "</p>", "<img src=x onerror=alert(1)>", "javascript:alert(1)", "&#x6a;",
        "https://", "http://", "a.example", "münchen.example", "аррӏе.com", "xn--", "127.0.0.1", ":", ".", "/", "?",
        "#", "@", "@ada", "#tag", "#été", "ada@", "(", ")", "%", "％", "\\", "·", "_", "1", "\n", "\n\n", "\r\n", " ",
        "\t", "\0", "\u2028", "\u202e", "\u2067", "\u2069", "\u200d", "\u200c", "\u200b", "\ufeff", "\u0301", "\u0344",
        "\U0001f469", "\U0001f3f4", "\U000e0067", "\U000e007f", "\ufe0f", "ی", "ක\u0dca", "ไ", "\ufdfa", "क\u093c",
        "\u1100", "\u1161", "\u3164", "\u00ad",
    ]
)  # fmt: skip
texts = st.lists(st.one_of(pieces, pieces, st.text(max_size=4)), max_size=30).map("".join)


class Strict(HTMLParser):
    """Refuses what Rostra never writes; collects the text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in ATTRIBUTES
        assert len({name for name, _ in attrs}) == len(attrs)
        for name, value in attrs:
            assert name in ATTRIBUTES[tag]
            assert value is not None
            if name == "href":
                assert value.startswith(("https://", "http://"))
                assert value.isascii()
            elif name == "class":
                assert value in CLASSES
        if tag == "br":
            self.text += "\n"
        else:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
        if tag == "p":
            self.text += "\n\n"

    def handle_data(self, data: str) -> None:
        assert self.open[0] == "p"
        self.text += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    handle_decl = handle_pi = unknown_decl = handle_comment


@settings(max_examples=250, deadline=None)
@given(texts)
def test_any_text_becomes_the_few_tags_we_allow(text: str) -> None:
    made = render(text, mentioned=MENTIONED, site="https://live.example")
    parser = Strict()
    parser.feed(made.html)
    parser.close()
    assert parser.open == []
    assert render(text, mentioned=MENTIONED, site="https://live.example") == made
    assert made.tags == tags_in(text)
    assert made.urls == urls_in(text)
    assert set(made.mentions) == set(mentions_in(text)) & set(MENTIONED)


@settings(max_examples=250, deadline=None)
@given(texts)
def test_cleaning_settles_at_once(text: str) -> None:
    """What was cleaned is stored, shown and edited again: it must not change by that."""
    cleaned, name = clean(text), clean_name(text)
    assert clean(cleaned) == cleaned
    assert clean_name(name) == name
    assert "\n\n\n\n" not in cleaned
    assert "\n" not in name
    assert not set(cleaned) & set("\0\r\t\u202e\u202d\ufeff\u2028")
    for line in cleaned.split("\n"):
        assert sum(map(line.count, "\u2066\u2067\u2068")) == line.count("\u2069")
    assert length(cleaned) >= 0
