"""Link headers and media types."""

from __future__ import annotations

import pytest

from rostra.web.whip.desk import _ice_link
from rostra.web.whip.media_type import UnsupportedMediaType, require_media_type

WITH_CREDENTIALS = (
    '<turn:turn.example.org:3478>; rel="ice-server"; username="anna"; credential="s3cret"; credential-type="password"'
)


@pytest.mark.parametrize(
    ("server", "link"),
    [
        ("stun:stun.example.org:3478", '<stun:stun.example.org:3478>; rel="ice-server"'),
        ("turn:turn.example.org?transport=udp", '<turn:turn.example.org?transport=udp>; rel="ice-server"'),
        (
            "turn:anna:s3cret@turn.example.org:3478",
            WITH_CREDENTIALS,
        ),
    ],
)
def test_ice_servers_as_links(server: str, link: str) -> None:
    assert _ice_link(server) == link


def test_parameters_and_case_of_a_media_type_do_not_matter() -> None:
    require_media_type("Application/SDP; charset=utf-8", "application/sdp")
    for other in ("", "text/plain", "application/sdpx"):
        with pytest.raises(UnsupportedMediaType):
            require_media_type(other, "application/sdp")
