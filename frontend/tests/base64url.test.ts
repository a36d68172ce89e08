import { describe, expect, it } from "vitest";

import { fromBytes, toBytes } from "../src/lib/base64url";

describe("base64url", () => {
  it("brings every byte there and back, without padding and without signs that an address cannot hold", () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
    for (const length of [0, 1, 2, 3, 255, 256]) {
      const text = fromBytes(bytes.slice(0, length).buffer);
      expect(text).toMatch(/^[A-Za-z0-9_-]*$/);
      expect([...toBytes(text)]).toEqual([...bytes.slice(0, length)]);
    }
  });

  it("reads what others write (RFC 4648, section 10)", () => {
    expect(new TextDecoder().decode(toBytes("Zm9vYmE"))).toBe("fooba");
    expect(fromBytes(Uint8Array.of(0xfb, 0xff).buffer)).toBe("-_8");
  });
});
