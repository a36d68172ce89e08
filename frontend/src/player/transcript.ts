/** What was said, beside the replay: search in it, press a line to hear it. */

import "../styles/parts/transcript.css";
import { make, need, say, show } from "../lib/dom";
import { clockText } from "../lib/time";
import { type Cue, parseVtt } from "../lib/webvtt";

const MOST_LINES = 400;

/** The lines in which `words` stand, whatever their case; all for no words. */
export function found(cues: readonly Cue[], words: string): Cue[] {
  const wanted = words.trim().replaceAll(/\s+/g, " ").toLocaleLowerCase();
  return cues.filter((cue) => cue.text.toLocaleLowerCase().includes(wanted));
}

/** `text` with what was searched for marked; the search itself is never read as markup. */
function marked(text: string, words: string): (Node | string)[] {
  const wanted = words.trim().replaceAll(/\s+/g, " ");
  const at = wanted === "" ? -1 : text.toLocaleLowerCase().indexOf(wanted.toLocaleLowerCase());
  if (at < 0) return [text];
  return [text.slice(0, at), make("mark", {}, text.slice(at, at + wanted.length)), text.slice(at + wanted.length)];
}

export interface Places {
  /** Play the replay from there, seconds. */
  playFrom(seconds: number): void;
  /** Where that is in the uncut recording, as links name it. */
  linkedS(seconds: number): number;
}

export function startTranscript(root: HTMLElement, audio: HTMLAudioElement, places: Places): void {
  const form = need<HTMLFormElement>("form", root);
  const field = need<HTMLInputElement>("input[type=search]", root);
  const list = need<HTMLElement>("ol", root);
  const says = need<HTMLElement>("[data-transcript-says]", root);
  let cues: readonly Cue[] | null = null;

  const draw = async (): Promise<void> => {
    try {
      cues ??= parseVtt(await (await fetch(root.dataset["transcript"] ?? "")).text());
    } catch {
      say(says, "The transcript could not be fetched. Try again in a moment.");
      return;
    }
    const hits = found(cues, field.value);
    const words = field.value.trim();
    const count = hits.length === 1 ? "one line" : `${hits.length} lines`;
    const more = hits.length > MOST_LINES ? ` The first ${MOST_LINES} are shown; the transcript's own page has all.` : "";
    say(says, words === "" ? more.trim() : `“${words}” is in ${hits.length === 0 ? "no line" : count}.${more}`);
    list.replaceChildren(...hits.slice(0, MOST_LINES).map((cue) => line(cue, words, places)));
    show(list, hits.length > 0);
    follow();
  };
  const follow = (): void => {
    for (const link of list.querySelectorAll<HTMLElement>("a")) {
      const isNow = Number(link.dataset["from"]) <= audio.currentTime && audio.currentTime < Number(link.dataset["until"]);
      if (isNow) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void draw();
  });
  field.addEventListener("input", () => void draw());
  audio.addEventListener("timeupdate", follow);
  if (field.value !== "") void draw(); // somebody was quicker than this module
}

function line(cue: Cue, words: string, places: Places): HTMLElement {
  const time = make("span", { class: "soft figures" }, clockText(cue.start * 1000));
  const link = make(
    "a",
    { href: `?t=${Math.floor(places.linkedS(cue.start))}`, "data-from": String(cue.start), "data-until": String(cue.end) },
    time,
    make("span", {}, ...marked(cue.text, words)),
  );
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    places.playFrom(cue.start);
  });
  return make("li", {}, link);
}
