import { defineConfig } from "vitest/config";

import { firstView } from "./first_view.ts";

const ENTRIES = ["site.css", "work.css", "stage.css", "transcript.css", "network.css", "nav.css", "law.css", "desk.css", "site.ts", "network.ts", "player.ts", "stage.ts", "control.ts", "edit_replay.ts", "clip.ts", "schedule.ts", "desk.ts", "sending.ts", "passkeys.ts"];

export default defineConfig({
  base: "/static/",
  publicDir: false,
  plugins: [firstView()],
  build: {
    outDir: "../src/rostra/web/static",
    emptyOutDir: true,
    manifest: "manifest.json",
    target: ["chrome111", "edge111", "firefox114", "safari16.4"],
    // A font as a data: address would be refused by the pages' content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // hls.js is 374 kB before compression; it arrives after the page, and only where something is on the air.
    chunkSizeWarningLimit: 400,
    rolldownOptions: {
      input: ENTRIES.map((name) => `src/${name}`),
      // One file for what the broadcast page and others share, site.ts included: small ones cost more in headers than
      // they save. And one for what only the pages of speakers and organisers share, and what comes later.
      output: {
        codeSplitting: {
          groups: [
            { name: "work", test: /src\/lib\/(confirm|event_stream|levels|meter)\.ts/, minShareCount: 2, priority: 2 },
            { name: "shared", test: /rolldown\/runtime|src\/(lib\/|site\.ts)/, minShareCount: 2, priority: 1 },
          ],
        },
      },
    },
  },
  // Encoding whole minutes takes seconds, and more of them on a busy machine.
  test: { include: ["tests/**/*.test.ts"], environment: "node", testTimeout: 60_000 },
});
