/** The delay: how much is held, and buttons that remove it before listeners hear it. One press, no question: seconds count. */

import { make, need, say, show } from "../lib/dom";
import type { StageState } from "../lib/wire";
import type { Control } from "./model";

/** How long the answer to a press stays on the page. */
const SAID_MS = 15_000;

type Dump = (seconds: number, removed: (text: string) => void) => Promise<void>;

export class DelayView {
  readonly #form = document.querySelector<HTMLFormElement>("#dump");
  #drawn = "";
  #silence: ReturnType<typeof setTimeout> | undefined;

  /** Does nothing on a page without a delay. */
  constructor(private readonly dump: Dump) {
    this.#form?.addEventListener("submit", (event) => {
      event.preventDefault();
      if (event.submitter instanceof HTMLButtonElement) this.#press(event.submitter);
    });
    document.addEventListener("keydown", (event) => {
      const pressed = `${event.shiftKey ? "Shift+" : ""}${event.key}`;
      const button = this.#form?.querySelector<HTMLButtonElement>(`button[aria-keyshortcuts="${CSS.escape(pressed)}"]`);
      if (!button || this.#form?.hidden || event.repeat || event.ctrlKey || event.altKey || event.metaKey) return;
      event.preventDefault();
      this.#press(button);
    });
  }

  draw(control: Control): void {
    if (this.#form === null) return;
    show(need("#delay"), control.delay !== null);
    if (control.delay === null) return;
    say(need("#delay-text"), control.delay.text);
    show(this.#form, control.delay.open);
    const next = JSON.stringify(control.delay.dumps);
    if (next === this.#drawn) return;
    this.#drawn = next;
    const items = control.delay.dumps.map((dump) => {
      const at = make("span", { class: "soft figures" }, dump.at_text);
      return make("li", { class: "person" }, make("span", { class: "person__name" }, at, ` ${dump.text}`));
    });
    need("#dumps").replaceChildren(...items);
  }

  drawStage(stage: StageState): void {
    if (this.#form === null) return;
    say(need("#delay-held"), this.#form.hidden ? "" : `${Math.floor(stage.held_s)} s can be removed now.`);
  }

  #press(button: HTMLButtonElement): void {
    this.#say("Removing…");
    void this.dump(Number(button.value), (text) => this.#say(`${text}, before any listener heard it.`)).finally(() => {
      // A refusal is said at the top of the page.
      if (need("#dump-said").textContent === "Removing…") this.#say("");
    });
  }

  #say(text: string): void {
    say(need("#dump-said"), text);
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => say(need("#dump-said"), ""), SAID_MS);
  }
}
