"""The form that schedules or edits a broadcast."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleForm:
    """Values of the form as typed, so that a mistake never empties a field. Names are the fields' `name`s.

    `host_name` is the organiser's name as listeners see it. `picture` is a file field (JPEG, PNG or WebP, up to
    10 MB); `remove_picture` a checkbox while editing.
    """

    title: str = ""
    description: str = ""
    host_name: str = ""
    date: str = ""
    time: str = ""
    zone: str = ""
    visibility: Literal["public", "unlisted"] = "public"
    auto_start: bool = False
    doors_open_before_min: str = "15"
    delay_s: str = "0"
    with_captions: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SchedulePage:
    """`schedule.html`: to schedule (`editing` False) or to edit. Posts multipart/form-data to `action_url`.

    errors: field name -> sentence; "" is the key of an error that belongs to no field. zones: IANA names, sorted.
    locked: field names that cannot change any more (time and delay of a broadcast whose doors are open). version: goes
    into the hidden field `version` while editing, so that two people do not overwrite each other; None otherwise.
    captions: whether the operator has an engine for them, so that there is something to choose.
    """

    editing: bool
    version: int | None
    action_url: str
    back_url: str
    form: ScheduleForm
    errors: Mapping[str, str]
    zones: tuple[str, ...]
    locked: frozenset[str]
    picture_url: str | None
    captions: bool
