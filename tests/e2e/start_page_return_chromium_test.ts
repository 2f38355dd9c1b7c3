/**
 * From the start page to a camera and back: the list is where it was left, and a page whose relay has gone, or has another
 * version by now, comes to the camera all the same.
 *
 * @module
 */

import assert from "node:assert/strict";
import { askUntil } from "../support/ask.ts";
import { PHONE } from "../support/browsers/browser.ts";
import { launchChromium } from "../support/browsers/chromium.ts";
import { deep, untilStats } from "../support/player_page.ts";
import { freePort } from "../support/ports.ts";
import { RelayProcess } from "../support/relay_process.ts";

const MANY = 12;
const DEMO = deep('a[href$="live/demo"]');

Deno.test("who comes back to many cameras finds the list where they left it", async () => {
  const others = Array.from({ length: MANY }, (_, i) => `cam${i}=udp://127.0.0.1:${freePort()}`);
  await using relay = await RelayProcess.start({ args: [...others, "demo"] });
  await using browser = await launchChromium();
  await using page = await browser.open(`${relay.url}/`, { viewport: PHONE });
  await page.waitFor(`!!${DEMO}`, { what: "the last camera" });
  const left = await page.evaluate<number>(
    `(${DEMO}.scrollIntoView({ block: "center" }), Math.round(scrollY))`,
  );
  assert.ok(left > 1_000, `${left} pixels down`);
  await page.evaluate(`${DEMO}.click()`);
  await untilStats(page, { what: "pictures", accept: ({ state }) => state === "playing" });
  await page.evaluate("history.back()");
  await page.waitFor(`!!${DEMO}`, { what: "the list" });
  await page.waitFor(`Math.abs(scrollY - ${left}) < 50`, { what: "the place it was left at" });
});

Deno.test("a page that cannot have its code says so, and comes to the camera when the relay is back", async () => {
  await using first = await RelayProcess.start();
  await using browser = await launchChromium();
  await using page = await browser.open(`${first.url}/`, { viewport: PHONE });
  await page.waitFor(`!!${DEMO}`, { what: "the demo's link" });
  await first.kill();
  await page.evaluate(`${DEMO}.click()`);
  const told = `${deep(".lost")}?.textContent`;
  await page.waitFor(`/did not load[^]*The relay does not answer/.test(${told})`, {
    what: "words",
  });
  await using second = await RelayProcess.start({ port: first.port });
  await askUntil(() => second.stream("demo"), {
    accept: ({ viewers }) => viewers > 0,
    what: "the page to be loaded anew, and to watch",
  });
  await untilStats(page, { what: "pictures", accept: ({ state }) => state === "playing" });
  assert.equal(await page.evaluate("location.pathname"), "/live/demo");
});

Deno.test("a page that is older than its relay is loaded anew with the first view it has no code for", async () => {
  await using relay = await RelayProcess.start();
  let isOld = true;
  let hasCode = false;
  // The relay with another version of the app: what the old page asks for is there no more.
  await using proxy = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen(): void {} },
    (request) => {
      const { pathname, search } = new URL(request.url);
      if (request.method === "GET" && pathname === "/live/demo") isOld = false;
      if (pathname.includes("/live_view")) {
        if (isOld) return new Response("gone", { status: 404 });
        hasCode = true;
      }
      return fetch(`${relay.url}${pathname}${search}`, { method: request.method });
    },
  );
  await using browser = await launchChromium();
  await using page = await browser.open(`http://127.0.0.1:${proxy.addr.port}/`);
  await page.waitFor(`!!${DEMO}`, { what: "the demo's link" });
  await page.evaluate(`${DEMO}.click()`);
  await askUntil(() => Promise.resolve(hasCode), {
    accept: (asked) => asked,
    what: "the page to be loaded anew",
  });
  await page.waitFor(`!!${deep("rill-player")}`, { what: "the camera's page" });
});
