import { describe, expect, it } from "vitest";

import { behindText, clockText, countdown, localText, untilText } from "../src/lib/time";
import { msUntil } from "../src/lib/zones";

describe("countdown", () => {
  it("reaches zero when the moment has come, not a second before", () => {
    expect(countdown(1)).toEqual({ days: 0, hours: 0, minutes: 0, seconds: 1 });
    expect(countdown(0)).toEqual({ days: 0, hours: 0, minutes: 0, seconds: 0 });
    expect(countdown(-5000)).toEqual({ days: 0, hours: 0, minutes: 0, seconds: 0 });
  });

  it("splits days from the rest", () => {
    expect(countdown(((2 * 24 + 3) * 3600 + 4 * 60 + 5) * 1000)).toEqual({ days: 2, hours: 3, minutes: 4, seconds: 5 });
  });
});

describe("durations in words", () => {
  it("shows hours only when there are any", () => {
    expect(clockText(7_900)).toBe("0:07");
    expect(clockText(754_000)).toBe("12:34");
    expect(clockText(3_723_000)).toBe("1:02:03");
  });

  it("is coarse about what is far away", () => {
    expect(untilText(86_400_000)).toBe("in 1 day");
    expect(untilText(7_500_000)).toBe("in 2 h 5 min");
    expect(untilText(0)).toBe("now");
  });

  it("says how far behind live one is, no finer than it is known", () => {
    expect(behindText(2.04)).toBe("2.0 s behind live");
    expect(behindText(12.6)).toBe("13 s behind live");
    expect(behindText(75)).toBe("1:15 behind live");
    expect(behindText(Number.NaN)).toBe("");
  });
});

describe("zones", () => {
  it("names the reader's zone and its offset", () => {
    expect(localText("2026-11-24T19:00:00Z", "Europe/Berlin")).toMatch(/24 November 2026.*20:00 \(Berlin, UTC\+1\)$/);
    expect(localText("2026-11-24T19:00:00Z", "UTC")).toMatch(/19:00 \(UTC\)$/);
  });

  it("reads a wall clock in its own zone, summer time included", () => {
    const noon = Date.parse("2026-07-01T10:00:00Z");
    expect(msUntil("2026-07-01", "12:00", "Europe/Berlin", noon)).toBe(0);
    expect(msUntil("2026-01-01", "12:00", "Europe/Berlin", Date.parse("2026-01-01T10:00:00Z"))).toBe(3_600_000);
    expect(msUntil("2026-07-01", "12:00", "Asia/Kolkata", Date.parse("2026-07-01T06:30:00Z"))).toBe(0);
  });
});
