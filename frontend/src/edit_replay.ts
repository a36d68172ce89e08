/** The page "Edit the replay": a picture of the sound, cuts by mouse, touch and keyboard, listening across a join. */

import "./site";

import { CutRows } from "./edit/cut_rows";
import { formatClock, leftMs, merged, parseCuts, printCuts } from "./edit/cut_list";
import { Wave } from "./edit/wave";
import { dataOf, need, say, show } from "./lib/dom";
import { askJson } from "./lib/problem";

interface EditData {
  readonly duration_ms: number;
  readonly peaks_url: string | null;
  readonly peaks_ms: number;
  readonly status_url: string;
}

interface Status {
  readonly state: "none" | "making" | "failed" | "ready";
  readonly share: number;
  readonly text: string;
}

const ASK_EVERY_MS = 1500;
const BEFORE_JOIN_S = 3;
const root = need<HTMLElement>("[data-edit]");
const data = dataOf<EditData>(root, "edit");

function startCutting(form: HTMLFormElement): void {
  const typed = need<HTMLTextAreaElement>("#cuts", form);
  const sound = need<HTMLAudioElement>("#sound");
  const skip = need<HTMLInputElement>("#skip");
  const rows = new CutRows(need("#rows"), {
    changed: () => draw(),
    atMs: () => sound.currentTime * 1000,
    listen: (startMs) => {
      skip.checked = true;
      sound.currentTime = Math.max(0, startMs / 1000 - BEFORE_JOIN_S);
      sound.play().catch(console.warn);
    },
  });
  const wave = new Wave(need("#picture"), data.duration_ms, {
    marked: (startMs, endMs) => rows.add(startMs, endMs),
    chosen: (atMs) => {
      sound.currentTime = atMs / 1000;
    },
  });
  const draw = (): void => {
    const cuts = rows.cuts();
    typed.value = printCuts(cuts);
    wave.draw(merged(cuts, data.duration_ms), sound.currentTime * 1000);
    say(need("#left"), `${formatClock(leftMs(cuts, data.duration_ms))} of ${formatClock(data.duration_ms)} are left.`);
  };
  const follow = (): void => {
    const at = sound.currentTime * 1000;
    const cut = merged(rows.cuts(), data.duration_ms).find(([start, end]) => start <= at && at < end);
    if (cut !== undefined && skip.checked && !sound.paused && !sound.seeking) sound.currentTime = cut[1] / 1000;
    wave.draw(merged(rows.cuts(), data.duration_ms), sound.currentTime * 1000);
    if (!sound.paused) requestAnimationFrame(follow);
  };
  sound.addEventListener("play", follow);
  sound.addEventListener("seeked", draw);
  addEventListener("resize", draw);
  for (const [start, end] of parseCuts(typed.value)) rows.add(start, end, false);
  show(need("#typed"), false);
  show(need("#rows"), true);
  const add = need<HTMLButtonElement>("#add");
  show(add, true);
  add.addEventListener("click", () => rows.add(sound.currentTime * 1000, sound.currentTime * 1000 + 5000));
  for (const button of document.querySelectorAll<HTMLButtonElement>("button[data-zoom]")) {
    button.addEventListener("click", () => {
      wave.zoom(Number(button.dataset["zoom"]), sound.currentTime * 1000);
      draw();
    });
  }
  show(need("#wave"), true);
  draw();
  if (data.peaks_url !== null) void loadPeaks(data.peaks_url, wave, draw);
}

async function loadPeaks(url: string, wave: Wave, draw: () => void): Promise<void> {
  const response = await fetch(url);
  if (!response.ok) return;
  wave.peaks = { levels: new Uint8Array(await response.arrayBuffer()), everyMs: data.peaks_ms };
  draw();
}

/** While something is made, say how far it is; when it is done, the page is loaded anew. */
async function watch(): Promise<void> {
  const line = need<HTMLElement>("#status");
  if (line.dataset["state"] !== "making") return;
  try {
    const status = await askJson<Status>(data.status_url);
    say(line, status.text);
    need<HTMLProgressElement>("#share").value = status.share;
    if (status.state !== "making") return location.replace(location.pathname);
  } catch (error) {
    console.warn(error);
  }
  setTimeout(() => void watch(), ASK_EVERY_MS);
}

const form = document.querySelector<HTMLFormElement>("#publish");
if (form !== null) startCutting(form);
void watch();
