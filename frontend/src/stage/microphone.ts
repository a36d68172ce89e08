/** The speaker's microphone: choosing it, its level, muting it, and noticing that it is gone. */

import { peakDbfs, SILENCE_DBFS } from "../lib/levels";

export interface Processing {
  readonly echoCancellation: boolean;
  /** Noise reduction and automatic gain: good for a laptop, wrong for music and studio microphones. */
  readonly cleanUp: boolean;
}

export interface Device {
  readonly id: string;
  readonly label: string;
}

/** What to tell somebody whose browser did not hand over a microphone. */
export function microphoneText(error: unknown): string {
  const name = error instanceof Error ? error.name : "";
  switch (name) {
    case "NotAllowedError":
    case "SecurityError":
      return "Your microphone is blocked. Allow it in the address bar, then press Try again.";
    case "NotFoundError":
    case "OverconstrainedError":
      return "No microphone was found. Plug one in or switch it on, then press Try again.";
    case "NotReadableError":
    case "AbortError":
      return "Another program is using your microphone. Close it, then press Try again.";
    case "TypeError":
      return "This page has no secure connection, so the browser keeps the microphone closed. Open the link with https.";
    default:
      return "The microphone could not be started. Choose another one, then press Try again.";
  }
}

export class Microphone {
  #context: AudioContext | null = null;
  #analyser: AnalyserNode | null = null;
  #samples = new Float32Array(2048);
  #meterTrack: MediaStreamTrack | null = null;

  private constructor(
    readonly track: MediaStreamTrack,
    onGone: () => void,
  ) {
    track.addEventListener("ended", onGone);
    this.#listen();
  }

  /** Ask for a microphone. Throws what getUserMedia throws; `microphoneText` puts it into words. */
  static async open(deviceId: string | null, processing: Processing, onGone: () => void): Promise<Microphone> {
    if (!("mediaDevices" in navigator)) throw new TypeError("no secure context");
    const stream = await navigator.mediaDevices.getUserMedia({
      audio: {
        ...(deviceId !== null && { deviceId: { ideal: deviceId } }),
        channelCount: 1,
        echoCancellation: processing.echoCancellation,
        noiseSuppression: processing.cleanUp,
        autoGainControl: processing.cleanUp,
      },
    });
    const [track] = stream.getAudioTracks();
    if (track === undefined) throw new DOMException("no audio track", "NotFoundError");
    return new Microphone(track, onGone);
  }

  get deviceId(): string | null {
    return this.track.getSettings().deviceId ?? null;
  }

  set muted(muted: boolean) {
    this.track.enabled = !muted;
  }

  /** Peak of the last 43 ms, dBFS, also while muted: a muted speaker should see that they are talking to nobody. */
  level(): number {
    if (this.#analyser === null) return SILENCE_DBFS;
    // A browser that started the context asleep lets it run once the page has been touched.
    if (this.#context?.state === "suspended") void this.#context.resume();
    this.#analyser.getFloatTimeDomainData(this.#samples);
    return peakDbfs(this.#samples);
  }

  close(): void {
    this.track.stop();
    this.#meterTrack?.stop();
    void this.#context?.close();
    this.#context = null;
    this.#analyser = null;
  }

  #listen(): void {
    this.#meterTrack = this.track.clone();
    this.#context = new AudioContext({ latencyHint: "interactive" });
    this.#analyser = this.#context.createAnalyser();
    this.#analyser.fftSize = this.#samples.length;
    this.#context.createMediaStreamSource(new MediaStream([this.#meterTrack])).connect(this.#analyser);
  }
}

/** Microphones or loudspeakers, as far as the browser tells. Labels come only after permission. */
export async function devices(kind: "audioinput" | "audiooutput"): Promise<Device[]> {
  if (!("mediaDevices" in navigator)) return [];
  const all = await navigator.mediaDevices.enumerateDevices();
  const unnamed = kind === "audioinput" ? "Microphone" : "Loudspeaker";
  return all
    .filter((device) => device.kind === kind && device.deviceId !== "")
    .map((device, at) => ({ id: device.deviceId, label: device.label || `${unnamed} ${at + 1}` }));
}

/** Whether the page can choose where sound comes out. */
export function canChooseOutput(): boolean {
  return "setSinkId" in HTMLMediaElement.prototype;
}
