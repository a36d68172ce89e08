/** The list of cuts: a start and an end to type, or to take from the player. */

import { make } from "../lib/dom";
import { type Cut, formatClock, parseClock } from "./cut_list";

export interface CutRowEvents {
  changed(): void;
  atMs(): number;
  listen(startMs: number): void;
}

interface Row {
  readonly element: HTMLElement;
  readonly start: HTMLInputElement;
  readonly end: HTMLInputElement;
}

export class CutRows {
  #rows: Row[] = [];
  #made = 0;

  constructor(
    private readonly list: HTMLElement,
    private readonly events: CutRowEvents,
  ) {}

  /** What is typed; lines that are no times are left out. */
  cuts(): Cut[] {
    const found: Cut[] = [];
    for (const { start, end } of this.#rows) {
      const [from, to] = [parseClock(start.value), parseClock(end.value)];
      if (from !== null && to !== null) found.push([from, to]);
    }
    return found;
  }

  add(startMs: number, endMs: number, tell = true): void {
    this.#made += 1;
    const start = this.#field("start", "Start", startMs);
    const end = this.#field("end", "End", endMs);
    const listen = this.#button("Listen across it", () => this.events.listen(parseClock(start.value) ?? 0));
    const element = make("li", { class: "edit__row" }, this.#labelled("From", start), this.#labelled("to", end), listen);
    const row = { element, start, end };
    element.append(this.#button("Do not cut", () => this.#remove(row)));
    this.#rows.push(row);
    this.list.append(element);
    if (tell) this.events.changed();
  }

  #remove(row: Row): void {
    this.#rows = this.#rows.filter((other) => other !== row);
    row.element.remove();
    this.events.changed();
  }

  #field(name: string, label: string, ms: number): HTMLInputElement {
    const attributes = { type: "text", inputmode: "decimal", size: "9", autocomplete: "off", class: "figures" };
    const field = make("input", { ...attributes, id: `cut-${this.#made}-${name}`, "aria-label": `${label} of cut ${this.#made}` });
    field.value = formatClock(ms);
    field.addEventListener("change", () => {
      const typed = parseClock(field.value);
      field.toggleAttribute("aria-invalid", typed === null);
      if (typed !== null) field.value = formatClock(typed);
      this.events.changed();
    });
    // Up and down move by a tenth of a second, with shift by a whole one.
    field.addEventListener("keydown", (event) => {
      if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
      event.preventDefault();
      const step = (event.shiftKey ? 1000 : 100) * (event.key === "ArrowUp" ? 1 : -1);
      field.value = formatClock((parseClock(field.value) ?? 0) + step);
      this.events.changed();
    });
    return field;
  }

  #labelled(word: string, field: HTMLInputElement): HTMLElement {
    const take = this.#button("From the player", () => {
      field.value = formatClock(this.events.atMs());
      this.events.changed();
    });
    take.setAttribute("aria-label", `Set ${field.getAttribute("aria-label") ?? ""} from the player`);
    return make("span", { class: "edit__pair" }, make("label", { for: field.id }, word), field, take);
  }

  #button(text: string, act: () => void): HTMLButtonElement {
    const button = make("button", { class: "button button--small", type: "button" }, text);
    button.addEventListener("click", act);
    return button;
  }
}
