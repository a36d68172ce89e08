/** The picture of a recording: how loud it is over time, what is cut, where the player is. Drag to mark a cut. */

import type { Cut } from "./cut_list";

export interface WaveEvents {
  marked(startMs: number, endMs: number): void;
  chosen(atMs: number): void;
}

interface Peaks {
  readonly levels: Uint8Array;
  readonly everyMs: number;
}

const CLOSEST_MS = 10_000;
/** A press that moves less than this chooses a moment; more marks a span. */
const DRAG_PX = 6;

export class Wave {
  peaks: Peaks | null = null;
  #from = 0;
  #span: number;
  #pressed: { x: number; ms: number } | null = null;
  #dragged: number | null = null;
  #last: { cuts: readonly Cut[]; atMs: number } = { cuts: [], atMs: 0 };

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly durationMs: number,
    private readonly events: WaveEvents,
  ) {
    this.#span = durationMs;
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      this.#pressed = { x: event.offsetX, ms: this.#msAt(event.offsetX) };
    });
    canvas.addEventListener("pointermove", (event) => {
      if (this.#pressed === null || Math.abs(event.offsetX - this.#pressed.x) < DRAG_PX) return;
      this.#dragged = this.#msAt(event.offsetX);
      this.#paint();
    });
    canvas.addEventListener("pointerup", (event) => {
      const [pressed, dragged] = [this.#pressed, this.#dragged];
      this.#pressed = this.#dragged = null;
      if (pressed === null) return;
      if (dragged === null) this.events.chosen(this.#msAt(event.offsetX));
      else this.events.marked(Math.min(pressed.ms, dragged), Math.max(pressed.ms, dragged));
    });
    canvas.addEventListener("pointercancel", () => {
      this.#pressed = this.#dragged = null;
      this.#paint();
    });
  }

  /** factor: below 1 comes closer, around `atMs`. */
  zoom(factor: number, atMs: number): void {
    this.#span = Math.min(this.durationMs, Math.max(Math.min(CLOSEST_MS, this.durationMs), this.#span * factor));
    this.#from = Math.min(Math.max(0, atMs - this.#span / 2), this.durationMs - this.#span);
  }

  draw(cuts: readonly Cut[], atMs: number): void {
    this.#last = { cuts, atMs };
    this.#paint();
  }

  #msAt(x: number): number {
    const share = x / Math.max(1, this.canvas.clientWidth);
    return Math.min(this.durationMs, Math.max(0, this.#from + share * this.#span));
  }

  #paint(): void {
    const { canvas } = this;
    const [width, height] = [canvas.clientWidth, canvas.clientHeight];
    const scale = devicePixelRatio;
    canvas.width = width * scale;
    canvas.height = height * scale;
    const pen = canvas.getContext("2d");
    if (pen === null || width === 0) return;
    pen.scale(scale, scale);
    const style = getComputedStyle(canvas);
    const colour = (name: string): string => style.getPropertyValue(name);
    const xOf = (ms: number): number => ((ms - this.#from) / this.#span) * width;
    pen.fillStyle = colour("--ink-soft");
    for (let x = 0; x < width; x += 2) {
      const tall = Math.max(1, this.#peak(x, x + 2, width) * (height - 8));
      pen.fillRect(x, (height - tall) / 2, 1.4, tall);
    }
    const spans = [...this.#last.cuts];
    if (this.#pressed !== null && this.#dragged !== null) spans.push([this.#pressed.ms, this.#dragged]);
    for (const [start, end] of spans) {
      const [left, right] = [xOf(Math.min(start, end)), xOf(Math.max(start, end))];
      pen.globalAlpha = 0.35;
      pen.fillStyle = colour("--ink");
      pen.fillRect(left, 0, Math.max(2, right - left), height);
      pen.globalAlpha = 1;
    }
    pen.fillStyle = colour("--ink");
    pen.fillRect(xOf(this.#last.atMs) - 1, 0, 2, height);
  }

  #peak(fromX: number, toX: number, width: number): number {
    if (this.peaks === null) return 0;
    const { levels, everyMs } = this.peaks;
    const first = Math.floor((this.#from + (fromX / width) * this.#span) / everyMs);
    const end = Math.max(first + 1, Math.ceil((this.#from + (toX / width) * this.#span) / everyMs));
    let loudest = 0;
    for (let at = first; at < end && at < levels.length; at += 1) loudest = Math.max(loudest, levels[at] ?? 0);
    return Math.sqrt(loudest / 255); // quiet speech is still seen
  }
}
