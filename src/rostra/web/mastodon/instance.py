"""What this house says of itself: instance documents, and the lists that every app asks for at its start."""

from __future__ import annotations

from typing import Any, Final

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import SkipValidation

import rostra
from rostra.network.accounts import AccountStore, ProfileStore
from rostra.network.accounts.profiles import FIELDS_MAX
from rostra.network.credentials import Registration
from rostra.network.media.attachments import DESCRIPTION_LENGTH
from rostra.network.polls import EXPIRES_MAX, EXPIRES_MIN, OPTION_CHARACTERS, OPTIONS_MAX
from rostra.network.posts import MEDIA_MAX
from rostra.network.posts.posts import PINS_MAX
from rostra.network.remaking.sniffing import TYPES
from rostra.network.tagging import FEATURED_MAX
from rostra.web import answers
from rostra.web.mastodon.asking import reading
from rostra.web.mastodon.reports import rules
from rostra.web.mastodon.writing import Writer
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]
VERSION: Final = f"4.3.0 (compatible; Rostra {rostra.__version__})"
"""Apps read Mastodon's version from the front and switch features by it."""
API_VERSION: Final = 7
CHARACTERS_PER_URL: Final = 23
DESCRIPTION: Final = "Live public conversations, and a small network around them."


@get("/api/v2/instance")
async def v2(request: AnyRequest, site: TheSite) -> Response[bytes]:
    async with reading(request, site, "read") as asked:
        owner = await _owner(asked.session, site)
    registration = site.house.membership.registration
    return answers.as_json(
        {
            "domain": site.host,
            "title": site.name,
            "version": VERSION,
            "source_url": "",
            "description": DESCRIPTION,
            "usage": {"users": {"active_month": 0}},
            "thumbnail": {"url": f"{site.url}/drawn/header.png", "blurhash": None, "versions": {}},
            "icon": [],
            "languages": ["en"],
            "configuration": _configuration(site),
            "registrations": {
                "enabled": registration in (Registration.OPEN, Registration.APPROVAL),
                "approval_required": registration is Registration.APPROVAL,
                "reason_required": False,
                "message": None,
                "min_age": None,
                "url": None,
            },
            "api_versions": {"mastodon": API_VERSION},
            "contact": {"email": "", "account": owner},
            "rules": rules(),
        }
    )


@get("/api/v1/instance")
async def v1(request: AnyRequest, site: TheSite) -> Response[bytes]:
    async with reading(request, site, "read") as asked:
        owner = await _owner(asked.session, site)
        accounts, posts = await ProfileStore(asked.session).totals()
    registration = site.house.membership.registration
    return answers.as_json(
        {
            "uri": site.host,
            "title": site.name,
            "short_description": DESCRIPTION,
            "description": DESCRIPTION,
            "email": "",
            "version": VERSION,
            "urls": {"streaming_api": _streaming(site)},
            "stats": {"user_count": accounts, "status_count": posts, "domain_count": 1},
            "thumbnail": f"{site.url}/drawn/header.png",
            "languages": ["en"],
            "registrations": registration in (Registration.OPEN, Registration.APPROVAL),
            "approval_required": registration is Registration.APPROVAL,
            "invites_enabled": registration is not Registration.CLOSED,
            "configuration": _configuration(site),
            "contact_account": owner,
            "rules": rules(),
        }
    )


@get("/api/v1/instance/extended_description")
async def extended_description(request: AnyRequest, site: TheSite) -> Response[bytes]:
    async with reading(request, site, "read"):
        return answers.as_json({"updated_at": None, "content": ""})


def _configuration(site: Site) -> dict[str, Any]:
    return {
        "urls": {"streaming": _streaming(site), "about": site.url, "status": None},
        "vapid": {"public_key": site.push_key},
        "accounts": {
            "max_featured_tags": FEATURED_MAX,
            "max_pinned_statuses": PINS_MAX,
            "max_profile_fields": FIELDS_MAX,
        },
        "statuses": {
            "max_characters": site.house.post_characters,
            "max_media_attachments": MEDIA_MAX,
            "characters_reserved_per_url": CHARACTERS_PER_URL,
        },
        "media_attachments": {
            "supported_mime_types": list(TYPES),
            "description_limit": DESCRIPTION_LENGTH,
            "image_size_limit": site.house.media.picture_bytes,
            "image_matrix_limit": site.house.media.picture_pixels,
            "video_size_limit": site.house.media.video_bytes,
            "video_frame_rate_limit": site.house.media.frames_per_s,
            "video_matrix_limit": site.house.media.video_pixels,
        },
        "polls": {
            "max_options": OPTIONS_MAX,
            "max_characters_per_option": OPTION_CHARACTERS,
            "min_expiration": int(EXPIRES_MIN.total_seconds()),
            "max_expiration": int(EXPIRES_MAX.total_seconds()),
        },
        "translation": {"enabled": False},
        "timelines_access": {
            "live_feeds": {"local": "public", "remote": "disabled"},
            "hashtag_feeds": {"local": "public", "remote": "disabled"},
            "trending_link_feeds": {"local": "disabled", "remote": "disabled"},
        },
        "limited_federation": True,
    }


def _streaming(site: Site) -> str:
    return site.url.replace("http", "ws", 1)


async def _owner(session: Any, site: Site) -> Any:
    """The account to turn to. There is one from the first start on; apps crash without."""
    owner = await AccountStore(session).owner()
    if owner is None:
        return None
    found = await ProfileStore(session).by_ids([owner.id])
    return Writer(site.url).account(found[owner.id]) if owner.id in found else None


handlers = [v2, v1, extended_description]
