"""What a card says of a page, whatever the page holds."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from rostra.network.previews import Card, Page, card_in

URL = "https://a.example/posted"


def card(html: str | bytes, *, charset: str = "") -> Card | None:
    body = html if isinstance(html, bytes) else html.encode()
    return card_in(Page("https://news.example/reached", body, charset), URL)


def title(html: str | bytes, *, charset: str = "") -> str | None:
    made = card(html, charset=charset)
    return None if made is None else made.title


def test_a_page_with_everything() -> None:
    page = """<!doctype html><head><title>Plain</title>
    <META content='Tea &amp; "Cake"' property=og:title /><meta name="description" content="Second best">
    <meta property="og:description" content="About\n  tea"><meta property="og:site_name" content="The News">"""
    assert card(page) == Card(URL, 'Tea & "Cake"', "About tea", "The News")


def test_a_page_with_a_title_only_is_named_by_its_host() -> None:
    """The host is the one that was reached, so that a redirect is no disguise."""
    assert card("<title>\n Hello\n there </title>") == Card(URL, "Hello there", "", "news.example")


def test_a_page_that_says_nothing_has_no_card() -> None:
    assert card("") is None
    assert card("<title> </title><p>text") is None
    assert card("<meta property='og:title' content=''><title>\u200b</title>") is None


def test_what_comments_and_scripts_hold_does_not_count() -> None:
    hidden = '<meta property="og:title" content="no">'
    assert title(f"<!-- {hidden} --><SCRIPT>'{hidden}'</script><style>{hidden}</STYLE><title>yes</title>") == "yes"
    assert title(f"<svg><title>icon</title></svg>{hidden.replace('no', 'yes')}") == "yes"
    assert title(f"<!-- {hidden}") is None


def test_the_first_of_two_counts() -> None:
    page = "<meta property=og:title content=one content=two><meta property=og:title content=three>"
    assert title(page) == "one"


def test_titles_are_cut_and_cleaned() -> None:
    long = title(f"<title>{'x' * 5000}</title>")
    assert long == "x" * 199 + "…"
    assert title("<title>a\u202eb\0c&#x202e;d&#xd800;</title>") == "abcd\ufffd"
    assert title("<title>&lt;script&gt;</title>") == "<script>"


def test_charsets() -> None:
    assert title("<title>Grüße</title>".encode("latin-1"), charset="iso-8859-1") == "Grüße"
    assert title('<meta charset="windows-1251"><title>Привет</title>'.encode("cp1251")) == "Привет"
    assert title("<title>日本</title>".encode("shift_jis"), charset="shift_jis") == "日本"
    assert title(b"\xef\xbb\xbf<title>\xc3\xa4</title>", charset="iso-8859-1") == "ä"
    for odd in ("hex", "zlib", "punycode", "unicode_escape", "utf-7", "nonsense", "idna"):
        assert title("<title>ä</title>", charset=odd) == "ä"


pieces = st.sampled_from(
    ["<meta ", "<title>", "</title>", "<!--", "-->", "<script>", "</script", 'property="og:title"', "content=", "'",
     '"', ">", "/", "=", "x", " ", "&amp;", "&#0;", "<svg", "\0", "İ", "charset=utf-16"]
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(pieces, pieces, st.text(max_size=3)), max_size=40).map("".join))
def test_any_page_makes_a_card_or_none(html: str) -> None:
    made = card(html.encode("utf-8", "replace"))
    assert made is None or (0 < len(made.title) <= 200 and len(made.description) <= 500 and "\n" not in made.title)
