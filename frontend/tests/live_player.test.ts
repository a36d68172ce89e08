import { describe, expect, it } from "vitest";

import { ServerClock } from "../src/lib/server_clock";
import { LivePlayer } from "../src/player/live_player";
import type { LiveSource, LiveWindow, SourceEvents } from "../src/player/live_source";

/** An `<audio>` that does what it is told, and says so when the test does. */
class FakeAudio extends EventTarget {
  src = "blob:programme";
  source: object | null = null;
  currentTime = 0;
  duration = Number.POSITIVE_INFINITY;
  ended = false;
  plays = 0;
  buffered = { length: 0, start: () => 0, end: () => 0 };
  refuses: Error | null = null;

  play(): Promise<void> {
    this.plays += 1;
    return this.refuses === null ? Promise.resolve() : Promise.reject(this.refuses);
  }

  querySelector(selector: string): object | null {
    return selector === "source" ? this.source : null;
  }

  pause(): void {
    this.dispatchEvent(new Event("pause"));
  }

  says(name: string): void {
    this.dispatchEvent(new Event(name));
  }
}

class FakeSource implements LiveSource {
  started = 0;
  closed = false;
  ticket: string | null = null;
  range: LiveWindow = { start: 0, live: 100 };

  constructor(readonly events: SourceEvents) {}

  start(): void {
    this.started += 1;
  }

  admit(ticket: string): void {
    this.ticket = ticket;
  }

  heardAtMs(): number | null {
    return null;
  }

  bitrateBps(): number | null {
    return 64_000;
  }

  window(): LiveWindow {
    return this.range;
  }

  close(): void {
    this.closed = true;
  }
}

interface Setting {
  readonly audio: FakeAudio;
  readonly player: LivePlayer;
  source(): FakeSource;
  readonly line: FakeLine;
}

/** A line in front of the house, which moves when the test says so. */
class FakeLine {
  told: ((text: string) => void) | null = null;
  signal: AbortSignal | null = null;
  call: (ticket: string | null) => void = () => undefined;

  readonly wait = (told: (text: string) => void, signal: AbortSignal): Promise<string | null> => {
    this.told = told;
    this.signal = signal;
    return new Promise((resolve) => {
      this.call = resolve;
    });
  };
}

function setting(): Setting {
  const audio = new FakeAudio();
  let made: FakeSource | null = null;
  const make = (_audio: HTMLAudioElement, events: SourceEvents): Promise<LiveSource> => {
    made = new FakeSource(events);
    return Promise.resolve(made);
  };
  const line = new FakeLine();
  const element = audio as unknown as HTMLAudioElement;
  const player = new LivePlayer(element, make, new ServerClock(), () => undefined, line.wait);
  return {
    line,
    audio,
    player,
    source: () => {
      if (made === null) throw new Error("no source yet");
      return made;
    },
  };
}

describe("the player", () => {
  it("starts with one press and knows when there is sound", async () => {
    const { audio, player, source } = setting();
    await player.toggle();
    expect(player.facts().state).toBe("starting");
    expect(source().started).toBe(1);
    audio.says("playing");
    expect(player.facts().state).toBe("playing");
    expect(player.facts().pressToSoundMs).not.toBeNull();
  });

  it("asks for sound once in a press, also when it was prepared before", async () => {
    const { audio, player } = setting();
    await player.prepare();
    await player.toggle();
    expect(audio.plays).toBe(1);
  });

  it("rewinds within the window and stays there", async () => {
    const { audio, player } = setting();
    await player.toggle();
    audio.says("playing");
    audio.currentTime = 100;
    player.seekBehind(30);
    expect(audio.currentTime).toBe(70);
    audio.says("timeupdate");
    expect(audio.currentTime).toBe(70);
    player.seekBehind(5000);
    expect(audio.currentTime).toBe(1);
    player.goLive();
    expect(audio.currentTime).toBe(100);
  });

  it("asks for sound inside the press, wherever the sound hangs on the element", async () => {
    for (const [src, source, plays] of [["blob:x", null, 1], ["", {}, 1], ["", null, 0]] as const) {
      const { audio, player } = setting();
      Object.assign(audio, { src, source });
      await player.prepare();
      const pressed = player.toggle();
      expect(audio.plays).toBe(plays);
      await pressed;
      expect(audio.plays).toBe(1);
    }
  });

  it("knows how much is ahead of whoever went back, and of nobody else", async () => {
    const { audio, player } = setting();
    expect(player.aheadS).toBe(0);
    await player.toggle();
    audio.says("playing");
    audio.currentTime = 40;
    expect(player.aheadS).toBe(60);
    audio.duration = 101.5;
    expect(player.aheadS).toBe(61.5);
    await player.toggle();
    expect(player.aheadS).toBe(0);
  });

  it("catches up by itself when a bad line left it behind", async () => {
    const { audio, player, source } = setting();
    await player.toggle();
    audio.says("playing");
    audio.currentTime = 92;
    source().range = { start: 0, live: 100 };
    audio.says("timeupdate");
    expect(audio.currentTime).toBe(100);
  });

  it("counts stalls and comes out of them", async () => {
    const { audio, player, source } = setting();
    await player.toggle();
    audio.says("playing");
    source().events.stalled();
    expect(player.facts()).toMatchObject({ state: "stalled", stalls: 1 });
    audio.says("playing");
    expect(player.facts().state).toBe("playing");
  });

  it("goes on live when it was stopped for longer than the window", async () => {
    const { audio, player, source } = setting();
    await player.toggle();
    audio.says("playing");
    audio.currentTime = 100;
    await player.toggle();
    expect(player.facts().state).toBe("paused");
    source().range = { start: 200, live: 500 };
    await player.toggle();
    expect(audio.currentTime).toBe(500);
  });

  it("says what to do when the browser refuses the sound", async () => {
    const { audio, player } = setting();
    audio.refuses = new DOMException("", "NotAllowedError");
    await player.toggle();
    expect(player.facts().trouble).toMatch(/Press the button again/);
    expect(player.facts().state).toBe("paused");
  });

  it("waits in the line when the house is full, and starts by itself at its turn", async () => {
    const { audio, player, source, line } = setting();
    await player.toggle();
    source().events.full();
    expect(player.facts().state).toBe("waiting");
    line.told?.("You are next.");
    expect(player.facts().place).toBe("You are next.");
    expect(player.wanted).toBe(false);
    line.call("ticket");
    await settle();
    expect(source().ticket).toBe("ticket");
    expect(player.facts().state).toBe("starting");
    expect(audio.plays).toBe(2);
    audio.says("playing");
    expect(player.facts().state).toBe("playing");
  });

  it("makes nobody wait who has not pressed, and lets go of the line when asked", async () => {
    const { player, source, line } = setting();
    await player.prepare();
    source().events.full();
    expect(player.facts()).toMatchObject({ state: "idle", full: true });
    expect(line.signal).toBeNull();
    await player.toggle();
    expect(player.facts().state).toBe("waiting");
    await player.toggle();
    expect(player.facts().state).toBe("idle");
    expect(line.signal?.aborted).toBe(true);
    line.call("ticket");
    await settle();
    expect(source().ticket).toBeNull();
  });
});

function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}
