/** Growing waits between attempts, with a little chance in them so that a thousand pages do not come back at once. */

export interface BackoffLimits {
  readonly firstMs: number;
  readonly mostMs: number;
}

/** attempt: 0 for the first wait. chance: 0..1; the wait is between 75 % and 125 % of the doubled one. */
export function waitMs(attempt: number, limits: BackoffLimits, chance: number): number {
  const doubled = Math.min(limits.mostMs, limits.firstMs * 2 ** Math.min(attempt, 16));
  return Math.round(doubled * (0.75 + chance / 2));
}

export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener("abort", done, { once: true });
  });
}
