import { describe, expect, it } from "vitest";

import { Pacer } from "../src/player/pacer";

const PART_S = 0.512;

/** A player with a pacer: parts arrive `late(part)` after their start, the position moves by the rate it is told. */
class Listener {
  readonly pacer = new Pacer();
  positionS = 0;
  lowestS = Infinity;
  part = 0;
  ranDry = 0;

  constructor(
    public nowS: number,
    private delayS: number,
  ) {}

  /** Play for `seconds`; what is in the buffer when a part arrives is watched. */
  listen(seconds: number, late: (part: number) => number): void {
    this.lowestS = Infinity;
    this.ranDry = 0;
    for (let step = 0; step < seconds * 20; step += 1) {
      this.nowS += 0.05;
      for (; this.part * PART_S + late(this.part) <= this.nowS; this.part += 1) {
        const spareS = this.part * PART_S - (this.nowS - this.delayS);
        this.lowestS = Math.min(this.lowestS, spareS);
        if (spareS < 0) {
          this.ranDry += 1;
          this.delayS -= spareS;
          this.pacer.stalled(this.nowS);
        }
        this.pacer.arrived(this.part * PART_S, this.nowS);
      }
      this.delayS -= 0.05 * (this.pacer.rate(this.nowS - this.delayS, this.nowS) - 1);
    }
  }

  get behindS(): number {
    return this.delayS;
  }
}

describe("the pace of a live player", () => {
  it("comes nearer to live on a calm line and keeps its margin", () => {
    const listener = new Listener(100, 2.2);
    listener.part = Math.ceil(99 / PART_S);
    listener.listen(30, () => 0.6);
    expect(listener.behindS).toBeGreaterThan(0.85);
    expect(listener.behindS).toBeLessThan(1.05);
    listener.listen(60, () => 0.6);
    expect(listener.ranDry).toBe(0);
    expect(listener.lowestS).toBeGreaterThan(0.2);
  });

  it("stays further back where parts arrive unevenly", () => {
    const listener = new Listener(100, 2.4);
    listener.part = Math.ceil(99 / PART_S);
    listener.listen(120, (part) => 0.6 + (part % 7) * 0.1);
    expect(listener.ranDry).toBe(0);
    expect(listener.behindS).toBeGreaterThan(1.4);
  });

  it("goes back after a stall, and comes near again when it is long over", () => {
    const listener = new Listener(100, 2.2);
    listener.part = Math.ceil(99 / PART_S);
    listener.listen(60, () => 0.6);
    const near = listener.behindS;
    const late = listener.part + 2;
    listener.listen(20, (part) => (part === late ? 1.6 : 0.6));
    expect(listener.ranDry).toBeGreaterThan(0);
    expect(listener.behindS).toBeGreaterThan(near + 0.3);
    listener.listen(150, () => 0.6);
    expect(listener.behindS).toBeLessThan(near + 0.1);
  });

  it("leaves alone who listens to what was before, and knows nothing before some parts have come", () => {
    const pacer = new Pacer();
    pacer.arrived(1, 1.6);
    expect(pacer.rate(0, 1.6)).toBe(1);
    for (let part = 0; part < 20; part += 1) pacer.arrived(part * PART_S, part * PART_S + 0.6);
    expect(pacer.rate(9, 10.3)).toBeGreaterThan(1);
    expect(pacer.rate(0, 10.3)).toBe(1);
    pacer.forget();
    expect(pacer.rate(9, 10.3)).toBe(1);
  });
});
