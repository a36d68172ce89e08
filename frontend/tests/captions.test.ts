import { describe, expect, it } from "vitest";

import { CaptionPace, type TimedCue } from "../src/player/caption_pace";
import { found } from "../src/player/transcript";
import { parseVtt } from "../src/lib/webvtt";

function cue(start: number, text: string): TimedCue {
  return { start_ms: start * 1000, end_ms: start * 1000 + 2000, text };
}

/** Let the ear and the clock run together in steps of 200 ms; what was on the screen, each state once. */
function run(pace: CaptionPace, fromS: number, toS: number): string[] {
  const seen: string[] = [];
  for (let at = fromS; at <= toS; at += 0.2) {
    const rows = pace.at(at * 1000, at * 1000 + 77).join(" / ");
    if (rows !== seen.at(-1)) seen.push(rows);
  }
  return seen;
}

describe("the pace of captions", () => {
  it("shows words when the ear reaches them, and two rows at most", () => {
    const pace = new CaptionPace();
    pace.add([cue(10, "one"), cue(12, "two"), cue(14, "three")]);
    expect(run(pace, 9, 15)).toEqual(["", "one", "one / two", "two / three"]);
  });

  it("shows what comes late as soon as it comes, each long enough to be read", () => {
    const pace = new CaptionPace();
    run(pace, 9, 16);
    pace.add([cue(10, "a line of forty letters, more or less so"), cue(12, "two")]);
    expect(pace.at(16_200, 16_277)).toEqual(["a line of forty letters, more or less so"]);
    expect(pace.at(16_800, 16_877)).toHaveLength(1);
    expect(pace.at(17_600, 17_677)).toEqual(["a line of forty letters, more or less so", "two"]);
  });

  it("takes cues that come twice once, and lets old ones leave the screen", () => {
    const pace = new CaptionPace();
    for (let time = 0; time < 3; time += 1) pace.add([cue(10, "one")]);
    expect(run(pace, 9, 30)).toEqual(["", "one", ""]);
  });

  it("begins anew after a jump back", () => {
    const pace = new CaptionPace();
    pace.add([cue(10, "one"), cue(100, "two")]);
    run(pace, 99, 101);
    expect(pace.at(10_500, 101_300)).toEqual(["one"]);
  });

  it("does not fall behind when many come at once", () => {
    const pace = new CaptionPace();
    run(pace, 30, 40);
    pace.add(Array.from({ length: 10 }, (_, index) => cue(30 + index, `line ${index}`)));
    expect(run(pace, 40.2, 50).at(-1)).toContain("line 9");
  });
});

describe("WebVTT", () => {
  it("is read as our servers write it", () => {
    const file = "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000\n\n00:00:03.000 --> 00:01:06.500\nGood &amp;\n&lt;b&gt;\n";
    expect(parseVtt(file)).toEqual([{ start: 3, end: 66.5, text: "Good & <b>" }]);
    expect(parseVtt("WEBVTT\n")).toEqual([]);
  });

  it("can be searched whatever the case", () => {
    const cues = parseVtt("WEBVTT\n\n00:00:03.000 --> 00:00:06.500\nGood Evening\n");
    expect(found(cues, " evening ")).toHaveLength(1);
    expect(found(cues, "")).toHaveLength(1);
    expect(found(cues, "night")).toHaveLength(0);
  });
});
