"""An SDP offer as WHIP clients send it: what is asked for, and an offer that aiortc can answer.

Video comes along with most clients. It is accepted and dropped: its section never reaches aiortc, which would
decode it, and is answered here as one more receiving section of the bundle, whose packets nobody routes.
Sources: RFC 9725 (sections 4.2, 4.4), RFC 8829 (JSEP), RFC 8866 (SDP).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from aiortc.sdp import SessionDescription

from rostra.stage.errors import OfferBroken, OfferRefused

MAX_OFFER_BYTES: Final = 64 * 1024
_CANDIDATE: Final = re.compile(r"^a=candidate:\S+ \d+ (\S+) \d+ (\S+) \d+ typ ", re.IGNORECASE)
_OPUS: Final = re.compile(r"^a=rtpmap:(\d+) opus/48000", re.IGNORECASE)
_RTPMAP: Final = re.compile(r"^a=rtpmap:(\d+) ")


@dataclass(frozen=True, slots=True)
class Section:
    """One m-section: its first line is the m-line."""

    lines: tuple[str, ...]

    @property
    def kind(self) -> str:
        return self.lines[0][2:].split(" ", 1)[0]

    def value(self, name: str) -> str | None:
        prefix = f"a={name}:"
        return next((line[len(prefix) :].strip() for line in self.lines if line.startswith(prefix)), None)

    def has(self, line: str) -> bool:
        return line in self.lines


@dataclass(frozen=True, slots=True)
class Offer:
    """An offer that a stage takes.

    text: the same offer with the audio section alone, for aiortc. sections: as the client numbered them.
    """

    text: str
    session: tuple[str, ...]
    sections: tuple[Section, ...]

    @property
    def audio(self) -> Section:
        return next(section for section in self.sections if section.kind == "audio")

    @property
    def ice_ufrag(self) -> str | None:
        return self.audio.value("ice-ufrag") or Section(self.session).value("ice-ufrag")


def read_offer(text: str) -> Offer:
    """Raises OfferBroken for what is no SDP, OfferRefused for what a stage does not do."""
    if not text.startswith("v=0") or len(text) > MAX_OFFER_BYTES:
        raise OfferBroken("no SDP, or too much of it")
    session, sections = _split(text)
    _check_sections(session, sections)
    offer = Offer(_for_aiortc(session, sections), tuple(session), tuple(sections))
    _check_readable(offer.text)
    return offer


def _split(text: str) -> tuple[list[str], list[Section]]:
    lines = [line.rstrip() for line in text.splitlines() if line.strip()]
    if any(len(line) < 2 or line[1] != "=" for line in lines):
        raise OfferBroken("a line is not of the form type=value")
    starts = [number for number, line in enumerate(lines) if line.startswith("m=")]
    if not starts:
        raise OfferBroken("no media section")
    ends = [*starts[1:], len(lines)]
    sections = [Section(tuple(lines[start:end])) for start, end in zip(starts, ends, strict=True)]
    return lines[: starts[0]], sections


def _check_sections(session: list[str], sections: list[Section]) -> None:
    kinds = [section.kind for section in sections]
    if kinds.count("audio") != 1:
        raise OfferRefused(
            f"{kinds.count('audio')} audio sections",
            user_message="Send exactly one audio track. Other tracks belong into a session of their own.",
        )
    if set(kinds) - {"audio", "video"}:
        raise OfferRefused(f"sections {kinds}", user_message="Send audio only; data channels are not supported.")
    audio = sections[kinds.index("audio")]
    if audio.has("a=recvonly") or audio.has("a=inactive"):
        raise OfferRefused(
            "audio is not sent", user_message="The audio track must be sendonly or sendrecv; this one sends nothing."
        )
    if not any(_OPUS.match(line) for line in audio.lines):
        raise OfferRefused("no opus", user_message="The audio track must be offered as Opus at 48 kHz.")
    if len(sections) > 1 and not _bundled(session, sections):
        raise OfferRefused("not bundled", user_message="All tracks must share one transport (BUNDLE, max-bundle).")
    whole = Section(tuple(session))
    for name in ("ice-ufrag", "ice-pwd", "fingerprint"):
        if audio.value(name) is None and whole.value(name) is None and sections[0].value(name) is None:
            raise OfferBroken(f"no {name}")


def _bundled(session: list[str], sections: list[Section]) -> bool:
    groups = [line.split()[1:] for line in session if line.startswith("a=group:BUNDLE ")]
    mids = {section.value("mid") for section in sections}
    return any(mids <= set(group) for group in groups)


def _for_aiortc(session: list[str], sections: list[Section]) -> str:
    """The audio section alone, with the transport that the bundle's first section may carry for it."""
    audio = next(section for section in sections if section.kind == "audio")
    mid = audio.value("mid") or "0"
    lines = [line for line in session if not line.startswith("a=group:")] + [f"a=group:BUNDLE {mid}"]
    m_line = re.sub(r"^m=audio 0 ", "m=audio 9 ", audio.lines[0])
    lines += [m_line, *(line for line in audio.lines[1:] if not _is_transport_noise(line))]
    if audio.value("mid") is None:
        lines.append("a=mid:0")
    for name in ("ice-ufrag", "ice-pwd", "fingerprint", "setup"):
        in_first = sections[0].value(name)
        if audio.value(name) is None and Section(tuple(session)).value(name) is None and in_first is not None:
            lines.append(f"a={name}:{in_first}")
    lines += dict.fromkeys(line for each in sections for line in each.lines if _usable_candidate(line))
    return "\r\n".join(lines) + "\r\n"


def _is_transport_noise(line: str) -> bool:
    """Candidates are collected apart; an end of candidates would keep ICE from finding the client by its checks."""
    return line.startswith(("a=candidate:", "a=end-of-candidates", "a=bundle-only"))


def _usable_candidate(line: str) -> bool:
    """A UDP candidate with an address. A name (mDNS, `.local`) would cost a second of waiting for nothing."""
    match = _CANDIDATE.match(line)
    return match is not None and match[1].lower() == "udp" and not match[2].lower().endswith(".local")


def _check_readable(text: str) -> None:
    try:
        description = SessionDescription.parse(text)
        media = description.media[0]
        dtls, credentials = media.dtls, media.ice
    except Exception as error:
        raise OfferBroken(f"unreadable: {error!r}") from error
    if not (
        dtls
        and dtls.fingerprints
        and dtls.role
        and credentials
        and credentials.usernameFragment
        and credentials.password
    ):
        raise OfferBroken("no ICE credentials")


def finish_answer(answer: str, offer: Offer) -> str:
    """aiortc's answer to the audio section, made an answer to the whole offer.

    Adds Opus's parameters (RFC 7587: in-band FEC wanted) and a receiving section for each one that was left out.
    """
    session, sections = _split(answer)
    audio = sections[0]
    payload_type = next((match[1] for line in audio.lines if (match := _OPUS.match(line))), None)
    lines = list(audio.lines)
    if payload_type is not None:
        at = next(number for number, line in enumerate(lines) if _OPUS.match(line))
        lines.insert(at + 1, f"a=fmtp:{payload_type} minptime=10;useinbandfec=1")
    if not audio.has("a=rtcp-mux"):
        lines.append("a=rtcp-mux")
    mids = [section.value("mid") or "0" for section in offer.sections]
    session = [f"a=group:BUNDLE {' '.join(mids)}" if line.startswith("a=group:") else line for line in session]
    for section in offer.sections:
        session += lines if section.kind == "audio" else _receiving(section, Section(tuple(lines)))
    return "\r\n".join(session) + "\r\n"


def _receiving(offered: Section, audio: Section) -> list[str]:
    """An answer that takes `offered` on the transport of `audio`, with the first codec that was offered."""
    payload_type = offered.lines[0].split()[3]
    lines = [f"m={offered.kind} 9 UDP/TLS/RTP/SAVPF {payload_type}", "c=IN IP4 0.0.0.0", "a=recvonly", "a=rtcp-mux"]
    lines.append(f"a=mid:{offered.value('mid')}")
    lines += [line for line in offered.lines if (match := _RTPMAP.match(line)) and match[1] == payload_type]
    lines += [line for line in offered.lines if line.startswith(f"a=fmtp:{payload_type} ")]
    lines += [line for line in audio.lines if line.startswith(("a=ice-", "a=fingerprint:", "a=setup:"))]
    return lines
