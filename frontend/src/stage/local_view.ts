/**
 * Local recording, as the speaker sees it: the question before joining, what is recorded and sent, and the way to stop
 * and to delete. The recorder itself arrives only where somebody wants it.
 */

import { confirmed } from "../lib/confirm";
import { need, say, show } from "../lib/dom";
import { ask, Problem } from "../lib/problem";
import { recall, recordKey, remember, storageOf } from "../lib/remember";
import type { LocalRecording } from "./local/local_recording";
import type { Report } from "./local/orders";
import { localText, troubleText } from "./local/words";

const DELETE_QUESTION =
  "Delete what this browser and the server have of your full-quality recording? The programme itself stays as it was heard.";
const LINE_EVERY_MS = 1000;

/** What the page knows about its speaker. track: null while there is no microphone. offsetMs: the servers' clock minus this one. */
export interface LocalFacts {
  readonly live: boolean;
  readonly ended: boolean;
  readonly present: boolean;
  readonly silent: boolean;
  readonly track: MediaStreamTrack | null;
  readonly lostPct: number;
  readonly poor: boolean;
  readonly offsetMs: number;
}

export class LocalView {
  /** After the broadcast there is nothing left to wish for. */
  readonly #wish = document.querySelector<HTMLInputElement>("#record-locally");
  readonly #store = storageOf("localStorage");
  readonly #key: string;
  #recording: LocalRecording | null = null;
  #loading: Promise<LocalRecording> | null = null;
  #report: Report | null = null;
  #mostUnsentS = 0;
  #ended = false;
  #lineAt = 0;

  constructor(
    private readonly seat: string,
    private readonly url: string,
    private readonly roundTripMs: () => Promise<number | null>,
  ) {
    this.#key = recordKey(seat);
    // A box that was ticked before this code came counts, and is kept from now on.
    if (this.#wish?.checked) this.#remember();
    const kept = recall(this.#store, this.#key);
    if (this.#wish !== null) this.#wish.checked = kept === "on";
    this.#wish?.addEventListener("change", () => this.#remember());
    // Something of an earlier visit may wait to be sent.
    if (kept !== null) void this.#recorder();
    need("#local-delete").addEventListener("click", () => void this.#delete());
    window.addEventListener("beforeunload", (event) => {
      if (this.unsent) event.preventDefault();
    });
  }

  /** Whether leaving now would keep something from arriving for a while. */
  get unsent(): boolean {
    return (this.#report?.unsentS ?? 0) > 0;
  }

  get report(): Report | null {
    return this.#report;
  }

  /** Ten times a second; does something only when something has changed. */
  update(facts: LocalFacts, nowMs: number): void {
    const track = facts.live && facts.present && this.#wish?.checked ? facts.track : null;
    if (this.#ended !== facts.ended) {
      this.#ended = facts.ended;
      this.#draw();
    }
    if (track !== null) void this.#recorder();
    if (this.#recording === null) return;
    this.#recording.silence(facts.silent);
    const tapped = this.#report?.trouble === "" ? track : null;
    this.#recording.record(tapped).catch(() => say(need("#local-trouble"), troubleText("broken")));
    if (nowMs - this.#lineAt < LINE_EVERY_MS) return;
    this.#lineAt = nowMs;
    this.#recording.clock(facts.offsetMs);
    void this.#tellLine(facts);
  }

  #remember(): void {
    remember(this.#store, this.#key, this.#wish?.checked ? "on" : "off");
  }

  async #tellLine(facts: LocalFacts): Promise<void> {
    const onAir = facts.live && facts.present;
    const rttMs = onAir ? await this.roundTripMs() : null;
    this.#recording?.line({ onAir, rttMs, lostPct: facts.lostPct, poor: facts.poor });
  }

  #recorder(): Promise<LocalRecording> {
    this.#loading ??= import("./local/local_recording").then(({ LocalRecording }) => {
      this.#recording = new LocalRecording(this.seat, this.url, (report) => this.#take(report));
      return this.#recording;
    });
    return this.#loading;
  }

  #take(report: Report): void {
    this.#report = report;
    this.#mostUnsentS = report.done ? 0 : Math.max(this.#mostUnsentS, report.unsentS);
    this.#draw();
  }

  #draw(): void {
    const report = this.#report;
    const text = report === null ? "" : localText(report, this.#ended);
    const trouble = report === null ? "" : troubleText(report.trouble) || (report.done ? "" : report.sending);
    show(need("#local"), text !== "" || trouble !== "");
    say(need("#local-text"), text);
    say(need("#local-trouble"), trouble);
    const progress = need<HTMLProgressElement>("#local-progress");
    const sending = this.#ended && report !== null && !report.done && this.#mostUnsentS > 0;
    show(progress, sending);
    if (sending) progress.value = 1 - report.unsentS / this.#mostUnsentS;
  }

  async #delete(): Promise<void> {
    if (!(await confirmed(DELETE_QUESTION, "Delete it"))) return;
    if (this.#wish !== null) this.#wish.checked = false;
    this.#remember();
    (await this.#recorder()).forget();
    try {
      await ask(this.url, { method: "DELETE" });
      say(need("#local-trouble"), "Your full-quality recording is deleted.");
    } catch (error) {
      say(need("#local-trouble"), error instanceof Problem ? error.message : "That did not work. Try again.");
    }
    show(need("#local"), true);
  }
}
