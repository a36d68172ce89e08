import { expect, test } from "vitest";

import { loudness } from "../../src/desk/wave";

test("a shout between silences stands where it is", () => {
  const samples = new Float32Array(800);
  samples[500] = -0.75;
  expect(loudness(samples, 8)).toEqual([0, 0, 0, 0, 0, 0.75, 0, 0]);
});

test("what is louder than full scale is full scale, and nothing has no length", () => {
  expect(loudness(new Float32Array([2, 0]), 2)).toEqual([1, 0]);
  expect(loudness(new Float32Array(0), 3)).toEqual([0, 0, 0]);
});
