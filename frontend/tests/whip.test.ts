import { describe, expect, it } from "vitest";

import { fragmentOf, iceServersOf, withIce } from "../src/stage/whip";

describe("ICE servers in Link headers", () => {
  it("are read with and without credentials", () => {
    const link =
      '<stun:stun.example.net>; rel="ice-server", ' +
      '<turn:turn.example.net?transport=udp>; rel="ice-server"; username="user"; credential="pass, \\"word\\""; credential-type="password"';
    expect(iceServersOf(link)).toEqual([
      { urls: "stun:stun.example.net" },
      { urls: "turn:turn.example.net?transport=udp", username: "user", credential: 'pass, "word"' },
    ]);
  });

  it("leave other links alone", () => {
    expect(iceServersOf('<https://example.net/ext>; rel="urn:ietf:params:whip:ext:example", <stun:s>; rel=ice-server')).toEqual([
      { urls: "stun:s" },
    ]);
    expect(iceServersOf(null)).toEqual([]);
    expect(iceServersOf("nonsense")).toEqual([]);
  });
});

describe("an ICE restart", () => {
  const offer =
    "v=0\r\na=group:BUNDLE 0 1\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=ice-ufrag:new1\r\na=ice-pwd:secret\r\n" +
    "a=candidate:1 1 udp 9 192.0.2.1 5000 typ host\r\na=rtpmap:111 opus/48000/2\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:1\r\na=ice-ufrag:new1\r\n";

  it("sends the credentials and candidates of the first section", () => {
    expect(fragmentOf(offer).split("\r\n")).toEqual([
      "m=audio 9 UDP/TLS/RTP/SAVPF 111",
      "a=mid:0",
      "a=ice-ufrag:new1",
      "a=ice-pwd:secret",
      "a=candidate:1 1 udp 9 192.0.2.1 5000 typ host",
      "",
    ]);
  });

  it("puts the stage's new ones into the answer that it gave", () => {
    const answer = offer.replaceAll("new1", "old1");
    const renewed = withIce(answer, "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\na=ice-ufrag:srv2\r\na=ice-pwd:other\r\na=candidate:7 1 udp 9 192.0.2.9 6000 typ host\r\n");
    expect(renewed).not.toContain("old1");
    expect(renewed).not.toContain("192.0.2.1 ");
    expect(renewed.match(/a=ice-ufrag:srv2\r\n/g)).toHaveLength(2);
    expect(renewed).toContain("a=rtpmap:111 opus/48000/2\r\na=ice-ufrag:srv2");
    expect(renewed).toContain("m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:1\r\n");
  });
});
