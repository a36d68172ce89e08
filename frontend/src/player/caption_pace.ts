/**
 * Which captions are on the screen. Words are recognised some seconds after they were said, often several cues at
 * once: they are shown in their order when the ear has reached them or as soon as they come, each long enough to be
 * read, and never so slowly that they fall behind more and more.
 */

export interface TimedCue {
  /** Unix ms of the moment in the programme. */
  readonly start_ms: number;
  readonly end_ms: number;
  readonly text: string;
}

const READ_MS_PER_LETTER = 30;
const READ_LEAST_MS = 600;
/** With more than this many waiting, each is shown only for READ_LEAST_MS. */
const QUEUE = 2;
const ROWS = 2;
/** A caption leaves this long after it was put up, unless others push it out before. */
const STAYS_MS = 8000;
/** The ear moved by more than this: somebody jumped in the programme. */
const JUMP_MS = 2500;
const KEPT_MS = 400_000;

export class CaptionPace {
  #cues: TimedCue[] = [];
  #shown: { cue: TimedCue; sinceMs: number }[] = [];
  #reached = -Infinity;
  #heardMs: number | null = null;
  #nowMs = 0;

  /** Take cues, known ones too; they may be older than others. */
  add(cues: readonly TimedCue[]): void {
    const known = new Set(this.#cues.map((cue) => cue.start_ms));
    const fresh = cues.filter((cue) => !known.has(cue.start_ms));
    if (fresh.length === 0) return;
    this.#cues = [...this.#cues, ...fresh].sort((one, other) => one.start_ms - other.start_ms);
    const oldest = (this.#cues.at(-1)?.start_ms ?? 0) - KEPT_MS;
    this.#cues = this.#cues.filter((cue) => cue.start_ms >= oldest);
  }

  /** The oldest moment of which it knows the words; null before any came. */
  get oldestMs(): number | null {
    return this.#cues[0]?.start_ms ?? null;
  }

  /** What to show now, oldest first. heardMs: the moment of the programme that is heard; nowMs: any steady clock. */
  at(heardMs: number, nowMs: number): string[] {
    this.#follow(heardMs, nowMs);
    const due = this.#cues.filter((cue) => cue.start_ms > this.#reached && cue.start_ms <= heardMs);
    const last = this.#shown.at(-1);
    if (due[0] !== undefined && (last === undefined || nowMs - last.sinceMs >= readMs(last.cue, due.length))) {
      this.#shown.push({ cue: due[0], sinceMs: nowMs });
      this.#reached = due[0].start_ms;
    }
    this.#shown = this.#shown.slice(-ROWS).filter((each) => nowMs - each.sinceMs < STAYS_MS);
    return this.#shown.map((each) => each.cue.text);
  }

  /** After a jump begin with the words of that moment; at the first look, with those of the last seconds. */
  #follow(heardMs: number, nowMs: number): void {
    const expected = this.#heardMs === null ? null : this.#heardMs + (nowMs - this.#nowMs);
    if (expected === null || Math.abs(heardMs - expected) > JUMP_MS) {
      this.#shown = [];
      this.#reached = heardMs - STAYS_MS;
    }
    this.#heardMs = heardMs;
    this.#nowMs = nowMs;
  }
}

function readMs(cue: TimedCue, waiting: number): number {
  return waiting > QUEUE ? READ_LEAST_MS : Math.max(READ_LEAST_MS, cue.text.length * READ_MS_PER_LETTER);
}
