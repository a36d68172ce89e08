/**
 * Whether the stage still reaches this page. The stage sends the mix all the time, also when nobody speaks, so a
 * second without a packet means that something broke. ICE itself would take half a minute to say so.
 */

const FIRST_PACKET_MS = 6000;
const LOST_MS = 1000;

export type Pulse = "waiting" | "beating" | "lost";

/** Without I/O: counts in, a verdict out. Times are milliseconds of any clock that does not step back. */
export class Heartbeat {
  #packets = 0;
  #lastAt: number;
  #beats = false;

  constructor(startedAtMs: number) {
    this.#lastAt = startedAtMs;
  }

  /** packets: received so far on this connection. */
  see(packets: number, nowMs: number): Pulse {
    if (packets > this.#packets) {
      this.#packets = packets;
      this.#lastAt = nowMs;
      this.#beats = true;
    }
    if (nowMs - this.#lastAt > (this.#beats ? LOST_MS : FIRST_PACKET_MS)) return "lost";
    return this.#beats ? "beating" : "waiting";
  }

  /** The line is being mended: no packet for `ms` from now on proves nothing. */
  mending(nowMs: number, ms: number): void {
    this.#lastAt = nowMs + ms - LOST_MS;
  }

  /** The page slept (a closed lid, a throttled tab): what was missed meanwhile proves nothing. */
  slept(nowMs: number): void {
    this.#lastAt = nowMs;
  }
}

export async function packetsReceived(peer: RTCPeerConnection): Promise<number> {
  let packets = 0;
  for (const report of (await peer.getStats()).values() as Iterable<{ type: string; packetsReceived?: number }>) {
    if (report.type === "inbound-rtp") packets += report.packetsReceived ?? 0;
  }
  return packets;
}
