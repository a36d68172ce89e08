"""What the desk offers can be done, and what can be done is offered."""

from __future__ import annotations

import pytest

from rostra.safety.restrictions import IN_ROOM, Kind, Measure
from rostra.safety.restrictions.restrictions import MEASURES
from rostra.safety.subjects import SubjectKind
from rostra.web.pages import desk_words

_ELSEWHERE = IN_ROOM | {Measure.SILENCE}
"""At the live desk, and for spans."""


@pytest.mark.parametrize("kind", [SubjectKind.POST, SubjectKind.MEDIA, SubjectKind.BROADCAST])
def test_every_measure_of_content_is_offered(kind: SubjectKind) -> None:
    assert set(desk_words.MEASURES[kind]) == MEASURES[Kind(kind.value)] - _ELSEWHERE


def test_every_measure_of_an_account_is_offered() -> None:
    assert set(desk_words.ON_ACCOUNT) == MEASURES[Kind.ACCOUNT]
