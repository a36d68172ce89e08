import { describe, expect, it } from "vitest";

import { Edges } from "../src/player/edges";

const A = "https://a.example";
const B = "https://b.example:8443/listen";

describe("the edges of a programme", () => {
  it("keeps the path and changes the edge when one fails", () => {
    const edges = new Edges([A, B], 0);
    expect(edges.here(`${A}/live/1/index.m3u8?x`)).toBe(`${A}/live/1/index.m3u8?x`);
    expect(edges.failed(`${A}/live/1/p3.m4s`, 10_000)).toBe(true);
    expect(edges.here(`${A}/live/1/index.m3u8?x`)).toBe(`${B}/live/1/index.m3u8?x`);
    expect(edges.here("https://site.example/status.json")).toBe("https://site.example/status.json");
  });

  it("does not blame the next edge for what failed at the last one", () => {
    const edges = new Edges([A, B], 0);
    edges.failed(`${A}/p3`, 10_000);
    expect(edges.failed(`${A}/p4`, 15_000)).toBe(false);
    expect(edges.failed(`${B}/p4`, 10_100)).toBe(false);
    expect(edges.failed(`${B}/p4`, 15_000)).toBe(true);
    expect(edges.current).toBe(A);
  });

  it("stays where it is when there is only one, and begins anywhere", () => {
    expect(new Edges([A], 0.99).failed(`${A}/p3`, 10_000)).toBe(false);
    expect(new Edges([A, B], 0.99).current).toBe(B);
    expect(new Edges([A, B], 1).current).toBe(B);
  });
});
