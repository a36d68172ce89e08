"""Becoming a member and signing in, on both databases: what works once, what waits, and what nobody learns."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from email.headerregistry import Address
from email.message import EmailMessage
from pathlib import Path

import pyotp
import pytest
from sqlalchemy import text

from rostra.flows import change_credentials as change
from rostra.flows.admit_people import decide, forget_expired, invite, link_for, look_at_door, withdraw_invitation
from rostra.flows.house import House, Membership
from rostra.flows.prove_identity import Browser, Entry, Halfway, finish_sign_in, sign_in_with_password
from rostra.flows.recover_account import ask_for_recovery, recover
from rostra.flows.sign_in import sign_in, viewer_of
from rostra.flows.sign_up import SignedUp, SignUpRefused, SignUpWish, confirm, sign_up
from rostra.network.accounts import AccountStore, Role, Viewer, Where
from rostra.network.credentials import (
    CredentialStore,
    InvitationClosed,
    NotYet,
    Registration,
    RegistrationClosed,
    SecretSpent,
    WrongCode,
    WrongCredentials,
)
from rostra.platform.bus import Bus
from rostra.platform.database import Database
from rostra.platform.errors import Forbidden, Invalid
from rostra.platform.mail import Postman
from rostra.shield.limits import TooMany
from rostra.shield.sign_in_limits import SignInLimits
from tests.kit.clock import FakeClock
from tests.kit.house import a_house, the_owner
from tests.kit.postbox import link_in
from tests.kit.safety import Tray

PASSWORD = "correct horse battery"
BROWSER = Browser(address="192.0.2.1", where=Where(device="Firefox on Linux", place="192.0.2.0/24"))
WITH_MAIL = Membership(registration=Registration.OPEN, site_url="https://rostra.test", has_mail=True)


class Place:
    """A house with its limits and its mail."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.limits = SignInLimits.new(house.clock)
        self.tray = Tray()

    def set(self, membership: Membership) -> None:
        self.house = replace(self.house, membership=membership)

    async def mail(self, to: str) -> list[EmailMessage]:
        """What has come for `to`, oldest first."""
        postman = Postman(
            self.house.database, self.house.seal, self.tray, Address("R", "r", "rostra.test"), self.house.clock
        )
        await postman.round()
        return [letter for letter in self.tray.letters if letter["To"] == to]

    async def link(self, to: str, path: str) -> str:
        """The secret in the newest letter to `to` that has such a link."""
        return link_in((await self.mail(to))[-1], path).rpartition("/")[2]

    async def join(
        self, handle: str, *, email: str = "", invitation: str | None = None, address: str = "192.0.2.1"
    ) -> SignedUp:
        wish = SignUpWish(handle=handle, email=email, password=PASSWORD, agreed=True, invitation=invitation)
        return await sign_up(self.house, self.limits, wish, address=address, where=BROWSER.where)

    async def enter(self, typed: str, password: str = PASSWORD, browser: Browser = BROWSER) -> Entry | Halfway:
        return await sign_in_with_password(self.house, self.limits, typed, password, browser)

    async def member(self, handle: str) -> SignedUp:
        """Somebody who came in by invitation."""
        secret = await invite(self.house, await the_owner(self.house), places=1, days=1)
        return await self.join(handle, invitation=secret)


@pytest.fixture
async def place(database: Database, bus: Bus, clock: FakeClock, tmp_path: Path) -> Place:
    return Place(await a_house(database, bus, clock, tmp_path))


async def test_an_invitation_lets_in_as_many_as_it_says(place: Place, clock: FakeClock) -> None:
    """Of those who come at the same moment too; and nobody without one, after it has ended or was withdrawn."""
    owner = await the_owner(place.house)
    secret = await invite(place.house, owner, places=2, days=7)
    came = await asyncio.gather(
        *(place.join(f"guest{number}", invitation=secret) for number in range(4)), return_exceptions=True
    )
    assert sum(isinstance(each, SignedUp) for each in came) == 2
    assert sum(isinstance(each, InvitationClosed) for each in came) == 2
    made = next(each for each in came if isinstance(each, SignedUp))
    assert made.session is not None
    viewer = await viewer_of(place.house, made.session)
    assert viewer is not None
    assert viewer.role is Role.MEMBER
    with pytest.raises(RegistrationClosed):
        await place.join("nobody_asked")
    late = await invite(place.house, owner, places=1, days=1)
    gone = await invite(place.house, owner, places=1, days=1)
    newest = (await look_at_door(place.house, owner)).invitations[0]
    await withdraw_invitation(place.house, owner, newest.id)
    with pytest.raises(InvitationClosed):
        await place.join("too_late", invitation=gone)
    clock.jump(days=1)
    with pytest.raises(InvitationClosed):
        await place.join("too_late", invitation=late)


async def test_who_may_invite_whom(place: Place) -> None:
    owner = await the_owner(place.house)
    organiser = Viewer(name="O", account_id=owner.account_id, role=Role.ORGANISER)
    member = Viewer(name="M", account_id=owner.account_id, role=Role.MEMBER)
    await invite(place.house, organiser, places=1, days=1)
    with pytest.raises(Forbidden):
        await invite(place.house, organiser, places=1, days=1, role=Role.ORGANISER)
    with pytest.raises(Forbidden):
        await invite(place.house, owner, places=1, days=1, role=Role.OWNER)
    with pytest.raises(Forbidden):
        await invite(place.house, member, places=1, days=1)
    with pytest.raises(Invalid):
        await invite(place.house, owner, places=1001, days=1)


async def test_what_is_wrong_is_said_of_every_field(place: Place) -> None:
    place.set(WITH_MAIL)
    wish = SignUpWish(handle="Ad min", email="nowhere", password="short", agreed=False)
    with pytest.raises(SignUpRefused) as caught:
        await sign_up(place.house, place.limits, wish, address="192.0.2.1", where=BROWSER.where)
    assert [(each.field, each.code) for each in caught.value.faults] == [
        ("handle", "ERR_INVALID"),
        ("email", "ERR_INVALID"),
        ("password", "ERR_INVALID"),
        ("agreed", "ERR_ACCEPTED"),
    ]
    await place.member("taken")
    for handle, code in (("taken", "ERR_TAKEN"), ("adm1n", "ERR_RESERVED"), ("", "ERR_BLANK")):
        with pytest.raises(SignUpRefused) as caught:
            await place.join(handle, email="a@example.org")
        assert [(each.field, each.code) for each in caught.value.faults] == [("handle", code)]


async def test_an_open_house_confirms_the_address_first(place: Place) -> None:
    place.set(WITH_MAIL)
    made = await place.join("ada", email="Ada@Example.org")
    assert (made.waits_for_email, made.session) == (True, None)
    with pytest.raises(NotYet, match="unconfirmed"):
        await place.enter("ada")
    with pytest.raises(WrongCredentials):  # who has not the password learns nothing of that
        await place.enter("ada", "wrong password")
    secret = await place.link("ada@example.org", "/confirm/")
    assert (await confirm(place.house, secret)).is_in_force
    with pytest.raises(SecretSpent):
        await confirm(place.house, secret)
    assert isinstance(await place.enter("ADA@example.org"), Entry)


async def test_a_known_address_is_told_to_nobody_but_its_holder(place: Place) -> None:
    """The answer is the same; the letter goes to the holder and has no link that confirms anything."""
    place.set(WITH_MAIL)
    await place.join("ada", email="ada@example.org")
    await confirm(place.house, await place.link("ada@example.org", "/confirm/"))
    known, unknown = await place.join("eve", email="ada@example.org"), await place.join("bob", email="bob@example.org")
    assert (known.waits_for_email, known.session) == (unknown.waits_for_email, unknown.session)
    letter = str((await place.mail("ada@example.org"))[-1].get_content())
    assert "@ada" in letter
    assert "/confirm/" not in letter


async def test_a_sign_up_that_nobody_confirms_is_forgotten(place: Place, clock: FakeClock) -> None:
    place.set(WITH_MAIL)
    await place.join("ada", email="ada@example.org")
    clock.jump(days=6)
    await forget_expired(place.house)
    with pytest.raises(SignUpRefused):
        await place.join("ada", email="other@example.org")
    clock.jump(days=2)
    await forget_expired(place.house)
    await place.join("ada", email="other@example.org")


async def test_approval(place: Place) -> None:
    """Who waits gets in once an owner says so; who is refused never, and stays on record."""
    place.set(Membership(registration=Registration.APPROVAL, site_url="https://rostra.test"))
    owner = await the_owner(place.house)
    ada, eve = await place.join("ada"), await place.join("eve")
    assert [each.handle for each in (await look_at_door(place.house, owner)).waiting] == ["ada", "eve"]
    with pytest.raises(NotYet, match="unapproved"):
        await place.enter("ada")
    with pytest.raises(Forbidden):
        await decide(place.house, replace(owner, role=Role.ORGANISER), ada.account.id, approve=True)
    await decide(place.house, owner, ada.account.id, approve=True)
    await decide(place.house, owner, eve.account.id, approve=False)
    assert isinstance(await place.enter("ada"), Entry)
    with pytest.raises(NotYet, match="refused"):
        await place.enter("eve")
    assert (await look_at_door(place.house, owner)).waiting == []
    with pytest.raises(SignUpRefused):
        await place.join("eve")


async def test_five_sign_ups_of_one_network_in_half_an_hour(place: Place, clock: FakeClock) -> None:
    place.set(Membership(registration=Registration.OPEN))
    for number in range(5):
        await place.join(f"guest{number}", address=f"192.0.2.{number}")
    with pytest.raises(TooMany):
        await place.join("guest6", address="192.0.2.77")
    await place.join("elsewhere", address="198.51.100.1")
    clock.jump(minutes=6)
    await place.join("guest6", address="192.0.2.77")


async def test_whoever_is_attacked_gets_in_from_a_browser_that_is_known(place: Place) -> None:
    await place.member("ada")
    entry = await place.enter("ada")
    assert isinstance(entry, Entry)
    for number in range(9):  # her own first sign-in counted, too
        with pytest.raises(WrongCredentials):
            await place.enter("ada", "guess", replace(BROWSER, address=f"203.0.113.{number}"))
    with pytest.raises(TooMany):
        await place.enter("ada", PASSWORD, replace(BROWSER, address="203.0.113.200"))
    assert isinstance(await place.enter("ada", PASSWORD, replace(BROWSER, device=entry.device)), Entry)
    with pytest.raises(TooMany):  # a made-up cookie is none
        await place.enter("ada", PASSWORD, replace(BROWSER, device="made up"))
    for _ in range(10):  # an account that does not exist has the same limit
        with pytest.raises(WrongCredentials):
            await place.enter("nobody", "guess", replace(BROWSER, address="198.51.100.9"))
    with pytest.raises(TooMany):
        await place.enter("nobody", "guess", replace(BROWSER, address="198.51.100.9"))


async def test_a_hash_with_old_parameters_is_made_anew(place: Place) -> None:
    made = await place.member("ada")
    from argon2 import PasswordHasher

    weak = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(PASSWORD)
    async with place.house.database.transaction() as session:
        store = CredentialStore(session)
        await store.put(replace(await store.of(made.account.id), password_hash=weak))
    await place.enter("ada")
    async with place.house.database.reading() as session:
        stored = (await CredentialStore(session).of(made.account.id)).password_hash
    assert stored is not None
    assert "m=19456,t=2,p=1" in stored
    assert isinstance(await place.enter("ada"), Entry)


async def with_totp(place: Place, handle: str) -> tuple[SignedUp, pyotp.TOTP, list[str]]:
    made = await place.member(handle)
    totp = pyotp.TOTP(await change.offer_totp(place.house, made.account.id))
    with pytest.raises(WrongCode):
        await change.switch_totp_on(
            place.house, made.account.id, "000000" if totp.at(place.house.clock.now()) != "000000" else "1"
        )
    codes = await change.switch_totp_on(place.house, made.account.id, totp.at(place.house.clock.now()))
    return made, totp, codes


async def test_a_code_works_once_and_a_recovery_code_too(place: Place, clock: FakeClock) -> None:
    made, totp, codes = await with_totp(place, "ada")
    half = await place.enter("ada")
    assert isinstance(half, Halfway)
    used = totp.at(clock.now())
    with pytest.raises(WrongCode):  # the one that switched it on
        await finish_sign_in(place.house, place.limits, half.secret, used, BROWSER)
    clock.jump(seconds=30)
    fresh = totp.at(clock.now())
    results = await asyncio.gather(
        *(finish_sign_in(place.house, place.limits, half.secret, fresh, BROWSER) for _ in range(2)),
        return_exceptions=True,
    )
    assert sum(isinstance(each, Entry) for each in results) == 1
    clock.jump(minutes=10)
    for number in range(2):
        half = await place.enter("ada")
        assert isinstance(half, Halfway)
        attempt = finish_sign_in(place.house, place.limits, half.secret, codes[0].upper(), BROWSER)
        if number == 0:
            assert isinstance(await attempt, Entry)
        else:
            with pytest.raises(WrongCode):
                await attempt
    async with place.house.database.reading() as session:
        assert await CredentialStore(session).recovery_codes_left(made.account.id) == 9


async def test_the_second_half_has_ten_minutes_and_a_limit(place: Place, clock: FakeClock) -> None:
    await with_totp(place, "ada")
    half = await place.enter("ada")
    assert isinstance(half, Halfway)
    for _ in range(5):
        with pytest.raises(WrongCode):
            await finish_sign_in(place.house, place.limits, half.secret, "12345", BROWSER)
    with pytest.raises(TooMany):
        await finish_sign_in(place.house, place.limits, half.secret, "12345", BROWSER)
    clock.jump(minutes=10)
    with pytest.raises(SecretSpent):
        await finish_sign_in(place.house, place.limits, half.secret, "12345", BROWSER)


async def test_recovery_ends_every_session_and_is_told(place: Place, clock: FakeClock) -> None:
    place.set(replace(WITH_MAIL, registration=Registration.INVITATION))
    secret = await invite(place.house, await the_owner(place.house), places=1, days=1)
    made = await place.join("ada", email="ada@example.org", invitation=secret)
    await confirm(place.house, await place.link("ada@example.org", "/confirm/"))
    thief = await place.enter("ada")
    assert isinstance(thief, Entry)
    for typed in ("nobody", "nobody@example.org", "ada"):
        await ask_for_recovery(place.house, place.limits, typed, address="192.0.2.1")
    assert await place.mail("nobody@example.org") == []
    link = await place.link("ada@example.org", "/recover/")
    with pytest.raises(Invalid):
        await recover(place.house, link, "short")
    await recover(place.house, link, "another long sentence")
    with pytest.raises(SecretSpent):
        await recover(place.house, link, "a third long sentence")
    assert await viewer_of(place.house, thief.session) is None
    assert made.session is not None
    assert await viewer_of(place.house, made.session) is None
    assert "every session was ended" in str((await place.mail("ada@example.org"))[-1].get_content())
    with pytest.raises(WrongCredentials):
        await place.enter("ada")
    assert isinstance(await place.enter("ada", "another long sentence"), Entry)
    await ask_for_recovery(place.house, place.limits, "ada", address="192.0.2.1")
    link = await place.link("ada@example.org", "/recover/")
    clock.jump(minutes=30)
    with pytest.raises(SecretSpent):
        await recover(place.house, link, "another long sentence")


async def test_a_change_of_address_needs_both(place: Place) -> None:
    place.set(replace(WITH_MAIL, registration=Registration.INVITATION))
    secret = await invite(place.house, await the_owner(place.house), places=1, days=1)
    made = await place.join("ada", email="old@example.org", invitation=secret)
    await confirm(place.house, await place.link("old@example.org", "/confirm/"))
    await change.change_email(place.house, made.account, "new@example.org")
    assert not (await confirm(place.house, await place.link("new@example.org", "/confirm/"))).is_in_force
    assert isinstance(await place.enter("old@example.org"), Entry)
    assert (await confirm(place.house, await place.link("old@example.org", "/confirm/"))).is_in_force
    assert isinstance(await place.enter("new@example.org"), Entry)
    with pytest.raises(WrongCredentials):
        await place.enter("old@example.org")


async def test_sessions_are_listed_and_ended(place: Place, clock: FakeClock) -> None:
    made = await place.member("ada")
    first = await place.enter("ada")
    clock.jump(hours=2)
    second = await place.enter("ada", browser=replace(BROWSER, where=Where(device="Chrome on Android", place="DE")))
    assert isinstance(first, Entry)
    assert isinstance(second, Entry)
    assert await viewer_of(place.house, first.session) is not None  # writes down that it was used
    async with place.house.database.reading() as session:
        listed = await AccountStore(session).sessions(made.account.id, now=clock.now())
    assert {each.where.device for each in listed} == {"Firefox on Linux", "Chrome on Android"}
    assert max(each.last_used_at for each in listed if each.where.place != "DE") == clock.now()
    phone = next(each for each in listed if each.where.place == "DE")
    assert await change.end_sessions(place.house, made.account.id, only=phone.id, but=first.session) == 1
    assert await viewer_of(place.house, second.session) is None
    assert await change.end_sessions(place.house, made.account.id, only=None, but=first.session) == 1
    assert await viewer_of(place.house, first.session) is not None
    stranger = await place.member("eve")
    assert await change.end_sessions(place.house, stranger.account.id, only=listed[0].id, but=None) == 0


async def test_an_old_session_needs_the_password_to_change_anything(place: Place, clock: FakeClock) -> None:
    made = await place.member("ada")
    assert made.session is not None
    clock.jump(minutes=31)
    viewer = await viewer_of(place.house, made.session)
    assert viewer is not None
    with pytest.raises(change.ProofWanted):
        await change.prove(place.house, place.limits, viewer, "")
    assert await change.prove(place.house, place.limits, viewer, PASSWORD) == made.account.id
    other = await place.enter("ada")
    assert isinstance(other, Entry)
    await change.change_password(place.house, made.account.id, "another long sentence", but=made.session)
    assert await viewer_of(place.house, other.session) is None
    assert await viewer_of(place.house, made.session) is not None


async def test_an_owner_lets_a_member_back_in_without_mail(place: Place) -> None:
    await place.member("ada")
    owner = await the_owner(place.house)
    assert await sign_in(place.house, await link_for(place.house, owner, "ada"))
    with pytest.raises(Invalid):
        await link_for(place.house, owner, "host")  # an owner's link comes from the command line alone


async def test_no_secret_is_in_the_database(place: Place) -> None:
    """Whoever reads a backup can neither sign in, nor make codes, nor use a recovery code or a link."""
    place.set(replace(WITH_MAIL, registration=Registration.INVITATION))
    _, totp, codes = await with_totp(place, "ada")
    half = await place.enter("ada")
    assert isinstance(half, Halfway)
    invitation = await invite(place.house, await the_owner(place.house), places=1, days=1)
    made = await place.join("bob", email="bob@example.org", invitation=invitation)
    async with place.house.database.reading() as session:
        names = ("credentials", "recovery_codes", "one_time_secrets", "known_devices", "letters", "sessions")
        content = [
            str((await session.execute(text(f"SELECT * FROM {name}"))).all()) for name in (*names, "member_invitations")
        ]
    everything = "\n".join(content)
    assert "argon2id" in everything
    for secret in (PASSWORD, totp.secret, half.secret, invitation, made.session or "-", *codes):
        assert secret not in everything
    async with place.house.database.reading() as session:
        assert (await CredentialStore(session).of(made.account.id)).email is None
