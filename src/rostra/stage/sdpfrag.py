"""Trickled candidates: the body of a WHIP PATCH (RFC 8840, `application/trickle-ice-sdpfrag`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from aiortc import RTCIceCandidate
from aiortc.sdp import candidate_from_sdp

from rostra.stage.errors import OfferBroken

MAX_FRAGMENT_BYTES: Final = 16 * 1024
MAX_CANDIDATES: Final = 32


@dataclass(frozen=True, slots=True)
class Fragment:
    """ice_ufrag: the ICE session it belongs to, or a new one for a restart; None when not said."""

    ice_ufrag: str | None
    candidates: tuple[RTCIceCandidate, ...]


def read_fragment(text: str) -> Fragment:
    """Candidates that can be used; those of another transport than UDP or with a name are left out in silence.

    Raises OfferBroken for anything that is no fragment.
    """
    if len(text) > MAX_FRAGMENT_BYTES:
        raise OfferBroken("fragment too long")
    ufrag: str | None = None
    candidates: list[RTCIceCandidate] = []
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines or any(line[1:2] != "=" for line in lines):
        raise OfferBroken("no sdpfrag")
    for line in lines:
        name, _, value = line[2:].partition(":")
        if line.startswith("a=") and name == "ice-ufrag":
            ufrag = value
        elif line.startswith("a=") and name == "candidate":
            candidate = _candidate(value)
            if candidate.protocol.lower() == "udp" and not candidate.ip.lower().endswith(".local"):
                candidates.append(candidate)
    return Fragment(ufrag, tuple(candidates[:MAX_CANDIDATES]))


def _candidate(value: str) -> RTCIceCandidate:
    try:
        return candidate_from_sdp(value)
    except (ValueError, IndexError, AssertionError, KeyError) as error:
        raise OfferBroken(f"candidate {value[:80]!r}: {error!r}") from error
