/** The replay: the browser's own player, and around it what it lacks: chapters, speed, skips, a place that is kept. */

import { dataOf, make, need, say, show } from "../lib/dom";
import { recall, remember, storageOf } from "../lib/remember";
import { clockText } from "../lib/time";
import { type Cut, publishedS, recordingS } from "./cuts";

interface ReplayData {
  readonly id: string;
  readonly url: string;
  readonly duration_s: number;
  readonly stream_url: string | null;
  readonly cuts: readonly Cut[];
}

const SPEED_KEY = "rostra.speed";
const KEEP_EVERY_S = 5;
/** Nearer to the end than this counts as heard, and the next visit begins at the beginning. */
function heardS(durationS: number): number {
  return Math.min(15, durationS * 0.05);
}

/** Where to begin: a link's moment first, then the place that was kept; 0 when that is the end or nonsense.
 *  Both name a moment of the recording: what the host cuts out later moves neither. */
export function beginAt(linked: string | null, kept: string | null, durationS: number, cuts: readonly Cut[] = []): number {
  for (const text of [linked, kept]) {
    if (text === null || !/^\d{1,6}(\.\d+)?$/.test(text)) continue;
    const seconds = publishedS(cuts, Number(text));
    if (seconds < durationS) return seconds > durationS - heardS(durationS) && text === kept ? 0 : seconds;
  }
  return 0;
}

/** The last of `starts` that is not after `at`; -1 before the first. Starts ascend. */
export function chapterAt(starts: readonly number[], at: number): number {
  return starts.findLastIndex((start) => start <= at);
}

export function startReplay(root: HTMLElement): void {
  const data = dataOf<ReplayData>(root, "replay");
  const audio = need<HTMLAudioElement>("audio", root);
  const says = need<HTMLElement>("[data-replay-says]", root);
  const store = storageOf("localStorage");
  const placeKey = `rostra.place.${data.id}`;
  const links = [...root.querySelectorAll<HTMLAnchorElement>("a[data-start]")];
  const starts = links.map((link) => Number(link.dataset["start"]));

  const seek = (seconds: number): void => {
    audio.currentTime = Math.min(Math.max(0, seconds), Math.max(0, data.duration_s - 0.1));
  };
  const play = (): void => void audio.play().catch(() => say(says, "Press play to listen."));

  const said = root.querySelector<HTMLElement>("[data-transcript]");
  const places = {
    playFrom: (seconds: number): void => {
      seek(seconds);
      play();
    },
    linkedS: (seconds: number): number => recordingS(data.cuts, seconds),
  };
  if (said !== null) void import("./transcript").then((it) => it.startTranscript(said, audio, places), console.warn);

  const linked = new URLSearchParams(location.search).get("t");
  const begin = beginAt(linked, recall(store, placeKey), data.duration_s, data.cuts);
  if (begin > 0) {
    seek(begin);
    say(says, linked === null ? `You left at ${clockText(begin * 1000)}; it goes on there.` : `It begins at ${clockText(begin * 1000)}.`);
  }

  let kept = begin;
  const keep = (): void => {
    if (audio.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return; // nothing is loaded: its 0 says nothing
    kept = audio.currentTime;
    const isOver = kept < 1 || kept > data.duration_s - heardS(data.duration_s);
    remember(store, placeKey, isOver ? null : recordingS(data.cuts, kept).toFixed(1));
  };
  const drawChapter = (): void => {
    const now = chapterAt(starts, audio.currentTime);
    links.forEach((link, index) => {
      if (index === now) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    });
  };
  audio.addEventListener("timeupdate", () => {
    if (Math.abs(audio.currentTime - kept) >= KEEP_EVERY_S) keep();
    drawChapter();
  });
  for (const event of ["pause", "seeked", "ended"]) audio.addEventListener(event, keep);
  addEventListener("pagehide", keep);

  links.forEach((link, index) => {
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      seek(starts[index] ?? 0);
      play();
    });
  });
  for (const button of root.querySelectorAll<HTMLButtonElement>("button[data-skip]")) {
    button.addEventListener("click", () => seek(audio.currentTime + Number(button.dataset["skip"])));
  }
  bindSpeed(root, audio, store);
  need<HTMLAnchorElement>("a[data-flag]", root).addEventListener("click", ({ currentTarget }) => {
    (currentTarget as HTMLAnchorElement).search = `?t=${Math.floor(recordingS(data.cuts, audio.currentTime))}`;
  });
  need<HTMLButtonElement>("button[data-moment]", root).addEventListener("click", () => void shareMoment(data, audio, says));
  bindMediaKeys(audio, seek);
  bindClip(root.parentElement ?? root, audio);
  if (data.stream_url !== null) void stream(audio, data.stream_url);
}

/** Opened, the form proposes the half minute that was just heard. */
function bindClip(panel: HTMLElement, audio: HTMLAudioElement): void {
  const details = panel.querySelector<HTMLDetailsElement>("details.clip");
  details?.addEventListener("toggle", () => {
    if (!details.open) return;
    const end = Math.max(30, audio.currentTime);
    need<HTMLInputElement>("input[name=start]", details).value = clockText((end - 30) * 1000);
    need<HTMLInputElement>("input[name=end]", details).value = clockText(end * 1000);
  });
}

/** Until the player for it is there, and wherever there is none, the file plays. */
async function stream(audio: HTMLAudioElement, playlist: string): Promise<void> {
  try {
    (await import("./replay_stream")).attachStream(audio, playlist, audio.src);
  } catch (error) {
    console.warn(error);
  }
}

function bindSpeed(root: HTMLElement, audio: HTMLAudioElement, store: Storage | null): void {
  const speed = need<HTMLSelectElement>("select[data-speed]", root);
  const kept = recall(store, SPEED_KEY);
  if (kept !== null && [...speed.options].some((option) => option.value === kept)) speed.value = kept;
  // The default rate, too: a browser goes back to it when it loads the file.
  const apply = (): void => {
    audio.defaultPlaybackRate = audio.playbackRate = Number(speed.value);
  };
  apply();
  speed.addEventListener("change", () => {
    apply();
    remember(store, SPEED_KEY, speed.value);
  });
}

async function shareMoment(data: ReplayData, audio: HTMLAudioElement, says: HTMLElement): Promise<void> {
  const at = Math.floor(audio.currentTime);
  const moment = Math.floor(recordingS(data.cuts, audio.currentTime));
  const address = `${location.origin}${data.url}?t=${moment}`;
  try {
    await navigator.clipboard.writeText(address);
    say(says, `The link to ${clockText(at * 1000)} is copied.`);
  } catch {
    // Without a clipboard the link itself can be copied by hand.
    says.replaceChildren("The link: ", make("a", { href: address }, address));
  }
  show(says, true);
}

function bindMediaKeys(audio: HTMLAudioElement, seek: (seconds: number) => void): void {
  if (!("mediaSession" in navigator)) return;
  const set = (): void => {
    navigator.mediaSession.setActionHandler("play", () => void audio.play());
    navigator.mediaSession.setActionHandler("pause", () => audio.pause());
    navigator.mediaSession.setActionHandler("seekbackward", () => seek(audio.currentTime - 15));
    navigator.mediaSession.setActionHandler("seekforward", () => seek(audio.currentTime + 30));
    navigator.mediaSession.setActionHandler("seekto", (details) => seek(details.seekTime ?? 0));
  };
  // Only once it plays: until then the keys belong to the last seconds of the broadcast itself.
  audio.addEventListener("play", set, { once: true });
}
