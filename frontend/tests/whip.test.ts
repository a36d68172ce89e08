import { describe, expect, it } from "vitest";

import { iceServersOf } from "../src/stage/whip";

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
