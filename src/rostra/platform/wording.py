"""Sentences that Python makes, in the language of whoever reads them.

A sentence is made once, where it is known what is to be said, and read later by somebody. So `_` keeps what it was made
of: as a str it is the English text, which logs, apps and comparisons get; written into a page or a letter (`str()`,
f-strings, templates) it is said in the language that `reading_in` has set, through gettext as the templates' own words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from gettext import NullTranslations
from types import MappingProxyType
from typing import Any, Final

ENGLISH: Final = NullTranslations()
_reader: Final[ContextVar[NullTranslations]] = ContextVar("reader", default=ENGLISH)


class Said(str):
    """message: the English text with the places of `parts` as `str.format` has them, where there are any.

    of_one, count: where number matters, the form for one and the number. Parts may be sentences themselves.
    """

    __slots__ = ("_count", "_message", "_of_one", "_parts")

    _message: str
    _of_one: str
    _count: int | None
    _parts: Mapping[str, Any]

    def __new__(
        cls,
        message: str,
        parts: Mapping[str, Any] = MappingProxyType({}),
        *,
        of_one: str = "",
        count: int | None = None,
    ) -> Said:
        english = of_one if count == 1 and of_one else message
        made = super().__new__(cls, english.format(**parts) if parts else english)
        made._message, made._of_one, made._count, made._parts = message, of_one, count, parts
        return made

    def __str__(self) -> str:
        words = _reader.get()
        if self._count is None:
            text = words.gettext(self._message)
        else:
            text = words.ngettext(self._of_one, self._message, self._count)
        return text.format(**self._parts) if self._parts else text

    def __format__(self, form: str) -> str:
        return format(str(self), form)


def _(message: str, /, **parts: Any) -> str:
    """A sentence. parts: what stands at its places in braces."""
    return Said(message, parts)


def counted(of_one: str, of_many: str, count: int, /, **parts: Any) -> str:
    """A sentence whose form depends on a number, which is the part `n`."""
    return Said(of_many, parts | {"n": count}, of_one=of_one, count=count)


def said(text: str) -> str:
    """A text that was written as a whole, such as what an error says, as a sentence."""
    return text if isinstance(text, Said) else Said(text)


def plain(value: Any) -> str:
    """`enc_hook` of encoders of JSON (msgspec), which take no other str. Raises NotImplementedError."""
    if isinstance(value, Said):
        return str(value)
    raise NotImplementedError(type(value).__name__)


def words() -> NullTranslations:
    """Of whoever reads now."""
    return _reader.get()


@contextmanager
def reading_in(language: NullTranslations) -> Iterator[None]:
    """Everything that is written out in this block is for a reader of this language."""
    before = _reader.set(language)
    try:
        yield
    finally:
        _reader.reset(before)
