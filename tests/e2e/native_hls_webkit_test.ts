/**
 * A browser without MediaSource that plays playlists by itself, as iPhones before iOS 17.1: WebKitGTK on a page that
 * takes its MediaSource away before the player comes, and what else such an iPhone does not have.
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { DESKTOP } from "../support/browsers/browser.ts";
import { despiteLocks, launchWebkit } from "../support/browsers/webkit.ts";
import { makeTransportStream } from "../support/clips.ts";
import { figure } from "../support/figure.ts";
import { PATIENCE_MS } from "../support/patience.ts";
import { deep, readStats, untilStats } from "../support/player_page.ts";
import { RelayProcess } from "../support/relay_process.ts";
import { serveFiles } from "../support/serve_files.ts";

const PICTURES = 60;

function pageFor(relay: string, stream = "demo"): string {
  return `<!doctype html><meta charset="utf-8"><title>An old iPhone</title>
<link rel="icon" href="data:,">
<script>
delete globalThis.MediaSource; delete globalThis.ManagedMediaSource;
delete URL.canParse; delete AbortSignal.any; delete Promise.withResolvers;
</script>
<script type="module" src="${relay}/embed.js"></script>
<rill-player src="${relay}/live/${stream}" muted controls></rill-player>
`;
}

/** It may take {@link despiteLocks} its attempts. */
const LIMIT_MS = 6 * PATIENCE_MS;

Deno.test({
  name:
    "without MediaSource the browser's own player plays the playlist, and comes back after the relay",
  timeout: LIMIT_MS,
  fn: () => despiteLocks(comesBack),
});

async function comesBack(): Promise<void> {
  await using first = await RelayProcess.start();
  const folder = await Deno.makeTempDir({ prefix: "rill-native-" });
  try {
    await Deno.writeTextFile(`${folder}/index.html`, pageFor(first.url));
    await using site = serveFiles(folder);
    await using browser = await launchWebkit({ autoplay: true, playlists: true });
    await using page = await browser.open(site.url, { viewport: DESKTOP });
    const has = await page.evaluate<boolean>(
      "'MediaSource' in globalThis || 'ManagedMediaSource' in globalThis",
    );
    assert.equal(has, false, "it has no MediaSource");
    const began = performance.now();
    const { transport, width, latencyMs } = await untilStats(page, {
      what: "pictures",
      accept: ({ state, framesShown }) => state === "playing" && framesShown > PICTURES,
    });
    figure(`native HLS: ${PICTURES} pictures after ${Math.round(performance.now() - began)} ms`);
    assert.equal(transport, "hls");
    assert.ok(width > 0);
    assert.equal(latencyMs, null, "what is not known is not told");

    await first.kill();
    await untilStats(page, {
      what: "the player to say so",
      accept: ({ state }) => state !== "playing",
    });
    const shown = (await readStats(page))?.framesShown ?? 0;
    await using _second = await RelayProcess.start({ port: first.port });
    await untilStats(page, {
      what: "the picture to come back",
      accept: ({ state, framesShown }) => state === "playing" && framesShown > shown + PICTURES,
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("such a browser is given Opus as AAC, which it plays", async () => {
  const folder = await Deno.makeTempDir({ prefix: "rill-native-" });
  try {
    const clip = join(folder, "clip.ts");
    await makeTransportStream(clip, { seconds: 6, sound: "opus" });
    await using relay = await RelayProcess.start({ args: [`cam=file:${clip}?loop`] });
    await Deno.writeTextFile(`${folder}/index.html`, pageFor(relay.url, "cam"));
    await using site = serveFiles(folder);
    await using browser = await launchWebkit({ autoplay: true, playlists: true });
    await using page = await browser.open(site.url, { viewport: DESKTOP });
    await untilStats(page, {
      what: "pictures",
      accept: ({ state, framesShown }) => state === "playing" && framesShown > 25,
    });
    const playlist = await page.evaluate<string>(`${deep("video")}.src`);
    assert.match(await (await fetch(playlist)).text(), /CODECS="avc1[^"]*,mp4a\.40\.2"/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
