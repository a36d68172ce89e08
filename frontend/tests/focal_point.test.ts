import { describe, expect, it } from "vitest";

import { markAt, pointAt } from "../src/network/focal_point";

describe("the point of a picture that stays in view", () => {
  it("is where one presses, from the middle", () => {
    expect(pointAt(0.5, 0.5, 4 / 3, 4 / 3)).toEqual({ x: 0, y: 0 });
    expect(pointAt(1, 0, 4 / 3, 4 / 3)).toEqual({ x: 1, y: 1 });
    expect(pointAt(0.25, 0.75, 4 / 3, 4 / 3)).toEqual({ x: -0.5, y: -0.5 });
  });

  it("is in the picture, though the frame is wider or higher", () => {
    expect(pointAt(0.75, 0.5, 2, 1)).toEqual({ x: 1, y: 0 });
    expect(pointAt(0.99, 0.5, 2, 1)).toEqual({ x: 1, y: 0 });
    expect(pointAt(0.5, 0.25, 1, 2)).toEqual({ x: 0, y: 1 });
  });

  it("is marked where it was pressed", () => {
    for (const [frame, picture] of [[4 / 3, 4 / 3], [4 / 3, 2], [4 / 3, 0.5]] as const) {
      const { x, y } = pointAt(0.45, 0.6, frame, picture);
      const { left, top } = markAt(x, y, frame, picture);
      expect(Math.abs(left - 0.45)).toBeLessThan(0.03);
      expect(Math.abs(top - 0.6)).toBeLessThan(0.03);
    }
  });
});
