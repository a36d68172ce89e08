/** What every page does: times in the reader's own zone, countdowns, copy buttons, questions before what is final. */

import { enableCopyButtons } from "./lib/copy";
import { enableCountdowns } from "./lib/countdown";
import { enableLocalTimes } from "./lib/local_times";
import { enableMenus } from "./lib/menus";
import { enableShare } from "./lib/share";

document.documentElement.dataset["script"] = "on";
enableLocalTimes();
enableCountdowns();
enableCopyButtons();
if (document.querySelector("form[data-confirm]") !== null) {
  // A form that comes before this has arrived goes without a question, as without a script.
  void import("./confirming").then((found) => found.enableConfirmations(), console.warn);
}
enableShare();
enableMenus();
