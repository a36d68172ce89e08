/** The small sum that takes a minute's wait off a newcomer while the broadcast is under attack. */

export interface Sum {
  readonly salt: string;
  /** SHA-256 of the salt and the number that is looked for, hexadecimal. */
  readonly wanted: string;
  readonly most: number;
  readonly expires: number;
}

/** So many at once: the page stays quick, and the time between them does not count. */
const AT_ONCE = 400;

/** The proof to send; null when the browser cannot reckon (no secure context) or nobody wants it any more. */
export async function solve(sum: Sum, started: () => void, signal: AbortSignal): Promise<string | null> {
  if (!("crypto" in globalThis) || !crypto.subtle) return null;
  started();
  const text = new TextEncoder();
  for (let from = 0; from < sum.most && !signal.aborted; from += AT_ONCE) {
    const hashes = await Promise.all(
      Array.from({ length: AT_ONCE }, (_, step) => crypto.subtle.digest("SHA-256", text.encode(`${sum.salt}${from + step}`))),
    );
    const found = hashes.findIndex((hash) => hexOf(hash) === sum.wanted);
    if (found >= 0) return `${sum.expires}.${from + found}`;
  }
  return null;
}

function hexOf(hash: ArrayBuffer): string {
  let text = "";
  for (const byte of new Uint8Array(hash)) text += byte.toString(16).padStart(2, "0");
  return text;
}
