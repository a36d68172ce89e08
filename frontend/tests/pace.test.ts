import { describe, expect, it } from "vitest";

import { Filling } from "../src/stage/local/filling";
import { Pace } from "../src/stage/local/pace";
import { leftText, localText } from "../src/stage/local/words";

const CALM = { onAir: true, rttMs: 40, lostPct: 0, poor: false };

describe("the pace of sending", () => {
  it("rests three times as long as a piece took, and never exceeds the cap", () => {
    const pace = new Pace();
    pace.line(CALM, 0);
    pace.sent(200_000, 800, 1000);
    expect(pace.waitMs(1000)).toBe(2400);
    pace.sent(200_000, 10, 5000);
    expect(pace.waitMs(5000)).toBeCloseTo(1562.5);
    expect(pace.waitMs(7000)).toBe(0);
  });

  it.each([
    ["loss", { ...CALM, lostPct: 3 }],
    ["a risen round trip", { ...CALM, rttMs: 200 }],
    ["the stage's word", { ...CALM, poor: true }],
  ])("stops at %s, and longer each time", (_, strained) => {
    const pace = new Pace();
    for (let at = 0; at < 10; at += 1) pace.line(CALM, at * 1000);
    pace.line(strained, 10_000);
    expect(pace.waitMs(10_000)).toBe(15_000);
    expect(pace.held(10_000)).toBe(true);
    pace.line(strained, 30_000);
    expect(pace.waitMs(30_000)).toBe(30_000);
    pace.line(strained, 50_000);
    expect(pace.waitMs(59_999)).toBe(5001);
    pace.line(CALM, 400_000);
    expect(pace.waitMs(400_000)).toBe(0);
    pace.line(strained, 700_000);
    expect(pace.waitMs(700_000)).toBe(15_000);
  });

  it("stops when a piece was slow, and forgets all of it off the air", () => {
    const pace = new Pace();
    pace.line(CALM, 0);
    pace.sent(200_000, 3000, 3000);
    expect(pace.waitMs(3000)).toBeGreaterThan(9000);
    pace.line({ ...CALM, onAir: false, lostPct: 50 }, 3100);
    pace.sent(200_000, 3000, 6000);
    expect(pace.waitMs(6000)).toBe(150);
  });
});

describe("pieces", () => {
  const batch = (value: number): Float32Array => new Float32Array(4800).fill(value);

  it("are five seconds, numbered, and know when they began by their quickest batch", () => {
    const filling = new Filling(48_000);
    const pieces = [];
    for (let at = 0; at < 101; at += 1) {
      const late = at % 10 === 3 ? 5 : 60;
      pieces.push(...filling.take(batch(0.5), 1_000_000 + (at + 1) * 100 + late, at >= 75));
    }
    pieces.push(...filling.finish());
    expect(pieces.map(({ piece, firstSample, samples }) => [piece, firstSample, samples.length])).toEqual([
      [0, 0, 240_000],
      [1, 240_000, 240_000],
      [2, 480_000, 4800],
    ]);
    expect(pieces.map(({ atMs }) => Math.round(atMs))).toEqual([1_000_005, 1_005_005, 1_010_060]);
    expect([pieces[0]?.samples[0], pieces[1]?.samples[119_999], pieces[1]?.samples[120_000]]).toEqual([16384, 16384, 0]);
    expect(filling.finish()).toEqual([]);
  });

  it("never wrap around", () => {
    const filling = new Filling(48_000);
    filling.take(batch(1.7), 0, false);
    filling.take(batch(-1.7), 100, false);
    const [piece] = filling.finish();
    expect([piece?.samples[0], piece?.samples[4800]]).toEqual([32767, -32768]);
  });
});

describe("what the page says", () => {
  const report = { recording: false, unsentS: 0, sentS: 0, done: true, held: false, sending: "", trouble: "" as const };

  it("counts minutes, and asks to stay only for what is not sent", () => {
    expect([10, 60, 175].map(leftText)).toEqual(["less than a minute", "1 minute", "3 minutes"]);
    expect(localText(report, true)).toBe("");
    const left = { ...report, unsentS: 180, done: false };
    expect(localText(left, true)).toBe("Keep this page open: 3 minutes of your recording are still being sent.");
    expect(localText({ ...left, recording: true, held: true }, false)).toContain("your voice has the line");
    expect(localText({ ...report, sentS: 60 }, true)).toContain("with the host");
  });
});
