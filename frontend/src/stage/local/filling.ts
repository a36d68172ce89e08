/** Samples become pieces. Without I/O: batches and their times in, whole pieces out. */

const PIECE_S = 5;

/** atMs: when its first sample was spoken, by this page's clock (unix milliseconds). */
export interface FilledPiece {
  readonly piece: number;
  readonly firstSample: number;
  readonly samples: Int16Array;
  readonly atMs: number;
}

export class Filling {
  readonly #size: number;
  #samples: Int16Array;
  #filled = 0;
  #piece = 0;
  #atMs = Number.POSITIVE_INFINITY;

  constructor(readonly rateHz: number) {
    this.#size = rateHz * PIECE_S;
    this.#samples = new Int16Array(this.#size);
  }

  /**
   * Take a batch that has just arrived. Of all batches of a piece, the one that was quickest to come says best when
   * the piece began; each piece asks anew, because clocks drift and machines sleep. silent: the speaker is muted, so not a sample is kept, only its time.
   */
  take(batch: Float32Array, arrivedMs: number, silent: boolean): FilledPiece[] {
    const filled: FilledPiece[] = [];
    this.#atMs = Math.min(this.#atMs, arrivedMs - ((this.#filled + batch.length) / this.rateHz) * 1000);
    for (const sample of batch) {
      if (!silent) this.#samples[this.#filled] = Math.max(-32768, Math.min(32767, Math.round(sample * 32768)));
      this.#filled += 1;
      if (this.#filled === this.#size) filled.push(...this.finish());
    }
    return filled;
  }

  /** What has been filled so far, as the last piece of all. */
  finish(): FilledPiece[] {
    if (this.#filled === 0) return [];
    const done = {
      piece: this.#piece,
      firstSample: this.#piece * this.#size,
      samples: this.#samples.subarray(0, this.#filled),
      atMs: this.#atMs,
    };
    this.#atMs = Number.POSITIVE_INFINITY;
    this.#piece += 1;
    this.#filled = 0;
    this.#samples = new Int16Array(this.#size);
    return [done];
  }
}
