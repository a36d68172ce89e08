import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { sha256, solve } from "../src/player/sum";

function ours(text: string): string {
  return Array.from(sha256(text), (word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
}

describe("the small sum", () => {
  it("hashes as everybody does, whatever the length", () => {
    for (let length = 0; length < 200; length++) {
      const text = "1.23".repeat(50).slice(0, length);
      expect(ours(text)).toBe(createHash("sha256").update(text).digest("hex"));
    }
  });

  it("finds the number", async () => {
    const wanted = createHash("sha256").update("17.42.9.4321").digest("hex");
    const sum = { salt: "17.42.9.", wanted, most: 100_000, expires: 1_795_000_000 };
    expect(await solve(sum, () => undefined, new AbortController().signal)).toBe("1795000000.4321");
  });

  it("ends without one when nobody wants it any more, or when there is none", async () => {
    const gone = new AbortController();
    gone.abort();
    const sum = { salt: "a", wanted: "0".repeat(64), most: 10, expires: 1 };
    expect(await solve(sum, () => undefined, gone.signal)).toBeNull();
    expect(await solve(sum, () => undefined, new AbortController().signal)).toBeNull();
  });
});
