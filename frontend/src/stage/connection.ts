/** Keeps one speaker on stage: gets tickets, opens sessions, notices a loss within a second and comes back. */

import { pause, waitMs } from "../lib/backoff";
import { askJson, Problem } from "../lib/problem";
import { Heartbeat, packetsReceived } from "./heartbeat";
import { type ConnectionState, ENDED } from "./words";
import { networkThere, onNetworkChange } from "./network";
import { iceServersAt, leaveWhip, openWhip, restartIce, stillKnown, tellMuted, type WhipSession } from "./whip";

export interface Ticket {
  readonly ticket: string;
  readonly whip_url: string;
  readonly speaker_id: string;
  readonly name: string;
  readonly state_url: string;
}

export interface ConnectionEvents {
  /** text: what to say about it, for people; empty when the state says it all. */
  state(state: ConnectionState, text: string): void;
  hear(stream: MediaStream): void;
  ticket(ticket: Ticket): void;
  /**
   * Whether the room has shown this seat as connected after `sinceMs` (performance.now), although this page is not:
   * somebody else holds it.
   */
  seatTaken(sinceMs: number): boolean;
}

const RETRY = { firstMs: 500, mostMs: 8000 } as const;
const LOOK_EVERY_MS = 250;
const STABLE_MS = 5000;
/** The room speaks four times a second; after this long without a word about the seat nobody has taken it. */
const SEAT_NEWS_MS = 700;
/** A pause between two looks longer than this was the page's own sleep. */
const SLEPT_MS = 2000;
/**
 * After an ICE restart the first packet may take so long. A browser learns of its new network up to two seconds after it
 * is there, so several restarts may come to nothing before one finds a way.
 */
const MENDING_MS = 1500;
const MENDS = 5;
/** The stage forgets a silent session after half a minute; until then a page without a network waits for one. */
const OFFLINE_MS = 25_000;
const OFFLINE_EVERY_MS = 400;

/** What to do about a refusal. `ticket`: get a new one first; `end`: nothing that this page does will help. */
export function verdictOn(problem: Problem): "again" | "wait" | "ticket" | "end" {
  if (problem.code === "no_stage" || problem.code === "doors_closed" || problem.status === 425) return "wait";
  if (problem.status === 401) return "ticket";
  if (problem.passes) return problem.status === 0 || problem.retryAfterS === null ? "again" : "wait";
  if (problem.status === 409 && problem.retryAfterS !== null) return "wait";
  return "end";
}

export class StageConnection {
  #ticket: Ticket | null = null;
  #session: WhipSession | null = null;
  #iceServers: RTCIceServer[] | null = null;
  #stop = new AbortController();
  #hurry: () => void = () => undefined;
  #muted = false;
  #attempt = 0;
  #wasOn = false;

  constructor(
    private readonly ticketUrl: string,
    private readonly name: () => string,
    private readonly track: () => MediaStreamTrack,
    private readonly events: ConnectionEvents,
  ) {}

  /** Join, and stay until `leave`, a final refusal, or the seat's move to another page. */
  async run(): Promise<void> {
    this.#stop = new AbortController();
    const { signal } = this.#stop;
    this.#attempt = 0;
    while (!signal.aborted) {
      try {
        if (await this.#stay(signal)) return;
      } catch (error) {
        if (signal.aborted) return;
        if (await this.#refused(error, signal)) return;
      }
      await pause(waitMs(this.#attempt, RETRY, Math.random()), signal);
      this.#attempt += 1;
    }
  }

  /** What we wait for may have come: try at once. */
  hurry(): void {
    this.#hurry();
  }

  async leave(): Promise<void> {
    this.#stop.abort();
    const session = this.#session;
    this.#session = null;
    this.#wasOn = false;
    this.events.state("off", "");
    if (session !== null) await leaveWhip(session);
  }

  async mute(muted: boolean): Promise<void> {
    this.#muted = muted;
    if (this.#session !== null) await tellMuted(this.#session, muted).catch(() => undefined);
  }

  /** How long a packet goes to the stage and back, as ICE measures it; null while nobody knows. */
  async roundTripMs(): Promise<number | null> {
    const stats = (await this.#session?.peer.getStats()) ?? new Map<string, RTCIceCandidatePairStats>();
    for (const report of stats.values() as Iterable<RTCIceCandidatePairStats>) {
      if (report.type !== "candidate-pair" || !report.nominated) continue;
      if (report.currentRoundTripTime !== undefined) return report.currentRoundTripTime * 1000;
    }
    return null;
  }

  async replaceTrack(track: MediaStreamTrack): Promise<void> {
    for (const sender of this.#session?.peer.getSenders() ?? []) await sender.replaceTrack(track);
  }

  /** One session, from its start to its loss. True when the page should not come back by itself. */
  async #stay(signal: AbortSignal): Promise<boolean> {
    this.events.state(this.#wasOn ? "reconnecting" : "connecting", "");
    const ticket = await this.#freshTicket(signal);
    this.#iceServers ??= await iceServersAt(ticket.whip_url, ticket.ticket, signal);
    const session = await openWhip(
      ticket.whip_url,
      ticket.ticket,
      this.track(),
      this.#iceServers,
      (stream) => this.events.hear(stream),
      signal,
    );
    this.#session = session;
    this.#iceServers = session.iceServers;
    if (this.#muted) void this.mute(true);
    await this.#untilLost(session, signal);
    session.peer.close();
    if (signal.aborted) return true;
    this.#session = null;
    if ((await stillKnown(session, this.#muted)) !== false) return false;
    const lostAt = performance.now();
    await pause(SEAT_NEWS_MS, signal);
    if (signal.aborted) return true;
    if (!this.events.seatTaken(lostAt)) return false;
    this.events.state("elsewhere", "");
    return true;
  }

  /** Follow the session until the stage is gone or has forgotten it. A lost line is mended by an ICE restart. */
  async #untilLost(session: WhipSession, signal: AbortSignal): Promise<void> {
    const startedAt = performance.now();
    const heartbeat = new Heartbeat(startedAt);
    let lookedAt = startedAt;
    let heard = 0;
    let on = false;
    let mends = 0;
    let moved = false;
    const stopWatching = onNetworkChange(() => (moved = true));
    try {
      while (!signal.aborted) {
        await pause(LOOK_EVERY_MS, signal);
        const now = performance.now();
        if (now - lookedAt > SLEPT_MS) heartbeat.slept(now);
        lookedAt = now;
        const packets = await packetsReceived(session.peer);
        const pulse = heartbeat.see(packets, now);
        const lost = pulse === "lost" || session.peer.connectionState === "failed";
        if (lost && (mends === MENDS || !on)) return;
        if (lost || (moved && on)) {
          moved = false;
          if (lost) this.events.state("reconnecting", "");
          const mended = await this.#restart(session, signal);
          if (lost && !mended) return;
          lookedAt = performance.now();
          if (lost) mends += 1;
          heartbeat.mending(lookedAt, MENDING_MS);
        } else if (packets > heard) {
          heard = packets;
          if (!on || mends > 0) this.events.state("on", "");
          on = this.#wasOn = true;
          mends = 0;
        }
        if (on && now - startedAt > STABLE_MS) this.#attempt = 0;
      }
    } finally {
      stopWatching();
    }
  }

  /**
   * True when the stage agreed to go on over whatever network there is now. False when it did not, or when it is the
   * stage that does not answer and not the network: then a new session is the way.
   */
  async #restart(session: WhipSession, signal: AbortSignal): Promise<boolean> {
    const giveUpAt = performance.now() + OFFLINE_MS;
    let last = false;
    while (!signal.aborted) {
      try {
        await restartIce(session, signal);
        return true;
      } catch (error) {
        const unanswered = error instanceof Problem && error.status === 0;
        if (!unanswered || last || performance.now() > giveUpAt) return false;
      }
      last = await networkThere();
      if (!last) await pause(OFFLINE_EVERY_MS, signal);
    }
    return false;
  }

  async #freshTicket(signal: AbortSignal): Promise<Ticket> {
    if (this.#ticket !== null) return this.#ticket;
    const ticket = await askJson<Ticket>(this.ticketUrl, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ name: this.name() }),
      signal,
    });
    this.#ticket = ticket;
    this.events.ticket(ticket);
    return ticket;
  }

  /** Says what went wrong. True when that was the end. */
  async #refused(error: unknown, signal: AbortSignal): Promise<boolean> {
    if (!(error instanceof Problem)) {
      console.error(error);
      this.events.state("over", "Your browser and the stage did not understand each other. Reload the page to try again.");
      return true;
    }
    const verdict = verdictOn(error);
    if (verdict === "end") {
      this.events.state("over", error.code === "broadcast_over" ? ENDED : error.message);
      return true;
    }
    // A stage that is not there yet, or no longer, is the site's to explain: the next ticket request asks it.
    // One that does not answer at all may be gone for good, and the room with another stage.
    if (verdict !== "again" || error.status === 0) this.#ticket = null;
    if (verdict === "wait") {
      this.events.state("waiting", error.message);
      const hurried = new Promise<void>((resolve) => {
        this.#hurry = resolve;
      });
      await Promise.race([hurried, pause(Math.min(15, Math.max(1, error.retryAfterS ?? 3)) * 1000, signal)]);
    } else {
      this.events.state(this.#wasOn ? "reconnecting" : "connecting", error.message);
    }
    return false;
  }
}
