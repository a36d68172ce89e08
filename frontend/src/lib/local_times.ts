/** `<time datetime data-local>`: the reader's own zone in the text, the broadcast's own time kept on hover. */

import { localText } from "./time";

export function enableLocalTimes(root: ParentNode = document): void {
  const zone = new Intl.DateTimeFormat().resolvedOptions().timeZone;
  for (const element of root.querySelectorAll<HTMLTimeElement>("time[data-local]")) {
    const original = element.textContent?.replaceAll(/\s+/g, " ").trim() ?? "";
    if (element.dateTime === "" || element.dataset["local"] === zone) continue;
    element.title = original;
    element.textContent = localText(element.dateTime, zone);
  }
}
