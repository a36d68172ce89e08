/** The broadcast page: wait for the doors, play while it is on the air, say when it is over. */

import "./site";
import { dataOf, need, say, show } from "./lib/dom";
import { ServerClock } from "./lib/server_clock";
import { clockText } from "./lib/time";
import { type HeldBy, hasStage, type Phase, phaseText, type StateFeed } from "./lib/wire";
import type { Captions } from "./player/captions";
import type { Company } from "./player/company";
import { Edges } from "./player/edges";
import { LivePlayer } from "./player/live_player";
import type { LiveSource, SourceEvents } from "./player/live_source";
import { StatusWatch } from "./player/status_watch";
import { PlayerView } from "./player/view";
import type { WaitingRoom } from "./player/waiting";

interface PlayerData {
  readonly id: string;
  readonly slug: string;
  readonly phase: Phase;
  readonly held_by: HeldBy;
  readonly starts_at: string;
  readonly doors_open_at: string;
  readonly live_at: string | null;
  readonly edge_urls: readonly string[];
  readonly playlist_url: string;
  readonly radio_url: string;
  readonly state_url: string;
  readonly status_url: string;
}

declare global {
  interface Window {
    /** For tests and the curious: what the player knows, renewed four times a second. */
    rostraPlayer?: Readonly<Record<string, unknown>>;
  }
}

const DRAW_EVERY_MS = 250;
/** A ticket is taken in passing after so much sound, and not by everybody at once. */
const PASSING_MS = { least: 20_000, spread: 40_000 } as const;
/** An ended broadcast's page is asked for anew after this long, spread so that the audience does not come at once. */
const AFTER_END_MS = { least: 3000, spread: 7000 } as const;
/** When the end is announced, the sound still has some seconds to go. */
const LAST_SECONDS_MS = 20_000;
const LOOK_MS = 1000;
/** Whoever went back farther than this keeps the player after the end, until they have heard the rest. */
const WENT_BACK_S = 6;

const page = need<HTMLElement>("[data-player]");
const programme = need<HTMLAudioElement>("#programme");
const data = dataOf<PlayerData>(page, "player");
const clock = new ServerClock();
const edges = new Edges(data.edge_urls, Math.random());
let phase = data.phase;
let heldBy = data.held_by;
let company: Company | null = null;
let stageAway = false;
let passing = false;
let captions: Promise<Captions> | null = null;
let liveAtMs = data.live_at === null ? null : Date.parse(data.live_at);

async function makeSource(audio: HTMLAudioElement, events: SourceEvents): Promise<LiveSource> {
  const { HlsSource, hlsSupported } = await import("./player/hls_source");
  if (hlsSupported()) return new HlsSource(data.playlist_url, edges, audio, events);
  const { NativeSource, nativeHls } = await import("./player/native_source");
  return new NativeSource(nativeHls(audio) ? data.playlist_url : data.radio_url, edges, audio, events);
}

for (const button of document.querySelectorAll<HTMLButtonElement>("button[data-clip]")) {
  button.addEventListener("click", async () => {
    const heardMs = player.heardAtMs();
    if (heardMs === null) return;
    const { makeClip } = await import("./player/clip_maker");
    const wish = { heard_at: new Date(heardMs).toISOString(), last_s: Number(button.dataset["clip"]) };
    await makeClip(`/b/${data.slug}/clips`, wish, need("#clip-says"));
  });
}

/** Comes when the house is full, or when the sound has long begun. */
let room: Promise<WaitingRoom> | null = null;

function waitingRoom(): Promise<WaitingRoom> {
  room ??= import("./player/waiting").then((it) => new it.WaitingRoom(data.id, data.state_url, edges));
  return room;
}

async function waitInLine(told: (text: string) => void, signal: AbortSignal): Promise<string | null> {
  return (await waitingRoom()).turn(told, signal);
}

const player = new LivePlayer(programme, makeSource, clock, () => draw(), waitInLine);
const view = new PlayerView(need("#player"), player);

function draw(): void {
  const facts = player.facts();
  if (facts.state === "playing" && !passing) {
    passing = true;
    setTimeout(() => void waitingRoom().then((it) => it.inPassing(), console.warn), PASSING_MS.least + Math.random() * PASSING_MS.spread);
  }
  const isOpen = hasStage(phase) || (phase === "ended" && player.aheadS > WENT_BACK_S);
  show(need("#player"), isOpen);
  view.draw(facts, { phase, heldBy, stageAway });
  if (isOpen) company?.draw(player.heardAtMs(), performance.now());
  else company?.leave();
  const onAirMs = liveAtMs === null ? null : clock.now(Date.now()) - liveAtMs;
  const onAir = onAirMs !== null && (phase === "live" || (phase === "paused" && heldBy !== "moderators_end"));
  say(need("#live-clock"), onAir ? `on the air for ${clockText(onAirMs)}` : "");
  window.rostraPlayer = { ...facts, phase, offsetMs: clock.offsetMs, edge: edges.current };
}

function enter(next: Phase): void {
  phase = next;
  if (next === "live") liveAtMs ??= clock.now(Date.now());
  page.dataset["phase"] = next;
  const lamp = need<HTMLElement>("#lamp");
  lamp.dataset["phase"] = next;
  say(lamp, phaseText(next, heldBy));
  show(need("#before"), next === "scheduled");
  show(need("#countdown"), next === "scheduled" || next === "doors_open");
  if (hasStage(next)) prepareSoon();
  if (next === "ended" || next === "withheld" || next === "cancelled") leave();
  draw();
}

/** Whoever listens hears the rest, also from minutes ago; the page is asked for what comes after. */
function leave(): void {
  show(need("#over"), true);
  const atLatest = performance.now() + LAST_SECONDS_MS + player.facts().windowS * 1000;
  setTimeout(() => playOut(atLatest), LAST_SECONDS_MS);
  setTimeout(() => void watchRecording(), AFTER_END_MS.least + Math.random() * AFTER_END_MS.spread);
}

function playOut(atLatest: number): void {
  if (phase === "ended" && player.aheadS > 1 && performance.now() < atLatest) setTimeout(() => playOut(atLatest), LOOK_MS);
  else player.finish();
}

// One sound at a time: whoever starts the replay has left the broadcast. (`play` does not bubble.)
document.addEventListener("play", ({ target }) => phase === "ended" && target !== programme && player.finish(), true);

async function watchRecording(): Promise<void> {
  await (await import("./player/recording_watch")).watchRecording();
}

function prepareSoon(): void {
  const prepare = (): void => {
    void player.prepare();
    void import("./player/company").then((found) => {
      company ??= new found.Company(() => edges.here(data.state_url), () => player.wanted, () => player.rendition);
    }, console.warn);
  };
  if ("requestIdleCallback" in window) requestIdleCallback(prepare, { timeout: 1500 });
  else setTimeout(prepare, 400);
}

function heard(state: StateFeed): void {
  company?.heard(state);
  stageAway = state.stage_away || !state.speakers.some((speaker) => speaker.connected);
  offerCaptions(state.captions !== "");
  heldBy = state.held_by;
  if (state.phase === phase) say(need("#lamp"), phaseText(phase, heldBy));
  if (state.live_us !== null) liveAtMs = state.live_us / 1000;
}

function offerCaptions(offered: boolean): void {
  if (document.querySelector("#captions") === null || (captions === null && !offered)) return;
  captions ??= import("./player/captions").then((it) => it.startCaptions(data.state_url, () => player.heardAtMs()));
  void captions.then((it) => it.offer(offered), console.warn);
}

const watch = new StatusWatch(
  { phase, doorsOpenAt: data.doors_open_at },
  { statusUrl: data.status_url, stateUrl: data.state_url },
  edges,
  clock,
  () => player.wanted,
  { phase: enter, state: heard },
);

if (hasStage(phase)) prepareSoon();
if (phase === "ended") void watchRecording();
watch.run();
setInterval(draw, DRAW_EVERY_MS);
draw();
