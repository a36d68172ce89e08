/** Sends what waits on the shelf, piece by piece, and comes back to it until the server has everything. */

import { pause, waitMs } from "../../lib/backoff";
import { ask, Problem } from "../../lib/problem";
import { Pace } from "./pace";
import type { KeptPiece, Shelf } from "./shelf";

const RETRY = { firstMs: 2000, mostMs: 60_000 } as const;
const LOOK_EVERY_MS = 1000;
const LONGEST_MS = 120_000;

/** Whether a recording still grows, in this page or in another window. */
export type IsRunning = (recording: string) => Promise<boolean>;

export class Sender {
  readonly pace = new Pace();
  /** Why nothing is being sent, for people; empty while it goes on. */
  trouble = "";
  sentPieces = 0;
  /** The server takes nothing of this seat any more. */
  refused = false;

  constructor(
    private readonly url: string,
    private readonly shelf: Shelf,
    private readonly isRunning: IsRunning,
    private readonly changed: () => void,
  ) {}

  /** Send for as long as the page lives. */
  async run(): Promise<void> {
    for (let attempt = 0; !this.refused; ) {
      try {
        const busy = await this.#step();
        attempt = 0;
        if (!busy) await pause(LOOK_EVERY_MS);
      } catch (error) {
        const wait = this.#failed(error, attempt);
        attempt += 1;
        await pause(wait);
      }
    }
  }

  /** One piece, or the word that a recording is whole. False: there was nothing to do. */
  async #step(): Promise<boolean> {
    const piece = await this.shelf.next();
    if (piece === null) return await this.#closeRecordings();
    const wait = this.pace.waitMs(performance.now());
    if (wait > 0) {
      await pause(Math.min(wait, LOOK_EVERY_MS));
      return true;
    }
    const startedAt = performance.now();
    await this.#send(piece);
    const now = performance.now();
    this.pace.sent(piece.flac.length, now - startedAt, now);
    await this.shelf.drop(piece);
    this.sentPieces += 1;
    this.trouble = "";
    this.changed();
    return true;
  }

  async #send(piece: KeptPiece): Promise<void> {
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", piece.flac));
    const place = new URLSearchParams({
      first_sample: String(piece.firstSample),
      samples: String(piece.samples),
      rate_hz: String(piece.rateHz),
      at_us: String(piece.atUs),
    });
    try {
      await ask(`${this.url}/${piece.recording}/${piece.piece}?${place.toString()}`, {
        method: "PUT",
        headers: { "Content-Digest": `sha-256=:${btoa(String.fromCharCode(...digest))}:`, "Content-Type": "audio/flac" },
        body: piece.flac,
        priority: "low",
        signal: AbortSignal.timeout(LONGEST_MS),
      });
    } catch (error) {
      // Another sound under this number is there already: it stays, and this one has no place.
      if (!(error instanceof Problem && error.code === "piece_differs")) throw error;
    }
  }

  /** Tell the server which recordings are whole now. */
  async #closeRecordings(): Promise<boolean> {
    for (const { recording, pieces } of await this.shelf.recordings()) {
      if (await this.isRunning(recording)) continue;
      if ((await this.shelf.left(recording)) > 0) return true;
      await this.announce(recording, pieces, true);
      await this.shelf.dropRecording(recording);
      this.changed();
    }
    return false;
  }

  /** How many pieces a recording has, so that the host sees what is on its way. */
  async announce(recording: string, pieces: number, whole: boolean): Promise<void> {
    await ask(`${this.url}/${recording}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ pieces, whole }),
      signal: AbortSignal.timeout(LONGEST_MS),
    });
  }

  /** What to say, and how long to wait. */
  #failed(error: unknown, attempt: number): number {
    const problem = error instanceof Problem ? error : null;
    if (problem !== null && [404, 410].includes(problem.status)) {
      this.refused = true;
      this.trouble = problem.message;
      void this.shelf.clear().then(this.changed);
    } else if (problem !== null && problem.code !== "not_on_air" && problem.code !== "too_many_requests") {
      this.trouble = problem.message;
    } else if (problem === null && !(error instanceof DOMException)) {
      console.error(error);
    }
    this.changed();
    return (problem?.retryAfterS ?? 0) * 1000 || waitMs(attempt, RETRY, Math.random());
  }
}
