/** When the machine changes networks: a phone leaves the Wi-Fi, a laptop is plugged in. */

import { pause } from "../lib/backoff";

const PROBE_MS = 1000;

/** Chromium on phones tells which kind it is; the others say `online` when a network is there again. */
interface NetworkInformation extends EventTarget {
  readonly type?: string;
}

/** Calls back after each change; the function that is returned ends that. */
export function onNetworkChange(changed: () => void): () => void {
  const information = (navigator as { connection?: NetworkInformation }).connection;
  let type = information?.type;
  // Chromium fires `change` for a new estimate of the speed too, which is no other network.
  const typeChanged = (): void => {
    if (information?.type === undefined || information.type === type) return;
    type = information?.type;
    changed();
  };
  window.addEventListener("online", changed);
  information?.addEventListener("change", typeChanged);
  return () => {
    window.removeEventListener("online", changed);
    information?.removeEventListener("change", typeChanged);
  };
}

/** Whether this page's own server answers at all: a browser believes for seconds in a network that is gone. */
export async function networkThere(): Promise<boolean> {
  const asked = fetch("/healthz", { cache: "no-store" }).then(
    () => true,
    () => false,
  );
  return Promise.race([asked, pause(PROBE_MS).then(() => false)]);
}
