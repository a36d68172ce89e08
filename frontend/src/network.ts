/** What the pages of posts and people do beyond plain links and forms. */

import "./site";
import { enableActs } from "./network/acts";
import { enableCompose } from "./network/compose";
import { enableKeys } from "./network/keys";
import { enableLater } from "./network/later";
import { enableMedia } from "./network/media";

const csrf = document.querySelector<HTMLMetaElement>("meta[name='csrf-token']")?.content ?? "";
for (const form of document.querySelectorAll<HTMLFormElement>("form[data-compose]")) {
  enableMedia(form, csrf);
  enableCompose(form);
}
for (const form of document.querySelectorAll<HTMLFormElement>("form[data-later]")) enableLater(form);
const acts = document.querySelector<HTMLFormElement>("form[data-post-acts]");
if (acts !== null) enableActs(acts);
enableKeys(document.querySelector<HTMLDialogElement>("#keys"));
