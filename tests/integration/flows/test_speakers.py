"""Invitations, tickets and the host's commands."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from rostra.broadcast import Broadcast
from rostra.broadcast.invitations import HostSeat, InvitationExpired, InvitationRevoked, InvitationUnknown
from rostra.flows.command_stage import NoRoom, StageRefused, StageSilent, command_stage
from rostra.flows.house import House
from rostra.flows.invite_speaker import (
    BroadcastOver,
    hand_over_host,
    invite_speaker,
    new_link,
    revoke_invitation,
)
from rostra.flows.issue_ticket import BroadcastFinished, DoorsClosed, StageWithheld, find_seat, issue_ticket
from rostra.flows.move_broadcast import cancel_broadcast, open_doors
from rostra.flows.sign_in import sign_in_guest, viewer_of
from rostra.flows.signing_keys import ensure_keys
from rostra.media import wire
from rostra.media.wire import Act, Airing, CommandReply, RoomLease, StageCommand
from rostra.network.accounts import Role, Viewer
from rostra.platform.clock import to_us
from rostra.platform.errors import Forbidden, Invalid, NotFound
from rostra.safety.restrictions import Kind, Measure, Subject
from rostra.shield.tickets import TicketClass, check
from tests.kit.clock import FakeClock
from tests.kit.engines import on_sqlite
from tests.kit.house import a_broadcast, a_stranger
from tests.kit.restricting import imposed, lifted
from tests.kit.safety import somebody


@pytest.fixture
async def opened(house: House, owner: Viewer) -> Broadcast:
    made = await a_broadcast(house, owner)
    return await open_doors(house, made.id, by=owner)


async def test_a_link_becomes_a_ticket_for_its_seat(house: House, owner: Viewer, opened: Broadcast) -> None:
    """The stage can check it with the keys that the site keeps."""
    keys = await ensure_keys(house)
    invited = await invite_speaker(house, opened.id, "Ann", by=owner)
    issued = await issue_ticket(house, invited.token, "  Ann B.  ")
    ticket = check(keys, issued.ticket, now=house.clock.now())
    assert (ticket.broadcast_id, ticket.speaker_id) == (str(opened.id), str(invited.invitation.id))
    assert (ticket.name, ticket.ticket_class) == ("Ann B.", TicketClass.SPEAKER)
    assert issued.whip_url == f"http://stage.test/whip/{opened.id}"
    assert issued.state_url == f"http://stage.test/stage/{opened.id}/events"


async def test_a_ticket_leads_to_the_stage_that_holds_the_room(house: House, owner: Viewer, opened: Broadcast) -> None:
    await ensure_keys(house)
    url = f"https://two.test/whip/{opened.id}"
    lease = RoomLease(stage_id="two", whip_url=url, until_us=to_us(house.clock.now()) + 5_000_000)
    await house.bus.put(wire.ROOMS, str(opened.id), lease)
    invited = await invite_speaker(house, opened.id, "Ann", by=owner)
    assert (await issue_ticket(house, invited.token)).whip_url == url


async def test_the_host_gets_a_hosts_ticket_and_hands_it_over(house: House, owner: Viewer, opened: Broadcast) -> None:
    keys = await ensure_keys(house)
    assert opened.host_speaker_id is not None
    own = await new_link(house, opened.id, opened.host_speaker_id, by=owner)
    other = await invite_speaker(house, opened.id, "Ann", by=owner)

    async def classes() -> list[TicketClass]:
        issued = [await issue_ticket(house, each.token) for each in (own, other)]
        return [check(keys, each.ticket, now=house.clock.now()).ticket_class for each in issued]

    assert await classes() == [TicketClass.HOST, TicketClass.SPEAKER]
    await hand_over_host(house, opened.id, other.invitation.id, by=owner)
    assert await classes() == [TicketClass.SPEAKER, TicketClass.HOST]
    while await house.relay.send_batch():
        pass
    told = await house.bus.get(wire.AIRINGS, str(opened.id), Airing)
    assert told is not None
    assert told[0].host_speaker_id == str(other.invitation.id)


async def test_whoever_holds_the_hosts_seat_may_run_the_broadcast(
    house: House, owner: Viewer, opened: Broadcast
) -> None:
    """Without an account, by the link alone, and only for as long as the seat is the host's."""
    other = await invite_speaker(house, opened.id, "Ann", by=owner)
    with pytest.raises(Forbidden):
        await sign_in_guest(house, await find_seat(house, other.token))
    await hand_over_host(house, opened.id, other.invitation.id, by=owner)
    guest = await viewer_of(house, await sign_in_guest(house, await find_seat(house, other.token)))
    assert guest is not None
    assert guest.is_guest
    third = await invite_speaker(house, opened.id, "Bob", by=guest)
    await hand_over_host(house, opened.id, third.invitation.id, by=guest)
    with pytest.raises(Forbidden):
        await invite_speaker(house, opened.id, "Cleo", by=guest)


async def test_a_revoked_link_opens_nothing_and_the_stage_is_told(
    house: House, owner: Viewer, opened: Broadcast
) -> None:
    invited = await invite_speaker(house, opened.id, "Ann", by=owner)
    second = await new_link(house, opened.id, invited.invitation.id, by=owner)
    await revoke_invitation(house, opened.id, invited.invitation.id, by=owner)
    for token in (invited.token, second.token):
        with pytest.raises(InvitationRevoked):
            await issue_ticket(house, token)
    while await house.relay.send_batch():
        pass
    changes = house.bus.watch(wire.REVOKED)
    told = await anext(changes)
    assert told is not None
    assert (told.key, told.value) == (str(invited.invitation.id), b"")
    await changes.aclose()


@on_sqlite
async def test_nobody_comes_on_a_stage_that_nobody_may_hear(house: House, owner: Viewer, opened: Broadcast) -> None:
    """The host is suspended, or the broadcast is gone for all: speakers are told so. In one country it goes on."""
    await ensure_keys(house)
    await somebody(house, "olga", Role.OWNER)
    assert owner.account_id is not None
    link = (await invite_speaker(house, opened.id, "Ann", by=owner)).token
    await imposed(house, Subject(Kind.BROADCAST, opened.id), Measure.WITHHOLD, territories=frozenset({"DE"}))
    await issue_ticket(house, link)
    for subject, measure in (
        (Subject(Kind.ACCOUNT, owner.account_id), Measure.SUSPEND),
        (Subject(Kind.BROADCAST, opened.id), Measure.REMOVE),
    ):
        number = await imposed(house, subject, measure)
        with pytest.raises(StageWithheld) as refused:
            await issue_ticket(house, link)
        assert "It is not about you." in refused.value.user_message
        await lifted(house, number)
        await issue_ticket(house, link)


async def test_a_link_that_does_not_count_says_why(house: House, owner: Viewer, clock: FakeClock) -> None:
    """Unknown, before the doors, after the end, expired: each has its own words."""
    await ensure_keys(house)
    with pytest.raises(InvitationUnknown):
        await issue_ticket(house, "nonsense")
    made = await a_broadcast(house, owner, in_minutes=60)
    invited = await invite_speaker(house, made.id, "Ann", by=owner)
    with pytest.raises(DoorsClosed) as early:
        await issue_ticket(house, invited.token)
    assert early.value.user_message == "The doors open at 20:45 (Europe/Berlin)."
    assert early.value.retry_after_s == 300
    opened = await open_doors(house, made.id, by=owner)
    clock.jump(days=3)
    with pytest.raises(InvitationExpired):
        await issue_ticket(house, invited.token)
    await cancel_broadcast(house, opened.id, by=owner)
    with pytest.raises(BroadcastFinished):
        await issue_ticket(house, invited.token)
    with pytest.raises(BroadcastOver):
        await invite_speaker(house, opened.id, "Bob", by=owner)


async def test_a_name_must_be_one(house: House, owner: Viewer, opened: Broadcast) -> None:
    await ensure_keys(house)
    with pytest.raises(Invalid):
        await invite_speaker(house, opened.id, " ", by=owner)
    invited = await invite_speaker(house, opened.id, "Ann", by=owner)
    with pytest.raises(Invalid):
        await issue_ticket(house, invited.token, "x" * 81)
    assert (await issue_ticket(house, invited.token, "")).name == "Ann"


async def test_the_hosts_seat_stays(house: House, owner: Viewer, opened: Broadcast) -> None:
    assert opened.host_speaker_id is not None
    with pytest.raises(HostSeat):
        await revoke_invitation(house, opened.id, opened.host_speaker_id, by=owner)
    with pytest.raises(HostSeat):
        await command_stage(house, opened.id, Act.REMOVE, opened.host_speaker_id, by=owner)


async def test_seats_of_other_broadcasts_cannot_be_touched(house: House, owner: Viewer, opened: Broadcast) -> None:
    other = await a_broadcast(house, owner)
    invited = await invite_speaker(house, other.id, "Ann", by=owner)
    with pytest.raises(NotFound):
        await revoke_invitation(house, opened.id, invited.invitation.id, by=owner)
    with pytest.raises(Forbidden):
        await revoke_invitation(house, other.id, invited.invitation.id, by=a_stranger())


async def test_a_command_reaches_the_room_and_its_refusal_comes_back(
    house: House, owner: Viewer, opened: Broadcast
) -> None:
    invited = await invite_speaker(house, opened.id, "Ann", by=owner)
    heard: list[StageCommand] = []

    async def answer(payload: bytes) -> bytes:
        heard.append(msgspec.json.decode(payload, type=StageCommand))
        ok = heard[-1].act is not Act.UNMUTE
        return msgspec.json.encode(CommandReply(ok=ok, code="" if ok else "no", message="" if ok else "Not now."))

    await house.bus.answer(wire.command_subject(str(opened.id)), answer)
    await command_stage(house, opened.id, Act.MUTE, invited.invitation.id, by=owner)
    with pytest.raises(StageRefused, match="no") as caught:
        await command_stage(house, opened.id, Act.UNMUTE, invited.invitation.id, by=owner)
    assert caught.value.user_message == "Not now."
    await command_stage(house, opened.id, Act.REMOVE, invited.invitation.id, by=owner)
    with pytest.raises(InvitationRevoked):
        await issue_ticket(house, invited.token)
    assert [command.act for command in heard] == [Act.MUTE, Act.UNMUTE, Act.REMOVE]


async def test_without_a_room_a_command_says_so(house: House, owner: Viewer, opened: Broadcast) -> None:
    invited = await invite_speaker(house, opened.id, "Ann", by=owner)
    with pytest.raises(StageSilent):
        await command_stage(house, opened.id, Act.MUTE, invited.invitation.id, by=owner)
    scheduled = await a_broadcast(house, owner)
    early = await invite_speaker(house, scheduled.id, "Ann", by=owner)
    with pytest.raises(NoRoom):
        await command_stage(house, scheduled.id, Act.MUTE, early.invitation.id, by=owner)


async def test_a_ticket_lasts_four_hours(house: House, owner: Viewer, opened: Broadcast) -> None:
    await ensure_keys(house)
    invited = await invite_speaker(house, opened.id, "Ann", by=owner)
    issued = await issue_ticket(house, invited.token)
    assert issued.expires_at == house.clock.now() + timedelta(hours=4)
