/** hls.js plays our playlists in Chromium, low-latency parts and all, and goes on when the camera changes its picture. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { launchChromium } from "../support/browsers/chromium.ts";
import { joinTransportStreams, makeTransportStream } from "../support/clips.ts";
import { figure } from "../support/figure.ts";
import { HlsPage, type HlsState } from "../support/hls/hls_page.ts";
import { RelayProcess } from "../support/relay_process.ts";
import { PATIENCE_MS } from "../support/patience.ts";

async function untilState(
  page: HlsPage,
  { what, accept }: { readonly what: string; readonly accept: (state: HlsState) => boolean },
): Promise<HlsState> {
  const end = performance.now() + PATIENCE_MS;
  for (;;) {
    const state = await page.state();
    if (accept(state)) return state;
    if (performance.now() > end) throw new Error(`No ${what}: ${JSON.stringify(state)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

Deno.test("hls.js plays low-latency parts of another origin, and goes on across a change of size", async () => {
  const folder = await Deno.makeTempDir({ prefix: "rill-hls-e2e-" });
  try {
    const [small, large, clip] = ["small.ts", "large.ts", "clip.ts"].map((name) =>
      join(folder, name)
    );
    if (!small || !large || !clip) throw new Error("three paths");
    await makeTransportStream(small, { seconds: 10, rate: 30, group: 30, sound: true });
    await makeTransportStream(large, {
      seconds: 10,
      rate: 30,
      group: 30,
      size: "640x360",
      sound: true,
    });
    await joinTransportStreams(clip, [small, large]);
    await using relay = await RelayProcess.start({ args: [`cam=file:${clip}?loop`] });
    await using browser = await launchChromium({ autoplay: true });
    await using page = await HlsPage.open(browser, `${relay.url}/live/cam/index.m3u8`);
    const first = await untilState(page, {
      what: "picture",
      accept: ({ decoded, latencyMs }) => decoded > 30 && latencyMs !== null,
    });
    const changed = await untilState(page, {
      what: "picture of the other size",
      accept: ({ width }) => width !== first.width && width > 0,
    });
    const later = await untilState(page, {
      what: "picture after the change",
      accept: ({ decoded }) => decoded > changed.decoded + 30,
    });
    figure(`hls.js in Chromium ${browser.version}: ${Math.round(later.latencyMs ?? 0)} ms behind`);
    assert.ok(later.parts > 10, "it takes parts");
    assert.deepEqual(later.fatal, []);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
