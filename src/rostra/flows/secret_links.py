"""Links that let somebody without an account read what is meant for them: how a notice stands, reasons.

The secret is made from the id by the house's key, so it can be put into each further letter and lies nowhere; the
database has its fingerprint, and finds by that. Who has a copy of the database alone can open none of them.
"""

from __future__ import annotations

import base64
from enum import StrEnum

from rostra.flows.house import House


class Leads(StrEnum):
    """To what."""

    NOTICE = "notice"
    DECISION = "decision"


def secret_for(house: House, leads: Leads, row_id: int) -> str:
    """43 characters, unguessable, always the same for the same thing."""
    signed = house.seal.sign(str(row_id).encode(), f"link {leads}")
    return base64.urlsafe_b64encode(signed).decode().rstrip("=")


def notice_url(house: House, notice_id: int) -> str:
    return f"{house.membership.site_url}/reports/{secret_for(house, Leads.NOTICE, notice_id)}"


def decision_url(house: House, decision_id: int) -> str:
    return f"{house.membership.site_url}/reasons/{secret_for(house, Leads.DECISION, decision_id)}"
