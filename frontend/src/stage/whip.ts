/** A WHIP client (RFC 9725) that also hears: the answer carries the speaker's own mix back. */

import { pause } from "../lib/backoff";
import { ask, NO_ANSWER, Problem } from "../lib/problem";

/** Candidates that come later than this are not worth the wait: the first ones are those of the machine itself. */
const GATHER_MS = 300;

/** An ICE restart that the stage has not agreed to by then has failed. */
const RESTART_MS = 2500;
const FRAGMENT = "application/trickle-ice-sdpfrag";

export interface WhipSession {
  readonly peer: RTCPeerConnection;
  /** Absolute URL of the session. */
  readonly url: string;
  readonly ticket: string;
  readonly iceServers: RTCIceServer[];
  /** The stage's answer as it came. */
  readonly answer: string;
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

/** The STUN and TURN servers of the stage, before the first offer. A refusal is left for the offer to meet. */
export async function iceServersAt(endpoint: string, ticket: string, signal: AbortSignal): Promise<RTCIceServer[]> {
  try {
    const response = await ask(endpoint, { method: "OPTIONS", headers: { Authorization: `Bearer ${ticket}` }, signal });
    return iceServersOf(response.headers.get("Link"));
  } catch (error) {
    if (error instanceof Problem) return [];
    throw error;
  }
}

/**
 * Offer one microphone to the stage and hear it.
 *
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
    const answer = await response.text();
    await peer.setRemoteDescription({ type: "answer", sdp: answer });
    const url = new URL(location, endpoint).href;
    return { peer, url, ticket, iceServers: iceServersOf(response.headers.get("Link")), answer };
  } catch (error) {
    peer.close();
    throw error;
  }
}

/**
 * Restart ICE (RFC 9725, 4.3.3): the same session over another network. The sound moves once the new way is open.
 * Throws Problem when the stage refuses or does not answer; the session is to be opened anew then.
 */
export async function restartIce(session: WhipSession, signal: AbortSignal): Promise<void> {
  const { peer } = session;
  await peer.setLocalDescription(await peer.createOffer({ iceRestart: true }));
  await gathered(peer, GATHER_MS);
  const asked = ask(session.url, {
    method: "PATCH",
    headers: { ...bearer(session), "Content-Type": FRAGMENT, "If-Match": "*" },
    body: fragmentOf(peer.localDescription?.sdp ?? ""),
    signal,
  });
  const response = await Promise.race([asked, pause(RESTART_MS, signal)]);
  if (response === undefined) throw new Problem(0, "no_answer", NO_ANSWER);
  await peer.setRemoteDescription({ type: "answer", sdp: withIce(session.answer, await response.text()) });
}

const OF_ICE = /^a=(?:ice-ufrag|ice-pwd|candidate|end-of-candidates)\b/;

/** The ICE side of an offer's first section, as a PATCH carries it (RFC 8840). */
export function fragmentOf(offer: string): string {
  const [session = "", section = ""] = offer.split(/^(?=m=)/m);
  const kept = [...session.split(/\r?\n/), ...section.split(/\r?\n/)];
  return kept.filter((line) => OF_ICE.test(line) || /^(?:m=|a=mid:)/.test(line)).join("\r\n") + "\r\n";
}

/** An earlier answer with the ICE side of `fragment` in every section. */
export function withIce(answer: string, fragment: string): string {
  const fresh = fragment.split(/\r?\n/).filter((line) => OF_ICE.test(line));
  const [session = "", ...sections] = answer.split(/^(?=m=)/m);
  const renewed = sections.map((section) => {
    const lines = section.split(/\r?\n/).filter((line) => line !== "" && !OF_ICE.test(line));
    return [...lines, ...fresh, ""].join("\r\n");
  });
  return session + renewed.join("");
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
