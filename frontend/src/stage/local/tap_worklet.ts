/** In the audio thread: hands the microphone's samples on, a tenth of a second at a time, and makes no sound. */

interface Processor {
  readonly port: MessagePort;
}
declare const AudioWorkletProcessor: new () => Processor;
declare const sampleRate: number;
declare function registerProcessor(name: string, processor: new () => Processor): void;

registerProcessor(
  "rostra-tap",
  class extends AudioWorkletProcessor {
    #to: MessagePort | null = null;
    #batch = new Float32Array(Math.round(sampleRate / 10));
    #filled = 0;

    constructor() {
      super();
      this.port.onmessage = (event: MessageEvent<MessagePort | null>) => {
        this.#to = event.data;
      };
    }

    /** A source without sound counts as silence: the samples are the recording's clock. */
    process(inputs: Float32Array[][]): boolean {
      if (this.#to === null) return true;
      const input = inputs[0]?.[0] ?? new Float32Array(128);
      for (let at = 0; at < input.length; ) {
        const count = Math.min(input.length - at, this.#batch.length - this.#filled);
        this.#batch.set(input.subarray(at, at + count), this.#filled);
        this.#filled += count;
        at += count;
        if (this.#filled === this.#batch.length) {
          this.#to.postMessage(this.#batch, [this.#batch.buffer]);
          this.#batch = new Float32Array(Math.round(sampleRate / 10));
          this.#filled = 0;
        }
      }
      return true;
    }
  },
);
