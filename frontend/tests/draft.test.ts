import { describe, expect, it } from "vitest";

import { draftIn, draftKey, KEPT_MS } from "../src/network/draft";

const NOW = 1_800_000_000_000;

describe("words that are not sent yet", () => {
  it("are found again for a week", () => {
    const kept = JSON.stringify({ text: "Good", warning: "", at: NOW });
    expect(draftIn(kept, NOW + KEPT_MS - 1)).toEqual({ text: "Good", warning: "", at: NOW });
    expect(draftIn(kept, NOW + KEPT_MS)).toBeNull();
  });

  it("are nothing where somebody else has written", () => {
    for (const kept of [null, "", "{", "[]", "null", '{"text":1,"warning":"","at":1}']) {
      expect(draftIn(kept, NOW)).toBeNull();
    }
  });

  it("belong to one account and to what they answer or quote", () => {
    const keys = [
      draftKey("@ada", "/compose", "", ""),
      draftKey("@ben", "/compose", "", ""),
      draftKey("@ada", "/compose", "1", ""),
      draftKey("@ada", "/compose", "", "1"),
      draftKey("@ada", "/posts/1/edit", "", ""),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });
});
