/** The live desk keeps the rule that somebody named last: who has to be quick need not type it again. */

import { recall, remember, storageOf } from "../lib/remember";

const KEY = "rostra.desk.rule";

export function keepRule(page: ParentNode): void {
  const store = storageOf("sessionStorage");
  for (const field of page.querySelectorAll<HTMLInputElement>("input[data-kept-rule]")) {
    if (field.value === "") field.value = recall(store, KEY) ?? "";
    field.form?.addEventListener("submit", () => {
      if (field.value.trim() !== "") remember(store, KEY, field.value);
    });
  }
}
