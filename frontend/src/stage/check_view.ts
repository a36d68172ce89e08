/** Before joining: name, microphone, loudspeaker, level. */

import { make, need, say, show } from "../lib/dom";
import { adviceText, levelText, SILENCE_DBFS } from "../lib/levels";
import { Meter } from "../lib/meter";
import { recall, remember, storageOf } from "../lib/remember";
import { canChooseOutput, type Device, devices, Microphone, microphoneText, type Processing } from "./microphone";

const KEYS = {
  microphone: "rostra.microphone",
  output: "rostra.output",
  echo: "rostra.echo-cancellation",
  clean: "rostra.clean-up",
} as const;
/** The loudest moment of this long decides about the advice. */
const LISTEN_MS = 3000;

export interface CheckEvents {
  /** Another microphone, or the same with other processing, has taken over. */
  changed(microphone: Microphone): void;
  gone(): void;
  output(deviceId: string): void;
}

export class CheckView {
  microphone: Microphone | null = null;
  readonly #store = storageOf("localStorage");
  readonly #inputs = need<HTMLSelectElement>("#microphone");
  readonly #outputs = need<HTMLSelectElement>("#output");
  readonly #echo = need<HTMLInputElement>("#echo-cancellation");
  readonly #clean = need<HTMLInputElement>("#clean-up");
  readonly #start = need<HTMLButtonElement>("#start-microphone");
  readonly #meter = new Meter(need("#check-meter"));
  #peaks: { at: number; dbfs: number }[] = [];

  constructor(private readonly events: CheckEvents) {
    this.#echo.checked = recall(this.#store, KEYS.echo) !== "off";
    this.#clean.checked = recall(this.#store, KEYS.clean) !== "off";
    this.#start.addEventListener("click", () => void this.open());
    this.#inputs.addEventListener("change", () => this.#chosen(KEYS.microphone, this.#inputs.value));
    this.#echo.addEventListener("change", () => this.#chosen(KEYS.echo, this.#echo.checked ? "on" : "off"));
    this.#clean.addEventListener("change", () => this.#chosen(KEYS.clean, this.#clean.checked ? "on" : "off"));
    this.#outputs.addEventListener("change", () => {
      remember(this.#store, KEYS.output, this.#outputs.value);
      this.events.output(this.#outputs.value);
    });
    if ("mediaDevices" in navigator) {
      navigator.mediaDevices.addEventListener("devicechange", () => void this.#list());
    }
  }

  /** Start (or start again) the chosen microphone. True when there is one. */
  async open(): Promise<boolean> {
    say(need("#microphone-error"), "");
    try {
      const chosen = recall(this.#store, KEYS.microphone);
      const fresh = await Microphone.open(chosen, this.#processing(), () => this.#lost(fresh));
      this.microphone?.close();
      this.microphone = fresh;
    } catch (error) {
      this.#failed(microphoneText(error));
      return false;
    }
    show(need("#microphone-choice"), true);
    show(this.#start, false);
    show(need("#microphone-trouble"), false);
    await this.#list();
    this.events.changed(this.microphone);
    return true;
  }

  /** Start without asking when the browser already has the permission; else wait for the press. */
  async openIfAllowed(): Promise<void> {
    try {
      const permission = await navigator.permissions.query({ name: "microphone" as PermissionName });
      if (permission.state === "granted") await this.open();
    } catch {
      // Browsers that do not know this question get the button.
    }
  }

  /** Draw the level. Returns it in dBFS. */
  draw(nowMs: number): number {
    const dbfs = this.microphone?.level() ?? SILENCE_DBFS;
    this.#meter.set(dbfs, nowMs);
    this.#peaks.push({ at: nowMs, dbfs });
    while (this.#peaks.length > 0 && (this.#peaks[0]?.at ?? 0) < nowMs - LISTEN_MS) this.#peaks.shift();
    if (this.microphone !== null) say(need("#advice"), adviceText(this.#loudest()));
    return dbfs;
  }

  get speaking(): boolean {
    return levelText(this.#loudest()) !== "silent";
  }

  #loudest(): number {
    return this.#peaks.reduce((most, peak) => Math.max(most, peak.dbfs), SILENCE_DBFS);
  }

  #processing(): Processing {
    return { echoCancellation: this.#echo.checked, cleanUp: this.#clean.checked };
  }

  #chosen(key: string, value: string): void {
    remember(this.#store, key, value);
    if (this.microphone !== null) void this.open();
  }

  #lost(microphone: Microphone): void {
    if (microphone !== this.microphone) return;
    this.microphone = null;
    remember(this.#store, KEYS.microphone, null);
    this.#failed("Your microphone has gone. Plug it in again or choose another one, then press Try again.");
    this.events.gone();
  }

  #failed(text: string): void {
    say(need("#microphone-error"), text);
    say(this.#start, "Try again");
    show(this.#start, true);
    show(need("#microphone-trouble"), true);
    // Somebody on stage does not look at the settings: open them.
    need<HTMLDetailsElement>("#sound-settings").open = true;
  }

  async #list(): Promise<void> {
    fill(this.#inputs, await devices("audioinput"), this.microphone?.deviceId ?? null);
    const outputs = canChooseOutput() ? await devices("audiooutput") : [];
    fill(this.#outputs, outputs, recall(this.#store, KEYS.output));
    show(need("#output-field"), outputs.length > 0);
    if (outputs.length > 0) this.events.output(this.#outputs.value);
  }
}

function fill(select: HTMLSelectElement, list: readonly Device[], chosen: string | null): void {
  select.replaceChildren(...list.map((device) => make("option", { value: device.id }, device.label)));
  if (chosen !== null && list.some((device) => device.id === chosen)) select.value = chosen;
}
