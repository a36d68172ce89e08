/**
 * FLAC (RFC 9639) of 16-bit mono: fixed predictors of order 0 to 4 and Rice codes, the part of the format that a page
 * can carry in two kilobytes. No WebAssembly, so the content security policy stays without 'wasm-unsafe-eval'.
 */

const BLOCK = 4096;
const MOST_PARTITIONS_LOG2 = 5;
const MOST_RICE = 14;
const RATE_CODES: Readonly<Record<number, number>> = { 48000: 0b1010, 44100: 0b1001, 32000: 0b1000, 16000: 0b0101 };

/** A whole FLAC file of `samples`. Its MD5 is left out, as the format allows: the upload has a digest of its own. */
export function encodeFlac(samples: Int16Array, rateHz: number): Uint8Array<ArrayBuffer> {
  const bits = new BitWriter(samples.length * 2 + 1024);
  header(bits, samples.length, rateHz);
  for (let at = 0, frame = 0; at < samples.length; at += BLOCK, frame += 1) {
    writeFrame(bits, samples.subarray(at, Math.min(at + BLOCK, samples.length)), frame, rateHz);
  }
  return bits.bytes();
}

function header(bits: BitWriter, samples: number, rateHz: number): void {
  for (const letter of "fLaC") bits.put(letter.charCodeAt(0), 8);
  bits.put(0x80, 8); // the last metadata block: STREAMINFO
  bits.put(34, 24);
  bits.put(BLOCK, 16);
  bits.put(BLOCK, 16);
  bits.put(0, 24); // smallest and largest frame: unknown
  bits.put(0, 24);
  bits.put(rateHz, 20);
  bits.put(0, 3); // one channel
  bits.put(15, 5); // of 16 bits
  bits.put(Math.floor(samples / 2 ** 32), 4);
  bits.put(samples >>> 16, 16);
  bits.put(samples & 0xffff, 16);
  for (let byte = 0; byte < 16; byte += 1) bits.put(0, 8);
}

function writeFrame(bits: BitWriter, block: Int16Array, number: number, rateHz: number): void {
  const start = bits.length;
  bits.put(0xfff8, 16);
  bits.put(block.length === BLOCK ? 0b1100 : 0b0111, 4);
  bits.put(RATE_CODES[rateHz] ?? 0, 4);
  bits.put(0b0000_100_0, 8); // mono, 16 bits
  for (const byte of utf8(number)) bits.put(byte, 8);
  if (block.length !== BLOCK) bits.put(block.length - 1, 16);
  bits.put(crc8(bits.since(start)), 8);
  writeSubframe(bits, block);
  bits.align();
  bits.put(crc16(bits.since(start)), 16);
}

function writeSubframe(bits: BitWriter, block: Int16Array): void {
  if (block.every((sample) => sample === block[0])) {
    bits.put(0b0_000000_0, 8);
    bits.put((block[0] ?? 0) & 0xffff, 16);
    return;
  }
  const { order, residual } = predicted(block);
  const plan = partitioned(residual, block.length, order);
  if (plan.bits >= block.length * 16) {
    bits.put(0b0_000001_0, 8);
    for (const sample of block) bits.put(sample & 0xffff, 16);
    return;
  }
  bits.put((0b001000 | order) << 1, 8);
  for (const sample of block.subarray(0, order)) bits.put(sample & 0xffff, 16);
  bits.put(0, 2);
  bits.put(plan.log2, 4);
  let at = 0;
  for (const [index, rice] of plan.rices.entries()) {
    const end = ((index + 1) * block.length) / plan.rices.length - order;
    bits.put(rice, 4);
    for (; at < end; at += 1) bits.rice(residual[at] ?? 0, rice);
  }
}

/** The predictor that leaves the least, and what it leaves: differences of order 0 to 4. */
function predicted(block: Int16Array): { order: number; residual: Int32Array } {
  let differences = Int32Array.from(block);
  let best = { order: 0, residual: differences, sum: total(differences) };
  for (let order = 1; order <= Math.min(4, block.length - 1); order += 1) {
    const next = new Int32Array(differences.length - 1);
    for (let at = 0; at < next.length; at += 1) next[at] = (differences[at + 1] ?? 0) - (differences[at] ?? 0);
    differences = next;
    const sum = total(differences);
    if (sum < best.sum) best = { order, residual: differences, sum };
  }
  return best;
}

function total(values: Int32Array): number {
  let sum = 0;
  for (const value of values) sum += Math.abs(value);
  return sum;
}

interface Plan {
  readonly log2: number;
  readonly rices: number[];
  readonly bits: number;
}

/** Into how many partitions, and the Rice parameter of each. Sums of the finest ones serve the coarser. */
function partitioned(residual: Int32Array, length: number, order: number): Plan {
  let log2 = MOST_PARTITIONS_LOG2;
  while (log2 > 0 && (length % 2 ** log2 !== 0 || length / 2 ** log2 <= order)) log2 -= 1;
  let parts: { sum: number; count: number }[] = [];
  for (let part = 0, at = 0; part < 2 ** log2; part += 1) {
    const end = ((part + 1) * length) / 2 ** log2 - order;
    let sum = 0;
    const count = end - at;
    for (; at < end; at += 1) {
      const value = residual[at] ?? 0;
      sum += value < 0 ? -2 * value - 1 : 2 * value;
    }
    parts.push({ sum, count });
  }
  let best: Plan | null = null;
  for (; log2 >= 0; log2 -= 1) {
    const rices = parts.map(({ sum, count }) => riceFor(sum, count));
    const bits = parts.reduce((sofar, { sum, count }, at) => sofar + 4 + riceBits(sum, count, rices[at] ?? 0), 0);
    if (best === null || bits < best.bits) best = { log2, rices, bits };
    const joined = [];
    for (let at = 0; at + 1 < parts.length; at += 2) {
      const [left, right] = [parts[at], parts[at + 1]];
      if (left && right) joined.push({ sum: left.sum + right.sum, count: left.count + right.count });
    }
    parts = joined;
  }
  return best ?? { log2: 0, rices: [MOST_RICE], bits: Number.POSITIVE_INFINITY };
}

function riceFor(sum: number, count: number): number {
  let rice = 0;
  while (rice < MOST_RICE && count * 2 ** (rice + 1) < sum) rice += 1;
  return rice;
}

/** Nearly: the quotients' sum is known only up to one bit a sample. */
function riceBits(sum: number, count: number, rice: number): number {
  return count * (rice + 1) + Math.floor(sum / 2 ** rice);
}

/** A frame number as FLAC writes it: UTF-8, as if it were a code point. */
function utf8(number: number): number[] {
  if (number < 0x80) return [number];
  if (number < 0x800) return [0xc0 | (number >> 6), 0x80 | (number & 0x3f)];
  return [0xe0 | (number >> 12), 0x80 | ((number >> 6) & 0x3f), 0x80 | (number & 0x3f)];
}

function table(polynomial: number, width: number): Uint16Array {
  const top = 1 << (width - 1);
  return Uint16Array.from({ length: 256 }, (_, byte) => {
    let rest = byte << (width - 8);
    for (let bit = 0; bit < 8; bit += 1) rest = rest & top ? (rest << 1) ^ polynomial : rest << 1;
    return rest & (2 ** width - 1);
  });
}

const CRC8 = table(0x07, 8);
const CRC16 = table(0x8005, 16);

function crc8(bytes: Uint8Array): number {
  let rest = 0;
  for (const byte of bytes) rest = CRC8[rest ^ byte] ?? 0;
  return rest;
}

function crc16(bytes: Uint8Array): number {
  let rest = 0;
  for (const byte of bytes) rest = ((rest << 8) & 0xffff) ^ (CRC16[(rest >> 8) ^ byte] ?? 0);
  return rest;
}

class BitWriter {
  #buffer: Uint8Array<ArrayBuffer>;
  #held = 0;
  #heldBits = 0;
  length = 0;

  constructor(sizeBytes: number) {
    this.#buffer = new Uint8Array(sizeBytes);
  }

  /** The lowest `count` bits of `value`, the highest first; 24 at most. */
  put(value: number, count: number): void {
    this.#held = ((this.#held << count) | (value & (2 ** count - 1))) >>> 0;
    this.#heldBits += count;
    while (this.#heldBits >= 8) {
      this.#heldBits -= 8;
      this.#byte((this.#held >>> this.#heldBits) & 0xff);
    }
    this.#held &= 2 ** this.#heldBits - 1;
  }

  rice(value: number, rice: number): void {
    const folded = value < 0 ? -2 * value - 1 : 2 * value;
    let quotient = Math.floor(folded / 2 ** rice);
    for (; quotient >= 16; quotient -= 16) this.put(0, 16);
    this.put(1, quotient + 1);
    if (rice > 0) this.put(folded, rice);
  }

  align(): void {
    if (this.#heldBits > 0) this.put(0, 8 - this.#heldBits);
  }

  since(start: number): Uint8Array {
    return this.#buffer.subarray(start, this.length);
  }

  bytes(): Uint8Array<ArrayBuffer> {
    return this.#buffer.slice(0, this.length);
  }

  #byte(byte: number): void {
    if (this.length === this.#buffer.length) {
      const larger = new Uint8Array(this.#buffer.length * 2);
      larger.set(this.#buffer);
      this.#buffer = larger;
    }
    this.#buffer[this.length] = byte;
    this.length += 1;
  }
}
