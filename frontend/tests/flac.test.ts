import { spawnSync } from "node:child_process";

import { describe, expect, it } from "vitest";

import { encodeFlac } from "../src/stage/local/flac";

/** What FFmpeg makes of a FLAC file: it checks every frame's CRC. */
function decoded(file: Uint8Array): Int16Array {
  const words = ["-v", "error", "-xerror", "-err_detect", "crccheck+explode", "-f", "flac", "-i", "-", "-f", "s16le", "-"];
  const { status, stdout, stderr } = spawnSync("ffmpeg", words, { input: file, maxBuffer: 1 << 26 });
  expect(stderr.toString()).toBe("");
  expect(status).toBe(0);
  return new Int16Array(stdout.buffer.slice(stdout.byteOffset, stdout.byteOffset + stdout.length));
}

function tone(samples: number, hz: number, level: number): Int16Array {
  return Int16Array.from({ length: samples }, (_, at) => Math.round(level * Math.sin((2 * Math.PI * hz * at) / 48000)));
}

/** Numbers that look like chance and are the same every time. */
function noise(samples: number, level: number): Int16Array {
  let seed = 12345;
  return Int16Array.from({ length: samples }, () => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return Math.round((seed / 1073741824 - 1) * level);
  });
}

describe("FLAC", () => {
  it.each([
    ["silence", new Int16Array(48000)],
    ["a tone", tone(48000, 440, 9000)],
    ["full scale", Int16Array.from({ length: 20000 }, (_, at) => (at % 7 < 3 ? 32767 : -32768))],
    ["noise at full scale", noise(48000, 32767)],
    ["soft noise", noise(30001, 40)],
    ["a jump out of silence", Int16Array.from({ length: 9000 }, (_, at) => (at === 5000 ? -32768 : 0))],
    ["one sample", Int16Array.of(-5)],
    ["three samples", Int16Array.of(1, -2, 30000)],
    ["many frames", tone(150 * 4096, 97, 500)],
  ])("gives back %s, sample by sample", (_, samples) => {
    expect(decoded(encodeFlac(samples, 48000))).toEqual(samples);
  });

  it("takes any rate that a sound card has", () => {
    for (const rate of [16000, 44100, 96000]) expect(decoded(encodeFlac(tone(5000, 440, 900), rate))).toHaveLength(5000);
  });

  it("is small where there is little", () => {
    expect(encodeFlac(new Int16Array(240000), 48000).length).toBeLessThan(1000);
    expect(encodeFlac(tone(240000, 440, 9000), 48000).length).toBeLessThan(240000);
    expect(encodeFlac(noise(48000, 32767), 48000).length).toBeLessThan(48000 * 2 * 1.01);
  });
});
