"""People who moderate, what they are told about, and the letters that come of it."""

from __future__ import annotations

from email.headerregistry import Address
from email.message import EmailMessage

from rostra.flows.decide_case import decide_case
from rostra.flows.file_notice import Filed, file_notice
from rostra.flows.house import House
from rostra.flows.judges import Judge
from rostra.flows.read_cases import open_case
from rostra.network.accounts import Account, AccountStore, Role, Viewer
from rostra.network.credentials import CredentialStore
from rostra.network.credentials.credentials import Credential
from rostra.platform.envelopes import Envelope
from rostra.platform.ids import AccountId
from rostra.platform.mail import Postman
from rostra.safety.cases import CaseId
from rostra.safety.decisions import Decision, DecisionWish, Ground, Ordered, Reasons
from rostra.safety.notices import Contact, NoticeWish
from rostra.safety.restrictions import Measure
from rostra.shield.notice_limits import NoticeLimits
from tests.kit.postbox import read_letter

WHY = "This calls for violence against my neighbours, by name."
FROM = "192.0.2.7"
NEIGHBOUR = Contact("Nora Neighbour", "nora@example.org")


async def somebody(house: House, handle: str, role: Role = Role.MEMBER, *, email: str = "") -> Viewer:
    """An account as it asks for something. email: its confirmed address."""
    account = Account(
        id=AccountId(house.ids.next()),
        handle=handle,
        display_name=handle.title(),
        role=role,
        created_at=house.clock.now(),
    )
    async with house.database.transaction() as session:
        await AccountStore(session).add(account)
        if email:
            await CredentialStore(session).put(Credential(account_id=account.id, email=email))
    return Viewer(name=account.display_name, handle=handle, account_id=account.id, role=role)


async def a_moderator(house: House, handle: str = "mo") -> Judge:
    viewer = await somebody(house, handle, Role.MODERATOR)
    return Judge(viewer.account_id)


def a_wish(*locations: str, category: str = "VIOLENCE", contact: Contact = NEIGHBOUR, **more: object) -> NoticeWish:
    return NoticeWish(
        locations=locations,
        explanation=WHY,
        category=category,
        contact=contact,
        bona_fide=True,
        **more,  # type: ignore[arg-type]
    )


async def a_notice(
    house: House,
    *locations: str,
    by: Viewer | None = None,
    category: str = "VIOLENCE",
    contact: Contact = NEIGHBOUR,
    country: str = "",
) -> Filed:
    limits = NoticeLimits.new(house.clock)
    wish = a_wish(*locations, category=category, contact=contact)
    return await file_notice(house, wish, viewer=by, address=FROM, country=country, limits=limits)


def case_of(filed: Filed, item: int = 0) -> CaseId:
    found = filed.items[item].case_id
    assert found is not None
    return found


def verdict(
    subject: str = "",
    *measures: Measure,
    ground: Ground = Ground.LAW,
    category: str = "VIOLENCE",
    why: str = "A call to do harm to named people is a crime by this provision.",
) -> DecisionWish:
    """What somebody decides; without measures, that nothing is done."""
    return DecisionWish(
        measures=tuple(Ordered(measure=each, subject=subject) for each in measures),
        reasons=Reasons(
            category=category,
            ground=ground,
            ground_text="Section 111 of the Criminal Code",
            facts="The post names three people and asks its readers to beat them.",
            why=why,
        ),
    )


async def decide(house: House, judge: Judge, case_id: CaseId, wish: DecisionWish) -> Decision:
    """Decide what is there now."""
    file = await open_case(house, judge, case_id)
    return await decide_case(house, judge, case_id, wish, version=file.standing.version)


class Tray:
    """A mail server that keeps what it gets."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []

    async def deliver(self, letter: Envelope) -> None:
        self.letters.append(read_letter(letter.content))

    async def rest(self) -> None: ...

    async def collect(self, house: House, to: str = "") -> list[str]:
        """The texts of what has come for `to`, oldest first, folded lines made whole."""
        postman = Postman(house.database, house.seal, self, Address("R", "r", "rostra.test"), house.clock)
        while await postman.round():
            pass
        return [each.get_content() for each in self.letters if to in ("", each["To"])]
