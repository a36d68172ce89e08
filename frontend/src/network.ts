/** What the pages of posts and people do beyond plain links and forms. */

import "./site";
import { enableActs } from "./network/acts";
import { enableCompose } from "./network/compose";
import { enableDraft, forgetAll, forgetSent } from "./network/draft";
import { enableKeys } from "./network/keys";
import { enableLater } from "./network/later";

const csrf = document.querySelector<HTMLMetaElement>("meta[name='csrf-token']")?.content ?? "";
forgetSent(location.search);
for (const form of document.querySelectorAll<HTMLFormElement>("form[action$='/sign-out']")) form.addEventListener("submit", forgetAll);
for (const form of document.querySelectorAll<HTMLFormElement>("form[data-compose]")) {
  enableCompose(form);
  enableDraft(form);
  // Only who writes needs it; until it has come, and without it, the form takes files as any form does.
  void import("./network/media").then((found) => found.enableMedia(form, csrf), console.warn);
}
for (const form of document.querySelectorAll<HTMLFormElement>("form[data-later]")) enableLater(form);
const acts = document.querySelector<HTMLFormElement>("form[data-post-acts]");
if (acts !== null) enableActs(acts);
enableKeys(document.querySelector<HTMLDialogElement>("#keys"));
