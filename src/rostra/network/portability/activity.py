"""Posts and profiles as ActivityPub has them, for an export that others can read: Activity Streams 2.0. Pure.

Nothing here is sent anywhere. The shapes are those of Mastodon's archive, so that what reads that reads this.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from rostra.network.addresses import Addresses
from rostra.network.posts import MentionRef, TagRef
from rostra.platform.ids import made_at

CONTEXT: Final = "https://www.w3.org/ns/activitystreams"
PUBLIC: Final = "https://www.w3.org/ns/activitystreams#Public"
_mentions: Final = msgspec.json.Decoder(list[MentionRef])
_tags: Final = msgspec.json.Decoder(list[TagRef])


@dataclass(frozen=True, slots=True, kw_only=True)
class Attached:
    """A file of a post. path: in the archive, or None where it was not ready."""

    path: str | None
    media_type: str
    description: str | None
    blurhash: str | None
    width: int
    height: int


def actor(row: Any, addresses: Addresses, fields: list[dict[str, str]], pictures: Mapping[str, str]) -> dict[str, Any]:
    """The profile. row: of the accounts. pictures: "icon" and "image" → path in the archive."""
    uri = addresses.account(row.handle)
    return {
        "@context": [CONTEXT, "https://w3id.org/security/v1"],
        "id": uri,
        "type": "Service" if row.bot else "Person",
        "preferredUsername": row.handle,
        "name": row.display_name,
        "summary": row.note_html,
        "url": addresses.profile(row.handle),
        "manuallyApprovesFollowers": row.locked,
        "discoverable": row.discoverable,
        "indexable": row.indexable,
        "published": stamp(made_at(row.id)),
        "outbox": "outbox.json",
        "likes": "likes.json",
        "bookmarks": "bookmarks.json",
        "attachment": [{"type": "PropertyValue", **each} for each in fields],
        "publicKey": {"id": f"{uri}#main-key", "owner": uri, "publicKeyPem": row.public_key},
        **{kind: {"type": "Image", "url": path} for kind, path in pictures.items()},
    }


def created(
    row: Any, addresses: Addresses, handle: str, answers: str | None, attached: list[Attached]
) -> dict[str, Any]:
    """An original. row: of the posts. answers: the address of what it answers."""
    uri, actor_uri = addresses.post_uri(handle, row.id), addresses.account(handle)
    to, cc = _addressed(row, addresses, actor_uri)
    published = stamp(made_at(row.id))
    note: dict[str, Any] = {
        "id": uri,
        "type": "Note",
        "summary": row.spoiler_text or None,
        "inReplyTo": answers,
        "published": published,
        "url": addresses.post(handle, row.id),
        "attributedTo": actor_uri,
        "to": to,
        "cc": cc,
        "sensitive": row.sensitive,
        "content": row.html,
        "source": {"content": row.text, "mediaType": "text/plain"},
        "attachment": [_document(each) for each in attached],
        "tag": [
            *(
                {"type": "Mention", "href": each.url, "name": f"@{each.acct}"}
                for each in _mentions.decode(row.mentions)
            ),
            *({"type": "Hashtag", "href": each.url, "name": f"#{each.name}"} for each in _tags.decode(row.tags)),
        ],
    }
    if row.language:
        note["contentMap"] = {row.language: row.html}
    if row.edited_at is not None:
        note["updated"] = stamp(row.edited_at)
    common = {"actor": actor_uri, "published": published, "to": to, "cc": cc}
    return {"id": f"{uri}/activity", "type": "Create", **common, "object": note}


def announced(row: Any, addresses: Addresses, handle: str, original: str) -> dict[str, Any]:
    """A boost. original: the address of what it boosts."""
    actor_uri = addresses.account(handle)
    to, cc = _addressed(row, addresses, actor_uri)
    common = {"actor": actor_uri, "published": stamp(made_at(row.id)), "to": to, "cc": cc}
    return {"id": addresses.boost_uri(handle, row.id), "type": "Announce", **common, "object": original}


def stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _addressed(row: Any, addresses: Addresses, actor_uri: str) -> tuple[list[str], list[str]]:
    """To whom a post went, as Mastodon says it."""
    mentioned = [addresses.account(each.username) for each in _mentions.decode(row.mentions)]
    followers = f"{actor_uri}/followers"
    if row.visibility == "public":
        return [PUBLIC], [followers, *mentioned]
    if row.visibility == "unlisted":
        return [followers], [PUBLIC, *mentioned]
    if row.visibility == "private":
        return [followers], mentioned
    return mentioned, []


def _document(attached: Attached) -> dict[str, Any]:
    return {
        "type": "Document",
        "mediaType": attached.media_type,
        "url": attached.path,
        "name": attached.description,
        "blurhash": attached.blurhash,
        "width": attached.width,
        "height": attached.height,
    }
