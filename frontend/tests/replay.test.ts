import { describe, expect, it } from "vitest";

import { beginAt, chapterAt } from "../src/player/replay";

describe("the replay", () => {
  it("begins where the link says, else where the listener left", () => {
    expect(beginAt("75", "600.5", 3600)).toBe(75);
    expect(beginAt(null, "600.5", 3600)).toBe(600.5);
    expect(beginAt(null, null, 3600)).toBe(0);
  });

  it("does not trust what stands in an address or in the browser's store", () => {
    for (const text of ["-5", "1e9", "NaN", "", "99999"]) expect(beginAt(text, null, 3600)).toBe(0);
  });

  it("begins anew for somebody who heard it to the end", () => {
    expect(beginAt(null, "3599", 3600)).toBe(0);
  });

  it("knows the chapter of a moment", () => {
    expect(chapterAt([0, 60, 600], 59.9)).toBe(0);
    expect(chapterAt([0, 60, 600], 60)).toBe(1);
    expect(chapterAt([], 5)).toBe(-1);
  });
});
