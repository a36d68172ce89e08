"""Calls that come at the same time, done together: a commit and its statements cost hardly more for sixty than for one.

Whoever comes while others are being served waits for the next turn, and alone a call is done at once. Only after a turn
of several, when many come, the next one waits a moment for more of them. Each gets an answer of its own, and only once
everything of its turn is done.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

from rostra.platform.clock import Clock, SystemClock
from rostra.platform.errors import RostraError, Unavailable
from rostra.platform.log import get_logger
from rostra.platform.tasks import Tasks

MOST: Final = 64
"""So many are done together. More would keep the first of them waiting, and cost hardly less for each."""
PAUSE_S: Final = 0.1
"""So long the next turn waits when many come. A turn costs tens of milliseconds before its first call."""
LINE: Final = 1_024
"""So many may wait. Fails closed: one more is refused at once, and told to come again."""
_log = get_logger(__name__)
Asked = TypeVar("Asked")
Answer = TypeVar("Answer")
Act = Callable[[Sequence[Asked]], Awaitable[Sequence[Answer | RostraError]]]


class TooManyAtOnce(Unavailable):
    code = "too_many_at_once"
    user_message = "Very many people do this at the moment. Nothing was done; wait a few seconds, then try again."


@dataclass(slots=True)
class _Call(Generic[Asked, Answer]):
    asked: Asked
    act: Act[Asked, Answer]
    answer: asyncio.Future[Answer] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class Gathering(Generic[Asked, Answer]):
    """One line of calls. A caller that goes away leaves its call in its turn: it may be half done."""

    def __init__(self, name: str, most: int = MOST, clock: Clock | None = None) -> None:
        """clock: the system's, unless a test has its own."""
        self._name = name
        self._clock = SystemClock() if clock is None else clock
        self._most = most
        self._line: list[_Call[Asked, Answer]] = []
        self._tasks = Tasks()
        self._serving = False

    async def ask(self, asked: Asked, act: Act[Asked, Answer]) -> Answer:
        """The answer of `act` to this one. act: gets all that have come, and answers each in its place; an error as an
        answer is raised for that one alone. When it raises itself, each is tried again on its own, so that nobody
        suffers for a neighbour; but not when what it needs is Unavailable. Raises TooManyAtOnce.
        """
        if len(self._line) >= LINE:
            raise TooManyAtOnce(f"{LINE} wait in {self._name}")
        call = _Call(asked, act)
        self._line.append(call)
        if not self._serving:
            self._serving = True
            self._tasks.spawn(self._name, self._serve())
        return await call.answer

    async def _serve(self) -> None:
        try:
            while self._line:
                turn, self._line = self._line[: self._most], self._line[self._most :]
                await self._take(turn)
                if len(turn) > 1 and len(self._line) < self._most:
                    await self._clock.sleep(PAUSE_S)
        finally:
            self._serving = False
            for call in self._line:
                call.answer.cancel()

    async def _take(self, turn: Sequence[_Call[Asked, Answer]]) -> None:
        try:
            answers = await turn[0].act([call.asked for call in turn])
        except Exception as error:  # noqa: BLE001  # whatever it is, it is told to whoever asked
            if len(turn) == 1 or isinstance(error, Unavailable):
                for call in turn:
                    _settle(call, error)
                return
            _log.warning("gathered_apart", what=self._name, count=len(turn), reason=type(error).__name__)
            for call in turn:
                await self._take([call])
            return
        except BaseException:
            for call in turn:
                call.answer.cancel()
            raise
        for call, answer in zip(turn, answers, strict=True):
            _settle(call, answer)


def _settle(call: _Call[Asked, Answer], answer: Answer | BaseException) -> None:
    if call.answer.done():  # whoever asked has gone
        return
    if isinstance(answer, BaseException):
        call.answer.set_exception(answer)
    else:
        call.answer.set_result(answer)
