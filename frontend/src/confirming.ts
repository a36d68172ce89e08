/** What comes later, and only to pages that ask before they act. On its own, so that no page has to be told what else is in it. */

export { enableConfirmations } from "./lib/confirm";
