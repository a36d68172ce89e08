"""One broadcast at an edge: its playlists and its state feed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Final

import msgspec

from rostra.delivery.captions import CaptionTrack
from rostra.delivery.channel import Channel, PlaylistText
from rostra.delivery.hearing import Hearing
from rostra.delivery.playlist import Report, hold_back_s, multivariant
from rostra.delivery.presence import SETTLED_S
from rostra.media.clock import MediaClock
from rostra.media.part import Part
from rostra.media.renditions import Rendition
from rostra.media.wire import Airing, HeldBy, Phase, StageState
from rostra.platform.clock import Clock
from rostra.platform.errors import NotFound, RostraError
from rostra.platform.log import get_logger
from rostra.web.edge.captions import LiveCaptions
from rostra.web.edge.entrance import ENTER, LINE, AtTheDoor, Entrance, File, LedAway
from rostra.web.edge.guarding import Guard
from rostra.web.edge.here import NAME as HERE
from rostra.web.edge.here import Here
from rostra.web.edge.rendition import LiveRendition
from rostra.web.edge.reply import JSON_TYPE, playlist, reply
from rostra.web.edge.server import Server

_log = get_logger(__name__)
_json: Final = msgspec.json.Encoder()
OpenHouse = Callable[[Callable[[], Airing]], Entrance]
"""Makes the entrance of a broadcast, which it asks for its airing."""

STAGE_AWAY_S: Final = 3.0
"""Without a word from the stage for this long, its speakers are no longer shown."""
AWAITED_S: Final = 3600.0
"""So long before the announced start, edges begin to share the line of a broadcast."""
MULTIVARIANT_CACHE: Final = "public, max-age=2"
RETRY_SCHEDULED_S: Final = 5


class DoorsClosed(NotFound):
    code = "doors_closed"
    user_message = "This broadcast has not opened its doors yet. The sound will be at this very address."
    retry_after_s = RETRY_SCHEDULED_S


class Over(RostraError):
    status, code = HTTPStatus.GONE, "over"
    user_message = "This broadcast is over. Its page says where to hear it again."


class TakenDown(RostraError):
    status, code = HTTPStatus.GONE, "taken_down"
    user_message = "This broadcast does not take place."


class SpeakerFeed(msgspec.Struct, frozen=True, kw_only=True):
    """A speaker as every listener may see one."""

    name: str
    host: bool
    connected: bool
    muted: bool
    level_dbfs: float


class StateFeed(msgspec.Struct, frozen=True, kw_only=True):
    """`/live/{id}/state.json`. Times are unix microseconds.

    listeners: an estimate, null while the edge does not know; listeners_error: half its 95 % interval as a share of
    it, 0 when everybody is counted; here_below: a player whose random number is below says every ten seconds that it
    plays, at `here` (`rostra.delivery.presence`). captions: their language, empty while there are none.
    held_by: while it is paused, whether a moderator has done that, or has ended it.
    playable: the playlist can be fetched now; stage_away: the stage has been silent for a few seconds. With a delay,
    all of it is as old as the sound.
    """

    broadcast_id: str
    slug: str
    title: str
    phase: Phase
    at_us: int
    starts_us: int
    live_us: int | None
    ended_us: int | None
    playable: bool
    playlist: str
    radio: str
    stage_away: bool
    programme_dbfs: float
    speakers: list[SpeakerFeed]
    captions: str = ""
    held_by: HeldBy = HeldBy.NOBODY
    listeners: int | None = None
    listeners_error: float = 0.0
    here_below: int = 0


class LiveBroadcast:
    """Keeps the addresses of one airing true. On the air: from open doors until the window after the end is over."""

    def __init__(
        self,
        server: Server,
        clock: Clock,
        airing: Airing,
        *,
        offered: Sequence[Rendition],
        window_s: float,
        hold_back_parts: int,
        open_house: OpenHouse | None = None,
    ) -> None:
        """offered: the renditions that stages make, the first of them for everybody; open_house: makes the entrance;
        without it everybody comes in."""
        self.airing = airing
        self._offered = offered
        self.renditions: dict[str, LiveRendition] = {}
        self.captions: LiveCaptions | None = None
        self._server = server
        self._clock = clock
        self._window_s = window_s
        self._hold_back_parts = hold_back_parts
        self._hearing = Hearing(airing)
        self._fed = (False, False, airing.phase)
        self.here: Here | None = None
        self._guard: Guard | None = server.routes.guards.get(airing.broadcast_id.encode())
        self.entrance = open_house(lambda: self.airing) if open_house is not None else None
        self._base = f"/live/{airing.broadcast_id}/"
        self._radio = f"/listen/{airing.broadcast_id}."
        self.change(airing)

    def _follow_doors(self) -> None:
        """People can have a place some time before the doors; afterwards they are led to the page of the broadcast."""
        if self.entrance is None:
            return
        airing, routes, path = self.airing, self._server.routes, f"{self._base}{ENTER}".encode()
        clock = airing.clock()
        if airing.phase.has_stage and clock is not None:
            self.entrance.door.opened_us = clock.anchor_us + round(clock.segment_s * 1_000_000)
        if self.is_awaited(self._clock.now_us()):
            routes.endpoints[path] = self.entrance
        elif airing.phase is Phase.SCHEDULED:
            routes.endpoints.pop(path, None)
        else:
            routes.endpoints[path] = LedAway(self.entrance.page_url, self.refusal)
            routes.files.pop(f"{self._base}{LINE}".encode(), None)

    def _radios(self) -> int:
        return sum(live.radios for live in self.renditions.values())

    @property
    def on_air(self) -> bool:
        return bool(self.renditions)

    def change(self, airing: Airing) -> None:
        """The site says something new about the broadcast."""
        self.airing = airing
        self._hearing.airs(airing, self._clock.monotonic())
        clock = airing.clock()
        if clock is not None and airing.phase.has_stage:
            if self.on_air:
                self._offer(clock)
            else:
                self._open()
        if airing.phase is Phase.ENDED and clock is not None and airing.ended_us is not None and not self._lapsed():
            if not self.on_air:
                self._open()
            for live in self.renditions.values():
                live.apply(live.channel.end(clock.end_part(airing.ended_us)))
        elif not airing.phase.has_stage:
            self._close()
        for live in self.renditions.values():
            live.name_radio(airing.title)
        self._follow_doors()
        self._feed()

    def stage_says(self, state: StageState) -> None:
        self._hearing.says(state, self._clock.monotonic())
        self._feed()

    def take(self, rendition: str, part: Part) -> None:
        """A part from the bus. Raises PartRefused."""
        live = self.renditions.get(rendition)
        if live is not None:
            live.apply(live.channel.take(part, self._clock.monotonic(), self._clock.now_us()))

    def restrict(self, guard: Guard | None) -> None:
        """What restricts the broadcast has changed; None for nothing."""
        self._guard = guard
        for live in self.renditions.values():
            live.restrict(guard)
        if self.captions is not None:
            self.captions.restrict(guard)

    def _keep_restricted(self) -> None:
        """Spans begin and end with the sound, and restrictions at their moments."""
        if (guard := self._guard) is None:
            return
        for live in self.renditions.values():
            live.silence_radio()
            guard.heard = live.channel.heard
        self._server.enforce(self.airing.broadcast_id.encode())

    def tick(self) -> None:
        for live in self.renditions.values():
            live.tick()
        self._keep_restricted()
        if self.captions is not None:
            self.captions.tick()
        news = self._hearing.pass_to(self._clock.monotonic())
        if news or self._fed != (self._playable, self._stage_away, self._phase):
            self._feed()
        if self.on_air and self.airing.phase is Phase.ENDED and self._lapsed():
            self._close()
            self._feed()

    def is_awaited(self, now_us: int) -> bool:
        """On the air, or so soon that people come for a place."""
        airing = self.airing
        return airing.phase.has_stage or (
            airing.phase is Phase.SCHEDULED and airing.starts_us - now_us < int(AWAITED_S * 1e6)
        )

    def tick_door(self) -> None:
        """Every second: who is inside, and how the line stands."""
        self._follow_doors()
        if self.entrance is not None and self.is_awaited(self._clock.now_us()):
            self.entrance.tick(self._radios(), sum(live.take_heard_s() for live in self.renditions.values()))
            self._server.routes.files[f"{self._base}{LINE}".encode()] = self.entrance.line()

    def refusal(self) -> RostraError:
        """Why an address of this broadcast has nothing now."""
        if self.on_air:
            return NotFound("not in the window")
        if self.airing.phase is Phase.ENDED:
            return Over()
        if self.airing.phase in (Phase.CANCELLED, Phase.WITHHELD):
            return TakenDown()
        return DoorsClosed()

    def remove(self) -> None:
        """The broadcast was deleted."""
        self._close()
        self._server.routes.remove_below(self._base.encode())

    @property
    def _playable(self) -> bool:
        return any(live.channel.playable for live in self.renditions.values())

    @property
    def _stage_away(self) -> bool:
        hearing = self._hearing
        return hearing.stage is None or self._clock.monotonic() - hearing.stage_since_s > STAGE_AWAY_S

    @property
    def _phase(self) -> Phase:
        return self._hearing.phase(self._clock.now_us())

    def _lapsed(self) -> bool:
        """The window after the end is over, so nobody can still be listening to it."""
        ended_us = self.airing.ended_us
        return ended_us is not None and self._clock.now_us() > ended_us + int(self._window_s * 1_000_000)

    def _open(self) -> None:
        clock = self.airing.clock()
        if clock is None:
            return
        hold_s = hold_back_s(self._offered, clock, self._hold_back_parts)
        for rendition in self._offered:
            self.renditions[rendition.name] = LiveRendition(
                self._server,
                self._clock,
                Channel(clock, rendition, window_s=self._window_s, hold_back_s=hold_s),
                prefix=f"{self._base}{rendition.name}/".encode(),
                radio_path=f"{self._radio}{rendition.radio}".encode(),
                others=self._reports_but(rendition),
                entrance=self.entrance,
            )
        for live in self.renditions.values():
            live.restrict(self._guard)
        self._offer(clock)
        late = airing_age_s(self.airing, self._clock) > SETTLED_S
        names = [rendition.name for rendition in self._offered if rendition.hls]
        self.here = Here(self._clock, self._radios, joins_late=late, renditions=names)
        self._server.routes.endpoints[f"{self._base}{HERE}".encode()] = self.here
        _log.info("broadcast_opened", broadcast_id=self.airing.broadcast_id)

    def _offer(self, clock: MediaClock) -> None:
        """Write the multivariant playlist anew, with captions while the host wants them.

        Players read it once, so captions that were turned off leave it, but go on without words at their address.
        """
        if self.airing.captions and self.captions is None:
            channel = self.renditions[self._offered[0].name].channel
            track = CaptionTrack(clock, channel.playlist_writer, language=self.airing.captions)
            others = self._reports_but(None)
            self.captions = LiveCaptions(self._server, self._clock, track, self._base, lambda: channel.window, others)
            self.captions.restrict(self._guard)
        text = PlaylistText.of(multivariant(self._offered, captions=self.airing.captions))
        file = File(playlist(text.plain, text.gzipped, cache=MULTIVARIANT_CACHE))
        path = f"{self._base}index.m3u8".encode()
        self._server.routes.endpoints[path] = file if self.entrance is None else AtTheDoor(self.entrance, file)

    def _reports_but(self, own: Rendition | None) -> Callable[[], tuple[Report, ...]]:
        """How far the renditions are, without `own`; None is the captions'."""

        def reports() -> tuple[Report, ...]:
            sound = tuple(
                live.channel.report
                for live in self.renditions.values()
                if live.channel.rendition.hls and live.channel.rendition is not own
            )
            offered = own is not None and self.captions is not None and self.airing.captions
            return (*sound, self.captions.report) if self.captions is not None and offered else sound

        return reports

    def _close(self) -> None:
        if not self.on_air:
            return
        renditions, self.renditions = self.renditions, {}
        for live in renditions.values():
            live.close(self.refusal())
        if self.captions is not None:
            self.captions.close(self.refusal())
            self.captions = None
        for name in (HERE, "index.m3u8"):
            self._server.routes.endpoints.pop(f"{self._base}{name}".encode(), None)
        self.here = None
        _log.info("broadcast_closed", broadcast_id=self.airing.broadcast_id, phase=self.airing.phase)

    def _feed(self) -> None:
        """Write state.json anew."""
        airing, away, phase = self.airing, self._stage_away, self._phase
        self._fed = (self._playable, away, phase)
        stage = self._hearing.stage if phase.has_stage and not away else None
        now_us = self._clock.now_us()
        audience = self.here.audience() if self.here is not None else None
        feed = StateFeed(
            broadcast_id=airing.broadcast_id,
            slug=airing.slug,
            title=airing.title,
            phase=phase,
            at_us=now_us,
            starts_us=airing.starts_us,
            live_us=airing.live_us if phase is not Phase.DOORS_OPEN else None,
            ended_us=airing.ended_us if not phase.has_stage else None,
            playable=self._playable,
            playlist=f"{self._base}index.m3u8",
            radio=f"{self._radio}{self._offered[0].radio}",
            stage_away=away,
            programme_dbfs=stage.programme_dbfs if stage is not None else -100.0,
            speakers=[
                SpeakerFeed(
                    name=speaker.name,
                    host=speaker.host,
                    connected=speaker.connected,
                    muted=speaker.is_silent,
                    level_dbfs=round(speaker.level_dbfs, 1),
                )
                for speaker in (stage.speakers if stage is not None else [])
            ],
            captions=airing.captions if self.on_air else "",
            held_by=(airing if stage is None else stage).held_by if phase is Phase.PAUSED else HeldBy.NOBODY,
            listeners=audience.listeners if audience is not None else None,
            listeners_error=round(audience.error, 3) if audience is not None else 0.0,
            here_below=self.here.below if self.here is not None else 0,
        )
        state = reply(HTTPStatus.OK, _json.encode(feed), kind=JSON_TYPE, cache="public, max-age=1")
        self._server.routes.put(f"{self._base}state.json".encode(), state)


def airing_age_s(airing: Airing, clock: Clock) -> float:
    """How long the doors have been open."""
    return 0.0 if airing.anchor_us is None else (clock.now_us() - airing.anchor_us) / 1_000_000
