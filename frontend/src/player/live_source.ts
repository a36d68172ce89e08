/** What the player needs of whatever brings the programme to the `<audio>` element. */

export interface LiveWindow {
  /** Media time, seconds: the oldest moment that can be heard, and where "live" is. */
  readonly start: number;
  readonly live: number;
}

export interface SourceEvents {
  /** Sound stopped because data is missing. */
  stalled(): void;
  /** The source cannot go on by itself right now, but tries again. */
  troubled(text: string): void;
  /** The source works again after `troubled`. */
  recovered(): void;
  /** The edge lets in whoever has a ticket; we have none. */
  full(): void;
}

export interface LiveSource {
  /** Start to fetch the programme at the live edge. */
  start(): void;
  /** We have a ticket: begin anew with it. */
  admit(ticket: string): void;
  /** Unix ms (server time) of the moment in the programme that is heard now; null when nobody knows. */
  heardAtMs(): number | null;
  /** Bits per second of the rendition that is heard; null when nobody knows. */
  bitrateBps(): number | null;
  /** The name of the rendition that is heard; null when nobody knows. */
  rendition?(): string | null;
  window(): LiveWindow | null;
  /** Stop and let go of the element. */
  close(): void;
}
