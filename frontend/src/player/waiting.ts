/**
 * The line in front of a full house: takes a place, shows it, looks again as often as told, and comes back with a ticket.
 * Loaded only when the edge has refused us. The place outlives a reload: it is kept in this browser and in a cookie.
 */

import { pause } from "../lib/backoff";
import { recall, remember, storageOf } from "../lib/remember";
import type { Edges } from "./edges";
import { type Line, type Waits, aheadOf, isCalled, placeText } from "./line";
import { solve } from "./sum";

/** A place lives five minutes after its last look at `enter`. */
const RENEW_PLACE_MS = 150_000;
const AGAIN_AFTER_TROUBLE_MS = 3000;
/** Tickets live a quarter of an hour. */
const RENEW_TICKET_MS = 10 * 60_000;

interface Entered {
  readonly admitted: true;
  readonly ticket: string;
}

export class WaitingRoom {
  #credentials: RequestCredentials = "include";
  #renewing: ReturnType<typeof setTimeout> | null = null;
  readonly #placeKey: string;
  readonly #ticketKey: string;

  constructor(
    broadcast: string,
    private readonly stateUrl: string,
    private readonly edges: Edges,
  ) {
    this.#placeKey = `rostra.place.${broadcast}`;
    this.#ticketKey = `rostra.ticket.${broadcast}`;
  }

  /** A ticket, when it is our turn; null when `signal` says that nobody wants it any more. Never throws. */
  async turn(told: (text: string) => void, signal: AbortSignal): Promise<string | null> {
    let answer = await this.#ask({}, signal);
    let askedMs = performance.now();
    while (!signal.aborted && !answer?.admitted) {
      const proof = answer?.sum ? await solve(answer.sum, () => told(placeText(answer as Waits)), signal) : null;
      if (proof === null) {
        if (answer !== null) told(placeText(answer));
        await pause(answer === null ? AGAIN_AFTER_TROUBLE_MS : answer.look_again_s * 1000, signal);
        if (answer !== null && performance.now() - askedMs < RENEW_PLACE_MS) {
          const moved = await this.#lookAtLine(answer, signal);
          if (moved !== null) {
            answer = moved;
            continue;
          }
        }
      }
      const next = await this.#ask(proof === null ? {} : { proof }, signal);
      askedMs = performance.now();
      answer = next ?? (answer === null ? null : { ...answer, sum: null });
    }
    if (!answer?.admitted || signal.aborted) return null;
    this.#keep(answer.ticket);
    return answer.ticket;
  }

  /**
   * For who listens already, and not in the first half minute: a ticket if nobody has to wait for one. In a siege only
   * tickets count; whoever has one by then hears on.
   */
  async inPassing(): Promise<void> {
    if (this.#renewing !== null) return;
    const known = recall(storageOf("sessionStorage"), this.#ticketKey);
    if (known !== null) return this.#keep(known);
    const url = new URL("enter?now=1", this.#base());
    const response = await this.#fetch(url, new AbortController().signal).catch(() => null);
    if (response?.ok) this.#keep(((await response.json()) as Entered).ticket);
  }

  /** The same for everybody, so any cache may answer: where the front is now. Null when it is time to ask in person. */
  async #lookAtLine(waits: Waits, signal: AbortSignal): Promise<Waits | null> {
    if (waits.reason !== "full") return null;
    try {
      const response = await fetch(new URL(waits.line_url, this.#base()), { signal, credentials: "omit" });
      if (!response.ok) return null;
      const line = (await response.json()) as Line;
      if (isCalled(line, waits)) return null;
      const ahead = aheadOf(line, waits);
      const estimate = line.speed_per_s > 0 ? Math.ceil((ahead + 1) / line.speed_per_s) : null;
      return { ...waits, ahead, estimate_s: estimate };
    } catch {
      return null;
    }
  }

  async #ask(more: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Entered | Waits | null> {
    const url = new URL("enter", this.#base());
    const place = recall(storageOf("localStorage"), this.#placeKey);
    const ticket = recall(storageOf("sessionStorage"), this.#ticketKey);
    if (place !== null) url.searchParams.set("w", place);
    if (ticket !== null) url.searchParams.set("ticket", ticket);
    for (const [name, value] of Object.entries(more)) url.searchParams.set(name, value);
    try {
      const response = await this.#fetch(url, signal);
      if (!response.ok) return null;
      const answer = (await response.json()) as Entered | Waits;
      if (!answer.admitted && answer.place !== "") remember(storageOf("localStorage"), this.#placeKey, answer.place);
      return answer;
    } catch {
      this.edges.failed(url.href, performance.now());
      return null;
    }
  }

  /** With cookies where the edge knows this page's site; where it does not, the browser refuses, and none are sent. */
  async #fetch(url: URL, signal: AbortSignal): Promise<Response> {
    const init = { signal, cache: "no-store", headers: { Accept: "application/json" } } as const;
    try {
      return await fetch(url, { ...init, credentials: this.#credentials });
    } catch (error) {
      if (signal.aborted || this.#credentials === "omit") throw error;
      this.#credentials = "omit";
      return fetch(url, { ...init, credentials: "omit" });
    }
  }

  #base(): string {
    return this.edges.here(this.stateUrl);
  }

  /** While the page is open, the ticket is renewed: whoever was inside comes back into a full house. */
  #keep(ticket: string): void {
    remember(storageOf("sessionStorage"), this.#ticketKey, ticket);
    if (this.#renewing !== null) clearTimeout(this.#renewing);
    this.#renewing = setTimeout(
      () => {
        void this.#ask({}, new AbortController().signal).then((answer) => {
          this.#keep(answer?.admitted ? answer.ticket : ticket);
        });
      },
      RENEW_TICKET_MS * (0.9 + Math.random() * 0.2),
    );
  }
}
