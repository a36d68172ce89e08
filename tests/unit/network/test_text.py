"""Posts as HTML: what a reader's app expects, and nothing that a writer could smuggle in."""

from __future__ import annotations

from html import unescape

import pytest

from rostra.network.text import Mentioned, length, link_of, mentions_in, render, tag_key, tags_in, urls_in

ADA = Mentioned("ada", "https://live.example/@ada")
BOTH = {"ada": ADA, "grace@far.example": Mentioned("grace@far.example", "https://far.example/@grace")}
SITE = "https://live.example"


def html(text: str) -> str:
    return render(text, mentioned=BOTH, site=SITE).html


def mention(who: str, url: str) -> str:
    return f'<span class="h-card" translate="no"><a href="{url}" class="u-url mention">@<span>{who}</span></a></span>'


def tag(key: str, shown: str) -> str:
    return f'<a href="https://live.example/tags/{key}" class="mention hashtag" rel="tag">#<span>{shown}</span></a>'


def link(url: str, shown: str, hidden: str = "", scheme: str = "https://") -> str:
    ellipsis = ' class="ellipsis"' if hidden else ""
    return (
        f'<a href="{url}" target="_blank" rel="nofollow noopener" translate="no">'
        f'<span class="invisible">{scheme}</span><span{ellipsis}>{shown}</span>'
        f'<span class="invisible">{hidden}</span></a>'
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("Hello", "<p>Hello</p>"),
        ("a\nb\n\nc\n\n\nd", "<p>a<br>b</p><p>c</p><p>d</p>"),
        ("<img src='x' onerror=\"f()\"> &", "<p>&lt;img src=&#x27;x&#x27; onerror=&quot;f()&quot;&gt; &amp;</p>"),
        ("Hi @Ada!", f"<p>Hi {mention('ada', ADA.url)}!</p>"),
        ("@grace@far.example.", f"<p>{mention('grace@far.example', 'https://far.example/@grace')}.</p>"),
        ("@nobody a@ada.example", "<p>@nobody a@ada.example</p>"),
        ("so #Straße, #1a", f"<p>so {tag('strasse', 'Straße')}, {tag('1a', '1a')}</p>"),
        ("#2026 a#b &#x", "<p>#2026 a#b &amp;#x</p>"),
        ("at https://B.example/?a&b.", f"<p>at {link('https://b.example/?a&amp;b', 'b.example/?a&amp;b')}.</p>"),
        ("http://example.org", f"<p>{link('http://example.org/', 'example.org', scheme='http://')}</p>"),
        (
            "https://example.org/@ada/#tag",
            f"<p>{link('https://example.org/@ada/#tag', 'example.org/@ada/#tag')}</p>",
        ),
        (
            "https://b.example/0123456789012345678abcdef",
            f"<p>{link('https://b.example/0123456789012345678abcdef', 'b.example/0123456789012345678a', 'bcdef')}</p>",
        ),
    ],
)  # fmt: skip
def test_golden(text: str, expected: str) -> None:
    assert html(text) == expected
    assert html(text) == expected


def test_what_was_found_comes_with_the_html() -> None:
    made = render("@ada @ADA @nobody #Ä #ä https://a.example https://a.example/", mentioned=BOTH)
    assert made.mentions == ("ada",)
    assert made.tags == ("ä",)
    assert made.urls == ("https://a.example/",)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("@ada, @Grace@Far.Example. (@x_y) @ada", ("ada", "grace@far.example", "x_y")),
        ("mail@ada.example /@ada =@ada @@ada", ()),
        ("@ada's @ada-lovelace @a..b @ada.", ("ada", "ada-lovelace", "a..b")),
        ("https://example.org/@ada", ()),
        ("@аda", ()),  # Cyrillic а
        ("看@ada", ()),
    ],
)
def test_mentions(text: str, found: tuple[str, ...]) -> None:
    assert mentions_in(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("#a #B_c #_x1", ("a", "b_c", "_x1")),
        ("#1 #1_2 #___ # #·a", ()),
        ("#हिन्दी #ภาษาไทย #日本語 #عربي #Ελλάδα", ("हिन्दी", "ภาษาไทย", "日本語", "عربي", "ελλάδα")),
        ("#col·lecció! #もの・こと #a·", ("col·lecció", "もの・こと", "a")),
        ("#می\u200cخواهم #میخواهم", ("میخواهم",)),
        ("＃ｆｕｌｌ #ﬁn #İ", ("full", "fin", "i\u0307")),
        ("#a#b x/#c", ("a",)),
        ("#" + "a" * 101, ()),
        ("#a-b #a.b", ("a",)),
    ],
)
def test_tags(text: str, found: tuple[str, ...]) -> None:
    assert tags_in(text) == found
    assert all(tag_key(key) == key for key in found)


@pytest.mark.parametrize("name", ["", "1", "a b", "a#", "#a", "a" * 101])
def test_what_is_no_tag_has_no_key(name: str) -> None:
    assert tag_key(name) is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("(https://a.example/x_(y)) [https://b.example].", ("https://a.example/x_(y)", "https://b.example/")),
        ("見てhttps://a.example/x。", ("https://a.example/x",)),
        ("HTTPS://A.EXAMPLE:8443/ö", ("https://a.example:8443/%C3%B6",)),
        ("http://127.0.0.1:8000/b http://localhost/", ("http://127.0.0.1:8000/b", "http://localhost/")),
        ("https://münchen.example", ("https://xn--mnchen-3ya.example/",)),
        ("https://faß.example", ("https://xn--fa-hia.example/",)),
        ("ftp://a.example javascript:alert(1) data:text/html,x xhttps://a.example", ()),
        ("https://a https://.. https://a..b https://-a.example https://a.example:0 https://a.example:99999", ()),
        ("http://2130706433 http://0x7f.1 http://127.1 http://0177.0.0.1 http://[::1]/", ()),
        ("https://" + "a" * 64 + ".example https://a.example/" + "b" * 2048, ()),
        ("https://a.example\\@b.example", ("https://a.example/",)),
        ("https://a.example/%zz%41", ("https://a.example/%zz%41",)),
    ],
)
def test_links(text: str, found: tuple[str, ...]) -> None:
    assert urls_in(text) == found


@pytest.mark.parametrize(
    "text", ["https://bank.example@evil.example/", "https://bank.example:443@evil.example", "https://a:b@c.example/"]
)
def test_a_user_name_that_looks_like_the_host_makes_no_link(text: str) -> None:
    assert html(text) == f"<p>{text}</p>"


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("münchen.example", "münchen.example"),
        ("日本語テスト.example", "日本語テスト.example"),
        ("пример.рф", "пример.рф"),
        ("δοκιμή.gr", "xn--jxalpdlp.gr"),
        ("аррӏе.com", "xn--80ak6aa92e.com"),  # Cyrillic, but looks like a company
        ("раypal.com", "xn--ypal-43d9g.com"),  # mixed
        ("exаmple.рф", None),
        ("ɡoogle.com", "xn--oogle-qmc.com"),
        ("goog\u0131e.com", "xn--googe-q4a.com"),
        ("ｅｘａｍｐｌｅ。com", "example.com"),
        ("xn--mnchen-3ya.example", "xn--mnchen-3ya.example"),
        ("例え.テスト", "例え.テスト"),
    ],
)
def test_the_shown_host_is_the_one_that_is_asked(written: str, shown: str | None) -> None:
    """A name that could be taken for another is shown as DNS sees it (CVE-2023-42451)."""
    found = link_of(f"https://{written}/x")
    assert found is not None
    assert found.url.isascii()
    if shown is None:
        assert "xn--" in found.host
    else:
        assert found.host == shown


def test_a_long_host_is_shown_whole() -> None:
    """What is hidden of a link is never a part of its host (CVE-2023-36462)."""
    host = "bank.example.and.a.very.long.list.of.names.that.ends.with.evil.example"
    assert html(f"https://{host}/login") == f"<p>{link(f'https://{host}/login', host, '/login')}</p>"


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        ("", 0),
        ("abc\n", 4),
        ("e\u0301", 1),
        ("https://example.org/" + "a" * 500, 23),
        ("x https://a.example.", 26),
        ("@ada@far.example hi", 7),
        ("@ada", 4),
        ("\U0001f600", 1),
        ("https://a:b@c.example/", 22),
    ],
)
def test_length(text: str, counted: int) -> None:
    assert length(text) == counted


def test_attributes_cannot_be_left() -> None:
    """Whatever a profile's address holds stays inside the attribute."""
    evil = Mentioned('"><script>', 'https://x.example/"onclick="alert(1)')
    made = render("@ada", mentioned={"ada": evil}).html
    assert "<script>" not in made
    assert 'onclick="' not in made
    assert unescape(made).count("onclick=") == 1
