"""What stays is left out of the search, and what comes later is still found."""

from __future__ import annotations

import gc
import weakref

from rostra.platform.garbage import settle


class Thing:
    other: Thing


def test_later_cycles_are_freed() -> None:
    before = gc.get_threshold()
    try:
        settle()
        assert gc.get_freeze_count() > 0
        one, two = Thing(), Thing()
        one.other, two.other = two, one
        watched = weakref.ref(one)
        del one, two
        gc.collect()
        assert watched() is None
    finally:
        gc.unfreeze()
        gc.set_threshold(*before)
