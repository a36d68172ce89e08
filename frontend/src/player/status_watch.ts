/**
 * Where the broadcast stands, asked as rarely as is honest: the site until shortly before the doors, then the edge,
 * which answers thousands a second from memory. `nextPollMs` and `asksEdge` are the whole policy; the class only
 * carries it out.
 */

import { ask, Problem } from "../lib/problem";
import type { ServerClock } from "../lib/server_clock";
import { hasStage, type Phase, type StateFeed, type Status } from "../lib/wire";
import type { Edges } from "./edges";

export interface PollFacts {
  readonly phase: Phase;
  /** Until the doors open; negative after. */
  readonly toDoorsMs: number;
  readonly listening: boolean;
  readonly visible: boolean;
}

/** From here on before the doors, the edge is asked: whoever waits for the doors shall hear of them within a second. */
const AT_THE_DOORS_MS = 120_000;

/** Whether the edge is to be asked rather than the site. */
export function asksEdge({ phase, toDoorsMs }: Pick<PollFacts, "phase" | "toDoorsMs">): boolean {
  return hasStage(phase) || (phase === "scheduled" && toDoorsMs <= AT_THE_DOORS_MS);
}

/** How long to wait for the next question, before chance is added. Infinity: nothing can change any more. */
export function nextPollMs(facts: PollFacts): number {
  if (hasStage(facts.phase)) return facts.visible ? 1000 : facts.listening ? 5000 : 15_000;
  if (facts.phase !== "scheduled") return Number.POSITIVE_INFINITY;
  if (facts.toDoorsMs > 3_600_000) return 300_000;
  if (!asksEdge(facts)) return facts.visible ? 20_000 : 60_000;
  return facts.visible ? 1000 : 15_000;
}

export interface WatchedUrls {
  readonly statusUrl: string;
  readonly stateUrl: string;
}

export class StatusWatch {
  #phase: Phase;
  #doorsAtMs: number;
  #quiet = 0;

  constructor(
    first: { readonly phase: Phase; readonly doorsOpenAt: string },
    private readonly urls: WatchedUrls,
    private readonly edges: Edges,
    private readonly clock: ServerClock,
    private readonly listening: () => boolean,
    private readonly on: { phase(phase: Phase): void; state(state: StateFeed): void },
  ) {
    this.#phase = first.phase;
    this.#doorsAtMs = Date.parse(first.doorsOpenAt);
  }

  run(): void {
    const visible = document.visibilityState === "visible";
    const wait = nextPollMs({ phase: this.#phase, toDoorsMs: this.#toDoorsMs(), listening: this.listening(), visible });
    if (!Number.isFinite(wait)) return;
    setTimeout(() => void this.#poll().then(() => this.run()), wait * (0.9 + Math.random() * 0.2));
  }

  #toDoorsMs(): number {
    return this.#doorsAtMs - this.clock.now(Date.now());
  }

  async #poll(): Promise<void> {
    if (!asksEdge({ phase: this.#phase, toDoorsMs: this.#toDoorsMs() })) return this.#askSite();
    const url = this.edges.here(this.urls.stateUrl);
    try {
      const state = (await (await ask(url)).json()) as StateFeed;
      this.#quiet = 0;
      if (hasStage(state.phase)) {
        // Without a stage the feed is only written when something changes, so its time says nothing.
        this.clock.learn(state.at_us / 1000, Date.now());
        this.on.state(state);
      }
      this.#moved(state.phase);
    } catch (error) {
      if (error instanceof Problem && error.passes && this.edges.failed(url, performance.now())) return;
      // The edge does not know: the broadcast may have ended. The site has the truth; every fifth time is enough.
      this.#quiet += 1;
      if (this.#quiet % 5 === 1) await this.#askSite();
    }
  }

  async #askSite(): Promise<void> {
    try {
      const status = (await (await ask(this.urls.statusUrl)).json()) as Status;
      this.#doorsAtMs = Date.parse(status.doors_open_at);
      this.#moved(status.phase);
    } catch {
      // No answer changes nothing on the page; the next question comes by itself.
    }
  }

  #moved(phase: Phase): void {
    if (phase === this.#phase) return;
    this.#phase = phase;
    this.on.phase(phase);
  }
}
