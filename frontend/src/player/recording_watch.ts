/** After the end: bring the recording into the page when it is ready, without a reload that loses the place. */

import { pause } from "../lib/backoff";

const ASK_EVERY_MS = 5000;
const TIMES = 60;

export async function watchRecording(): Promise<void> {
  for (let time = 0; time < TIMES; time += 1) {
    const section = document.querySelector<HTMLElement>("#after");
    if (section?.dataset["recording"] === "none") return;
    if (section?.dataset["recording"] === "ready") return openReplay();
    if (document.visibilityState === "visible" && (await renewed())) continue;
    await pause(ASK_EVERY_MS + Math.random() * ASK_EVERY_MS);
  }
}

/** Give the replay on the page, if there is one, what a browser's own player lacks. */
export async function openReplay(): Promise<void> {
  const root = document.querySelector<HTMLElement>("[data-replay]");
  if (root !== null) (await import("./replay")).startReplay(root);
}

/** Replace the section by the server's present one. True when it has changed. */
async function renewed(): Promise<boolean> {
  try {
    const response = await fetch(location.pathname, { cache: "no-cache", headers: { Accept: "text/html" } });
    const fresh = new DOMParser().parseFromString(await response.text(), "text/html").querySelector("#after");
    const present = document.querySelector<HTMLElement>("#after");
    if (!(fresh instanceof HTMLElement) || present === null || fresh.hidden) return false;
    const changed = present.hidden || fresh.dataset["recording"] !== present.dataset["recording"];
    if (!changed) return false;
    present.replaceWith(document.adoptNode(fresh));
    document.querySelector<HTMLElement>("#over")?.setAttribute("hidden", "");
    return true;
  } catch {
    // Offline for a moment: the next round asks again.
    return false;
  }
}
