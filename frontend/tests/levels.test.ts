import { describe, expect, it } from "vitest";

import { adviceText, barOf, levelText, peakDbfs, SILENCE_DBFS } from "../src/lib/levels";

describe("levels", () => {
  it("measure the peak in dBFS", () => {
    expect(peakDbfs([0, 0.5, -1])).toBe(0);
    expect(peakDbfs([0.1, -0.05])).toBeCloseTo(-20, 6);
    expect(peakDbfs([0, 0])).toBe(SILENCE_DBFS);
  });

  it("fill the bar from -60 dBFS to 0", () => {
    expect([-100, -60, -30, 0, 6].map(barOf)).toEqual([0, 0, 0.5, 1, 1]);
  });

  it("have words", () => {
    expect([-80, -40, -18, -1].map(levelText)).toEqual(["silent", "quiet", "good", "too loud"]);
    expect(adviceText(-18)).toBe("We hear you well.");
    expect(adviceText(-90)).toMatch(/choose another microphone/);
  });
});
