/** What is left out of a replay: the same mapping as the server's `Cuts`, in seconds. */

export type Cut = readonly [startMs: number, endMs: number];

/** Where a moment of the recording is in the replay; one that is cut is where the join is. */
export function publishedS(cuts: readonly Cut[], recordingS: number): number {
  const at = recordingS * 1000;
  let left = at;
  for (const [start, end] of cuts) if (start < at) left -= Math.min(end, at) - start;
  return left / 1000;
}

/** Where a moment of the replay is in the recording; at a join, behind the cut. */
export function recordingS(cuts: readonly Cut[], publishedAtS: number): number {
  let at = publishedAtS * 1000;
  for (const [start, end] of cuts) {
    if (start > at) break;
    at += end - start;
  }
  return at / 1000;
}
