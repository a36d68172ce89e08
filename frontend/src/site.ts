/** What every page does: times in the reader's own zone, countdowns, copy buttons, questions before what is final. */

import { enableCopyButtons } from "./lib/copy";
import { enableConfirmations } from "./lib/confirm";
import { enableCountdowns } from "./lib/countdown";
import { enableLocalTimes } from "./lib/local_times";
import { enableShare } from "./lib/share";

document.documentElement.dataset["script"] = "on";
enableLocalTimes();
enableCountdowns();
enableCopyButtons();
enableConfirmations();
enableShare();
