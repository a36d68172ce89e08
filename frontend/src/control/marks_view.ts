/** Moments that become chapters: one press while it happens, a title before it or none. */

import { make, need, show } from "../lib/dom";
import type { Control, Mark } from "./model";

export interface MarkEvents {
  mark(title: string): Promise<void>;
  unmark(id: string): Promise<void>;
  rename(id: string, title: string): Promise<void>;
}

const UNTITLED = { mark: "Marked", pause: "Pause", resume: "After the pause" } as const;

export class MarksView {
  #drawn = "";

  constructor(private readonly events: MarkEvents) {
    need<HTMLFormElement>("#mark").addEventListener("submit", (event) => {
      event.preventDefault();
      const field = need<HTMLInputElement>("#mark-title");
      const title = field.value.trim();
      field.value = "";
      void this.events.mark(title);
    });
  }

  draw(control: Control): void {
    const mayMark = control.phase === "live" || control.phase === "paused";
    show(need("#mark"), mayMark);
    show(need("#marks-panel"), mayMark || control.marks.length > 0);
    const next = JSON.stringify(control.marks);
    if (next === this.#drawn) return;
    this.#drawn = next;
    need("#marks").replaceChildren(...control.marks.map((mark) => this.#item(mark)));
  }

  #item(mark: Mark): HTMLElement {
    const at = make("span", { class: "soft figures" }, mark.at_text);
    const name = make("span", { class: "person__name" }, at, ` ${mark.title || UNTITLED[mark.kind]}`);
    const spoken = `Remove the mark at ${mark.at_text}`;
    const remove = make("button", { class: "button button--small", type: "button", "aria-label": spoken }, "Remove");
    remove.addEventListener("click", () => void this.events.unmark(mark.id));
    const rename = make("button", { class: "button button--small", type: "button", "aria-label": `Rename the mark at ${mark.at_text}` }, "Rename");
    const item = make("li", { class: "person" }, name, make("div", { class: "person__acts" }, rename, remove));
    rename.addEventListener("click", () => this.#edit(item, mark));
    return item;
  }

  /** The line becomes a field; Enter keeps what is typed, Escape what was there. */
  #edit(item: HTMLElement, mark: Mark): void {
    const spoken = `Title of the mark at ${mark.at_text}`;
    const field = make("input", { type: "text", maxlength: "120", autocomplete: "off", "aria-label": spoken, value: mark.title });
    const save = make("button", { class: "button button--small", type: "submit" }, "Save");
    const form = make("form", { class: "row" }, field, save);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#drawn = "";
      void this.events.rename(mark.id, field.value.trim());
    });
    field.addEventListener("keydown", (event) => {
      if (event.key === "Escape") item.replaceWith(this.#item(mark));
    });
    item.replaceChildren(form);
    field.focus();
  }
}
