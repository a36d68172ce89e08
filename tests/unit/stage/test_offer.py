"""Offers as browsers, OBS and FFmpeg send them."""

from __future__ import annotations

from contextlib import suppress

import pytest
from aiortc.sdp import SessionDescription
from hypothesis import given
from hypothesis import strategies as st

from rostra.stage.errors import OfferBroken, OfferRefused
from rostra.stage.offer import finish_answer, read_offer

FINGERPRINT = "a=fingerprint:sha-256 " + ":".join(["AB"] * 32)
SESSION = ["v=0", "o=- 1 2 IN IP4 127.0.0.1", "s=-", "t=0 0"]
TRANSPORT = ["a=ice-ufrag:abcd", "a=ice-pwd:abcdefghijklmnopqrstuv", FINGERPRINT, "a=setup:actpass"]
AUDIO = ["m=audio 9 UDP/TLS/RTP/SAVPF 111", "c=IN IP4 0.0.0.0", "a=mid:0", "a=sendonly", "a=rtcp-mux"]
AUDIO += ["a=rtpmap:111 opus/48000/2"]
VIDEO = ["m=video 9 UDP/TLS/RTP/SAVPF 96 97", "c=IN IP4 0.0.0.0", "a=mid:1", "a=sendonly", "a=rtcp-mux"]
VIDEO += ["a=rtpmap:96 AV1/90000", "a=fmtp:96 profile=0", "a=rtpmap:97 H264/90000"]
BUNDLE = "a=group:BUNDLE 0 1"
ANSWER = [
    *SESSION,
    "a=group:BUNDLE 0",
    "m=audio 5000 UDP/TLS/RTP/SAVPF 111",
    "c=IN IP4 127.0.0.1",
    "a=recvonly",
    "a=mid:0",
    "a=rtpmap:111 opus/48000/2",
    "a=candidate:1 1 udp 2130706431 127.0.0.1 5000 typ host",
    "a=ice-ufrag:serv",
    "a=ice-pwd:serverserverserverserver",
    FINGERPRINT,
    "a=setup:active",
]


def sdp(*lines: str) -> str:
    return "\r\n".join(lines) + "\r\n"


def test_audio_alone() -> None:
    offer = read_offer(sdp(*SESSION, *AUDIO, *TRANSPORT))
    media = SessionDescription.parse(offer.text).media
    assert [each.kind for each in media] == ["audio"]
    assert media[0].ice is not None
    assert media[0].ice.usernameFragment == offer.ice_ufrag == "abcd"


def test_local_names_go_and_addresses_stay() -> None:
    """An mDNS name costs a second of waiting, an end of candidates keeps ICE from finding the client otherwise."""
    lines = [
        "a=candidate:1 1 udp 9 f3a1.local 50001 typ host",
        "a=candidate:2 1 tcp 9 192.0.2.1 9 typ host tcptype active",
        "a=candidate:3 1 UDP 9 192.0.2.1 50002 typ host",
        "a=end-of-candidates",
    ]
    offer = read_offer(sdp(*SESSION, *AUDIO, *TRANSPORT, *lines))
    assert [line for line in offer.text.splitlines() if "candidate" in line] == [lines[2]]


@pytest.mark.parametrize("first", ["audio", "video"])
def test_video_is_left_out_of_what_aiortc_sees(first: str) -> None:
    """Whichever section comes first and carries the transport: the audio section gets it, the answer has both."""
    sections = [[*AUDIO, *TRANSPORT], VIDEO] if first == "audio" else [[*VIDEO, *TRANSPORT], AUDIO]
    group = BUNDLE if first == "audio" else "a=group:BUNDLE 1 0"
    candidate = "a=candidate:3 1 udp 9 192.0.2.1 50002 typ host"
    offer = read_offer(sdp(*SESSION, group, *sections[0], candidate, *sections[1]))
    assert "m=video" not in offer.text
    assert candidate in offer.text
    assert SessionDescription.parse(offer.text).media[0].dtls.fingerprints
    answer = SessionDescription.parse(finish_answer(sdp(*ANSWER), offer))
    assert [media.kind for media in answer.media] == ([first, "video"] if first == "audio" else [first, "audio"])
    video = next(media for media in answer.media if media.kind == "video")
    assert video.direction == "recvonly"
    assert video.rtp.muxId == "1"
    assert [codec.name for codec in video.rtp.codecs] == ["AV1"]
    assert video.ice.usernameFragment == "serv"
    assert answer.group[0].items == group.split()[1:]


def test_the_answer_asks_for_fec() -> None:
    offer = read_offer(sdp(*SESSION, *AUDIO, *TRANSPORT))
    assert "a=fmtp:111 minptime=10;useinbandfec=1" in finish_answer(sdp(*ANSWER), offer).splitlines()


def test_obs_writes_ice_at_session_level_and_opus_in_capitals() -> None:
    audio = [line.replace("opus", "OPUS") for line in AUDIO]
    offer = read_offer(sdp(*SESSION, "a=group:LS 0 1", *TRANSPORT, BUNDLE, *audio, *VIDEO))
    assert offer.ice_ufrag == "abcd"


def test_ffmpeg_offers_passive_dtls() -> None:
    transport = [line.replace("actpass", "passive") for line in TRANSPORT]
    assert read_offer(sdp(*SESSION, *AUDIO, *transport)).audio.value("setup") == "passive"


REFUSED = {
    "no audio": [*VIDEO, *TRANSPORT],
    "two audios": [BUNDLE, *AUDIO, *TRANSPORT, *AUDIO],
    "data": [*AUDIO, *TRANSPORT, "m=application 9 UDP/DTLS/SCTP webrtc-datachannel", "a=mid:1"],
    "not sent": [*[line.replace("sendonly", "recvonly") for line in AUDIO], *TRANSPORT],
    "inactive": [*[line.replace("sendonly", "inactive") for line in AUDIO], *TRANSPORT],
    "no opus": [*[line.replace("opus/48000/2", "PCMU/8000") for line in AUDIO], *TRANSPORT],
    "surround only": [*[line.replace("opus/48000/2", "multiopus/48000/6") for line in AUDIO], *TRANSPORT],
    "not bundled": [*AUDIO, *TRANSPORT, *VIDEO],
}
BROKEN = {
    "empty": "",
    "json": "{}",
    "no media": sdp(*SESSION),
    "no ice": sdp(*SESSION, *AUDIO, FINGERPRINT),
    "no fingerprint": sdp(*SESSION, *AUDIO, *TRANSPORT[:2]),
    "no setup": sdp(*SESSION, *AUDIO, *TRANSPORT[:3]),
    "odd line": sdp(*SESSION, "hello", *AUDIO, *TRANSPORT),
    "odd port": sdp(*SESSION, AUDIO[0].replace("9", "x"), *AUDIO[1:], *TRANSPORT),
    "odd setup": sdp(*SESSION, *AUDIO, *TRANSPORT[:3], "a=setup:never"),
    "huge": sdp(*SESSION, *AUDIO, *TRANSPORT, *["a=x:y"] * 20_000),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    with pytest.raises(OfferRefused) as caught:
        read_offer(sdp(*SESSION, *REFUSED[name]))
    assert caught.value.status == 422


@pytest.mark.parametrize("name", BROKEN)
def test_broken(name: str) -> None:
    with pytest.raises(OfferBroken):
        read_offer(BROKEN[name])


@given(st.lists(st.sampled_from([*SESSION, BUNDLE, *AUDIO, *VIDEO, *TRANSPORT, "a=", "m=", "m=audio", "a=mid"])))
def test_any_mixture_is_taken_or_refused(lines: list[str]) -> None:
    """Lines in any order: an offer or one of the two refusals, never a crash."""
    with suppress(OfferBroken, OfferRefused):
        read_offer(sdp("v=0", *lines))


@given(st.text(max_size=300))
def test_any_text(text: str) -> None:
    with pytest.raises(OfferBroken):
        read_offer("v=0" + text.replace("m=audio", ""))
