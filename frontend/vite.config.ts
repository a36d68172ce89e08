import { defineConfig } from "vitest/config";

import { firstView } from "./first_view.ts";

const ENTRIES = ["site.css", "site.ts", "player.ts", "stage.ts", "control.ts", "schedule.ts"];

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
      // One file for what pages share: five small ones cost more in headers than they save.
      output: { codeSplitting: { groups: [{ name: "shared", test: /src\/lib\//, minShareCount: 2 }] } },
    },
  },
  test: { include: ["tests/**/*.test.ts"], environment: "node" },
});
