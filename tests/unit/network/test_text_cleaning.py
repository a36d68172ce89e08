"""What people send is made safe to show, and every script keeps what it needs."""

from __future__ import annotations

import pytest

from rostra.network.text import UnreadableText, clean, clean_name

RLO, LRO, LRE, PDF, RLI, FSI, PDI = "\u202e", "\u202d", "\u202a", "\u202c", "\u2067", "\u2068", "\u2069"
ZWJ, ZWNJ, ZWSP, WORD_JOINER, BOM = "\u200d", "\u200c", "\u200b", "\u2060", "\ufeff"
ENGLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("Guten Abend", "Guten Abend"),
        ("  a \n", "a"),
        ("a\r\nb\rc\u2028d\x85e", "a\nb\nc\nd\ne"),
        ("a\n\n\n\n\n\n\nb", "a\n\n\nb"),
        ("a\n \n\t\n \n \n b", "a\n\n\n b"),
        ("a\tb\x00\x1b[31m\x7f\x9fc", "a b[31mc"),
        ("e\u0301", "\u00e9"),
        (f"{BOM}a{WORD_JOINER}b\ufff9c\ufffe\U0001ffff", "abc"),
        ("\U000e0001\U000e0068\U000e0069hidden", "hidden"),
        (ENGLAND, ENGLAND),
        ("z" + "\u0335" * 50, "z" + "\u0335" * 8),
        ("\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"), "\U0001f600"),
    ],
)  # fmt: skip
def test_what_is_kept(sent: str, kept: str) -> None:
    assert clean(sent) == kept


@pytest.mark.parametrize("broken", ["\ud800", "a\udfffb", b"\xff\xfe".decode("utf-8", "surrogateescape")])
def test_half_a_surrogate_pair_is_refused(broken: str) -> None:
    """It could neither be stored nor sent; the text says what to do."""
    for take in (clean, clean_name):
        with pytest.raises(UnreadableText) as caught:
            take(broken)
        assert "broken characters" in caught.value.user_message


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (f"invoice{RLO}fdp.exe", "invoicefdp.exe"),
        (f"{LRO}a{PDF}{LRE}b{PDF}", "ab"),
        (f"{RLI}a\nb", f"{RLI}a{PDI}\nb"),
        (f"{FSI}{RLI}a", f"{FSI}{RLI}a{PDI}{PDI}"),
        (f"a{PDI}b{PDI}", "ab"),
        (f"{FSI}a{PDI} b", f"{FSI}a{PDI} b"),
    ],
)
def test_no_line_turns_the_page_round(sent: str, kept: str) -> None:
    """Overrides go; an isolate ends with its line, so nothing after the post is drawn backwards."""
    assert clean(sent) == kept


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("\U0001f469\u200d\U0001f680", "\U0001f469\u200d\U0001f680"),
        ("\U0001f3f3\ufe0f\u200d\U0001f308", "\U0001f3f3\ufe0f\u200d\U0001f308"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("ක\u0dca\u200dර", "ක\u0dca\u200dර"),
        ("นี้\u200bคือ", "นี้\u200bคือ"),
        (f"p{ZWJ}a{ZWNJ}y{ZWSP}pal", "paypal"),
        (f"{ZWJ}\U0001f469", "\U0001f469"),
        (f"\U0001f469{ZWJ}{ZWJ}\U0001f680", f"\U0001f469{ZWJ}\U0001f680"),
    ],
)
def test_joiners_stay_where_a_script_needs_them(sent: str, kept: str) -> None:
    assert clean(sent) == kept


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("  Ada \n Lovelace\t ", "Ada Lovelace"),
        ("Ad\u00ada\u200b\u200e", "Ada"),
        (f"{RLO}adA{RLI}", "adA"),
        ("\u3164\u2800\u115f", ""),
        ("\U0001f469\u200d\U0001f680 Ada", "\U0001f469\u200d\U0001f680 Ada"),
        ("علی\u200cرضا", "علی\u200cرضا"),
        ("❤\ufe0f", "❤\ufe0f"),
        ("A\ufe00da", "Ada"),
    ],
)
def test_a_name_is_what_is_seen(sent: str, kept: str) -> None:
    """Two names that look alike to the eye do not differ by what the eye cannot see."""
    assert clean_name(sent) == kept
