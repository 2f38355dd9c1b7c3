/**
 * The player on a page that is not the relay's: another origin that knows `embed.js` and one address, in one browser.
 *
 * @module
 */

import assert from "node:assert/strict";
import { type BrowserName, DESKTOP, type Launch } from "../support/browsers/browser.ts";
import { readVideo, untilStats } from "../support/player_page.ts";
import { freePort } from "../support/ports.ts";
import { RelayProcess } from "../support/relay_process.ts";
import { serveFiles } from "../support/serve_files.ts";

function pageFor(relay: string): string {
  return `<!doctype html><meta charset="utf-8"><title>A page of somebody's</title>
<link rel="icon" href="data:,">
<style>* { color: red } rill-player { width: 640px }</style>
<script type="module" src="${relay}/embed.js"></script>
<h1>Our porch</h1>
<rill-player src="${relay}/live/demo" muted controls></rill-player>
`;
}

/** Registers the tests of one browser. */
export function testEmbedding(name: BrowserName, launch: Launch): void {
  Deno.test(`${name}: a page of another origin plays the demo by one script and one element`, async () => {
    await using relay = await RelayProcess.start();
    const folder = await Deno.makeTempDir({ prefix: "rill-embed-" });
    try {
      await Deno.writeTextFile(`${folder}/index.html`, pageFor(relay.url));
      await using site = serveFiles(folder);
      assert.notEqual(new URL(site.url).origin, relay.url);
      await using browser = await launch({ autoplay: true });
      await using page = await browser.open(site.url, { viewport: DESKTOP });
      const stats = await untilStats(page, {
        what: "pictures from the relay on another site's page",
        accept: ({ state, framesShown }) => state === "playing" && framesShown > 30,
      });
      assert.notEqual(stats.transport, "none");
      assert.equal((await readVideo(page)).width, 1280);
      const width = "document.querySelector('rill-player').getBoundingClientRect().width";
      assert.equal(await page.evaluate<number>(width), 640, "the page says how wide it is");
      // Elsewhere than on its own page the player must ask; that the relay has none is a 404 that Chromium writes down.
      const offer = /status of 404 .*\/api\/webtransport\)$/;
      const errors = (page.errors() ?? []).filter((error) => !offer.test(error));
      assert.deepEqual(errors, []);
      const shots = Deno.env.get("RILL_SCREENSHOTS");
      if (shots) {
        await Deno.mkdir(shots, { recursive: true });
        await page.screenshot(`${shots}/embed_${name}.png`);
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

/** Registers the test of one browser in which an authority can be installed. */
export function testEmbeddingOverTls(name: BrowserName, launch: Launch): void {
  Deno.test(`${name}: the same over TLS, for whom the relay's authority is installed`, async () => {
    const folder = await Deno.makeTempDir({ prefix: "rill-embed-" });
    try {
      const secure = `https://127.0.0.1:${freePort()}`;
      await using relay = await RelayProcess.start({
        args: ["--listen-tls", new URL(secure).host, "--tls", "auto"],
      });
      const trusts = await (await fetch(`${relay.url}/trust/rill.pem`)).text();
      await Deno.writeTextFile(`${folder}/index.html`, pageFor(secure));
      await using site = serveFiles(folder);
      await using browser = await launch({ autoplay: true, trusts });
      await using page = await browser.open(site.url, { viewport: DESKTOP });
      await untilStats(page, {
        what: "pictures over TLS on another site's page",
        accept: ({ state, framesShown }) => state === "playing" && framesShown > 30,
      });
      const others = `performance.getEntriesByType("resource").map(({ name }) => new URL(name))
        .filter(({ origin, protocol }) => origin !== "${secure}" && protocol.startsWith("http"))
        .map(String)`;
      assert.deepEqual(await page.evaluate(others), [], "all of it comes from the relay, by https");
      assert.deepEqual(page.errors() ?? [], []);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}
