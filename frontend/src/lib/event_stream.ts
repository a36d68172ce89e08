/** Server-sent events read with fetch, because EventSource cannot carry a bearer ticket. */

export interface ServerEvent {
  readonly name: string;
  readonly data: string;
}

/** Parser of the event stream format (HTML standard, 9.2.6), without I/O: text in, whole events out. */
export class EventStreamParser {
  #rest = "";
  #name = "";
  #data: string[] = [];

  push(text: string): ServerEvent[] {
    const lines = (this.#rest + text).split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop() ?? "";
    const events: ServerEvent[] = [];
    for (const line of lines) {
      const event = this.#line(line);
      if (event !== null) events.push(event);
    }
    return events;
  }

  #line(line: string): ServerEvent | null {
    if (line === "") {
      const event = this.#data.length > 0 ? { name: this.#name || "message", data: this.#data.join("\n") } : null;
      this.#name = "";
      this.#data = [];
      return event;
    }
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "event") this.#name = value;
    if (field === "data") this.#data.push(value);
    return null;
  }
}

/** Feed `take` from an open answer until it ends. */
export async function readEvents(response: Response, take: (event: ServerEvent) => void): Promise<void> {
  if (response.body === null) return;
  const parser = new EventStreamParser();
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    for (const event of parser.push(value)) take(event);
  }
}
