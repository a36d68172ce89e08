"""`rostra listen`: a player without sound, for tests, for measurements, and to look what listeners get."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Callable
from contextlib import nullcontext, suppress
from html.parser import HTMLParser
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Final
from urllib.parse import urljoin, urlsplit

import msgspec
import typer

from rostra.delivery.follower import Follower
from rostra.delivery.framing import cut_adts
from rostra.delivery.reading import NotAPlaylist, Piece, media_view, variants
from rostra.media.clock import AAC_FRAME_SAMPLES, SAMPLE_RATE_HZ
from rostra.media.fmp4 import NotFragmentedMp4, read_fragments
from rostra.media.renditions import AAC_STEREO
from rostra.platform.clock import Clock, SystemClock
from rostra.platform.errors import RostraError
from rostra.platform.tasks import Tasks

if TYPE_CHECKING:
    import httpx
    from rich.table import Table

    from rostra.stage.decode import AacDecoder

ATTEMPTS: Final = 6
RETRY_S: Final = 0.5
REQUEST_TIMEOUT_S: Final = 15.0
FRAMES_A_PART: Final = 24


class CannotListen(RostraError):
    status, code = HTTPStatus.BAD_GATEWAY, "cannot_listen"
    user_message = "There is nothing to listen to at this address."


class Heard(msgspec.Struct, kw_only=True):
    """What `rostra listen` reports at its end. rms_db: of all samples, dBFS; null when there were none."""

    parts: int = 0
    gaps: int = 0
    stalls: int = 0
    latency_s: float | None = None
    rms_db: float | None = None
    bytes: int = 0
    seconds: float = 0.0
    errors: int = 0


class Ear:
    """Listens to one address and keeps count.

    Raises CannotListen or NotAPlaylist from `run` when there is nothing to follow; a stream that breaks later is
    tried again, and counted.
    """

    def __init__(self, client: httpx.AsyncClient, clock: Clock) -> None:
        from rostra.stage.decode import AacDecoder

        self._client = client
        self._clock = clock
        self._decoder: AacDecoder = AacDecoder(AAC_STEREO.specific_config)
        self._follower = Follower()
        self._started_s = clock.monotonic()
        self._square_sum = 0.0
        self._samples = 0
        self._bytes = 0
        self._errors = 0

    def heard(self) -> Heard:
        follower = self._follower
        rms_db = None
        if self._samples:
            rms_db = round(10 * math.log10(max(self._square_sum / self._samples, 1e-10)), 1)
        return Heard(
            parts=follower.parts,
            gaps=follower.gaps,
            stalls=follower.playback.stalls,
            latency_s=follower.latency_s,
            rms_db=rms_db,
            bytes=self._bytes,
            seconds=round(self._clock.monotonic() - self._started_s, 2),
            errors=self._errors,
        )

    async def run(self, url: str) -> None:
        """Listen until the broadcast ends."""
        async with self._client.stream("GET", url, follow_redirects=True) as response:
            kind = response.headers.get("content-type", "")
            if response.status_code != HTTPStatus.OK:
                await response.aread()
                raise CannotListen(f"{response.status_code} from {url}", user_message=_explain(url, response))
            if kind.startswith("audio/") and "mpegurl" not in kind:
                await self._radio(response.aiter_bytes())
                return
            text = (await response.aread()).decode("utf-8", "replace")
        if "html" in kind:
            url = urljoin(str(response.url), _playlist_of(text, url))
            text = await self._text(url)
        if found := variants(text):
            url = urljoin(url, found[0])
        await self._follow(url)

    async def _follow(self, url: str) -> None:
        """Reload the media playlist and fetch what is new, for as long as there is something."""
        failures = 0
        while not self._follower.ended:
            query = self._follower.query()
            try:
                pieces = self._follower.take_playlist(media_view(await self._text(f"{url}?{query}" if query else url)))
                for piece in pieces:
                    await self._fetch(urljoin(url, piece.uri), piece)
                failures = 0
            except CannotListen:
                self._errors += 1
                failures += 1
                if failures == ATTEMPTS or (self._follower.parts == 0 and failures > 1):
                    raise
                self._follower.start_over()
                await self._clock.sleep(RETRY_S)
            await self._clock.sleep(self._follower.reload_wait_s)

    async def _fetch(self, url: str, piece: Piece) -> None:
        data = (await self._get(url)).content
        now_s, now_us = self._clock.monotonic(), self._clock.now_us()
        self._bytes += len(data)
        try:
            fragments = read_fragments(data)
        except NotFragmentedMp4 as error:
            raise CannotListen(f"{url}: {error}", user_message=f"{url} is not the sound that was announced.") from error
        frames = [frame for fragment in fragments for frame in fragment.frames]
        self._follower.take_media(piece, fragments[0].decode_time, len(frames), now_s=now_s, now_us=now_us)
        self._measure(frames)

    async def _radio(self, chunks: AsyncIterator[bytes]) -> None:
        from rostra.stage.decode import without_adts

        rest, frames_seen = b"", 0
        async for chunk in chunks:
            self._bytes += len(chunk)
            try:
                frames, rest = cut_adts(rest + chunk)
            except ValueError as error:
                raise CannotListen(f"no ADTS: {error}", user_message="This stream is not AAC sound.") from error
            frames_seen += len(frames)
            self._follower.parts = frames_seen // FRAMES_A_PART
            seconds = len(frames) * AAC_FRAME_SAMPLES / SAMPLE_RATE_HZ
            self._follower.playback.arrived(seconds, self._clock.monotonic())
            self._measure([without_adts(frame) for frame in frames])

    def _measure(self, frames: list[bytes]) -> None:
        samples = self._decoder.decode(frames).astype("float64")
        self._square_sum += float((samples**2).sum())
        self._samples += samples.size

    async def _text(self, url: str) -> str:
        response = await self._get(url)
        self._bytes += len(response.content)
        return response.text

    async def _get(self, url: str) -> httpx.Response:
        import httpx

        try:
            response = await self._client.get(url)
        except httpx.HTTPError as error:
            raise CannotListen(f"{url}: {error!r}", user_message=f"{url} does not answer: {error}.") from error
        if response.status_code != HTTPStatus.OK:
            raise CannotListen(f"{response.status_code} from {url}", user_message=_explain(url, response))
        return response


class _LinkFinder(HTMLParser):
    """Finds <link rel="alternate" type="application/vnd.apple.mpegurl" href="…">."""

    href: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "link" and "mpegurl" in (values.get("type") or "") and values.get("href"):
            self.href = self.href or values["href"]


def _playlist_of(page: str, url: str) -> str:
    finder = _LinkFinder()
    finder.feed(page)
    if finder.href is None:
        raise NotAPlaylist(user_message=f"The page {url} names no playlist. Give the address of a broadcast's page.")
    return finder.href


def _explain(url: str, response: httpx.Response) -> str:
    """The server's own words where it has some, otherwise its status."""
    detail = ""
    with suppress(ValueError, AttributeError, TypeError):
        detail = str(response.json().get("detail", ""))
    return detail or f"{url} answers {response.status_code} {response.reason_phrase}."


async def _listen(url: str, seconds: float | None, show: Callable[[Heard], None]) -> Heard:
    """Listen, at most for `seconds`; `show(heard)` is called twice a second."""
    import httpx

    clock, tasks = SystemClock(), Tasks()
    limits = httpx.Limits(max_keepalive_connections=4)
    async with httpx.AsyncClient(timeout=REQUEST_TIMEOUT_S, limits=limits) as client:
        ear = Ear(client, clock)

        async def report() -> None:
            while True:
                show(ear.heard())
                await clock.sleep(0.5)

        tasks.spawn("listen_report", report())
        try:
            with suppress(TimeoutError):
                await asyncio.wait_for(ear.run(url), seconds)
        except httpx.HTTPError as error:
            raise CannotListen(f"{url}: {error!r}", user_message=_unreachable(url, error)) from error
        finally:
            await tasks.close()
        return ear.heard()


def _unreachable(url: str, error: Exception) -> str:
    where = urlsplit(url).netloc or url
    return f"{where} does not answer ({error or type(error).__name__}). Check the address, and that Rostra runs there."


def _table(heard: Heard) -> Table:
    from rich.table import Table

    table = Table(box=None)
    for name in msgspec.structs.asdict(heard):
        table.add_column(name, justify="right")
    table.add_row(*("–" if value is None else str(value) for value in msgspec.structs.asdict(heard).values()))
    return table


def listen(
    url: Annotated[str, typer.Argument(help="Page, playlist or radio stream of a broadcast.")],
    seconds: Annotated[float | None, typer.Option(help="Stop after this many seconds.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Only one JSON object, at the end.")] = False,
) -> None:
    """Follow a broadcast as a player would, without sound: latency, stalls, gaps. Ends with one JSON object."""
    if urlsplit(url).scheme not in ("http", "https"):
        typer.secho(f"rostra: {url} is no address that starts with http:// or https://.", err=True, fg="red")
        raise typer.Exit(2)
    try:
        heard = _listen_shown(url, seconds, table=not json)
    except RostraError as error:
        typer.secho(f"rostra: {error.user_message}", err=True, fg="red")
        raise typer.Exit(1) from error
    typer.echo(msgspec.json.encode(heard).decode())


def _listen_shown(url: str, seconds: float | None, *, table: bool) -> Heard:
    """Listen, with a live table on standard error if wanted. Ctrl-C ends it with what was heard so far."""
    from rich.console import Console
    from rich.live import Live

    last = Heard()

    def show(heard: Heard) -> None:
        nonlocal last
        last = heard
        if table:
            live.update(_table(heard), refresh=True)

    live = Live(console=Console(stderr=True), auto_refresh=False, transient=True)
    with live if table else nullcontext():
        try:
            return asyncio.run(_listen(url, seconds, show))
        except KeyboardInterrupt:
            return last
