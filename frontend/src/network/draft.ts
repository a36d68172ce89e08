/** Words that are not sent yet stay in the browser in which they were typed, and nowhere else: a page that is closed by
 * mistake, a battery, a sign-in that has ended lose nothing. Once the post is out they are forgotten. */

import { make, need } from "../lib/dom";
import { recall, remember, storageOf } from "../lib/remember";

export interface Draft {
  text: string;
  warning: string;
  /** Unix milliseconds of the last key. */
  at: number;
}

export const KEPT_MS = 7 * 24 * 3600 * 1000;
const PREFIX = "rostra.draft.";
const SENT = "rostra.draft-sent";

/** Who writes, and what the post answers, quotes or edits: each has words of its own. */
export function draftKey(acct: string, path: string, answers: string, quotes: string): string {
  return `${PREFIX}${acct} ${path} ${answers} ${quotes}`;
}

/** The draft in what was kept; null for none, for one that is too old, and for what cannot be read. */
export function draftIn(kept: string | null, nowMs: number): Draft | null {
  if (kept === null) return null;
  try {
    const found = JSON.parse(kept) as Partial<Draft>;
    if (typeof found.text !== "string" || typeof found.warning !== "string" || typeof found.at !== "number") return null;
    return nowMs - found.at < KEPT_MS ? { text: found.text, warning: found.warning, at: found.at } : null;
  } catch {
    return null;
  }
}

/** On every page: the server says in the address that a post is out. */
export function forgetSent(search: string): void {
  const done = new URLSearchParams(search).get("done");
  if (done !== "posted" && done !== "scheduled" && done !== "saved") return;
  const sent = recall(storageOf("sessionStorage"), SENT);
  if (sent !== null) remember(storageOf("localStorage"), sent, null);
  remember(storageOf("sessionStorage"), SENT, null);
}

/** Who signs out leaves no words behind for whoever sits down next. */
export function forgetAll(): void {
  const store = storageOf("localStorage");
  if (store === null) return;
  for (const key of Object.keys(store)) if (key.startsWith(PREFIX)) remember(store, key, null);
}

export function enableDraft(form: HTMLFormElement): void {
  const text = need<HTMLTextAreaElement>("textarea[name='text']", form);
  const warning = need<HTMLInputElement>("input[name='warning']", form);
  const value = (name: string): string => form.querySelector<HTMLInputElement>(`input[name='${name}']`)?.value ?? "";
  const key = draftKey(form.dataset["acct"] ?? "", new URL(form.action).pathname, value("reply_to"), value("quote"));
  const store = storageOf("localStorage");
  const begun = { text: text.value, warning: warning.value };
  const found = draftIn(recall(store, key), Date.now());
  // What the server has put there after a refusal is newer than anything here.
  const refused = form.querySelector("#compose-error") !== null;
  if (found !== null && !refused && (found.text !== begun.text || found.warning !== begun.warning)) {
    put(found);
    offer(found);
  }

  function put(words: { text: string; warning: string }): void {
    text.value = words.text;
    warning.value = words.warning;
    text.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function offer(draft: Draft): void {
    const away = make("button", { type: "button", class: "button button--small" }, "Begin anew");
    const note = make(
      "p",
      { class: "compose__draft small", role: "status" },
      `Your words of ${new Date(draft.at).toLocaleString([], { dateStyle: "medium", timeStyle: "short" })} are here again, kept in this browser. `,
      away,
    );
    away.addEventListener("click", () => {
      put(begun);
      remember(store, key, null);
      note.remove();
      text.focus();
    });
    text.closest(".field")?.before(note);
  }

  function keep(): void {
    const same = text.value === begun.text && warning.value === begun.warning;
    const words: Draft = { text: text.value, warning: warning.value, at: Date.now() };
    remember(store, key, same ? null : JSON.stringify(words));
  }
  form.addEventListener("input", (event) => {
    if (event.target === text || event.target === warning) keep();
  });
  form.addEventListener("submit", () => remember(storageOf("sessionStorage"), SENT, key));
}
