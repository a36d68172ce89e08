import { describe, expect, it } from "vitest";

import { waitMs } from "../src/lib/backoff";
import { Problem } from "../src/lib/problem";
import { phaseText, type SpeakerState, speakerText } from "../src/lib/wire";
import { verdictOn } from "../src/stage/connection";
import { Heartbeat } from "../src/stage/heartbeat";
import { microphoneText } from "../src/stage/microphone";
import { airText, heardText } from "../src/stage/words";

const SEAT: SpeakerState = {
  speaker_id: "2",
  name: "Ilse",
  host: false,
  connected: true,
  muted: false,
  muted_by_host: false,
  muted_by_moderator: false,
  level_dbfs: -20,
  quality: "good",
  lost_pct: 0,
  buffer_ms: 60,
  since_us: 0,
  trouble: "",
};

describe("the heartbeat", () => {
  it("gives the first packet six seconds and every later one a second", () => {
    const heartbeat = new Heartbeat(0);
    expect(heartbeat.see(0, 5900)).toBe("waiting");
    expect(heartbeat.see(1, 5950)).toBe("beating");
    expect(heartbeat.see(1, 6900)).toBe("beating");
    expect(heartbeat.see(1, 6951)).toBe("lost");
  });

  it("gives up on a connection that never brings a packet", () => {
    expect(new Heartbeat(0).see(0, 6001)).toBe("lost");
  });

  it("waits longer while the line is being mended", () => {
    const heartbeat = new Heartbeat(0);
    heartbeat.see(10, 100);
    heartbeat.mending(2000, 3000);
    expect(heartbeat.see(10, 4900)).toBe("beating");
    expect(heartbeat.see(10, 5001)).toBe("lost");
  });

  it("does not take the page's own sleep for a loss", () => {
    const heartbeat = new Heartbeat(0);
    heartbeat.see(10, 100);
    heartbeat.slept(60_000);
    expect(heartbeat.see(10, 60_250)).toBe("beating");
    expect(heartbeat.see(10, 61_100)).toBe("lost");
  });
});

describe("what a speaker's page does about a refusal", () => {
  const refusal = (status: number, code: string, retryAfterS: number | null = null): string =>
    verdictOn(new Problem(status, code, "", retryAfterS));

  it("waits for doors and for seats", () => {
    expect(refusal(425, "doors_closed", 30)).toBe("wait");
    expect(refusal(409, "too_early", 30)).toBe("wait");
    expect(refusal(404, "no_stage")).toBe("wait");
    expect(refusal(503, "stage_full", 10)).toBe("wait");
  });

  it("tries again when nobody answered or the stage restarts", () => {
    expect(refusal(0, "no_answer")).toBe("again");
    expect(refusal(502, "http_502")).toBe("again");
  });

  it("gets a new ticket when the old one has run out", () => {
    expect(refusal(401, "ticket_expired")).toBe("ticket");
  });

  it("stops when the host has decided", () => {
    expect(refusal(403, "invitation_revoked")).toBe("end");
    expect(refusal(403, "removed_by_host")).toBe("end");
    expect(refusal(410, "over")).toBe("end");
  });
});

describe("the wait between attempts", () => {
  it("doubles up to its limit, give or take a quarter", () => {
    const limits = { firstMs: 500, mostMs: 8000 };
    expect([0, 1, 2, 3, 4, 9].map((attempt) => waitMs(attempt, limits, 0.5))).toEqual([500, 1000, 2000, 4000, 8000, 8000]);
    expect(waitMs(0, limits, 0)).toBe(375);
    expect(waitMs(0, limits, 1)).toBe(625);
  });
});

describe("am I on the air", () => {
  it("says who has paused or ended it", () => {
    expect([phaseText("paused", ""), phaseText("live", "moderators_pause")]).toEqual(["Paused", "On the air"]);
    expect(phaseText("paused", "moderators_pause")).toBe("Paused by a moderator");
    expect(airText("paused", "", true)).toMatch(/^Paused\. Only the stage hears you/);
    expect(airText("paused", "moderators_pause", true)).toMatch(/moderator has paused/);
    expect(airText("paused", "moderators_end", true)).toMatch(/moderator has ended/);
  });
});

describe("am I heard", () => {
  const facts = { state: "on", muted: false, seat: SEAT, speaking: false } as const;

  it("is answered in one sentence", () => {
    expect(heardText(facts)).toBe("You are heard.");
    expect(heardText({ ...facts, muted: true, speaking: true })).toMatch(/speaking, but your microphone is off/);
    expect(heardText({ ...facts, seat: { ...SEAT, muted_by_host: true } })).toMatch(/host has muted you/);
    const both = { ...SEAT, muted_by_host: true, muted_by_moderator: true };
    expect(heardText({ ...facts, seat: both })).toMatch(/moderator has muted you/);
    expect(speakerText(both)).toBe("muted by a moderator");
    expect(heardText({ ...facts, state: "reconnecting" })).toMatch(/Nobody hears you/);
  });

  it("says why a connection is poor", () => {
    const uneven: SpeakerState = { ...SEAT, quality: "poor", trouble: "jitter" };
    const lossy: SpeakerState = { ...SEAT, quality: "poor", lost_pct: 8.4, trouble: "loss" };
    expect(heardText({ ...facts, seat: uneven })).toMatch(/a little late: .* arrives unevenly/);
    expect(heardText({ ...facts, seat: lossy })).toMatch(/with gaps: .* 8 % of your sound is lost/);
    expect(speakerText(uneven)).toBe("poor connection: sound arrives unevenly");
    expect(speakerText(lossy)).toBe("poor connection: 8 % lost");
    expect(speakerText({ ...lossy, muted: true })).toBe("muted");
  });

  it("tells what to do about a microphone that does not start", () => {
    expect(microphoneText(new DOMException("", "NotAllowedError"))).toMatch(/Allow it in the address bar/);
    expect(microphoneText(new DOMException("", "NotFoundError"))).toMatch(/Plug one in/);
    expect(microphoneText(new DOMException("", "NotReadableError"))).toMatch(/Another program/);
    expect(microphoneText(new TypeError())).toMatch(/https/);
  });
});
