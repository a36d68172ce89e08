"""A bounded memory of things that are costly to make and depend on nothing but their key."""

from __future__ import annotations

from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Remembered(Generic[K, V]):
    """What was asked for lately. Two generations: when the young one is full, it becomes the old one, whose things are
    forgotten unless somebody asks for them; so a look-up costs one or two reads of a dictionary and no bookkeeping.

    size: of a generation. A key must say everything that its thing is made of: nothing is ever out of date then.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._young: dict[K, V] = {}
        self._old: dict[K, V] = {}

    def get(self, key: K) -> V | None:
        found = self._young.get(key)
        if found is None and (found := self._old.get(key)) is not None:
            self.keep(key, found)
        return found

    def keep(self, key: K, value: V) -> V:
        if len(self._young) >= self._size:
            self._old, self._young = self._young, {}
        self._young[key] = value
        return value

    def __len__(self) -> int:
        return len(self._young) + len(self._old)
