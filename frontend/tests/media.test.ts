import { describe, expect, it } from "vitest";

import { refused } from "../src/network/media";

const LIMITS = { dataset: { pictureBytes: "16000000", filmBytes: "40000000" } } as unknown as HTMLElement;
const picture = { kind: "image", empty: false };
const film = { kind: "video", empty: false };
const nothing = { kind: "", empty: true };

function file(type: string, size: number): File {
  return { name: "a", type, size } as File;
}

describe("what may hang on a post", () => {
  it("is four pictures, or one film or sound", () => {
    expect(refused(file("image/jpeg", 1000), [picture, nothing], LIMITS)).toBeNull();
    expect(refused(file("video/mp4", 1000), [nothing, nothing], LIMITS)).toBeNull();
    expect(refused(file("video/mp4", 1000), [picture, nothing], LIMITS)).toContain("stands alone");
    expect(refused(file("image/png", 1000), [film, nothing], LIMITS)).toContain("stands alone");
    expect(refused(file("audio/mpeg", 1000), [picture, nothing], LIMITS)).toContain("stands alone");
  });

  it("is told before a byte has gone when it is too large", () => {
    expect(refused(file("image/jpeg", 17_000_000), [nothing], LIMITS)).toBe(
      "a has 17 MB; 16 MB is the limit. Make it smaller first.",
    );
    expect(refused(file("video/mp4", 17_000_000), [nothing], LIMITS)).toBeNull();
    expect(refused(file("video/mp4", 41_000_000), [nothing], LIMITS)).toContain("40 MB is the limit");
  });
});
