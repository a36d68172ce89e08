/** Wall-clock times in named zones, by the browser's own time zone data. */

/** What is left until a wall-clock time in a zone, in ms. Two rounds, because the offset depends on the moment. */
export function msUntil(date: string, time: string, zone: string, nowMs: number): number {
  const wanted = Date.parse(`${date}T${time}:00Z`);
  let guess = wanted;
  for (let round = 0; round < 2; round += 1) guess = wanted - offsetMs(guess, zone);
  return guess - nowMs;
}

/** A moment as the clocks of a zone show it, for a field of type datetime-local: "2026-11-24T20:00". */
export function wallTime(atMs: number, zone: string): string {
  return new Date(atMs + offsetMs(atMs, zone)).toISOString().slice(0, 16);
}

function offsetMs(atMs: number, zone: string): number {
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
  }).formatToParts(atMs);
  const part = (type: string): number => Number(parts.find((one) => one.type === type)?.value ?? 0);
  const wall = Date.UTC(part("year"), part("month") - 1, part("day"), part("hour"), part("minute"));
  return wall - Math.floor(atMs / 60_000) * 60_000;
}
