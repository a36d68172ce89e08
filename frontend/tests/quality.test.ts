import { describe, expect, it } from "vitest";

import { lineBps, QualityChoice } from "../src/player/quality";

/** Parts of half a second, each taking `share` of that, from `fromMs` for `seconds`. */
function listen(choice: QualityChoice, share: number, fromMs: number, seconds: number): number {
  for (let at = fromMs; at < fromMs + seconds * 1000; at += 500) choice.loaded(share * 500, 500, at);
  return fromMs + seconds * 1000;
}

describe("the choice of a rendition", () => {
  it("begins with the best and stays there while the line carries it", () => {
    const choice = new QualityChoice(2);
    listen(choice, 0.3, 10_000, 600);
    expect(choice.rung.level).toBe(1);
  });

  it("goes down within seconds on a line that does not carry it", () => {
    const choice = new QualityChoice(2);
    listen(choice, 1.5, 10_000, 4);
    expect(choice.rung.level).toBe(0);
  });

  it("is not moved by one slow download", () => {
    const choice = new QualityChoice(2);
    const at = listen(choice, 0.1, 10_000, 20);
    choice.loaded(2000, 500, at);
    listen(choice, 0.1, at + 500, 20);
    expect(choice.rung.level).toBe(1);
  });

  it("goes up again when the line is calm, and waits longer after each attempt that failed", () => {
    const choice = new QualityChoice(2);
    let at = listen(choice, 1.5, 10_000, 2);
    expect(choice.rung).toEqual({ level: 0, near: true });
    at = listen(choice, 0.05, at, 15);
    expect(choice.rung.level).toBe(0);
    at = listen(choice, 0.05, at, 10);
    expect(choice.rung.level).toBe(1);
    at = listen(choice, 1.5, at, 3);
    expect(choice.rung).toEqual({ level: 0, near: true });
    at = listen(choice, 0.05, at, 25);
    expect(choice.rung.level).toBe(0);
    listen(choice, 0.05, at, 25);
    expect(choice.rung.level).toBe(1);
  });

  it("goes down at a stall only when the line was busy", () => {
    const calm = new QualityChoice(2);
    const at = listen(calm, 0.02, 10_000, 60);
    expect(calm.stalled(at).level).toBe(1);
    const busy = new QualityChoice(2);
    expect(busy.stalled(listen(busy, 0.5, 10_000, 60)).level).toBe(0);
    expect(busy.stalled(100_000)).toEqual({ level: 0, near: false });
  });

  it("goes down at the second download in a row that empties the buffer, or at the first when little is left", () => {
    const twice = new QualityChoice(2);
    expect(twice.loaded(600, 500, 10_000, 1.5).level).toBe(1);
    expect(twice.loaded(600, 500, 10_600, 1.4).level).toBe(0);
    const low = new QualityChoice(2);
    expect(low.loaded(300, 500, 10_000, 0.5).level).toBe(1);
    expect(low.loaded(300, 500, 10_500, 0.2).level).toBe(0);
  });

  it("abandons a download that takes longer than it plays when nearly nothing is left", () => {
    const choice = new QualityChoice(2);
    expect(choice.waiting(600, 500, 10_000, 0.8).level).toBe(1);
    expect(choice.waiting(300, 500, 10_000, 0.1).level).toBe(1);
    expect(choice.waiting(600, 500, 10_000, 0.1)).toEqual({ level: 0, near: true });
  });

  it("takes whole segments where the line does not even carry the parts of the leanest", () => {
    const choice = new QualityChoice(2);
    const at = listen(choice, 1.5, 10_000, 12);
    expect(choice.rung).toEqual({ level: 0, near: false });
    listen(choice, 0.1, at, 60);
    expect(choice.rung.near).toBe(true);
  });

  it("begins where the line that brought the player says", () => {
    const entry = (bytes: number, ms: number): PerformanceResourceTiming =>
      ({ name: "/assets/hls_source-1.js", transferSize: bytes, responseStart: 100, responseEnd: 100 + ms }) as never;
    expect(lineBps([entry(117_000, 100)], "hls_source")).toBeGreaterThan(9_000_000);
    expect(lineBps([entry(0, 5)], "hls_source")).toBe(null);
    expect(new QualityChoice(2, lineBps([entry(117_000, 8000)], "hls_source")).rung).toEqual({ level: 0, near: true });
    expect(new QualityChoice(2, lineBps([entry(117_000, 20_000)], "hls_source")).rung.near).toBe(false);
    expect(new QualityChoice(2, null).rung.level).toBe(1);
  });
});
