"""Reasons that moderators write often: kept by whoever moderates, and filled in for whoever will read them."""

from __future__ import annotations

from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from rostra.flows.house import House
from rostra.flows.judges import Judge
from rostra.flows.locate import described
from rostra.flows.permission import moderator_of
from rostra.flows.read_cases import CaseFile
from rostra.flows.read_evidence import read_evidence
from rostra.network.accounts import ProfileStore, Viewer
from rostra.platform.errors import Conflict
from rostra.platform.ids import made_at
from rostra.safety.decisions import Ground
from rostra.safety.subjects import SubjectKind
from rostra.safety.templates import (
    TEMPLATES_MOST,
    NoSuchTemplate,
    Template,
    TemplateStore,
    TemplateText,
    checked_template,
    filled,
    in_language,
)

DEFAULT_LANGUAGE: Final = "en"
"""What is tried when nothing is written in a language that the reader is known to read."""
QUOTE_CHARACTERS: Final = 120


async def templates(house: House, viewer: Viewer) -> list[Template]:
    """Raises Unauthorized, Forbidden."""
    moderator_of(viewer)
    async with house.database.reading() as session:
        return await TemplateStore(session).all()


async def save_template(house: House, viewer: Viewer, text: TemplateText, *, template_id: int | None) -> None:
    """template_id: None for a new one. Raises Unauthorized, Forbidden, Invalid, NoSuchTemplate, Conflict."""
    who, text = moderator_of(viewer), checked_template(text)
    async with house.database.transaction() as session:
        store = TemplateStore(session)
        if template_id is not None:
            await store.get(template_id)
        elif len(await store.all()) >= TEMPLATES_MOST:
            message = f"There are {TEMPLATES_MOST} templates. Remove some that nobody uses."
            raise Conflict("too many templates", user_message=message)
        number = house.ids.next() if template_id is None else template_id
        template = Template(id=number, text=text, by=who, written_at=house.clock.now())
        await store.put(template, is_new=template_id is None)


async def remove_template(house: House, viewer: Viewer, template_id: int) -> None:
    """What was decided with it stays as it is. Raises Unauthorized, Forbidden."""
    moderator_of(viewer)
    async with house.database.transaction() as session:
        await TemplateStore(session).remove(template_id)


async def names_of_templates(house: House) -> dict[str, tuple[str, ...]]:
    """Name → the languages that it is written in."""
    async with house.database.reading() as session:
        found: dict[str, tuple[str, ...]] = {}
        for each in await TemplateStore(session).all():
            found[each.text.name] = (*found.get(each.text.name, ()), each.text.language)
        return found


async def rules_in_templates(house: House) -> tuple[str, ...]:
    """The rules of this place that its templates name, each once: what a moderator need not type while it is live."""
    async with house.database.reading() as session:
        texts = [each.text for each in await TemplateStore(session).all()]
    rules = (each.ground_text for each in texts if each.ground is Ground.TERMS and "{" not in each.ground_text)
    return tuple(dict.fromkeys(each for each in rules if each))


async def fill_template(house: House, judge: Judge, file: CaseFile, name: str) -> TemplateText:
    """For whom the case concerns: in the language in which they write, else in that of what was flagged.

    Raises NoSuchTemplate, and as read_evidence.
    """
    quote = await _quote(house, judge, file)
    async with house.database.reading() as session:
        written = await TemplateStore(session).named(name)
        if not written:
            raise NoSuchTemplate(f"template {name[:60]!r}")
        found = in_language(written, await _languages(session, file)) or written[0]
        facts = {
            "what": await described(house, session, file.case.subject),
            "account": _account(file),
            "published": _day(file),
            "flagged": f"{file.case.opened_at:%Y-%m-%d}",
            "quote": quote,
            "place": house.membership.site_name,
        }
    return filled(found.text, facts)


async def _languages(session: AsyncSession, file: CaseFile) -> list[str]:
    chosen = None
    if file.case.affected is not None:
        chosen = await ProfileStore(session).post_language(file.case.affected)
    return [each for each in (chosen, file.case.language, DEFAULT_LANGUAGE) if each]


async def _quote(house: House, judge: Judge, file: CaseFile) -> str:
    kept = [each for each in file.evidence if each.gone_at is None and each.kind == "content"]
    if file.case.subject.kind is not SubjectKind.POST or not kept:
        return ""
    snapshot = await read_evidence(house, judge, file.case.id, kept[0].id)
    text = " ".join(str((snapshot.post or {}).get("text", "")).split())
    return text if len(text) <= QUOTE_CHARACTERS else f"{text[:QUOTE_CHARACTERS]}…"


def _account(file: CaseFile) -> str:
    found = None if file.case.affected is None else file.people.get(file.case.affected)
    return "" if found is None else f"@{found.handle}"


def _day(file: CaseFile) -> str:
    """When what was flagged came to be; it is in its number."""
    return f"{made_at(file.case.subject.id):%Y-%m-%d}"
