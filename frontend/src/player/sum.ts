/** The small sum that takes a minute's wait off a newcomer while the broadcast is under attack. */

export interface Sum {
  readonly salt: string;
  /** SHA-256 of the salt and the number that is looked for, hexadecimal. */
  readonly wanted: string;
  readonly most: number;
  readonly expires: number;
}

/** So many in one go: about 50 ms in a hand. */
const AT_ONCE = 4000;

/** The proof to send; null when nobody wants it any more. */
export async function solve(sum: Sum, started: () => void, signal: AbortSignal): Promise<string | null> {
  started();
  const wanted = Int32Array.from({ length: 8 }, (_, at) => parseInt(sum.wanted.slice(at * 8, at * 8 + 8), 16));
  for (let number = 0; number < sum.most && !signal.aborted; number++) {
    if (number % AT_ONCE === 0) await new Promise((go) => setTimeout(go));
    const hash = sha256(`${sum.salt}${number}`);
    if (hash.every((word, at) => word === wanted[at])) return `${sum.expires}.${number}`;
  }
  return null;
}

const STARTS: number[] = [];
const ROUNDS = new Int32Array(64);
for (let number = 2, found = 0; found < 64; number++) {
  let divisor = 2;
  while (divisor * divisor <= number && number % divisor) divisor++;
  if (divisor * divisor <= number) continue;
  if (found < 8) STARTS.push(fraction(Math.sqrt(number)));
  ROUNDS[found++] = fraction(Math.cbrt(number));
}
const state = new Int32Array(8);
const words = new Int32Array(64);

function fraction(root: number): number {
  return ((root % 1) * 2 ** 32) | 0;
}

/**
 * SHA-256 (FIPS 180-4) of a text in ASCII, in eight words that the next call overwrites.
 *
 * The browser's own answers each hash in a turn of its loop, which costs a phone ten times as much.
 */
export function sha256(text: string): Int32Array {
  const last = ((text.length + 8) >> 6) * 16 + 15;
  const padded = new Int32Array(last + 1);
  for (let at = 0; at < text.length; at++) padded[at >> 2]! |= text.charCodeAt(at) << (24 - (at & 3) * 8);
  padded[text.length >> 2]! |= 128 << (24 - (text.length & 3) * 8);
  padded[last] = text.length * 8;
  state.set(STARTS);
  for (let from = 0; from < last; from += 16) mix(padded, from);
  return state;
}

/** One block of sixteen words. */
function mix(padded: Int32Array, from: number): void {
  for (let at = 0; at < 64; at++) {
    if (at < 16) {
      words[at] = padded[from + at]!;
      continue;
    }
    const old = words[at - 15]!;
    const young = words[at - 2]!;
    const one = ((old >>> 7) | (old << 25)) ^ ((old >>> 18) | (old << 14)) ^ (old >>> 3);
    const two = ((young >>> 17) | (young << 15)) ^ ((young >>> 19) | (young << 13)) ^ (young >>> 10);
    words[at] = words[at - 16]! + words[at - 7]! + one + two;
  }
  let a = state[0]!, b = state[1]!, c = state[2]!, d = state[3]!;
  let e = state[4]!, f = state[5]!, g = state[6]!, h = state[7]!;
  for (let at = 0; at < 64; at++) {
    const upper = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const first = (h + upper + ((e & f) ^ (~e & g)) + ROUNDS[at]! + words[at]!) | 0;
    const lower = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const second = (lower + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g; g = f; f = e; e = (d + first) | 0;
    d = c; c = b; b = a; a = (first + second) | 0;
  }
  [a, b, c, d, e, f, g, h].forEach((word, at) => (state[at]! += word));
}
