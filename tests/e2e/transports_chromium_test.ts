/**
 * The ways to the relay, in Chromium: each plays when it is asked for, and when the one in use dies in mid-view the
 * picture goes on over another, in the same buffer.
 */

import assert from "node:assert/strict";
import { launchChromium } from "../support/browsers/chromium.ts";
import type { Page } from "../support/browsers/browser.ts";
import { figure } from "../support/figure.ts";
import { impairUdp } from "../support/impairment_udp.ts";
import { countPictures, readGaps } from "../support/picture_gaps.ts";
import { readVideo, untilStats } from "../support/player_page.ts";
import { type QuicRelay, startQuicRelay } from "../support/quic_relay.ts";

interface Setting extends AsyncDisposable {
  readonly running: QuicRelay;
  open(query: string): Promise<Page>;
}

async function start(): Promise<Setting> {
  await using owned = new AsyncDisposableStack();
  const data = await Deno.makeTempDir({ prefix: "rill-transports-" });
  owned.defer(() => Deno.remove(data, { recursive: true }));
  const running = owned.use(await startQuicRelay({ sources: ["demo"], data }));
  const browser = owned.use(await launchChromium({ autoplay: true }));
  const all = owned.move();
  return {
    running,
    open: (query) => browser.open(`${running.url}/live/demo?muted=true${query}`),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

function playing(page: Page, transport: string, shown = 0): ReturnType<typeof untilStats> {
  return untilStats(page, {
    what: `pictures over ${transport}`,
    accept: (stats) =>
      stats.state === "playing" && stats.transport === transport && stats.framesShown > shown + 30,
  });
}

/** A page that plays over WebTransport: on a busy machine its head start may be too short for it. */
async function overWebTransport(open: () => Promise<Page>): Promise<Page> {
  for (let tries = 0;; tries++) {
    const page = await open();
    const { transport } = await untilStats(page, {
      what: "pictures",
      accept: ({ state }) => state === "playing",
    });
    if (transport === "webtransport") return page;
    await page[Symbol.asyncDispose]();
    assert.ok(tries < 10, "WebTransport is slower than the WebSocket, always");
  }
}

/** What the page holds for a network's failures; `null` where there were none. */
function failedHere(page: Page): Promise<string | null> {
  return page.evaluate(`localStorage.getItem("rill.transports-that-failed")`);
}

Deno.test("each transport plays when it is asked for; WebTransport is the one taken by itself", async () => {
  await using all = await start();
  for (const transport of ["webtransport", "websocket", "hls"]) {
    await using page = await all.open(`&transport=${transport}`);
    const { bufferedRanges } = await playing(page, transport);
    assert.equal(bufferedRanges, 1);
    assert.deepEqual(page.errors(), []);
  }
  await using page = await overWebTransport(() => all.open(""));
  await playing(page, "webtransport");
});

Deno.test("the relay ends the session in mid-view: the picture goes on, and no network failed", async () => {
  await using all = await start();
  await using page = await overWebTransport(() => all.open(""));
  const before = await playing(page, "webtransport");
  await countPictures(page);
  await all.running.relay.webTransport?.endSessions("a test");
  const after = await untilStats(page, {
    what: "the picture to go on",
    accept: ({ state, reconnects, framesShown }) =>
      state === "playing" && reconnects > 0 && framesShown > before.framesShown + 30,
  });
  figure(`session ended: ${(await readGaps(page)).longestMs} ms without a picture`);
  assert.equal(after.rebuilds, 0);
  assert.equal(await failedHere(page), null);
  assert.equal((await readVideo(page)).ranges, 1, "one range: not a picture is missing");
});

Deno.test("the relay is started anew: viewers come back, and no network failed", async () => {
  await using owned = new AsyncDisposableStack();
  const data = await Deno.makeTempDir({ prefix: "rill-transports-" });
  owned.defer(() => Deno.remove(data, { recursive: true }));
  const browser = owned.use(await launchChromium({ autoplay: true }));
  const before = owned.use(await startQuicRelay({ sources: ["demo"], data }));
  const { port } = new URL(before.url);
  const open = (): Promise<Page> => browser.open(`${before.url}/live/demo?muted=true`);
  const page = owned.use(await overWebTransport(open));
  const { framesShown } = await playing(page, "webtransport");
  await before.relay[Symbol.asyncDispose]();
  owned.use(await startQuicRelay({ sources: ["demo"], data, port: Number(port) }));
  await untilStats(page, {
    what: "pictures of the new relay",
    accept: (stats) => stats.state === "playing" && stats.framesShown > framesShown + 30,
  });
  assert.equal(await failedHere(page), null);
});

Deno.test("UDP dies in mid-view: the picture goes on over the WebSocket, without a black frame", async () => {
  await using all = await start();
  const { webTransport } = all.running.relay;
  assert.ok(webTransport);
  const impairment = { delayMs: 0, loss: 0, seed: 1 };
  await using proxy = impairUdp(webTransport.port, impairment);
  Object.defineProperty(webTransport, "port", { value: proxy.port });
  await using page = await overWebTransport(() => all.open(""));
  const before = await playing(page, "webtransport");
  await countPictures(page);
  impairment.loss = 1;
  const after = await playing(page, "websocket", before.framesShown);
  figure(`UDP gone: ${(await readGaps(page)).longestMs} ms without a picture`);
  assert.equal(after.rebuilds, 0, "the decoder and its last picture stayed");
  await using next = await all.open("");
  const { reconnects } = await playing(next, "websocket");
  assert.equal(reconnects, 0, "where no UDP gets through, nobody waits for it");
});
