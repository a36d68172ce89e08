/** Clips: ask the site for one and show its link. Loaded on the first press. */

import { make, show } from "../lib/dom";
import { askJson, Problem } from "../lib/problem";

export interface ClipWish {
  readonly title?: string;
  readonly start_s?: number;
  readonly end_s?: number;
  readonly heard_at?: string;
  readonly last_s?: number;
}

/** Make the clip; `says` holds its link then, or what went wrong. */
export async function makeClip(url: string, wish: ClipWish, says: HTMLElement): Promise<void> {
  show(says, true);
  try {
    const headers = { "Content-Type": "application/json", Accept: "application/json" };
    const made = await askJson<{ url: string }>(url, { method: "POST", headers, body: JSON.stringify(wish) });
    const copied = await navigator.clipboard.writeText(made.url).then(
      () => true,
      () => false,
    );
    says.replaceChildren(copied ? "The link to your clip is copied: " : "Your clip: ", make("a", { href: made.url }, made.url));
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    says.replaceChildren(error.message);
  }
}
