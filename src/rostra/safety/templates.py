"""Reasons that moderators write often, kept in the languages of those who read them. Pure, but for its store.

A template has a name and a text for each language. Its placeholders are filled with facts of the case; whoever decides
reads the result and can change it before it is sent.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.platform.errors import Invalid, NotFound
from rostra.platform.ids import AccountId
from rostra.safety.decisions import FACTS_CHARACTERS, GROUND_CHARACTERS, WHY_CHARACTERS, Ground
from rostra.safety.desk_tables import ReasonTemplateRow
from rostra.safety.notices import paragraphs

NAME_CHARACTERS: Final = 60
TEMPLATES_MOST: Final = 500
"""Fails closed: nobody finds one among more."""
PLACEHOLDERS: Final = ("what", "account", "published", "flagged", "quote", "place")
"""what: what it is about, with its address. account: "@ada". published, flagged: days. quote: its first words.
place: the name of the house.
"""
_PLACEHOLDER: Final = re.compile(r"\{([^{}]*)\}")
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


class NoSuchTemplate(NotFound):
    code = "no_such_template"
    user_message = "This template is gone. Choose another one."


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateText:
    """What is written in one language. Of the texts any may be empty; the decision then needs them typed."""

    name: str
    language: str
    ground: Ground = Ground.LAW
    ground_text: str = ""
    facts: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """by: who wrote it last."""

    id: int
    text: TemplateText
    by: AccountId | None
    written_at: datetime


def checked_template(text: TemplateText) -> TemplateText:
    """Tidied. Raises Invalid."""
    name = " ".join(text.name.split())
    if not name or len(name) > NAME_CHARACTERS:
        raise _unfit("name", f"Give it a name of up to {NAME_CHARACTERS} characters.")
    if _LANGUAGE.fullmatch(text.language) is None or len(text.language) > 16:
        raise _unfit("language", "Say the language by its code, such as de or en.")
    limits = (("ground_text", GROUND_CHARACTERS), ("facts", FACTS_CHARACTERS), ("why", WHY_CHARACTERS))
    tidy = {field: paragraphs(getattr(text, field)) for field, _ in limits}
    for field, characters in limits:
        if len(tidy[field]) > characters:
            raise _unfit(field, f"Use up to {characters} characters.")
        if unknown := [each for each in _PLACEHOLDER.findall(tidy[field]) if each not in PLACEHOLDERS]:
            known = ", ".join(f"{{{each}}}" for each in PLACEHOLDERS)
            raise _unfit(field, f"{{{unknown[0]}}} cannot be filled in. What can be: {known}.")
    if not any(tidy.values()):
        raise _unfit("why", "Write at least one of the texts.")
    return TemplateText(name=name, language=text.language, ground=text.ground, **tidy)


def filled(text: TemplateText, facts: Mapping[str, str]) -> TemplateText:
    """With the facts in it. What no fact fills stays as it is, so that whoever decides sees it."""

    def fact(found: re.Match[str]) -> str:
        return facts.get(found[1]) or found[0]

    texts = {field: _PLACEHOLDER.sub(fact, getattr(text, field)) for field in ("ground_text", "facts", "why")}
    return TemplateText(name=text.name, language=text.language, ground=text.ground, **texts)


def in_language(templates: Sequence[Template], languages: Sequence[str]) -> Template | None:
    """Of those with one name, the one for whoever reads these languages, the dearest first: just that one, or one of
    the same family (pt-BR for pt). None when there is none in any of them.
    """
    for language in languages:
        exact = [each for each in templates if each.text.language.lower() == language.lower()]
        family = [each for each in templates if _family(each.text.language) == _family(language)]
        if found := [*exact, *family]:
            return found[0]
    return None


def left_open(text: TemplateText) -> bool:
    """Whether a placeholder has been left unfilled."""
    texts = (text.ground_text, text.facts, text.why)
    return any(name in PLACEHOLDERS for each in texts for name in _PLACEHOLDER.findall(each))


class TemplateStore:
    """Stores never commit."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def all(self) -> list[Template]:
        """By name, then by language."""
        query = select(ReasonTemplateRow).order_by(ReasonTemplateRow.name, ReasonTemplateRow.language)
        return [_template(row) for row in await self._session.scalars(query.limit(TEMPLATES_MOST))]

    async def named(self, name: str) -> list[Template]:
        """In all its languages. Index: uq_reason_templates_name."""
        query = select(ReasonTemplateRow).where(ReasonTemplateRow.name == name).order_by(ReasonTemplateRow.language)
        return [_template(row) for row in await self._session.scalars(query)]

    async def get(self, template_id: int) -> Template:
        """Raises NoSuchTemplate."""
        row = await self._session.get(ReasonTemplateRow, template_id, populate_existing=True)
        if row is None:
            raise NoSuchTemplate(f"template {template_id}")
        return _template(row)

    async def put(self, template: Template, *, is_new: bool) -> None:
        """Raises Invalid when another one has this name in this language."""
        text = template.text
        others = [each for each in await self.named(text.name) if each.text.language == text.language]
        if any(each.id != template.id for each in others):
            raise _unfit("name", "There is one of this name in this language already. Change that one.")
        values = {
            "name": text.name,
            "language": text.language,
            "ground": text.ground.value,
            "ground_text": text.ground_text,
            "facts": text.facts,
            "why": text.why,
            "by": template.by,
            "written_at": template.written_at,
        }
        if is_new:
            await self._session.execute(insert(ReasonTemplateRow).values(id=template.id, **values))
        else:
            row = update(ReasonTemplateRow).where(ReasonTemplateRow.id == template.id)
            await self._session.execute(row.values(**values))

    async def remove(self, template_id: int) -> None:
        await self._session.execute(delete(ReasonTemplateRow).where(ReasonTemplateRow.id == template_id))


def _family(language: str) -> str:
    return language.lower().partition("-")[0]


def _template(row: ReasonTemplateRow) -> Template:
    text = TemplateText(
        name=row.name,
        language=row.language,
        ground=Ground(row.ground),
        ground_text=row.ground_text,
        facts=row.facts,
        why=row.why,
    )
    by = None if row.by is None else AccountId(row.by)
    return Template(id=row.id, text=text, by=by, written_at=row.written_at)


def _unfit(field: str, text: str) -> Invalid:
    return Invalid(f"template: {field}", user_message=text, field=field)
