/** The schedule form: the reader's own time zone as the first suggestion, and the start in words while typing. */

import "./site";
import { need, say } from "./lib/dom";
import { untilText } from "./lib/time";
import { msUntil } from "./lib/zones";

const zoneField = need<HTMLSelectElement>("select[name='zone']");
const dateField = need<HTMLInputElement>("input[name='date']");
const timeField = need<HTMLInputElement>("input[name='time']");
const words = document.querySelector("#starts-in-words");

function describe(): void {
  if (dateField.value === "" || timeField.value === "" || zoneField.value === "") return say(words, "");
  const left = msUntil(dateField.value, timeField.value, zoneField.value, Date.now());
  if (Number.isFinite(left)) say(words, left > 0 ? `That is ${untilText(left)}.` : "That moment has passed.");
}

const own = new Intl.DateTimeFormat().resolvedOptions().timeZone;
const untouched = zoneField.dataset["suggest"] === "yes";
if (untouched && [...zoneField.options].some((option) => option.value === own)) zoneField.value = own;
for (const field of [zoneField, dateField, timeField]) field.addEventListener("input", describe);
describe();
