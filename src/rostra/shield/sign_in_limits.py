"""How often somebody may try to get in, so that guessing is slow and nobody is locked out by a stranger.

Guesses are counted twice: by the network that they come from, and by the account that they name. The second stops a
botnet, and alone it would let anybody lock anybody out; so a browser that has signed in to the account before counts
on its own (OWASP, "device cookies"): whoever attacks empties the strangers' bucket, not the owner's. Passkeys and
sign-in links are not guessed, so they pass the account's bucket by.

Fails open: the counts live in this process, so a restart forgets them and two sites count apart; a botnet of more
than 65,536 networks pushes out the oldest. What remains then is the cost of argon2id and the strength of the password.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from rostra.platform.clock import Clock
from rostra.shield.buckets import Rate
from rostra.shield.limits import Limit


@dataclass(frozen=True, slots=True)
class SignInLimits:
    """network: password attempts, 25 in five minutes. account: ten at once, then 25 an hour. device: of one browser.

    code: codes of the second factor; at one in two minutes, guessing six digits takes years. sign_up: five in half an
    hour. letter: recovery letters that one network asks for. letter_to: to one address, so that nobody floods it.
    """

    network: Limit
    account: Limit
    device: Limit
    code: Limit
    sign_up: Limit
    letter: Limit
    letter_to: Limit

    @classmethod
    def new(cls, clock: Clock) -> SignInLimits:
        return cls(
            network=Limit("password_network", Rate(burst=25, interval_s=12), clock),
            account=Limit("password_account", Rate(burst=10, interval_s=144), clock),
            device=Limit("password_device", Rate(burst=10, interval_s=30), clock),
            code=Limit("second_factor", Rate(burst=5, interval_s=120), clock),
            sign_up=Limit("sign_up", Rate(burst=5, interval_s=360), clock),
            letter=Limit("recovery_network", Rate(burst=10, interval_s=60), clock),
            letter_to=Limit("recovery_address", Rate(burst=3, interval_s=1200), clock),
        )

    def take_password(self, address: str, typed: str, *, device: str | None) -> None:
        """Count an attempt. typed: what was typed as handle or address, whether or not there is such an account, so
        that the limit tells nothing. device: of a browser that the account knows. Raises TooMany.
        """
        if device is not None:
            self.device.take(device)
            return
        self.network.take(network_of(address))
        self.account.take(typed)

    def take_sign_up(self, address: str) -> None:
        """Raises TooMany."""
        self.sign_up.take(network_of(address, v4_bits=24, v6_bits=48))

    def take_letter(self, address: str, typed: str) -> None:
        """Raises TooMany."""
        self.letter.take(network_of(address))
        self.letter_to.take(typed)


def network_of(address: str, *, v4_bits: int = 32, v6_bits: int = 64) -> str:
    """The network that is taken for one attacker: an IPv6 customer has at least a /64 to themselves (RFC 6177)."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    bits = v4_bits if parsed.version == 4 else v6_bits
    return str(ipaddress.ip_network((parsed, bits), strict=False))
