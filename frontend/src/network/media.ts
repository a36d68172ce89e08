/** Files for a post: chosen, pasted or dropped, on their way at once, with a bar, a picture and words for each.
 * What the form finally says is in its fields; without this script the same fields take the files. */

import { make, need, say } from "../lib/dom";
import { aim, enableAim } from "./focal_point";
import { Upload, askAgain, forget, type Taken } from "./upload";

const LOOK_AGAIN_MS = 1000;
const FILM_ALONE = "A film or a sound stands alone on a post. Remove the other files first.";
const FOUR = "A post has four pictures at most. Remove one first.";

/** A post that is sent while files are on their way goes out once they are there. */
export function enableMedia(form: HTMLFormElement, csrf: string): void {
  const root = form.querySelector<HTMLDetailsElement>("[data-places]");
  if (root === null) return;
  const places = [...root.querySelectorAll<HTMLElement>("[data-place]")].map((each) => new Place(each, csrf, settled));
  const complaint = need<HTMLElement>("[data-places-error]", root);
  let waits = false;

  function settled(): void {
    if (!waits || places.some((place) => place.busy)) return;
    waits = false;
    if (places.every((place) => !place.failed)) form.requestSubmit();
  }

  function take(files: Iterable<File>): void {
    complain("");
    for (const file of files) {
      const why = refused(file, places, root!);
      const free = places.find((place) => place.empty);
      if (why !== null || free === undefined) return complain(why ?? FOUR);
      root!.open = true;
      free.send(file, root!.dataset["places"]!);
    }
  }

  function complain(text: string): void {
    complaint.hidden = text === "";
    say(complaint, text);
  }

  root.dataset["script"] = "on";
  need<HTMLElement>("[data-choose]", root).hidden = false;
  const input = need<HTMLInputElement>("[data-files]", root);
  input.addEventListener("change", () => {
    take([...(input.files ?? [])]);
    input.value = "";
  });
  form.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length === 0) return;
    event.preventDefault();
    take(files);
  });
  form.addEventListener("dragover", (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    form.toggleAttribute("data-dropping", true);
  });
  form.addEventListener("dragleave", () => form.removeAttribute("data-dropping"));
  form.addEventListener("drop", (event) => {
    form.removeAttribute("data-dropping");
    if (!event.dataTransfer?.files.length) return;
    event.preventDefault();
    take([...event.dataTransfer.files]);
  });
  form.addEventListener("submit", (event) => {
    if (places.some((place) => place.failed)) {
      event.preventDefault();
      return complain("A file could not be taken: remove it, or choose another one, then send the post.");
    }
    if (!places.some((place) => place.busy)) return;
    event.preventDefault();
    waits = true;
    complain("The post goes out as soon as its files are ready. You can go on writing.");
  });
}

/** Why a file cannot come, before any of it has gone over the line; null when it may. */
export function refused(file: File, places: readonly { kind: string; empty: boolean }[], root: HTMLElement): string | null {
  const isPicture = file.type.startsWith("image/");
  const others = places.filter((place) => !place.empty);
  if (others.some((place) => place.kind !== "image") || (!isPicture && others.length > 0)) return FILM_ALONE;
  const most = Number(root.dataset[isPicture ? "pictureBytes" : "filmBytes"]);
  if (file.size <= most) return null;
  return `${file.name} has ${megabytes(file.size)} MB; ${megabytes(most)} MB is the limit. Make it smaller first.`;
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0);
}

class Place {
  private upload: Upload | null = null;
  private timer = 0;

  constructor(
    private readonly root: HTMLElement,
    private readonly csrf: string,
    private readonly settled: () => void,
  ) {
    const remove = need<HTMLButtonElement>("[data-remove]", root);
    remove.hidden = false;
    remove.addEventListener("click", () => this.remove());
    enableAim(root);
    if (this.state === "making") this.lookAgain(`/compose/media/${this.id.value}.json`);
  }

  get kind(): string {
    return this.root.dataset["kind"] ?? "";
  }

  get empty(): boolean {
    return this.state === "empty";
  }

  get busy(): boolean {
    return this.state === "sending" || this.state === "making";
  }

  get failed(): boolean {
    return this.state === "failed";
  }

  send(file: File, url: string): void {
    const isPicture = file.type.startsWith("image/");
    this.become("sending", isPicture ? "image" : "video");
    this.picture(null);
    this.bar(0, `${file.name}: 0 %`);
    this.upload = new Upload(url, file, this.csrf, (share) => {
      const percent = Math.floor(share * 100);
      this.bar(percent, percent < 100 ? `${file.name}: ${percent} %` : `${file.name} is being looked at`);
    });
    void this.upload.done.then(
      (taken) => this.took(taken),
      (error: unknown) => this.fail(error instanceof Error ? error.message : String(error)),
    );
  }

  private took(taken: Taken): void {
    this.id.value = taken.id;
    this.picture(taken.preview_url);
    if (taken.state === "failed") return this.fail(taken.failure ?? "This file could not be processed.");
    this.become(taken.state, taken.kind);
    if (taken.state === "making") {
      this.bar(taken.progress, `Being processed: ${taken.progress} %`);
      this.lookAgain(taken.url);
      return;
    }
    this.bar(null, "");
    this.settled();
  }

  private lookAgain(url: string): void {
    this.timer = window.setTimeout(() => {
      void askAgain(url).then(
        (taken) => this.took(taken),
        () => this.lookAgain(url), // no answer is no verdict: the film goes on being made
      );
    }, LOOK_AGAIN_MS);
  }

  private remove(): void {
    window.clearTimeout(this.timer);
    this.upload?.stop();
    if (this.id.value !== "") forget(`/compose/media/${this.id.value}.json`, this.csrf);
    this.id.value = "";
    need<HTMLTextAreaElement>("textarea", this.root).value = "";
    for (const axis of this.root.querySelectorAll<HTMLInputElement>("[data-focus-x], [data-focus-y]")) axis.value = "0";
    this.picture(null);
    this.bar(null, "");
    this.error("");
    this.become("empty", "");
    document.querySelector<HTMLElement>("[data-files]")?.focus();
    this.settled();
  }

  private fail(text: string): void {
    this.become("failed", this.kind);
    this.id.value = "";
    this.bar(null, "");
    this.error(text);
    this.settled();
  }

  private get state(): string {
    return this.root.dataset["state"] ?? "empty";
  }

  private get id(): HTMLInputElement {
    return need<HTMLInputElement>("[data-id]", this.root);
  }

  private become(state: string, kind: string): void {
    this.root.dataset["state"] = state;
    this.root.dataset["kind"] = kind;
    if (state !== "failed") this.error("");
  }

  private error(text: string): void {
    const shown = need<HTMLElement>("[data-error]", this.root);
    shown.hidden = text === "";
    say(shown, text);
  }

  private bar(percent: number | null, text: string): void {
    const bar = need<HTMLProgressElement>("[data-bar]", this.root);
    bar.hidden = percent === null;
    bar.value = percent ?? 0;
    say(need("[data-says]", this.root), text);
  }

  private picture(url: string | null): void {
    const frame = need<HTMLElement>(".place__picture", this.root);
    frame.replaceChildren(...(url === null ? [] : [make("img", { src: url, alt: "" })]));
    aim(this.root);
  }
}
