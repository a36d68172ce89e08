import { describe, expect, it } from "vitest";

import { ServerClock } from "../src/lib/server_clock";
import type { Phase, StateFeed } from "../src/lib/wire";
import { audienceText } from "../src/player/here";
import type { PlayerFacts } from "../src/player/live_player";
import { StateTrack } from "../src/player/state_track";
import { asksEdge, nextPollMs } from "../src/player/status_watch";
import { buttonText, latencyText, stateText } from "../src/player/words";

const FACTS: PlayerFacts = {
  state: "playing",
  latency: 2.1,
  bufferedS: 1.5,
  stalls: 0,
  pressToSoundMs: 400,
  place: null,
  full: false,
  trouble: null,
  atLive: true,
  behindS: 0.2,
  windowS: 300,
  bitrateBps: null,
};
const LIVE = { phase: "live", heldBy: "", stageAway: false } as const;

function feed(atMs: number): StateFeed {
  return {
    phase: "live",
    at_us: atMs * 1000,
    live_us: null,
    ended_us: null,
    playable: true,
    stage_away: false,
  captions: "",
    speakers: [],
    listeners: null,
    listeners_error: 0,
    here_below: 0,
  held_by: "",
  };
}

describe("the state that listeners see", () => {
  it("waits until their ear has reached its moment", () => {
    const track = new StateTrack();
    for (const at of [1000, 2000, 3000]) track.push(feed(at));
    expect(track.at(2500)?.at_us).toBe(2_000_000);
    expect(track.at(9000)?.at_us).toBe(3_000_000);
    expect(track.at(10)?.at_us).toBe(1_000_000);
    expect(track.latest?.at_us).toBe(3_000_000);
  });

  it("never steps back, whatever a cache answers", () => {
    const track = new StateTrack();
    track.push(feed(2000));
    track.push(feed(1000));
    expect(track.latest?.at_us).toBe(2_000_000);
  });
});

describe("the servers' time", () => {
  it("is as far off as the freshest answer says", () => {
    const clock = new ServerClock();
    expect(clock.now(5000)).toBe(5000);
    clock.learn(60_000, 1_400);
    clock.learn(61_000, 2_050);
    clock.learn(62_000, 3_900);
    expect(clock.now(10_000)).toBe(10_000 + 58_950);
  });

  it("ignores answers without a time", () => {
    const clock = new ServerClock();
    clock.learn(Number.NaN, 1);
    expect(clock.offsetMs).toBe(0);
  });
});

describe("how often the page asks", () => {
  const base = { toDoorsMs: 0, listening: false, visible: true };
  const wait = (phase: Phase, more: Partial<typeof base> = {}): number => nextPollMs({ phase, ...base, ...more });

  it("is rarely long before, often near the doors, every second with a stage, never after the end", () => {
    expect(wait("scheduled", { toDoorsMs: 7_200_000 })).toBe(300_000);
    expect(wait("scheduled", { toDoorsMs: 600_000 })).toBe(20_000);
    expect(wait("scheduled", { toDoorsMs: 1000 })).toBe(1000);
    expect(wait("live")).toBe(1000);
    expect(wait("ended")).toBe(Number.POSITIVE_INFINITY);
  });

  it("goes to the edge as soon as it comes often", () => {
    expect(asksEdge({ phase: "scheduled", toDoorsMs: 600_000 })).toBe(false);
    expect(asksEdge({ phase: "scheduled", toDoorsMs: 1000 })).toBe(true);
    expect(asksEdge({ phase: "live", toDoorsMs: -1000 })).toBe(true);
    expect(asksEdge({ phase: "ended", toDoorsMs: -1000 })).toBe(false);
  });

  it("is less for a page that nobody looks at", () => {
    expect(wait("live", { visible: false, listening: true })).toBe(5000);
    expect(wait("live", { visible: false })).toBe(15_000);
  });
});

describe("what the player says", () => {
  it("is honest about live, earlier and stopped", () => {
    expect(stateText(FACTS, LIVE, 0)).toBe("Playing live");
    expect(stateText({ ...FACTS, atLive: false }, LIVE, 0)).toBe("Playing from earlier");
    expect(stateText({ ...FACTS, state: "paused" }, LIVE, 0)).toMatch(/The broadcast goes on/);
  });

  it("explains a stall only when it lasts", () => {
    const stalled = { ...FACTS, state: "stalled" } as const;
    expect(stateText(stalled, LIVE, 400)).toBe("Playing");
    expect(stateText(stalled, LIVE, 1500)).toMatch(/No sound arrives/);
  });

  it("tells a pause of the host from a stage that has dropped out", () => {
    expect(stateText(FACTS, { ...LIVE, phase: "paused" }, 0)).toMatch(/by the host.*comes back by itself/);
    expect(stateText(FACTS, { ...LIVE, stageAway: true }, 0)).toMatch(/stage has dropped out/);
    const held = { ...LIVE, phase: "paused", heldBy: "moderators_pause" } as const;
    expect(stateText(FACTS, held, 0)).toMatch(/Paused by a moderator/);
    expect(stateText(FACTS, { ...held, heldBy: "moderators_end" }, 0)).toMatch(/moderator has ended/);
  });

  it("does not trouble those who have not asked for sound", () => {
    const troubled = { ...FACTS, trouble: "No connection." };
    expect(stateText(troubled, LIVE, 0)).toBe("No connection.");
    expect(stateText({ ...troubled, state: "idle" }, LIVE, 0)).toMatch(/One press/);
  });

  it("names the button by what it does", () => {
    expect(buttonText({ ...FACTS, state: "idle" })).toBe("Listen");
    expect(buttonText(FACTS)).toBe("Stop");
    expect(buttonText({ ...FACTS, state: "paused" })).toBe("Go on listening");
    expect(latencyText({ ...FACTS, latency: null })).toBe("");
    expect(latencyText(FACTS)).toBe("2.1 s behind live");
    expect(latencyText({ ...FACTS, bitrateBps: 24_000 })).toBe("2.1 s behind live, 24 kbit/s");
  });
});

describe("the count of listeners", () => {
  it("is exact while everybody is counted, and says so when it is not", () => {
    expect(audienceText({ listeners: 12, listeners_error: 0 })).toBe("12 listening");
    expect(audienceText({ listeners: 1234, listeners_error: 0.05 })).toBe("about 1,200 listening");
    expect(audienceText({ listeners: null, listeners_error: 0 })).toBe("");
  });
});
