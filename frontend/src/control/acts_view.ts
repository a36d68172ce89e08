/** The moves of the broadcast as buttons, and the line that says where it stands. */

import { confirmed } from "../lib/confirm";
import { make, need, say, show } from "../lib/dom";
import { clockText, countdown } from "../lib/time";
import type { Act, Control } from "./model";

export class ActsView {
  #drawn = "";

  constructor(private readonly perform: (act: string) => Promise<void>) {
    need("#acts").addEventListener("submit", (event) => {
      const button = (event as SubmitEvent).submitter;
      if (!(button instanceof HTMLButtonElement)) return;
      event.preventDefault();
      void this.#press(button);
    });
  }

  draw(control: Control): void {
    const root = need<HTMLElement>("[data-control]");
    root.dataset["phase"] = control.phase;
    const lamp = need<HTMLElement>("#lamp");
    lamp.dataset["phase"] = control.phase;
    say(lamp, control.phase_text);
    show(need("#late"), control.late_text !== null);
    say(need("#late-text"), control.late_text ?? "");
    // Buttons are made anew only when they change, so that the focus stays where the host left it.
    const drawn = JSON.stringify(control.acts);
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    const focused = document.activeElement instanceof HTMLButtonElement && need("#acts").contains(document.activeElement);
    need("#acts-buttons").replaceChildren(...control.acts.filter((act) => act.allowed || act.primary).map(actButton));
    if (focused) need("#acts").querySelector("button")?.focus();
  }

  async #press(button: HTMLButtonElement): Promise<void> {
    const question = button.dataset["question"];
    if (question !== undefined && !(await confirmed(question, button.textContent ?? ""))) return;
    button.disabled = true;
    await this.perform(button.value);
    button.disabled = false;
  }
}

function actButton(act: Act): HTMLElement {
  const button = make(
    "button",
    {
      // What is final asks first and never shouts, even where it is the next thing to do.
      class: act.primary && act.confirm === null ? "button button--primary button--large" : "button",
      name: "act",
      value: act.act,
      disabled: !act.allowed,
      title: act.why_not ?? false,
    },
    act.label,
  );
  if (act.confirm !== null) button.dataset["question"] = act.confirm;
  if (act.allowed || act.why_not === null) return button;
  return make("div", {}, button, make("p", { class: "small soft" }, act.why_not));
}

/** "12:34 to the start", "1:02:03 on the air": ticking, between two answers of the site. */
export function minuteText(control: Control, nowMs: number): string {
  if (control.phase === "live" && control.live_at !== null) {
    return `${clockText(nowMs - Date.parse(control.live_at))} on the air`;
  }
  if (control.phase !== "scheduled" && control.phase !== "doors_open") return control.minute_text;
  const leftMs = Date.parse(control.starts_at) - nowMs;
  if (leftMs <= 0) return control.minute_text;
  const { days } = countdown(leftMs);
  return days > 0 ? control.minute_text : `${clockText(Math.ceil(leftMs / 1000) * 1000)} to the start`;
}
