"""Settings: what somebody says of themselves, and how their posts begin. How they sign in is in `securing`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from rostra.flows.edit_profile import edit_profile
from rostra.flows.judge_account import why_held
from rostra.flows.take_media import describe_profile_picture, remove_profile_picture, take_profile_picture
from rostra.network.accounts import AccountState, OwnProfile, ProfileChange, ProfileField, ProfileStore
from rostra.network.accounts.profiles import DISPLAY_NAME_CHARACTERS, FIELD_CHARACTERS, FIELDS_MAX, NOTE_CHARACTERS
from rostra.network.addresses import Addresses
from rostra.network.media import MediaStore, Purpose, description
from rostra.network.media.attachments import DESCRIPTION_LENGTH
from rostra.network.posts import QuotePolicy
from rostra.network.remaking.orders import MEGABYTE
from rostra.network.visibility import Visibility
from rostra.platform.errors import Invalid, RostraError
from rostra.platform.wording import _
from rostra.web import answers
from rostra.web.pages.asking import acting, answered, own_reading
from rostra.web.pages.languages import LANGUAGES
from rostra.web.pages.receiving import Sent, acting_with_files
from rostra.web.pages.redressing import STATEMENTS
from rostra.web.pages.views.settings import PictureView, PostingPage, ProfileForm, SettingsPage
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]
PATH: Final = "/settings"
POSTING_PATH: Final = f"{PATH}/posting"
PICTURES: Final = (Purpose.AVATAR, Purpose.HEADER)
_SAVED: Final = "Saved."
_PART_SAVED: Final = _("The rest is saved.")
_fields: Final = msgspec.json.Decoder(list[ProfileField])


@get(PATH)
async def profile(request: AnyRequest, site: TheSite) -> Response[bytes]:
    return await _show(request, site, notice=_SAVED if "done" in request.query_params else None)


@post(PATH, status_code=200, request_max_body_size=None)
async def save_profile(request: AnyRequest, site: TheSite) -> Response[Any]:
    """The words first, all or none of them; then each picture by itself."""
    most_bytes = len(PICTURES) * site.house.media.picture_bytes
    async with acting_with_files(request, site, tuple(PICTURES), most_bytes=most_bytes) as sent:
        typed = _typed(sent.fields)
        try:
            texts = {each: description(sent.fields.get(f"{each}_text")) for each in PICTURES}
            await edit_profile(site.house, sent.by, _change(typed), list(typed.fields))
        except Invalid as error:
            return await _show(request, site, typed=typed, errors={error.field or "note": error.user_message})
        errors = {}
        for each in PICTURES:
            try:
                await _settle_picture(site, sent, each, texts[each])
            except RostraError as error:
                errors[each.value] = error.user_message
    if errors:
        return await _show(request, site, errors=errors, notice=_PART_SAVED)
    return answers.see_other(f"{PATH}?done=saved")


@get(POSTING_PATH)
async def posting(request: AnyRequest, site: TheSite) -> Response[bytes]:
    async with own_reading(request, site) as (asked, viewer):
        own = await ProfileStore(asked.session).own(viewer, requests_count=0)
    page = PostingPage(
        visibility=own.post_visibility,
        language=own.post_language or "",
        sensitive=own.post_sensitive,
        quote_policy=own.post_quote_policy,
        languages=LANGUAGES,
    )
    return answered(asked, page, notice=_SAVED if "done" in request.query_params else None)


@post(POSTING_PATH, status_code=200)
async def save_posting(request: AnyRequest, site: TheSite) -> Response[Any]:
    by, _, form = await acting(request, site)
    visibility, language = form.get("visibility", ""), form.get("language", "")
    policy = form.get("quote_policy", QuotePolicy.PUBLIC.value)
    if policy not in set(QuotePolicy):
        raise Invalid(f"quote policy {policy[:20]!r}", field="quote_policy")
    if visibility not in set(Visibility) or (language and language not in LANGUAGES):
        raise Invalid(f"visibility {visibility[:20]!r}, language {language[:20]!r}", field="visibility")
    change = ProfileChange(
        post_visibility=visibility,
        post_language=language,
        post_sensitive="sensitive" in form,
        post_quote_policy=policy,
    )
    await edit_profile(site.house, by, change, None)
    return answers.see_other(f"{POSTING_PATH}?done=saved")


async def _settle_picture(site: Site, sent: Sent, purpose: Purpose, text: Any) -> None:
    """A new picture, or none any more, or other words for the one that is there."""
    received = sent.files.get(purpose.value)
    if received is not None:
        await take_profile_picture(site.house, sent.by, received, purpose, text=text)
    elif f"{purpose}_remove" in sent.fields:
        await remove_profile_picture(site.house, sent.by, purpose)
    else:
        await describe_profile_picture(site.house, sent.by, purpose, text)


def _typed(fields: Mapping[str, str]) -> ProfileForm:
    pairs = ((fields.get(f"field_name_{line}", ""), fields.get(f"field_value_{line}", "")) for line in _lines())
    return ProfileForm(
        display_name=fields.get("display_name", ""),
        note=fields.get("note", "").replace("\r\n", "\n"),
        fields=tuple(pairs),
        locked="locked" in fields,
        bot="bot" in fields,
        discoverable="discoverable" in fields,
        indexable="indexable" in fields,
    )


def _change(typed: ProfileForm) -> ProfileChange:
    return ProfileChange(
        display_name=typed.display_name,
        note=typed.note,
        locked=typed.locked,
        bot=typed.bot,
        discoverable=typed.discoverable,
        indexable=typed.indexable,
    )


def _form_of(own: OwnProfile) -> ProfileForm:
    pairs = (
        [] if own.profile.fields == "[]" else [(each.name, each.value) for each in _fields.decode(own.profile.fields)]
    )
    return ProfileForm(
        display_name=own.profile.display_name,
        note=own.note,
        fields=tuple([*pairs, *(("", "") for _ in _lines())][:FIELDS_MAX]),
        locked=own.profile.locked,
        bot=own.profile.bot,
        discoverable=own.profile.discoverable,
        indexable=own.profile.indexable,
    )


def _lines() -> range:
    return range(1, FIELDS_MAX + 1)


async def _show(
    request: AnyRequest,
    site: Site,
    *,
    typed: ProfileForm | None = None,
    errors: Mapping[str, str] | None = None,
    notice: str | None = None,
) -> Response[bytes]:
    """The form as it is, or as it was typed, with what is wrong with it."""
    async with own_reading(request, site) as (asked, viewer):
        own = await ProfileStore(asked.session).own(viewer, requests_count=0)
        texts = await MediaStore(asked.session).profile_texts(viewer)
        is_limited = own.profile.state is AccountState.LIMITED
        why = await why_held(site.house, asked.session, viewer) if is_limited else None
    addresses, found = Addresses(""), own.profile
    page = SettingsPage(
        profile_url=addresses.profile(found.handle),
        acct=f"@{found.handle}",
        form=typed or _form_of(own),
        avatar=PictureView(
            url=addresses.avatar(found.id, found.avatar),
            own=found.avatar is not None,
            text=texts.get(Purpose.AVATAR, ""),
        ),
        header=PictureView(
            url=addresses.header(found.header), own=found.header is not None, text=texts.get(Purpose.HEADER, "")
        ),
        limited=is_limited,
        limited_reason="" if why is None else why.reason,
        limited_url="" if why is None or why.decision_id is None else f"{STATEMENTS}/{why.decision_id}",
        errors=errors or {},
        name_max=DISPLAY_NAME_CHARACTERS,
        note_max=NOTE_CHARACTERS,
        field_max=FIELD_CHARACTERS,
        text_max=DESCRIPTION_LENGTH,
        picture_mb=site.house.media.picture_bytes // MEGABYTE,
    )
    return answered(asked, page, status_code=int(Invalid.status) if errors else 200, notice=notice)


handlers = [profile, save_profile, posting, save_posting]
