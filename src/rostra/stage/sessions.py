"""The WHIP sessions of one stage process: tickets in, answers out, and an end for every session."""

from __future__ import annotations

from typing import Final

from rostra.platform import metrics
from rostra.platform.clock import Clock
from rostra.platform.log import get_logger
from rostra.platform.resting import Resting
from rostra.platform.tasks import Tasks
from rostra.stage.errors import ETagMissing, ETagStale, NoSession, SeatGone, SessionOfAnother
from rostra.stage.ice import MediaAddresses
from rostra.stage.offer import read_offer
from rostra.stage.performance import Performance
from rostra.stage.rooms import Rooms
from rostra.stage.rtp_path import Hear, Rtp
from rostra.stage.sdpfrag import read_fragment
from rostra.stage.seat import Seat, Speaker
from rostra.stage.session import Session

SILENT_LINE_S: Final = 30.0
"""A session without RTP for so long is ended; its seat waits on."""
MANY: Final = 6
"""With so many sessions packets are gathered. Each would wake the process by itself, 650 times a second with thirteen,
and nothing that it needs is in the processor's caches any more: with rests a full stage takes a quarter less.
"""
GATHER_S: Final = 0.007
"""Nobody waits for a packet before the next block; jitter of so many milliseconds makes no buffer deeper."""
WORK_S: Final = 0.001
_first_sound: Final = metrics.histogram(
    "stage_first_sound_seconds", "From a speaker's offer to the first PCM.", (0.1, 0.15, 0.2, 0.3, 0.5, 1, 3)
)
_open_sessions: Final = metrics.gauge("stage_sessions", "WHIP sessions that are open.")
_log = get_logger(__name__)


class _Open:
    """A session with the seat it serves. asked_at: when the offer came; told: the first sound is in the log."""

    def __init__(self, session: Session, performance: Performance, seat: Seat, *, asked_at: float, now: float) -> None:
        self.session = session
        self.performance = performance
        self.seat = seat
        self.asked_at = asked_at
        self.opened_at = now
        self.told = False

    def abandoned(self, now: float) -> bool:
        """Whether the session serves nobody any more: replaced, closed by the client, or silent for long."""
        if self.seat.line is not self.session or self.session.over:
            return True
        return now - self.opened_at > SILENT_LINE_S and not self.seat.voice.heard_within(SILENT_LINE_S, now)


class Sessions:
    """Opens, finds and ends sessions. Every method names the speaker, whose ticket the caller has checked."""

    def __init__(self, rooms: Rooms, clock: Clock, addresses: MediaAddresses) -> None:
        self._rooms = rooms
        self._clock = clock
        self._addresses = addresses
        self._open: dict[str, _Open] = {}
        self._resting = Resting(clock, rest_s=GATHER_S, work_s=WORK_S)
        self._tasks = Tasks()

    def start(self) -> None:
        self._tasks.spawn("reap sessions", self._reap())

    async def close(self) -> None:
        await self._tasks.close()
        for each in list(self._open.values()):
            await each.session.close()
        self._open.clear()

    @property
    def count(self) -> int:
        return len(self._open)

    async def open(self, broadcast_id: str, speaker: Speaker, offer_text: str) -> tuple[Session, str]:
        """Seat a speaker; the session and the SDP answer.

        Raises OfferBroken, OfferRefused, NoStage, NotHere, StageFull, InvitationRevoked, RemovedByHost.
        """
        asked_at = self._clock.monotonic()
        offer = read_offer(offer_text)
        self._rooms.check_not_revoked(speaker.speaker_id)
        self._rooms.performance(broadcast_id).room.check_admission(speaker)
        session = Session(speaker.speaker_id, broadcast_id, self._clock)
        answer = await session.answer(offer, self._addresses, self._hear(session))
        try:
            self._rooms.check_not_revoked(speaker.speaker_id)
            performance = self._rooms.performance(broadcast_id)
            now = self._clock.monotonic()
            seat = performance.room.join(speaker, session, now_us=self._clock.now_us(), now=now)
        except BaseException:
            await session.close()
            raise
        self._open[session.session_id] = _Open(session, performance, seat, asked_at=asked_at, now=now)
        _log.info("session_opened", broadcast_id=broadcast_id, speaker_id=speaker.speaker_id)
        return session, answer

    def find(self, broadcast_id: str, session_id: str, speaker_id: str) -> Session:
        """Raises NoSession, SessionOfAnother."""
        found = self._open.get(session_id)
        if found is None or found.session.broadcast_id != broadcast_id:
            raise NoSession(f"session of speaker {speaker_id}")
        if found.session.speaker_id != speaker_id:
            raise SessionOfAnother(f"speaker {speaker_id} is not {found.session.speaker_id}")
        return found.session

    async def patch(self, session: Session, if_match: str | None, text: str) -> str | None:
        """Trickled candidates (None), or an ICE restart that `*` announces (RFC 9725, 4.3.3): its answer. The RFC's
        examples write `"*"`, and so do clients; no tag of ours is an asterisk.

        Raises ETagMissing, ETagStale, OfferBroken, RestartUnasked, RestartRefused, NoMediaPort.
        """
        if if_match is None:
            raise ETagMissing("no If-Match")
        tags = [tag.strip() for tag in if_match.split(",")]
        if tags in (["*"], ['"*"']):
            answer = await session.restart(read_fragment(text))
            _log.info("ice_restart_begun", broadcast_id=session.broadcast_id, speaker_id=session.speaker_id)
            return answer
        if session.etag not in tags:
            raise ETagStale(f"{if_match[:40]!r}")
        await session.trickle(read_fragment(text))
        return None

    def mute(self, session: Session, *, muted: bool) -> None:
        """The speaker has muted, or speaks again. Raises SeatGone when a newer session has the seat."""
        found = self._open.get(session.session_id)
        if found is None or found.seat.line is not session:
            raise SeatGone(f"speaker {session.speaker_id}")
        found.seat.muted = muted

    async def end(self, session: Session) -> None:
        """The speaker leaves: the seat is free at once."""
        if (found := self._open.pop(session.session_id, None)) is not None:
            found.performance.room.leave(session)
            await session.close()
            _log.info("session_ended", broadcast_id=session.broadcast_id, speaker_id=session.speaker_id)

    def _hear(self, session: Session) -> Hear:
        def hear(packet: Rtp) -> None:
            found = self._open.get(session.session_id)
            if found is not None and found.seat.line is session:
                now = self._clock.monotonic()
                found.seat.voice.hear(
                    ssrc=packet.ssrc,
                    sequence=packet.sequence_number,
                    timestamp=packet.timestamp,
                    payload=packet.payload,
                    now=now,
                )
                if not found.told:
                    self._tell_first_sound(found)
                if len(self._open) >= MANY:
                    self._resting.rest(spare_s=found.performance.spare_s(now))

        return hear

    def _tell_first_sound(self, found: _Open) -> None:
        """How long the speaker waited to be heard; said once, by the packet after the first that was played."""
        if (sounded_at := found.seat.voice.sounded_at) is not None:
            found.told = True
            _first_sound.observe(sounded_at - found.asked_at)
            after_ms = round((sounded_at - found.asked_at) * 1000)
            _log.info("first_sound", speaker_id=found.session.speaker_id, after_ms=after_ms)

    async def _reap(self) -> None:
        while True:
            await self._clock.sleep(1.0)
            now = self._clock.monotonic()
            _open_sessions.set(len(self._open))
            for session_id, each in list(self._open.items()):
                if each.abandoned(now):
                    del self._open[session_id]
                    await each.session.close()
                    _log.info("session_reaped", speaker_id=each.session.speaker_id)
