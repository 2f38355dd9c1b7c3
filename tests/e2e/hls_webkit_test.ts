/** hls.js plays our low-latency playlists in WebKitGTK, through its own MediaSource. */

import assert from "node:assert/strict";
import { launchWebkit } from "../support/browsers/webkit.ts";
import { figure } from "../support/figure.ts";
import { HlsPage } from "../support/hls/hls_page.ts";
import { RelayProcess } from "../support/relay_process.ts";

Deno.test("hls.js plays the demo by low-latency parts in WebKitGTK", async () => {
  await using relay = await RelayProcess.start();
  await using browser = await launchWebkit({ autoplay: true });
  await using page = await HlsPage.open(browser, `${relay.url}/live/demo/index.m3u8`);
  await page.page.waitFor("state().decoded > 60 && state().latencyMs !== null", {
    what: "two seconds of pictures",
  });
  const { parts, fatal, latencyMs } = await page.state();
  figure(`hls.js in WebKitGTK ${browser.version}: ${Math.round(latencyMs ?? 0)} ms behind`);
  assert.ok(parts > 5, "it takes parts");
  assert.deepEqual(fatal, []);
});
