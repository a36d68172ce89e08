/** The room's state, four times a second, for as long as there is a ticket. */

import { pause, waitMs } from "../lib/backoff";
import { readEvents } from "../lib/event_stream";
import { ask } from "../lib/problem";
import type { StageState } from "../lib/wire";
import type { Ticket } from "./connection";

const RETRY = { firstMs: 500, mostMs: 5000 } as const;

export async function followRoom(
  ticket: () => Ticket | null,
  take: (state: StageState) => void,
  signal: AbortSignal,
): Promise<void> {
  for (let attempt = 0; !signal.aborted; attempt += 1) {
    const { ticket: bearer, state_url: url } = ticket() ?? {};
    if (bearer !== undefined && url !== undefined) {
      try {
        const response = await ask(url, { headers: { Authorization: `Bearer ${bearer}` }, signal });
        await readEvents(response, (event) => {
          attempt = 0;
          take(JSON.parse(event.data) as StageState);
        });
      } catch {
        // The connection says what is wrong with the stage; this stream only tries again.
      }
    }
    await pause(waitMs(attempt, RETRY, Math.random()), signal);
  }
}
