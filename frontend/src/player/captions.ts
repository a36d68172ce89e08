/** Live captions on the page: a switch, and what is being said. Asked for only while they are switched on. */

import "../styles/parts/captions.css";
import { make, need, show } from "../lib/dom";
import { recall, remember, storageOf } from "../lib/remember";
import { parseVtt } from "../lib/webvtt";
import { CaptionPace, type TimedCue } from "./caption_pace";

interface Feed {
  readonly language: string;
  readonly anchor_ms: number;
  readonly segment_ms: number;
  readonly cues: readonly TimedCue[];
}

const CHOICE_KEY = "rostra.captions";
const ASK_EVERY_MS = 1000;
const DRAW_EVERY_MS = 200;

export class Captions {
  readonly #pace = new CaptionPace();
  readonly #store = storageOf("localStorage");
  readonly #asked = new Set<number>();
  #last = "";
  #feed: Feed | null = null;
  #on = false;
  #timers: ReturnType<typeof setInterval>[] = [];

  /** base: the address of the broadcast at the edge, with its slash; heardAtMs: the moment that is heard, unix ms. */
  constructor(
    private readonly button: HTMLButtonElement,
    private readonly box: HTMLElement,
    private readonly stateUrl: string,
    private readonly heardAtMs: () => number | null,
  ) {
    button.addEventListener("click", () => {
      this.#switch(!this.#on);
      remember(this.#store, CHOICE_KEY, this.#on ? "on" : null);
    });
  }

  /** Whether the host has them on now; the listener's own choice is kept for when they are again. */
  offer(offered: boolean): void {
    if (this.button.hidden === !offered) return;
    this.button.hidden = !offered;
    this.#switch(offered && recall(this.#store, CHOICE_KEY) === "on");
  }

  #switch(on: boolean): void {
    this.#on = on;
    this.button.setAttribute("aria-pressed", String(on));
    show(this.box, on);
    this.#timers.forEach(clearInterval);
    this.#timers = on
      ? [setInterval(() => void this.#ask(), ASK_EVERY_MS), setInterval(() => this.#draw(), DRAW_EVERY_MS)]
      : [];
    if (on) {
      void this.#ask();
      this.#draw();
    }
  }

  #draw(): void {
    const heardMs = this.heardAtMs();
    if (heardMs === null) {
      this.#show([], "Captions appear here while you listen.");
      return;
    }
    const rows = this.#pace.at(heardMs, performance.now());
    this.#show(rows, this.#pace.oldestMs === null ? "Captions come some seconds after the words." : "");
    void this.#askFor(heardMs);
  }

  #show(rows: readonly string[], hint: string): void {
    const wanted = rows.length > 0 ? rows.join("\n") : hint;
    if (this.box.dataset["shown"] === wanted) return;
    this.box.dataset["shown"] = wanted;
    if (rows.length === 0) {
      this.box.replaceChildren(make("p", { class: "captions__hint" }, hint));
      return;
    }
    const lines = rows.map((text, row) => make("p", { class: row < rows.length - 1 ? "captions__older" : false }, text));
    this.box.replaceChildren(...lines);
  }

  /** Beside the state feed, with what its address carries. */
  #url(name: string): string {
    return this.stateUrl.replace(/state\.json(?=$|\?)/, name);
  }

  /** The newest words; a cache may answer for everybody. */
  async #ask(): Promise<void> {
    if (this.heardAtMs() === null || document.visibilityState === "hidden") return;
    try {
      const response = await fetch(this.#url("captions.json"), { credentials: "omit" });
      if (!response.ok) return;
      const text = await response.text();
      if (text === this.#last) return;
      this.#last = text;
      this.#feed = JSON.parse(text) as Feed;
      this.box.lang = this.#feed.language;
      this.#pace.add(this.#feed.cues);
    } catch {
      // The next round asks again; captions that come late are shown when they come.
    }
  }

  /** Somebody who listens to what was a while ago reads it from the segments, which never change. */
  async #askFor(heardMs: number): Promise<void> {
    const feed = this.#feed;
    const oldest = feed?.cues[0]?.start_ms;
    if (feed === null || oldest === undefined || heardMs >= oldest) return;
    const segment = Math.floor((heardMs - feed.anchor_ms) / feed.segment_ms);
    for (const each of [segment, segment + 1]) {
      if (each < 0 || this.#asked.has(each)) continue;
      this.#asked.add(each);
      try {
        const response = await fetch(this.#url(`captions/s${each}.vtt`), { credentials: "omit" });
        if (!response.ok) continue;
        const cues = parseVtt(await response.text());
        this.#pace.add(
          cues.map((cue) => ({
            start_ms: Math.floor(feed.anchor_ms + cue.start * 1000),
            end_ms: feed.anchor_ms + cue.end * 1000,
            text: cue.text,
          })),
        );
      } catch {
        this.#asked.delete(each);
      }
    }
  }
}

/** stateUrl: the edge's state feed, beside which the captions are. */
export function startCaptions(stateUrl: string, heardAtMs: () => number | null): Captions {
  return new Captions(need("#captions-switch"), need("#captions"), stateUrl, heardAtMs);
}
