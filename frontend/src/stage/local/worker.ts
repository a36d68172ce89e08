/**
 * The recorder beside the page: samples come from the audio thread, FLAC goes to the shelf, the sender empties it. A
 * worker, because a page in the background is throttled and a page that draws must not wait.
 */

import { encodeFlac } from "./flac";
import { Filling, type FilledPiece } from "./filling";
import type { Order, Report } from "./orders";
import { Sender } from "./sender";
import { Shelf } from "./shelf";

const PIECE_S = 5;
const scope = self as unknown as {
  postMessage(report: Report): void;
  onmessage: ((event: MessageEvent<Order>) => void) | null;
};

class Recorder {
  #filling: Filling | null = null;
  #recording = "";
  #port: MessagePort | null = null;
  #release: () => void = () => undefined;
  #storing: Promise<void> = Promise.resolve();
  #trouble: Report["trouble"] = "";
  #silent = false;
  #offsetMs = 0;
  #sender: Sender;

  constructor(
    private readonly seat: string,
    url: string,
    private readonly shelf: Shelf,
  ) {
    this.#sender = new Sender(url, shelf, isRunning, () => void this.report());
    // One window of a browser sends for a seat; the next takes over when it closes.
    void navigator.locks.request(`rostra.sending.${seat}`, () => this.#sender.run());
    void this.report();
  }

  obey(order: Order): void {
    switch (order.kind) {
      case "record":
        this.#start(order.port, order.rateHz);
        break;
      case "stop":
        this.#stop();
        break;
      case "silent":
        this.#silent = order.silent;
        break;
      case "clock":
        this.#offsetMs = order.offsetMs;
        break;
      case "line":
        this.#sender.pace.line(order, performance.now());
        break;
      case "forget":
        this.#stop();
        void this.#storing.then(() => this.shelf.clear()).then(() => this.report());
        break;
      case "open":
        break;
    }
  }

  async report(): Promise<void> {
    const unsent = await this.shelf.unsent(PIECE_S);
    const recordings = await this.shelf.recordings();
    scope.postMessage({
      recording: this.#filling !== null,
      unsentS: unsent.seconds,
      sentS: this.#sender.sentPieces * PIECE_S,
      done: unsent.pieces === 0 && recordings.length === 0,
      held: this.#sender.pace.held(performance.now()),
      sending: this.#sender.trouble,
      trouble: this.#trouble,
    });
  }

  #start(port: MessagePort, rateHz: number): void {
    this.#stop();
    const recording = Array.from(crypto.getRandomValues(new Uint8Array(8)), hex).join("");
    const filling = new Filling(rateHz);
    [this.#recording, this.#filling, this.#port, this.#trouble] = [recording, filling, port, ""];
    void navigator.locks.request(lockOf(recording), () => new Promise<void>((done) => (this.#release = done)));
    port.onmessage = (event: MessageEvent<Float32Array>) => {
      const now = performance.timeOrigin + performance.now();
      for (const piece of filling.take(event.data, now, this.#silent)) this.#store(recording, rateHz, piece);
    };
    void this.report();
  }

  #stop(): void {
    const [recording, filling] = [this.#recording, this.#filling];
    if (filling === null) return;
    this.#port?.close();
    this.#filling = null;
    const rateHz = filling.rateHz;
    for (const piece of filling.finish()) this.#store(recording, rateHz, piece);
    const release = this.#release;
    void this.#storing.then(() => {
      release();
      void this.report();
    });
  }

  #store(recording: string, rateHz: number, filled: FilledPiece): void {
    const kept = {
      seat: this.seat,
      recording,
      piece: filled.piece,
      flac: encodeFlac(filled.samples, rateHz),
      firstSample: filled.firstSample,
      samples: filled.samples.length,
      rateHz,
      atUs: Math.round((filled.atMs + this.#offsetMs) * 1000),
    };
    this.#storing = this.#storing.then(() => this.shelf.keep(kept)).then(
      () => this.report(),
      (error: unknown) => {
        this.#trouble = error instanceof DOMException && error.name === "QuotaExceededError" ? "full" : "broken";
        this.#stop();
        void this.report();
      },
    );
  }
}

function lockOf(recording: string): string {
  return `rostra.recording.${recording}`;
}

async function isRunning(recording: string): Promise<boolean> {
  const { held = [] } = await navigator.locks.query();
  return held.some((lock) => lock.name === lockOf(recording));
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}

let recorder: Recorder | null = null;
const early: Order[] = [];

scope.onmessage = ({ data: order }) => {
  if (order.kind === "open") {
    void Shelf.open(order.seat).then(
      (shelf) => {
        recorder = new Recorder(order.seat, order.url, shelf);
        for (const waiting of early.splice(0)) recorder.obey(waiting);
      },
      () => scope.postMessage({ ...NOTHING, trouble: "broken" }),
    );
  } else if (recorder === null) {
    early.push(order);
  } else {
    recorder.obey(order);
  }
};

const NOTHING: Report = { recording: false, unsentS: 0, sentS: 0, done: true, held: false, sending: "", trouble: "" };
