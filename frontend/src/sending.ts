/** An invitation's page after the broadcast: sends what is left of the speaker's own recording. */

import "./site";

import { dataOf, need } from "./lib/dom";
import { LocalView } from "./stage/local_view";

const DRAW_EVERY_MS = 500;
const root = need<HTMLElement>("[data-sending]");
const data = dataOf<{ speaker_id: string; recording_url: string }>(root, "sending");
const local = new LocalView(data.speaker_id, data.recording_url, () => Promise.resolve(null));
const nothing = { live: false, ended: true, present: false, silent: true, track: null, lostPct: 0, poor: false, offsetMs: 0 };

setInterval(() => local.update(nothing, performance.now()), DRAW_EVERY_MS);
