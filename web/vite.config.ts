/**
 * How Vite builds and serves the web app: relative addresses, so that the relay can put it under any
 * path, and a development server that passes media and API to a relay on port 8000.
 *
 * @module
 */

import { defineConfig } from "vite";

const RELAY = "http://127.0.0.1:8000";

// A page address (`live/porch`) is the app's; what lies below it on the relay ends in one of these.
const MEDIA =
  "^/live/.+/(ws|stream\\.mp4|stream\\.ts|frame\\.mp4|frame\\.jpg|index\\.m3u8)(\\?.*)?$";

// Vite reads the default export of this file.
export default defineConfig({
  root: import.meta.dirname,
  base: "./",
  build: {
    outDir: "dist",
    emptyOutDir: true,
    target: ["chrome111", "firefox114", "safari16.4"],
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
