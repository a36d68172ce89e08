/** The form for a post: says how many characters are left while one types, as the server will count them. */

import { need, say } from "../lib/dom";
import { countedLength } from "./counting";

/** Below so many characters a screen reader is told, each ten. */
const SPOKEN_BELOW = 50;

export function enableCompose(form: HTMLFormElement): void {
  const text = need<HTMLTextAreaElement>("textarea", form);
  const warning = need<HTMLInputElement>("input[name='warning']", form);
  const left = need("[data-left]", form);
  const spoken = need("[data-left-spoken]", form);
  const limit = Number(form.dataset["characters"]);
  const count = (): void => {
    const remaining = limit - countedLength(text.value) - countedLength(warning.value.trim());
    say(left, String(remaining));
    form.toggleAttribute("data-over", remaining < 0);
    if (remaining < SPOKEN_BELOW && remaining % 10 === 0) say(spoken, `${remaining} characters left`);
  };
  text.addEventListener("input", count);
  warning.addEventListener("input", count);
  text.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
  count();
}
