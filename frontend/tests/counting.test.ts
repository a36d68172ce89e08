import { describe, expect, it } from "vitest";

import { countedLength } from "../src/network/counting";

describe("counting characters as the server does", () => {
  it.each([
    ["", 0],
    ["Hello", 5],
    ["e\u0301", 1],
    ["👩‍👩‍👧", 5],
    ["https://example.org/a/very/long/address/that/goes/on", 23],
    ["See https://example.org.", 28],
    ["(https://en.example.org/wiki/A_(b))", 25],
    ["https://localhost:8000/x", 23],
    ["https://nothing", 15],
    ["https://user@example.org/", 25],
    ["@ada@example.org hello", 10],
    ["mail@example.org", 16],
  ])("%j counts %i", (text, count) => {
    expect(countedLength(text)).toBe(count);
  });
});
