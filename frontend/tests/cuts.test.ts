import { expect, test } from "vitest";

import { type Cut, publishedS, recordingS } from "../src/player/cuts";

const CUTS: readonly Cut[] = [
  [0, 2000],
  [10_000, 15_000],
];

test("moments shift by what is cut before them, and what is cut is one moment", () => {
  expect([0, 1, 2, 5, 10, 12, 15, 20].map((at) => publishedS(CUTS, at))).toEqual([0, 0, 0, 3, 8, 8, 8, 13]);
});

test("the way back leads behind the cut", () => {
  expect([0, 3, 8, 13].map((at) => recordingS(CUTS, at))).toEqual([2, 5, 15, 20]);
});

test("without cuts both times are the same", () => {
  expect([publishedS([], 7.5), recordingS([], 7.5)]).toEqual([7.5, 7.5]);
});
