/** The stage page of one speaker: check the sound, join, stay, leave. */

import "./site";
import { dataOf, keyBelongsTo, need, say, show } from "./lib/dom";
import { Meter } from "./lib/meter";
import { ask } from "./lib/problem";
import { recall, recordKey, remember, storageOf } from "./lib/remember";
import { ServerClock } from "./lib/server_clock";
import { clockText, untilText } from "./lib/time";
import { hasStage, type Phase, type StageState, type Status, silenced } from "./lib/wire";
import { CheckView } from "./stage/check_view";
import type { StageConnection, Ticket } from "./stage/connection";
import type { LocalView } from "./stage/local_view";
import { followRoom } from "./stage/room_events";
import { RoomView } from "./stage/room_view";
import { type ConnectionState, connectionText, ENDED, heardText, INCOMPLETE } from "./stage/words";

interface StageData {
  readonly broadcast_id: string;
  readonly speaker_id: string;
  readonly name: string;
  readonly host: boolean;
  readonly phase: Phase;
  readonly starts_at: string;
  readonly doors_open_at: string;
  readonly ticket_url: string;
  readonly recording_url: string;
  readonly status_url: string;
}

declare global {
  interface Window {
    /** For tests and the curious: where this speaker stands, renewed ten times a second. */
    rostraStage?: Readonly<Record<string, unknown>>;
  }
}

const DRAW_EVERY_MS = 100;
const STATUS_EVERY_MS = 5000;
/** Without the room's own word for this long, the site is asked where the broadcast stands. */
const ROOM_QUIET_MS = 3000;

const data = dataOf<StageData>(need<HTMLElement>("[data-stage]"), "stage");
const seatKey = `rostra.stage.${data.speaker_id}`;
const nameKey = `rostra.name.${data.speaker_id}`;
const nameField = need<HTMLInputElement>("#name");
const muteButton = need<HTMLButtonElement>("#mute");
const loudspeaker = need<HTMLAudioElement>("#loudspeaker");
const ownMeter = new Meter(need("#own-meter"));
const room = new RoomView();
const serverClock = new ServerClock();

let state: ConnectionState = "off";
let stateWords = "";
let muted = false;
let phase = data.phase;
let ticket: Ticket | null = null;
let latest: StageState | null = null;
let roomSaidAt = Number.NEGATIVE_INFINITY;
let liveAtMs: number | null = null;
let following: AbortController | null = null;

const check = new CheckView({
  changed: (microphone) => {
    microphone.muted = muted;
    if (connection === null) connected().catch(() => undefined);
    else void connection.replaceTrack(microphone.track);
    need<HTMLButtonElement>("#join").disabled = false;
  },
  gone: () => {
    need<HTMLButtonElement>("#join").disabled = true;
  },
  output: (id) => {
    // A loudspeaker that is gone: the sound stays where it is, which is better than none.
    if ("setSinkId" in loudspeaker) loudspeaker.setSinkId(id).catch(() => undefined);
  },
});

/** Arrives once there is a microphone: who only looks at the page has no use for it. */
let connection: StageConnection | null = null;
let connecting: Promise<StageConnection> | null = null;

function connected(): Promise<StageConnection> {
  connecting ??= import("./stage/connection").then(
    (arrived) => (connection = connectionOf(arrived)),
    (error: unknown) => {
      connecting = null;
      throw error;
    },
  );
  return connecting;
}

function connectionOf({ StageConnection }: typeof import("./stage/connection")): StageConnection {
  return new StageConnection(
    data.ticket_url,
    () => nameField.value.trim(),
    () => {
      if (check.microphone === null) throw new Error("joined without a microphone");
      return check.microphone.track;
    },
    {
      state: entered,
      hear: (stream) => {
        loudspeaker.srcObject = stream;
        loudspeaker.play().catch(() => show(need("#sound-blocked"), true));
      },
      ticket: (fresh) => {
        ticket = fresh;
      },
      seatTaken: (sinceMs) => roomSaidAt > sinceMs && (ownSeat()?.connected ?? false),
    },
  );
}

const recordWish = need<HTMLInputElement>("#record-locally");
let local: LocalView | null = null;
let localComing = false;

/** Local recording arrives with whoever is on stage, wants it, or had it on an earlier visit. */
function openLocal(): void {
  if (localComing) return;
  localComing = true;
  import("./stage/local_view").then(
    ({ LocalView }) => {
      local = new LocalView(data.speaker_id, data.recording_url, async () => (await connection?.roundTripMs()) ?? null);
    },
    () => {
      localComing = false;
    },
  );
}

function ownSeat(): StageState["speakers"][number] | null {
  return latest?.speakers.find((speaker) => speaker.speaker_id === data.speaker_id) ?? null;
}

/** On stage, or on the way there. */
function present(where: ConnectionState): boolean {
  return where !== "off" && where !== "over" && where !== "elsewhere";
}

function entered(next: ConnectionState, text: string): void {
  state = next;
  stateWords = connectionText(next, text);
  const here = present(next);
  show(need("#check"), next === "off");
  show(need("#room"), here);
  show(need("#out"), next === "over" || next === "elsewhere");
  show(need("#take-seat"), next === "elsewhere");
  remember(storageOf("sessionStorage"), seatKey, here ? "on" : null);
  const settings = need<HTMLDetailsElement>("#sound-settings");
  const home = need(here ? "#room-settings" : "#check-settings");
  if (settings.parentElement !== home) {
    home.append(settings);
    settings.open = !here;
  }
  need(here ? "#room-recording" : "#check-recording").append(need("#recording-choice"));
  if (!here) following?.abort();
  say(need("#out-text"), stateWords);
  draw();
}

async function join(): Promise<void> {
  if (check.microphone === null && !(await check.open())) return;
  remember(storageOf("localStorage"), nameKey, nameField.value.trim());
  following?.abort();
  following = new AbortController();
  void followRoom(() => ticket, roomSays, following.signal);
  const arrived = await connected().catch(() => null);
  if (arrived === null) entered("over", INCOMPLETE);
  else await arrived.run();
}

function roomSays(said: StageState): void {
  latest = said;
  roomSaidAt = performance.now();
  serverClock.learn(said.at_us / 1000, Date.now());
  room.others(said.speakers, data.speaker_id, roomSaidAt);
  const host = ownSeat()?.host;
  if (host !== undefined) {
    show(need("#host-role"), host);
    show(need("#to-control"), host);
  }
  if (said.phase !== phase) enterPhase(said.phase);
}

function enterPhase(next: Phase): void {
  phase = next;
  if (next === "live") liveAtMs ??= Date.now();
  if (hasStage(next)) connection?.hurry();
  if (next === "ended" && present(state)) void connection?.leave().then(() => entered("over", ENDED));
}

function setMuted(next: boolean): void {
  muted = next;
  if (check.microphone !== null) check.microphone.muted = next;
  muteButton.setAttribute("aria-pressed", String(next));
  say(need("#mute-label"), next ? "Microphone off" : "Microphone on");
  say(need("#mute-hint-text"), next ? "to speak" : "to mute");
  void connection?.mute(next);
  draw();
}

function clockWords(): string {
  if (phase === "live" && liveAtMs !== null) return `on the air for ${clockText(Date.now() - liveAtMs)}`;
  if (phase === "paused") return "paused";
  const toStart = Date.parse(data.starts_at) - Date.now();
  if (phase === "ended") return "ended";
  return toStart > 0 ? `starts ${untilText(toStart)}` : "waiting for the host";
}

function draw(): void {
  const now = performance.now();
  const level = check.draw(now);
  const heard = heardText({ state, muted, seat: ownSeat(), speaking: check.speaking });
  ownMeter.set(level, now);
  say(need("#heard"), heard);
  say(need("#connection"), stateWords);
  room.draw(phase, latest?.held_by ?? "", state === "on");
  say(need("#clock"), new Date().toLocaleTimeString("en-GB"));
  say(need("#minute"), clockWords());
  const seat = ownSeat();
  const facts = {
    live: phase === "live",
    ended: phase === "ended",
    present: present(state),
    silent: muted || (seat !== null && silenced(seat)),
    track: check.microphone?.track ?? null,
    lostPct: seat?.lost_pct ?? 0,
    poor: seat !== null && (seat.quality === "poor" || seat.quality === "lost"),
    offsetMs: serverClock.offsetMs,
  };
  if (facts.present || recordWish.checked) openLocal();
  local?.update(facts, now);
  window.rostraStage = { state, connected: state === "on", level, muted, phase, onAir: phase === "live" && state === "on", local: local?.report ?? null };
}

/** The site's word, when the room is silent or this speaker is not in it. */
async function askSite(): Promise<void> {
  if (performance.now() - roomSaidAt < ROOM_QUIET_MS) return;
  try {
    const status = (await (await ask(data.status_url)).json()) as Status;
    if (status.live_at !== null) liveAtMs = Date.parse(status.live_at);
    if (status.phase !== phase) enterPhase(status.phase);
    say(need("#early"), hasStage(status.phase) ? "The doors are open. You can join now." : need("#early").textContent ?? "");
  } catch {
    // The connection's own words already say that there is no answer.
  }
}

need<HTMLFormElement>("#join-form").addEventListener("submit", (event) => {
  event.preventDefault();
  void join();
});
need("#leave").addEventListener("click", () => void connection?.leave());
need("#take-seat").addEventListener("click", () => void join());
need("#unblock-sound").addEventListener("click", () => {
  void loudspeaker.play().then(() => show(need("#sound-blocked"), false));
});
muteButton.addEventListener("click", () => setMuted(!muted));
document.addEventListener("keydown", (event) => {
  if (event.code !== "Space" || event.repeat || need<HTMLElement>("#room").hidden || keyBelongsTo(event.target)) return;
  event.preventDefault();
  setMuted(!muted);
});

const keptName = recall(storageOf("localStorage"), nameKey);
if (keptName !== null && keptName !== "") nameField.value = keptName;
if (recall(storageOf("localStorage"), recordKey(data.speaker_id)) !== null) openLocal();
draw();
setInterval(draw, DRAW_EVERY_MS);
setInterval(() => void askSite(), STATUS_EVERY_MS);
void askSite();
if (recall(storageOf("sessionStorage"), seatKey) === "on") void join();
else void check.openIfAllowed();
