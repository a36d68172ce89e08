"""Editing one's profile: what was typed is cleaned and rendered once, here."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from rostra.flows.house import House
from rostra.flows.watch_profile import want_look
from rostra.network import text
from rostra.network.accounts import OwnProfile, ProfileChange, ProfileField, ProfileStore
from rostra.network.accounts.profiles import check_fields
from rostra.network.follows import EdgeLists
from rostra.platform.ids import AccountId


async def edit_profile(
    house: House, account_id: AccountId, change: ProfileChange, fields: list[tuple[str, str]] | None
) -> OwnProfile:
    """fields: name and value of each line; None leaves them. Raises Invalid."""
    if change.display_name is not None:
        change = replace(change, display_name=text.clean_name(change.display_name))
    if change.note is not None:
        note = text.clean(change.note)
        change = replace(change, note=note, note_html=_html(house, note))
    if fields is not None:
        change = replace(change, fields=_fields(house, fields))
    async with house.database.transaction() as session:
        await ProfileStore(session).change(account_id, change)
        await want_look(house, session, account_id)
        requests = await EdgeLists(session).requests_count(account_id)
        return await ProfileStore(session).own(account_id, requests_count=requests)


def _fields(house: House, pairs: list[tuple[str, str]]) -> str:
    kept = [(text.clean_name(name), text.clean_name(value)) for name, value in pairs if name.strip() or value.strip()]
    check_fields(kept)
    lines = [ProfileField(name=name, value=value, html=_html(house, value)) for name, value in kept]
    return msgspec.json.encode(lines).decode()


def _html(house: House, plain: str) -> str:
    return text.render(plain, mentioned={}, site=house.site_url).html
