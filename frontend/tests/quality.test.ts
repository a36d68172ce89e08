import { describe, expect, it } from "vitest";

import { QualityChoice } from "../src/player/quality";

/** Parts of half a second, each taking `share` of that, from `fromMs` for `seconds`. */
function listen(choice: QualityChoice, share: number, fromMs: number, seconds: number): number {
  for (let at = fromMs; at < fromMs + seconds * 1000; at += 500) choice.loaded(share * 500, 500, at);
  return fromMs + seconds * 1000;
}

describe("the choice of a rendition", () => {
  it("begins with the best and stays there while the line carries it", () => {
    const choice = new QualityChoice(1);
    listen(choice, 0.3, 10_000, 600);
    expect(choice.level).toBe(1);
  });

  it("goes down within seconds on a line that does not carry it", () => {
    const choice = new QualityChoice(1);
    listen(choice, 1.5, 10_000, 4);
    expect(choice.level).toBe(0);
  });

  it("is not moved by one slow download", () => {
    const choice = new QualityChoice(1);
    const at = listen(choice, 0.1, 10_000, 20);
    choice.loaded(2000, 500, at);
    listen(choice, 0.1, at + 500, 20);
    expect(choice.level).toBe(1);
  });

  it("goes up again when the line is calm, and waits longer after each attempt that failed", () => {
    const choice = new QualityChoice(1);
    let at = listen(choice, 1.5, 10_000, 10);
    at = listen(choice, 0.05, at, 10);
    expect(choice.level).toBe(0);
    at = listen(choice, 0.05, at, 15);
    expect(choice.level).toBe(1);
    at = listen(choice, 1.5, at, 10);
    expect(choice.level).toBe(0);
    at = listen(choice, 0.05, at, 25);
    expect(choice.level).toBe(0);
    listen(choice, 0.05, at, 25);
    expect(choice.level).toBe(1);
  });

  it("goes down at a stall only when the line was busy", () => {
    const calm = new QualityChoice(1);
    const at = listen(calm, 0.02, 10_000, 60);
    expect(calm.stalled(at)).toBe(1);
    const busy = new QualityChoice(1);
    expect(busy.stalled(listen(busy, 0.5, 10_000, 60))).toBe(0);
    expect(busy.stalled(100_000)).toBe(0);
  });
});
