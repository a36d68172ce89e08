/** WebVTT as our own servers write it: a time line, then text until an empty line. */

export interface Cue {
  /** Seconds on the file's own timeline. */
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

const TIMES = /^(\d+):(\d{2}):(\d{2}\.\d{3}) --> (\d+):(\d{2}):(\d{2}\.\d{3})/;

export function parseVtt(file: string): Cue[] {
  const cues: Cue[] = [];
  for (const block of file.replaceAll("\r\n", "\n").split(/\n{2,}/)) {
    const lines = block.split("\n");
    const at = lines.findIndex((line) => TIMES.test(line));
    const found = TIMES.exec(lines[at] ?? "");
    if (found === null) continue;
    const [startH, startM, startS, endH, endM, endS] = found.slice(1).map(Number) as [number, number, number, number, number, number];
    const text = lines.slice(at + 1).join(" ").replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&").trim();
    cues.push({ start: startH * 3600 + startM * 60 + startS, end: endH * 3600 + endM * 60 + endS, text });
  }
  return cues;
}
