import { createHash } from "node:crypto";

import { describe, expect, it } from "vitest";

import { aheadOf, isCalled, type Line, placeText, type Waits } from "../src/player/line";
import { isHouseFull } from "../src/player/refusal";
import { solve } from "../src/player/sum";

const HALF = String(2n ** 63n);
const LAST = String(2n ** 64n - 1n);
const LINE: Line = { front: [0, 2 ** 18], buckets: [[0, 1000], [3, 10]], speed_per_s: 2 };
const WAITS: Waits = {
  admitted: false,
  reason: "full",
  place: "p",
  bucket: 3,
  draw: HALF,
  ahead: 1200,
  estimate_s: 240,
  look_again_s: 20,
  held_s: 0,
  line_url: "/live/1/line.json",
  sum: null,
};

describe("the published line", () => {
  it("says who has been called", () => {
    expect(isCalled(LINE, { bucket: 0, draw: "0" })).toBe(true);
    expect(isCalled(LINE, { bucket: 0, draw: HALF })).toBe(false);
    expect(isCalled(LINE, { bucket: 3, draw: "0" })).toBe(false);
    expect(isCalled({ ...LINE, front: [4, 0] }, { bucket: 3, draw: LAST })).toBe(true);
  });

  it("tells how many stand before a place, as the edge reckons it", () => {
    expect(aheadOf(LINE, { bucket: 0, draw: HALF })).toBe(250);
    expect(aheadOf(LINE, { bucket: 3, draw: HALF })).toBe(755);
  });
});

describe("the words of who waits", () => {
  it("name the place, the time, and that nothing has to be done", () => {
    expect(placeText(WAITS)).toBe(
      "All places are taken. At most 1,200 people are before you, about 4 minutes. " +
        "Leave the page open; the sound starts by itself at your turn.",
    );
    expect(placeText({ ...WAITS, ahead: 0, estimate_s: null })).toContain("You are next. Leave");
    expect(placeText({ ...WAITS, reason: "challenge", held_s: 42 })).toContain("42 s longer");
  });
});

describe("a refusal", () => {
  it("is told apart from every other problem", () => {
    expect(isHouseFull('{"code": "house_full"}')).toBe(true);
    expect(isHouseFull('{"code": "edge_stopping"}')).toBe(false);
    expect(isHouseFull("<html>")).toBe(false);
  });
});

describe("the small sum", () => {
  it("is found, and dated as it was given", async () => {
    const wanted = createHash("sha256").update("4.17.99.1800000120.1234").digest("hex");
    const sum = { salt: "4.17.99.1800000120.", wanted, most: 100_000, expires: 1_800_000_120 };
    expect(await solve(sum, () => undefined, new AbortController().signal)).toBe("1800000120.1234");
  });
});
