"""In which country somebody is, as far as anybody here can tell, for rules that differ by country (DSA, Article 9).

Three sources, the first that knows: a header of a proxy that we trust, the operator's own database of addresses (in
MaxMind's format), the registries' lists that come with Rostra (`iptocc`). None of them asks anybody. Nothing is kept.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable
from http import HTTPStatus
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Final

import maxminddb
from iptocc import country_code

from rostra.platform.errors import RostraError

_CODE: Final = re.compile(r"^[A-Z]{2}$")
_NOWHERE: Final = frozenset({"XX", "ZZ", "T1", "A1", "A2", "O1", "EU", "AP"})
"""What proxies and databases say for an address of which they know no country."""


class NoCountryDatabase(RostraError):
    status, code = HTTPStatus.INTERNAL_SERVER_ERROR, "no_country_database"


def territory(trusted: Iterable[str], *, header: str = "", file: str = "") -> Territory:
    """As the settings say it. Raises NoCountryDatabase."""
    networks = tuple(ipaddress.ip_network(each) for each in trusted)
    return Territory(networks, header=header, lookup=database(Path(file)) if file else None)


class Territory:
    """trusted: networks of our proxies. header: the name in lower case, empty for none."""

    def __init__(
        self,
        trusted: tuple[IPv4Network | IPv6Network, ...] = (),
        *,
        header: str = "",
        lookup: Callable[[str], str] | None = None,
    ) -> None:
        self.header = header.lower()
        self._trusted = trusted
        self.lookup = lookup

    def country(self, peer: str, forwarded: str = "", told: str = "") -> str:
        """ISO 3166-1 alpha-2, or empty: then the stricter answer holds. Never raises.

        peer: the address at the other end; forwarded: X-Forwarded-For; told: the value of the header. Both are believed
        from a proxy of ours alone, so nobody chooses their country.
        """
        if not self._is_ours(peer):
            return self._of(peer)
        if self.header and told:
            code = told.strip().upper()
            return code if _CODE.match(code) and code not in _NOWHERE else ""
        hops = [hop.strip() for hop in forwarded.split(",") if hop.strip()]
        while hops and self._is_ours(peer):
            peer = hops.pop()
        return "" if self._is_ours(peer) else self._of(peer)

    def _is_ours(self, address: str) -> bool:
        try:
            parsed = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(parsed in network for network in self._trusted)

    def _of(self, address: str) -> str:
        try:
            known = (self.lookup(address) if self.lookup is not None else "") or country_code(address) or ""
        except ValueError:
            return ""
        return known if _CODE.match(known) and known not in _NOWHERE else ""


def database(path: Path) -> Callable[[str], str]:
    """Countries from a database in MaxMind's format, read into memory. Raises NoCountryDatabase with what to do."""
    try:
        reader = maxminddb.open_database(path, maxminddb.MODE_MEMORY)
    except (OSError, ValueError, maxminddb.InvalidDatabaseError) as error:
        text = f"The country database {path} cannot be read. Set country_database to a file in MaxMind's format."
        raise NoCountryDatabase(repr(error), user_message=text) from error

    def lookup(address: str) -> str:
        """Raises ValueError for what is no address."""
        found = reader.get(address)
        country = found.get("country") or found.get("registered_country") if isinstance(found, dict) else None
        return str(country.get("iso_code", "")) if isinstance(country, dict) else ""

    return lookup
