"""How often notices and complaints are taken from one place, so that a flood of them does not bury the few that matter.

Fails open: the counts live in this process, so a restart forgets them and two sites count apart. The law wants notices
to be easy; so the limits are wide, and one that is refused says when to come back.
"""

from __future__ import annotations

from dataclasses import dataclass

from rostra.platform.clock import Clock
from rostra.shield.buckets import Rate
from rostra.shield.limits import Limit
from rostra.shield.sign_in_limits import network_of


@dataclass(frozen=True, slots=True)
class NoticeLimits:
    """network: 20 at once, then 20 an hour. account: of one that is signed in. letter_to: receipts for one address, so
    that nobody can fill a stranger's mailbox with them. complaint: of one network.
    """

    network: Limit
    account: Limit
    letter_to: Limit
    complaint: Limit

    @classmethod
    def new(cls, clock: Clock) -> NoticeLimits:
        return cls(
            network=Limit("notice_network", Rate(burst=20, interval_s=180), clock),
            account=Limit("notice_account", Rate(burst=30, interval_s=120), clock),
            letter_to=Limit("notice_address", Rate(burst=10, interval_s=360), clock),
            complaint=Limit("complaint_network", Rate(burst=10, interval_s=360), clock),
        )

    def take_notice(self, address: str, account: int | None, email: str) -> None:
        """Raises TooMany."""
        if account is None:
            self.network.take(network_of(address))
        else:
            self.account.take(str(account))
        if email:
            self.letter_to.take(email.casefold())

    def take_complaint(self, address: str) -> None:
        """Raises TooMany."""
        self.complaint.take(network_of(address))
