/** The field for a later time: in the reader's own zone instead of UTC, and it says so. */

import { need, say } from "../lib/dom";
import { wallTime } from "../lib/zones";

export function enableLater(form: HTMLFormElement): void {
  const field = form.querySelector<HTMLInputElement>("input[name='scheduled_at']");
  if (field === null) return;
  const zone = need<HTMLInputElement>("input[name='zone']", form);
  const own = new Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone.value !== "UTC" || !own.includes("/") || own.startsWith("Etc/")) return;
  if (field.value !== "") field.value = wallTime(Date.parse(`${field.value}:00Z`), own);
  zone.value = own;
  say(need("[data-zone-words]", form), own.replaceAll("_", " "));
}
