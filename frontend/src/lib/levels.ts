/** Levels in dBFS as a bar and as words. The bar runs from -60 dBFS to 0. */

export const FLOOR_DBFS = -60;
export const SILENCE_DBFS = -100;

export function barOf(dbfs: number): number {
  return Math.min(1, Math.max(0, (dbfs - FLOOR_DBFS) / -FLOOR_DBFS));
}

/** Peak of a block of samples in -1..1. */
export function peakDbfs(samples: ArrayLike<number>): number {
  let peak = 0;
  for (let at = 0; at < samples.length; at += 1) peak = Math.max(peak, Math.abs(samples[at] ?? 0));
  return peak > 0 ? Math.max(SILENCE_DBFS, 20 * Math.log10(peak)) : SILENCE_DBFS;
}

/** The level as somebody at a desk would call it. Speech peaks well between -30 and -6 dBFS. */
export function levelText(dbfs: number): string {
  if (dbfs < -55) return "silent";
  if (dbfs < -34) return "quiet";
  if (dbfs < -3) return "good";
  return "too loud";
}

/** What the check before joining says after listening for a while to the loudest peak. */
export function adviceText(loudestDbfs: number): string {
  switch (levelText(loudestDbfs)) {
    case "silent":
      return "We hear nothing yet. Say a sentence. If the bar does not move, choose another microphone.";
    case "quiet":
      return "We hear you, but quietly. Come closer to the microphone.";
    case "too loud":
      return "That is very loud. Move back a little, or turn the microphone down.";
    default:
      return "We hear you well.";
  }
}
