"""An owner of this Rostra runs somebody else's broadcast: that is written down, and whose it is reads of it.

It is help, as when a host's computer dies ten minutes before air, and no way around the rules: who objects to what is
said acts at the live desk, with a rule, reasons and a way to complain (`moderate_live`).
"""

from __future__ import annotations

from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from rostra.broadcast import Act, Broadcast
from rostra.flows import safety_letters as letters
from rostra.flows.addresses import address_of, send
from rostra.flows.house import House
from rostra.flows.locate import described
from rostra.flows.remember import remember
from rostra.network.accounts import Viewer
from rostra.platform.wording import _
from rostra.safety.ledger import Act as Entry
from rostra.safety.subjects import Subject, SubjectKind

EDIT: Final = "edit"
REMOVE: Final = "remove"
DUMP: Final = "dump"
_SAYS: Final = {
    Act.PAUSE: _("It was paused."),
    Act.END: _("It was ended."),
    Act.CANCEL: _("It was cancelled."),
    EDIT: _("What is announced about it was changed."),
    REMOVE: _("A speaker's invitation was taken back."),
    DUMP: _("What was said last was removed before anybody heard it."),
}
"""What somebody may miss: there is a letter about it. All else is in the ledger alone."""


def stands_in(viewer: Viewer | None, broadcast: Broadcast) -> bool:
    """Whether an account runs a broadcast that is not its own: neither the schedule nor a guest in the host's seat."""
    return viewer is not None and viewer.account_id not in (None, broadcast.owner_id)


async def note_stand_in(
    house: House, session: AsyncSession, broadcast: Broadcast, by: Viewer | None, done: str
) -> None:
    """In the transaction of what was done, and last: until the commit nobody else can write an entry."""
    if by is None or not stands_in(by, broadcast):
        return
    if (says := _SAYS.get(done)) and (to := await address_of(session, broadcast.owner_id)):
        place = await described(house, session, Subject(SubjectKind.BROADCAST, broadcast.id))
        send(house, session, letters.stood_in(house, to, what=says, place=place))
    await remember(
        house,
        session,
        Entry.STOOD_IN,
        by=by.account_id,
        on=broadcast.owner_id,
        broadcast=str(broadcast.id),
        done=str(done),
    )
