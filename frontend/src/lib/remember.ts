/** Small things that a browser keeps for its owner. A browser that keeps nothing (private mode) is fine, too. */

export function recall(store: Storage | null, key: string): string | null {
  try {
    return store?.getItem(key) ?? null;
  } catch {
    return null;
  }
}

export function remember(store: Storage | null, key: string, value: string | null): void {
  try {
    if (value === null) store?.removeItem(key);
    else store?.setItem(key, value);
  } catch {
    // Storage is full or forbidden: the page works, it only asks again next time.
  }
}

/** Whether the speaker in this seat wants a local recording: "on", "off", or nothing while never asked. */
export function recordKey(speakerId: string): string {
  return `rostra.record.${speakerId}`;
}

export function storageOf(kind: "localStorage" | "sessionStorage"): Storage | null {
  try {
    return window[kind];
  } catch {
    return null;
  }
}
