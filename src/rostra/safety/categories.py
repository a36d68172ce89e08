"""Choosing one of the EU's categories, and which of them may be told without a name."""

from __future__ import annotations

from typing import Final

from rostra.platform.errors import Invalid
from rostra.safety.category_tree import CATEGORIES, Category, Use

UNKNOWN: Final = "NOT_SPECIFIED_NOTICE"
BREAKS_RULES: Final = "OTHER_VIOLATION_TC"
ANONYMOUS: Final = frozenset(
    {
        ("PROTECTION_OF_MINORS", "CHILD_SEXUAL_ABUSE_MATERIAL"),
        ("PROTECTION_OF_MINORS", "CHILD_SEXUAL_ABUSE_MATERIAL_DEEPFAKE"),
        ("PROTECTION_OF_MINORS", "GROOMING_SEXUAL_ENTICEMENT_MINORS"),
    }
)
"""What may be told without a name: offences of Articles 3 to 7 of Directive 2011/93/EU (DSA, Article 16(2)(c))."""

BY_CODE: Final = {each.code: each for each in CATEGORIES}


def check_category(code: str, keyword: str = "", *, use: Use) -> Category:
    """The category, if it may be used so and has this keyword (or none is given). Raises Invalid."""
    found = BY_CODE.get(code)
    if found is None or use not in found.uses:
        text = "Choose from the list what it is about."
        raise Invalid(f"category {code[:80]!r} for {use}", user_message=text, field="category")
    if keyword and keyword not in {each.code for each in found.keywords}:
        text = "Choose what it is exactly from the list that belongs to your first choice, or leave it open."
        raise Invalid(f"keyword {keyword[:80]!r} of {code}", user_message=text, field="keyword")
    return found


def may_be_anonymous(code: str, keyword: str) -> bool:
    return (code, keyword) in ANONYMOUS
