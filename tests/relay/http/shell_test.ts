/** The app's page, filled in for its address. */

import assert from "node:assert/strict";
import { renderShell } from "../../../relay/http/shell.ts";

const TEMPLATE = '<base href="/"><noscript><!-- rill:plain --></noscript>';

Deno.test("the page knows the path it is served below", () => {
  const page = renderShell(TEMPLATE, { base: "/cams/", streams: [] });
  assert.ok(page.includes('<base href="/cams/">'));
});

Deno.test("without JavaScript a stream's page plays it as MP4 or by its playlist, the start page lists all", () => {
  const streams = ["porch", "field/gopro"];
  const live = renderShell(TEMPLATE, { base: "/", stream: "field/gopro", streams });
  assert.deepEqual(live.match(/<source [^>]+>/g), [
    '<source src="live/field/gopro/stream.mp4" type="video/mp4">',
    '<source src="live/field/gopro~aac/index.m3u8" type="application/vnd.apple.mpegurl">',
  ]);
  const start = renderShell(TEMPLATE, { base: "/", streams });
  assert.deepEqual(start.match(/href="live\/[^"]+"/g), [
    'href="live/porch"',
    'href="live/field/gopro"',
  ]);
});

Deno.test("names are text, whatever they hold", () => {
  const page = renderShell(TEMPLATE, { base: "/", stream: '"><script>', streams: [] });
  assert.ok(!page.includes("<script>"));
});

Deno.test("the built page has both places", async () => {
  const source = await Deno.readTextFile(new URL("../../../web/index.html", import.meta.url));
  const page = renderShell(source, { base: "/below/", stream: "cam", streams: ["cam"] });
  assert.ok(page.includes('<base href="/below/">') && page.includes("live/cam/stream.mp4"));
});
