/**
 * How Vite builds and serves the web app: relative addresses, so that the relay can put it under any
 * path, `embed.js` for other pages as one file beside it, and a development server that passes media and API to a relay
 * on port 8000.
 *
 * @module
 */

import { build, defineConfig, type Plugin } from "vite";

const RELAY = "http://127.0.0.1:8000";

// A page address (`live/porch`) is the app's; what lies below it on the relay ends in one of these.
const MEDIA =
  "^/live/.+/(ws|stream\\.mp4|stream\\.ts|frame\\.mp4|frame\\.jpg|index\\.m3u8|hls/[^/?]+)(\\?.*)?$";

const TARGET = ["chrome111", "firefox114", "safari16.4"];

/** A build of its own: what is for other pages shares no chunk with the app, and its name never changes. */
const embed: Plugin = {
  name: "rill-embed",
  apply: "build",
  async closeBundle(): Promise<void> {
    await build({
      configFile: false,
      root: import.meta.dirname,
      base: "./",
      publicDir: false,
      logLevel: "warn",
      build: {
        outDir: "dist",
        emptyOutDir: false,
        target: TARGET,
        modulePreload: { polyfill: false },
        assetsInlineLimit: 0,
        rolldownOptions: {
          input: `${import.meta.dirname}/src/embed.ts`,
          output: { entryFileNames: "embed.js", codeSplitting: false },
        },
      },
    });
  },
};

// Vite reads the default export of this file.
export default defineConfig({
  root: import.meta.dirname,
  base: "./",
  plugins: [embed],
  build: {
    outDir: "dist",
    emptyOutDir: true,
    target: TARGET,
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: ["index.html", "trust.html"].map((page) => `${import.meta.dirname}/${page}`),
    },
  },
  server: {
    port: 5173,
    proxy: {
      "/trust/": { target: RELAY },
      "/api": { target: RELAY, ws: true },
      [MEDIA]: { target: RELAY, ws: true },
    },
  },
});
