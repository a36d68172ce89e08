"""The body of a WHIP PATCH (RFC 8840, `application/trickle-ice-sdpfrag`): trickled candidates, or an ICE restart."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from aioice import Candidate
from aiortc import RTCIceCandidate
from aiortc.sdp import candidate_from_sdp

from rostra.stage.errors import OfferBroken

MAX_FRAGMENT_BYTES: Final = 16 * 1024
MAX_CANDIDATES: Final = 32


@dataclass(frozen=True, slots=True)
class Fragment:
    """ice_ufrag, ice_pwd: the ICE session it belongs to, or a new one for a restart; None when not said."""

    ice_ufrag: str | None
    ice_pwd: str | None
    candidates: tuple[RTCIceCandidate, ...]


def read_fragment(text: str) -> Fragment:
    """Candidates that can be used; those of another transport than UDP or with a name are left out in silence.

    Raises OfferBroken for anything that is no fragment.
    """
    if len(text) > MAX_FRAGMENT_BYTES:
        raise OfferBroken("fragment too long")
    ufrag: str | None = None
    password: str | None = None
    candidates: list[RTCIceCandidate] = []
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines or any(line[1:2] != "=" for line in lines):
        raise OfferBroken("no sdpfrag")
    for line in lines:
        name, _, value = line[2:].partition(":")
        if line.startswith("a=") and name == "ice-ufrag":
            ufrag = value
        elif line.startswith("a=") and name == "ice-pwd":
            password = value
        elif line.startswith("a=") and name == "candidate":
            candidate = _candidate(value)
            if candidate.protocol.lower() == "udp" and not candidate.ip.lower().endswith(".local"):
                candidates.append(candidate)
    return Fragment(ufrag, password, tuple(candidates[:MAX_CANDIDATES]))


def write_fragment(mid: str, ufrag: str, password: str, candidates: Iterable[Candidate]) -> str:
    """What a server answers to a restart: its own new credentials and all of its candidates (RFC 9725, 4.3.3)."""
    lines = ["m=audio 9 UDP/TLS/RTP/SAVPF 0", f"a=mid:{mid}", f"a=ice-ufrag:{ufrag}", f"a=ice-pwd:{password}"]
    lines += [f"a=candidate:{candidate.to_sdp()}" for candidate in candidates]
    return "\r\n".join([*lines, "a=end-of-candidates"]) + "\r\n"


def _candidate(value: str) -> RTCIceCandidate:
    try:
        return candidate_from_sdp(value)
    except (ValueError, IndexError, AssertionError, KeyError) as error:
        raise OfferBroken(f"candidate {value[:80]!r}: {error!r}") from error
