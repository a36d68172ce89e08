/** Durations and moments in words. Everything takes the time as an argument; nothing here reads a clock. */

export interface Countdown {
  readonly days: number;
  readonly hours: number;
  readonly minutes: number;
  readonly seconds: number;
}

/** What is left of `ms`, rounded up to whole seconds, so that zero appears when the moment has come. */
export function countdown(ms: number): Countdown {
  const whole = Math.max(0, Math.ceil(ms / 1000));
  return {
    days: Math.floor(whole / 86_400),
    hours: Math.floor(whole / 3600) % 24,
    minutes: Math.floor(whole / 60) % 60,
    seconds: whole % 60,
  };
}

/** "0:07", "12:34", "1:02:03". */
export function clockText(ms: number): string {
  const whole = Math.max(0, Math.floor(ms / 1000));
  const seconds = String(whole % 60).padStart(2, "0");
  const minutes = Math.floor(whole / 60) % 60;
  const hours = Math.floor(whole / 3600);
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, "0")}:${seconds}` : `${minutes}:${seconds}`;
}

/** "in 3 days", "in 2 h 5 min", "in 40 s": coarse, for a sentence that is read out. */
export function untilText(ms: number): string {
  const left = countdown(ms);
  if (left.days > 0) return left.days === 1 ? "in 1 day" : `in ${left.days} days`;
  if (left.hours > 0) return `in ${left.hours} h ${left.minutes} min`;
  if (left.minutes > 0) return `in ${left.minutes} min`;
  return left.seconds > 0 ? `in ${left.seconds} s` : "now";
}

/** "about 3 s behind live": honest to half a second below ten, to whole seconds above. */
export function behindText(seconds: number): string {
  if (!Number.isFinite(seconds)) return "";
  const shown = seconds < 10 ? Math.round(seconds * 10) / 10 : Math.round(seconds);
  if (seconds >= 60) return `${clockText(seconds * 1000)} behind live`;
  return `${shown.toFixed(seconds < 10 ? 1 : 0)} s behind live`;
}

/** A moment in the reader's own zone, the zone named: "Tuesday, 24 November 2026 at 20:00 (Berlin, UTC+1)". */
export function localText(iso: string, zone: string, language = "en-GB"): string {
  const moment = new Date(iso);
  const day = new Intl.DateTimeFormat(language, { dateStyle: "full", timeStyle: "short", timeZone: zone });
  return `${day.format(moment)} (${zoneText(moment, zone)})`;
}

/** "Berlin, UTC+1". */
export function zoneText(moment: Date, zone: string): string {
  const parts = new Intl.DateTimeFormat("en-GB", { timeZone: zone, timeZoneName: "shortOffset" }).formatToParts(moment);
  const offset = (parts.find((part) => part.type === "timeZoneName")?.value ?? "").replace("GMT", "UTC");
  const place = zone.split("/").at(-1)?.replaceAll("_", " ") ?? zone;
  return place === "UTC" ? "UTC" : `${place}, ${offset}`;
}
