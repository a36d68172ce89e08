/** The point of a picture that stays in view when it is cropped: two sliders, and a press on the picture sets both.
 * The sliders are what the form sends, and what the keyboard moves. */

import { make, need } from "../lib/dom";

/** Where a press at a share of a frame (0 … 1, from its left and top) lands in a picture that the frame shows whole:
 * -1 … 1 from left to right and from bottom to top, in steps of 0.05, and its edge for what is beside it. */
export function pointAt(left: number, top: number, frameRatio: number, pictureRatio: number): { x: number; y: number } {
  const wide = Math.min(1, pictureRatio / frameRatio);
  const high = Math.min(1, frameRatio / pictureRatio);
  return { x: stepped((2 * left - 1) / wide), y: stepped((1 - 2 * top) / high) };
}

function stepped(share: number): number {
  return Math.round(Math.min(1, Math.max(-1, share)) * 20) / 20 + 0; // no -0
}

/** The other way: where the mark of a point stands in the frame, 0 … 1. */
export function markAt(x: number, y: number, frameRatio: number, pictureRatio: number): { left: number; top: number } {
  const wide = Math.min(1, pictureRatio / frameRatio);
  const high = Math.min(1, frameRatio / pictureRatio);
  return { left: (x * wide + 1) / 2, top: (1 - y * high) / 2 };
}

export function enableAim(place: HTMLElement): void {
  const choice = need<HTMLDetailsElement>(".place__focus", place);
  choice.addEventListener("toggle", () => aim(place));
  choice.addEventListener("input", () => aim(place));
  need<HTMLElement>(".place__picture", place).addEventListener("click", (event) => {
    const found = shown(place);
    if (!choice.open || found === null) return;
    const { frame, picture } = found;
    const box = frame.getBoundingClientRect();
    const [left, top] = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
    const point = pointAt(left, top, box.width / box.height, picture.naturalWidth / picture.naturalHeight);
    axis(place, "x").value = String(Math.round(100 * point.x));
    axis(place, "y").value = String(Math.round(100 * point.y));
    aim(place);
  });
}

/** Show where the point is, while it is being chosen. */
export function aim(place: HTMLElement): void {
  const frame = need<HTMLElement>(".place__picture", place);
  const found = shown(place);
  const open = need<HTMLDetailsElement>(".place__focus", place).open && found !== null;
  frame.toggleAttribute("data-aim", open);
  frame.querySelector(".place__aim")?.remove();
  if (!open || found === null) return;
  const box = frame.getBoundingClientRect();
  const { picture } = found;
  const ratio = picture.naturalWidth / picture.naturalHeight;
  const mark = markAt(Number(axis(place, "x").value) / 100, Number(axis(place, "y").value) / 100, box.width / box.height, ratio);
  const made = make("span", { class: "place__aim" });
  made.style.left = `${100 * mark.left}%`;
  made.style.top = `${100 * mark.top}%`;
  frame.append(made);
}

function shown(place: HTMLElement): { frame: HTMLElement; picture: HTMLImageElement } | null {
  const frame = need<HTMLElement>(".place__picture", place);
  const picture = frame.querySelector("img");
  return picture === null || picture.naturalWidth === 0 ? null : { frame, picture };
}

function axis(place: HTMLElement, name: "x" | "y"): HTMLInputElement {
  return need<HTMLInputElement>(`[data-focus-${name}]`, place);
}
