"""What one edge knows about tickets: the keys, who is revoked, and what it has verified already."""

from __future__ import annotations

from typing import Final

from rostra.media.wire import SigningKeys
from rostra.platform.clock import Clock
from rostra.platform.errors import Unavailable
from rostra.platform.randomness import token
from rostra.shield.admission import SKEW_S, Admission, Fault, Standing, Verifier, admit, fault_of, mint, renewed
from rostra.shield.bindings import Bindings
from rostra.shield.rates import Carriers

MOST_VERIFIED: Final = 16_384
"""Tickets whose signature need not be reckoned again, in one of two generations (some 0.5 kB each)."""
MOST_REVOKED: Final = 100_000
"""Fails open: of more, those that have run longest are forgotten."""


class NoKeys(Unavailable):
    """503: a ticket is wanted before the bus has told the keys."""

    code = "no_ticket_keys"
    user_message = "This server is just starting. Try again in a few seconds."


class Doorkeeper:
    """Judges and writes tickets. Feed it `keys_are` and `revoke` from the bus; before that no ticket counts.

    draw_key: of the draws in overload (`rostra.shield.priorities`), the same on every edge once the keys are known.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._keys: SigningKeys | None = None
        self._verifier = Verifier()
        self._young: dict[bytes, Admission] = {}
        self._old: dict[bytes, Admission] = {}
        self._revoked: dict[str, float] = {}
        self.bindings = Bindings(clock.monotonic())
        self.carriers = Carriers(clock.monotonic())
        self.draw_key = token(32).encode()

    @property
    def has_keys(self) -> bool:
        return self._keys is not None

    @property
    def keys(self) -> SigningKeys | None:
        """None before the bus has told."""
        return self._keys

    def keys_are(self, keys: SigningKeys) -> None:
        """What was verified with a key that has gone does not count any more."""
        if keys != self._keys:
            self._keys = keys
            self._verifier = Verifier(keys)
            self.draw_key = keys.current.encode()
            self._young, self._old = {}, {}

    def revoke(self, jti: str, until_s: float) -> None:
        """until_s: unix seconds after which no ticket of this name can be valid."""
        self._revoked[jti] = until_s
        if len(self._revoked) > MOST_REVOKED:
            del self._revoked[next(iter(self._revoked))]

    def unrevoke(self, jti: str) -> None:
        self._revoked.pop(jti, None)

    def judge(self, ticket: bytes, broadcast_id: str | None, network: str) -> Admission | Fault:
        """The ticket's admission, or what is wrong with it.

        broadcast_id: None where no particular one is asked for; network: `Origin.network` that the request comes from.
        """
        admission = self._read(ticket)
        if not isinstance(admission, Admission):
            return admission
        now_s = self._clock.now_us() / 1_000_000
        wanted = admission.broadcast_id if broadcast_id is None else broadcast_id
        if (fault := fault_of(admission, wanted, now_s=now_s)) is not None:
            return fault
        if admission.jti in self._revoked:
            return Fault.REVOKED
        if network != admission.network and not self.bindings.allows(admission, network, self._clock.monotonic()):
            return Fault.OTHER_NETWORK
        return admission

    def admit(
        self, broadcast_id: str, network: str, standing: Standing = Standing.LISTENER, *, jti: str | None = None
    ) -> tuple[Admission, str]:
        """A new admission and its ticket. jti: its identity where that follows from something. Raises NoKeys."""
        self.carriers.minted(network, self._clock.monotonic())
        now_s = self._clock.now_us() / 1_000_000
        return self._signed(admit(broadcast_id, network, now_s=now_s, standing=standing, jti=jti))

    def renew(self, admission: Admission, network: str) -> tuple[Admission, str]:
        """For one that `judge` has just let pass from `network`. Raises NoKeys."""
        return self._signed(renewed(admission, network, now_s=self._clock.now_us() / 1_000_000))

    def tick(self) -> None:
        """Now and then: forget revocations of tickets that have run out anyway."""
        now_s = self._clock.now_us() / 1_000_000
        for jti in [jti for jti, until_s in self._revoked.items() if until_s + SKEW_S <= now_s]:
            del self._revoked[jti]

    def _read(self, ticket: bytes) -> Admission | Fault:
        if (known := self._young.get(ticket)) is not None:
            return known
        if (known := self._old.get(ticket)) is not None:
            self._remember(ticket, known)
            return known
        read = self._verifier.read(ticket)
        if isinstance(read, Admission):
            self._remember(ticket, read)
        return read

    def _remember(self, ticket: bytes, admission: Admission) -> None:
        if len(self._young) >= MOST_VERIFIED:
            self._young, self._old = {}, self._young
        self._young[ticket] = admission

    def _signed(self, admission: Admission) -> tuple[Admission, str]:
        if self._keys is None:
            raise NoKeys
        return admission, mint(self._keys, admission)
