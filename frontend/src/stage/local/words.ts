/** What the page says about the speaker's own recording. */

import type { Report } from "./orders";

/** "3 minutes", "less than a minute": what is left, not to the second. */
export function leftText(seconds: number): string {
  const minutes = Math.round(seconds / 60);
  if (minutes < 1) return "less than a minute";
  return minutes === 1 ? "1 minute" : `${minutes} minutes`;
}

/** Empty while there is nothing to say. ended: the broadcast is over. */
export function localText(report: Report, ended: boolean): string {
  const left = leftText(report.unsentS);
  if (report.recording) {
    if (report.unsentS < 30) return "Your side is being recorded in full quality.";
    if (report.held) return `Your side is being recorded in full quality. ${left} wait in this browser: your voice has the line for itself.`;
    return `Your side is being recorded in full quality. ${left} are still to be sent.`;
  }
  if (!report.done) {
    if (ended) return `Keep this page open: ${left} of your recording are still being sent.`;
    return `${left} of your recording are still being sent.`;
  }
  return report.sentS > 0 ? "Your full-quality recording is with the host. You may close this page." : "";
}

export function troubleText(trouble: Report["trouble"]): string {
  switch (trouble) {
    case "full":
      return "This browser's storage is full, so your side is recorded no further. What there is will be sent. Your live sound is not affected.";
    case "broken":
      return "This browser cannot keep a recording, so your side is not recorded in full quality. Your live sound is not affected.";
    default:
      return "";
  }
}
