import { describe, expect, it } from "vitest";

import { wallTime } from "../src/lib/zones";

describe("a moment on the clocks of a zone", () => {
  it.each([
    ["2026-05-05T07:00:00Z", "Europe/Berlin", "2026-05-05T09:00"],
    ["2026-12-31T23:30:00Z", "Asia/Kolkata", "2027-01-01T05:00"],
    ["2026-01-01T00:00:00Z", "America/New_York", "2025-12-31T19:00"],
    ["2026-05-05T07:00:00Z", "UTC", "2026-05-05T07:00"],
  ])("%s in %s is %s", (moment, zone, shown) => {
    expect(wallTime(Date.parse(moment), zone)).toBe(shown);
  });
});
