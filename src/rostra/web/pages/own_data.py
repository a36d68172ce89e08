"""Your data: an archive of everything that is one's own, and sheets from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, cast

from litestar import Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation

from rostra.flows.export_data import ask_for_export, export_to_download
from rostra.flows.import_data import ask_for_import
from rostra.flows.permission import account_of
from rostra.network.portability import (
    Export,
    ExportId,
    ExportState,
    ExportStore,
    Import,
    ImportStore,
    NoSheet,
    Sheet,
    StillAtIt,
    TooEarly,
)
from rostra.network.portability.exports import AGAIN_AFTER
from rostra.network.portability.sheets import SHEET_BYTES
from rostra.platform.errors import Invalid, RostraError
from rostra.platform.wording import _
from rostra.web import answers
from rostra.web.framing import private_frame
from rostra.web.guards.sessions import (
    CSRF_FIELD,
    SignedIn,
    check_csrf,
    check_origin,
    own_form,
    require_signed_in,
)
from rostra.web.pages import words
from rostra.web.pages.asking import check_may_write, post_number
from rostra.web.pages.downloads import send_file
from rostra.web.pages.views.data import DataPage, ExportView, ImportView, MissView
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]
PATH: Final = "/settings/data"
FORM_BYTES: Final = SHEET_BYTES + 64 * 1024
_KINDS: Final = {
    Sheet.FOLLOWING: _("Whom you follow (following_accounts.csv)"),
    Sheet.BLOCKS: _("Whom you block (blocked_accounts.csv)"),
    Sheet.MUTES: _("Whom you mute (muted_accounts.csv)"),
    Sheet.BOOKMARKS: _("Bookmarks (bookmarks.csv)"),
}
_NOTICES: Final = {
    "asked": _("Your archive is being made. You may leave this page and come back."),
    "sent": _("Your file is being taken in. You may leave this page and come back."),
}


@get(PATH)
async def own_data(request: AnyRequest, site: TheSite) -> Response[bytes]:
    who = await require_signed_in(request, site)
    return await _show(site, who, notice=_NOTICES.get(request.query_params.get("done", "")))


@post(f"{PATH}/export", status_code=200)
async def export(request: AnyRequest, site: TheSite) -> Response[Any]:
    """Whatever the state of the account: who is suspended takes along what is theirs, too."""
    who, _ = await own_form(request, site)
    try:
        await ask_for_export(site.house, account_of(who.viewer))
    except TooEarly as error:
        return await _show(site, who, export_error=error)
    return answers.see_other(f"{PATH}?done=asked")


@get(f"{PATH}/export/{{number:str}}")
async def download(request: AnyRequest, site: TheSite, number: FromPath[str]) -> Response[Any]:
    """The archive, for its owner's own session alone."""
    who = await require_signed_in(request, site)
    found, path = await export_to_download(site.house, ExportId(post_number(number)), account_of(who.viewer))
    name = f"{who.viewer.handle}-{found.asked_at:%Y-%m-%d}.zip"
    return send_file(request, path, path.name, "application/zip", caching="private, no-store", download_name=name)


@post(f"{PATH}/import", status_code=200, request_max_body_size=FORM_BYTES)
async def bring_along(request: AnyRequest, site: TheSite) -> Response[Any]:
    who = await require_signed_in(request, site)
    check_origin(request, site)
    fields = cast("Mapping[str, Any]", await request.form())
    check_csrf(who, fields.get(CSRF_FIELD))
    account_id = await check_may_write(site, who)
    kind, upload = fields.get("kind"), fields.get("file")
    try:
        if kind not in set(Sheet) or not isinstance(upload, UploadFile) or not upload.filename:
            raise Invalid("no file", user_message="Choose what it is, and the file.")
        await ask_for_import(site.house, account_id, Sheet(kind), await upload.read())
    except (Invalid, NoSheet, StillAtIt) as error:
        return await _show(site, who, import_error=error)
    return answers.see_other(f"{PATH}?done=sent")


async def _show(
    site: Site,
    who: SignedIn,
    *,
    export_error: RostraError | None = None,
    import_error: RostraError | None = None,
    notice: str | None = None,
) -> Response[bytes]:
    account_id, now = account_of(who.viewer), site.house.clock.now()
    async with site.house.database.reading() as session:
        found = await ExportStore(session).of(account_id)
        imports = await ImportStore(session).of(account_id)
    may_ask = found is None or found.state is ExportState.FAILED
    page = DataPage(
        export=None if found is None else _export_view(found, now),
        may_ask=may_ask or (found is not None and found.is_settled and found.asked_at <= now - AGAIN_AFTER),
        imports=tuple(_import_view(each) for each in imports),
        kinds=tuple((kind.value, text) for kind, text in _KINDS.items()),
        is_busy=any(not each.is_done for each in imports) or (found is not None and not found.is_settled),
        export_error="" if export_error is None else export_error.user_message,
        import_error="" if import_error is None else import_error.user_message,
    )
    error = export_error or import_error
    html = site.renderer.html(page, private_frame(site, PATH, who, notice=notice))
    return answers.private(html, status_code=200 if error is None else int(error.status))


def _export_view(export: Export, now: datetime) -> ExportView:
    is_here = export.state is ExportState.READY and export.expires_at is not None and export.expires_at > now
    return ExportView(
        state=export.state.value,
        progress=export.progress,
        asked=words.moment(export.asked_at, "UTC"),
        url=f"{PATH}/export/{export.id}" if is_here else "",
        size=words.size_text(export.size_bytes),
        expires=words.moment_or_none(export.expires_at, "UTC"),
        problem=export.problem,
    )


def _import_view(found: Import) -> ImportView:
    return ImportView(
        kind=_KINDS[found.kind],
        asked=words.moment(found.asked_at, "UTC"),
        total=found.total,
        done=found.done,
        missed=found.missed,
        misses=tuple(MissView(line=each.line + 1, address=each.address, reason=each.reason) for each in found.misses),
        is_done=found.is_done,
    )


handlers = [own_data, export, download, bring_along]
