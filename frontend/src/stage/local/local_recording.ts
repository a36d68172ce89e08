/** The page's side of local recording: taps the microphone while it should, and passes reports on. */

import tapUrl from "./tap_worklet.ts?worker&url";
import type { Order, Report } from "./orders";
import type { LineFacts } from "./pace";

const RATE_HZ = 48_000;

export class LocalRecording {
  readonly #worker: Worker;
  #context: AudioContext | null = null;
  #tapped: MediaStreamTrack | null = null;
  #silent: boolean | null = null;

  constructor(seat: string, url: string, report: (report: Report) => void) {
    this.#worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
    this.#worker.onmessage = (event: MessageEvent<Report>) => report(event.data);
    this.#order({ kind: "open", seat, url });
  }

  /** Record `track` from now on; null: stop. The same track again changes nothing; another one begins anew. */
  async record(track: MediaStreamTrack | null): Promise<void> {
    if (track === this.#tapped) return;
    this.#tapped = track;
    this.#order({ kind: "stop" });
    const old = this.#context;
    this.#context = null;
    await old?.close();
    if (track === null || this.#tapped !== track) return;
    const { context, source } = opened(track);
    this.#context = context;
    await context.audioWorklet.addModule(tapUrl);
    if (this.#context !== context) return;
    const tap = new AudioWorkletNode(context, "rostra-tap", { channelCount: 1, channelCountMode: "explicit" });
    const { port1, port2 } = new MessageChannel();
    tap.port.postMessage(port1, [port1]);
    this.#order({ kind: "record", port: port2, rateHz: context.sampleRate }, [port2]);
    // Its output is silence; without a way to the end of the graph browsers do not run it.
    source.connect(tap).connect(context.destination);
    if (context.state === "suspended") await context.resume();
  }

  /** Muted by whomever: time goes on, sound does not. */
  silence(silent: boolean): void {
    if (silent === this.#silent) return;
    this.#silent = silent;
    this.#order({ kind: "silent", silent });
  }

  /** The servers' time minus this page's. */
  clock(offsetMs: number): void {
    this.#order({ kind: "clock", offsetMs });
  }

  line(facts: LineFacts): void {
    this.#order({ kind: "line", ...facts });
  }

  /** Throw away what has not been sent. */
  forget(): void {
    this.#tapped = null;
    void this.#context?.close();
    this.#context = null;
    this.#order({ kind: "forget" });
  }

  #order(order: Order, give: Transferable[] = []): void {
    this.#worker.postMessage(order, give);
  }
}

/** At 48 kHz where the browser converts; else at the microphone's own rate, which the file then states. */
function opened(track: MediaStreamTrack): { context: AudioContext; source: MediaStreamAudioSourceNode } {
  const stream = new MediaStream([track]);
  const wished = new AudioContext({ sampleRate: RATE_HZ, latencyHint: "playback" });
  try {
    return { context: wished, source: wished.createMediaStreamSource(stream) };
  } catch {
    void wished.close();
    const own = new AudioContext({ latencyHint: "playback" });
    return { context: own, source: own.createMediaStreamSource(stream) };
  }
}
