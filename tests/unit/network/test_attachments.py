"""What may be said about an attachment."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from rostra.network.media import Attachment, Focus, Purpose, State, media_attachment
from rostra.network.media.attachments import description
from rostra.network.remaking.orders import Kind, Meta
from rostra.platform.errors import Invalid
from rostra.platform.ids import AccountId, MediaId


def test_a_focus_is_two_numbers() -> None:
    assert Focus.parse("0.5,-0.25") == Focus(0.5, -0.25)


@pytest.mark.parametrize("text", ["", "1", "1,2", "nan,0", "inf,0", "a,b", "0,0,0"])
def test_anything_else_is_none(text: str) -> None:
    with pytest.raises(Invalid) as caught:
        Focus.parse(text)
    assert caught.value.field == "focus"


def test_a_description_has_1500_characters_at_most() -> None:
    assert description("x" * 1500) == "x" * 1500
    assert description(" two\nlines\x00 ") == "two\nlines"
    assert description("   ") is None
    with pytest.raises(Invalid):
        description("x" * 1501)


def an_attachment(kind: Kind, meta: Meta, **more: Any) -> Attachment:
    values = {"file": "ab/cd.mp4", "small": "ab/ef.jpg", "state": State.READY, "focus": Focus(0.5, -0.5)} | more
    now = datetime(2026, 5, 4, tzinfo=UTC)
    return Attachment(
        id=MediaId(7),
        account_id=AccountId(1),
        purpose=Purpose.ATTACHMENT,
        kind=kind,
        meta=meta,
        created_at=now,
        changed_at=now,
        **values,
    )


def test_apps_read_a_picture() -> None:
    """The members that clients do not open a post without: sizes of the original and of the small one, the focus."""
    meta = Meta(width=1200, height=900, small_width=640, small_height=480)
    entity = media_attachment(an_attachment(Kind.IMAGE, meta), "https://s.test")
    assert (entity.id, entity.type) == ("7", "image")
    assert (entity.url, entity.preview_url) == ("https://s.test/media/abcd.mp4", "https://s.test/media/abef.jpg")
    assert entity.meta["original"] == {"width": 1200, "height": 900, "size": "1200x900", "aspect": 1.333333}
    assert entity.meta["small"]["size"] == "640x480"
    assert entity.meta["focus"] == {"x": 0.5, "y": -0.5}


def test_apps_read_a_film_and_sound() -> None:
    meta = Meta(width=64, height=48, small_width=64, small_height=48, duration_s=65.3, frames_per_s=25.0, bits_per_s=9)
    film = media_attachment(an_attachment(Kind.VIDEO, meta), "https://s.test").meta
    assert (film["length"], film["duration"], film["fps"], film["size"]) == ("0:01:05.30", 65.3, 25, "64x48")
    assert film["original"] == {"width": 64, "height": 48, "frame_rate": "25/1", "duration": 65.3, "bitrate": 9}
    sound = media_attachment(
        an_attachment(Kind.AUDIO, Meta(duration_s=2.0, bits_per_s=9), small=None), "https://s.test"
    )
    assert (sound.preview_url, sound.meta["original"]) == (None, {"duration": 2.0, "bitrate": 9})


def test_what_waits_has_no_address() -> None:
    waiting = an_attachment(Kind.VIDEO, Meta(), state=State.MAKING, file=None, small=None, progress=40)
    entity = media_attachment(waiting, "https://s.test")
    assert (entity.url, entity.preview_url, entity.progress, entity.meta) == (None, None, 40, {})
