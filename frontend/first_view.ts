/** The promise that a page's first view weighs at most 60 kB on the wire, kept by the build itself. */

import { gzipSync } from "node:zlib";

import type { Plugin } from "vite";

const LIMIT_BYTES = 60_000;
/** The page's own HTML after gzip and the headers of page and icon; the headers of any other file. Both measured. */
const PAGE_BYTES = 4500;
const HEADER_BYTES = 300;
const FILES = [/latin-(600|wght)-normal.*\.woff2$/, /site-.*\.css$/, /(site|shared|player)-.*\.js$/, /icon-.*\.svg$/];
const LATER = /latin-ext/;

export function firstView(): Plugin {
  return {
    name: "first-view",
    apply: "build",
    generateBundle(_options, bundle) {
      let total = PAGE_BYTES;
      for (const [name, file] of Object.entries(bundle)) {
        if (LATER.test(name) || !FILES.some((pattern) => pattern.test(name))) continue;
        const content = file.type === "chunk" ? file.code : file.source;
        total += (name.endsWith(".woff2") ? content.length : gzipSync(content).length) + HEADER_BYTES;
      }
      if (total > LIMIT_BYTES) this.error(`the first view weighs ${total} bytes; ${LIMIT_BYTES} is the limit`);
      this.info(`first view of a broadcast: ${total} bytes of ${LIMIT_BYTES}`);
    },
  };
}
