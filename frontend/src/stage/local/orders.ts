/** What the page and its recorder say to each other. */

import type { LineFacts } from "./pace";

export type Order =
  | { readonly kind: "open"; readonly seat: string; readonly url: string }
  | { readonly kind: "record"; readonly port: MessagePort; readonly rateHz: number }
  | { readonly kind: "stop" }
  | { readonly kind: "silent"; readonly silent: boolean }
  | { readonly kind: "clock"; readonly offsetMs: number }
  | ({ readonly kind: "line" } & LineFacts)
  | { readonly kind: "forget" };

/**
 * unsentS, sentS: seconds of sound. done: nothing waits any more. held: the line is spared. sending: why nothing can be
 * sent. trouble: recording stopped, because the storage is full or cannot be used at all.
 */
export interface Report {
  readonly recording: boolean;
  readonly unsentS: number;
  readonly sentS: number;
  readonly done: boolean;
  readonly held: boolean;
  readonly sending: string;
  readonly trouble: "" | "full" | "broken";
}
