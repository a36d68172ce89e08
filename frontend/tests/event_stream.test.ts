import { describe, expect, it } from "vitest";

import { EventStreamParser } from "../src/lib/event_stream";

function events(...chunks: string[]): string[] {
  const parser = new EventStreamParser();
  return chunks.flatMap((chunk) => parser.push(chunk)).map((event) => `${event.name}=${event.data}`);
}

describe("server-sent events", () => {
  it("come out whole, however the network cut them", () => {
    const text = 'retry: 1000\n\ndata: {"a":1}\n\nevent: stage\ndata: x\ndata: y\n\n';
    expect(events(text)).toEqual(['message={"a":1}', "stage=x\ny"]);
    expect(events(...text)).toEqual(['message={"a":1}', "stage=x\ny"]);
  });

  it("know all three line ends and ignore comments", () => {
    expect(events(": ping\r\n\r\ndata: 1\r\n\r\n", "data: 2\r\rdata:3\n\n")).toEqual(["message=1", "message=2", "message=3"]);
  });

  it("keep an unfinished event to themselves", () => {
    expect(events("data: half")).toEqual([]);
  });
});
