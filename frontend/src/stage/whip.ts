/** A WHIP client (RFC 9725) that also hears: the answer carries the speaker's own mix back. */

import { pause } from "../lib/backoff";
import { ask, Problem } from "../lib/problem";

/** Candidates that come later than this are not worth the wait: the first ones are those of the machine itself. */
const GATHER_MS = 300;

export interface WhipSession {
  readonly peer: RTCPeerConnection;
  /** Absolute URL of the session. */
  readonly url: string;
  readonly ticket: string;
  readonly iceServers: RTCIceServer[];
}

/** `Link: <turn:…>; rel="ice-server"; username="…"; credential="…"` (RFC 9725, 4.6) as WebRTC wants it. */
export function iceServersOf(link: string | null): RTCIceServer[] {
  const servers: RTCIceServer[] = [];
  for (const [, url = "", rest = ""] of (link ?? "").matchAll(/<([^>]*)>((?:[^,"]|"(?:[^"\\]|\\.)*")*)/g)) {
    const parameters = new Map<string, string>();
    for (const [, name = "", quoted, bare] of rest.matchAll(/;\s*([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s]+))/g)) {
      parameters.set(name.toLowerCase(), (quoted ?? bare ?? "").replaceAll(/\\(.)/g, "$1"));
    }
    if (parameters.get("rel") !== "ice-server") continue;
    const username = parameters.get("username");
    const credential = parameters.get("credential");
    servers.push({ urls: url, ...(username !== undefined && credential !== undefined && { username, credential }) });
  }
  return servers;
}

/**
 * Offer one microphone to the stage and hear it.
 *
 * iceServers: those of an earlier answer; the first answer of a stage names them too late for its own connection.
 * Throws Problem when the stage refuses.
 */
export async function openWhip(
  endpoint: string,
  ticket: string,
  track: MediaStreamTrack,
  iceServers: RTCIceServer[],
  hear: (stream: MediaStream) => void,
  signal: AbortSignal,
): Promise<WhipSession> {
  const peer = new RTCPeerConnection({ bundlePolicy: "max-bundle", iceServers });
  try {
    peer.addTransceiver(track, { direction: "sendrecv" });
    peer.addEventListener("track", (event) => hear(event.streams[0] ?? new MediaStream([event.track])));
    await peer.setLocalDescription(await peer.createOffer());
    await gathered(peer, GATHER_MS);
    const response = await ask(endpoint, {
      method: "POST",
      headers: { "Content-Type": "application/sdp", Authorization: `Bearer ${ticket}` },
      body: peer.localDescription?.sdp ?? "",
      signal,
    });
    const location = response.headers.get("Location");
    if (location === null) throw new Error("the stage answered without a Location");
    await peer.setRemoteDescription({ type: "answer", sdp: await response.text() });
    const url = new URL(location, endpoint).href;
    return { peer, url, ticket, iceServers: iceServersOf(response.headers.get("Link")) };
  } catch (error) {
    peer.close();
    throw error;
  }
}

async function gathered(peer: RTCPeerConnection, mostMs: number): Promise<void> {
  if (peer.iceGatheringState === "complete") return;
  const complete = new Promise<void>((resolve) => {
    peer.addEventListener("icegatheringstatechange", () => {
      if (peer.iceGatheringState === "complete") resolve();
    });
  });
  await Promise.race([complete, pause(mostMs)]);
}

/** Leave the stage. A stage that does not answer notices the silence by itself. */
export async function leaveWhip(session: WhipSession): Promise<void> {
  session.peer.close();
  await fetch(session.url, { method: "DELETE", headers: bearer(session), keepalive: true }).catch(() => undefined);
}

/** Tell the others that the microphone is off; the sound itself is already off on this side. */
export async function tellMuted(session: WhipSession, muted: boolean): Promise<void> {
  await ask(`${session.url}/mute`, {
    method: "POST",
    headers: { ...bearer(session), "Content-Type": "application/json" },
    body: JSON.stringify({ muted }),
  });
}

/** Whether the stage still knows the session. Null: no answer. A GET would not tell: it always succeeds (4.3). */
export async function stillKnown(session: WhipSession, muted: boolean): Promise<boolean | null> {
  try {
    await tellMuted(session, muted);
    return true;
  } catch (error) {
    return error instanceof Problem && !error.passes ? false : null;
  }
}

function bearer(session: WhipSession): Record<string, string> {
  return { Authorization: `Bearer ${session.ticket}` };
}
