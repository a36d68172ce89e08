/** The player's controls on the page. */

import { need, say, show } from "../lib/dom";
import { behindText, clockText } from "../lib/time";
import { recall, remember, storageOf } from "../lib/remember";
import type { LivePlayer, PlayerFacts, PlayerState } from "./live_player";
import { type Air, buttonText, latencyText, stateText } from "./words";

const VOLUME_KEY = "rostra.volume";

export class PlayerView {
  readonly #button: HTMLButtonElement;
  readonly #label: HTMLElement;
  readonly #state: HTMLElement;
  readonly #latency: HTMLElement;
  readonly #controls: readonly HTMLElement[];
  readonly #seek: HTMLInputElement;
  readonly #oldest: HTMLElement;
  readonly #goLive: HTMLButtonElement;
  #dragging = false;
  #since = performance.now();
  #last: PlayerState = "idle";

  constructor(
    private readonly root: HTMLElement,
    private readonly player: LivePlayer,
  ) {
    this.#button = need("#play", root);
    this.#label = need("#play-label", root);
    this.#state = need("#player-state", root);
    this.#latency = need("#latency", root);
    this.#controls = [need("#player-controls", root), need("#player-clips", root)];
    this.#seek = need("#seek", root);
    this.#oldest = need("#oldest", root);
    this.#goLive = need("#go-live", root);
    this.#bind();
  }

  draw(facts: PlayerFacts, air: Air): void {
    if (facts.state !== this.#last) {
      this.#last = facts.state;
      this.#since = performance.now();
    }
    this.root.dataset["state"] = facts.state;
    this.#button.disabled = facts.state === "ended";
    this.#button.dataset["playing"] = String(this.player.wanted);
    say(this.#label, buttonText(facts));
    say(this.#state, stateText(facts, air, performance.now() - this.#since));
    say(this.#latency, latencyText(facts));
    const heard = facts.state !== "idle" && facts.state !== "ended" && facts.windowS > 2;
    for (const each of this.#controls) show(each, heard);
    this.#drawWindow(facts);
  }

  #drawWindow(facts: PlayerFacts): void {
    const span = Math.max(1, Math.floor(facts.windowS));
    this.#seek.min = String(-span);
    if (!this.#dragging) this.#seek.value = String(-Math.min(span, Math.round(facts.behindS)));
    this.#seek.setAttribute("aria-valuetext", facts.atLive ? "live" : behindText(facts.behindS));
    say(this.#oldest, `−${clockText(span * 1000)}`);
    this.#goLive.disabled = facts.atLive;
  }

  #bind(): void {
    this.#button.addEventListener("click", () => void this.player.toggle());
    this.#goLive.addEventListener("click", () => this.player.goLive());
    this.#seek.addEventListener("input", () => {
      this.#dragging = true;
    });
    this.#seek.addEventListener("change", () => {
      this.#dragging = false;
      this.player.seekBehind(-Number(this.#seek.value));
    });
    for (const button of this.root.querySelectorAll<HTMLButtonElement>("button[data-back]")) {
      const seconds = Number(button.dataset["back"]);
      button.addEventListener("click", () => this.player.seekBehind(this.player.facts().behindS + seconds));
    }
    this.#bindVolume();
    this.#bindMediaKeys();
  }

  #bindVolume(): void {
    const volume = need<HTMLInputElement>("#volume", this.root);
    const audio = need<HTMLAudioElement>("#programme", this.root);
    const kept = recall(storageOf("localStorage"), VOLUME_KEY);
    if (kept !== null) volume.value = kept;
    const apply = (): void => {
      // Loudness is felt in proportions: the square of the slider is close to how it is heard.
      audio.volume = (Number(volume.value) / 100) ** 2;
    };
    apply();
    volume.addEventListener("input", () => {
      apply();
      remember(storageOf("localStorage"), VOLUME_KEY, volume.value);
    });
  }

  #bindMediaKeys(): void {
    if (!("mediaSession" in navigator)) return;
    const title = document.querySelector("h1")?.textContent ?? document.title;
    navigator.mediaSession.metadata = new MediaMetadata({ title, artist: location.host });
    const toggle = (): void => void this.player.toggle();
    navigator.mediaSession.setActionHandler("play", toggle);
    navigator.mediaSession.setActionHandler("pause", toggle);
    navigator.mediaSession.setActionHandler("stop", toggle);
  }
}
