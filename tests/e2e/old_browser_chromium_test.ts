/**
 * The oldest browsers that the app is built for, played by Chromium without what came after them: cameras are listed,
 * played and published there.
 */

import assert from "node:assert/strict";
import { PHONE } from "../support/browsers/browser.ts";
import { launchChromium } from "../support/browsers/chromium.ts";
import { deep, untilStats } from "../support/player_page.ts";
import { RelayProcess } from "../support/relay_process.ts";

/** Chrome 111, Firefox 114 and Safari 16.4 have none of these. */
const OLD = `[
  [Promise, ["withResolvers", "try"]],
  [AbortSignal, ["any"]],
  [URL, ["canParse", "parse"]],
  [Object, ["groupBy"]],
  [Map, ["groupBy"]],
  [Array, ["fromAsync"]],
  [Array.prototype, ["toSorted", "toReversed", "toSpliced", "with"]],
  [Set.prototype, ["union", "intersection", "difference"]],
  [globalThis, ["Iterator"]],
].forEach(([owner, names]) => names.forEach((name) => delete owner[name]))`;

Deno.test("an old browser plays, and publishes its camera", async () => {
  await using relay = await RelayProcess.start({ args: ["--open", "publish"] });
  await using browser = await launchChromium({ autoplay: true, camera: true });
  const old = { viewport: PHONE, before: OLD };
  await using start = await browser.open(`${relay.url}/`, old);
  await start.waitFor(`!!${deep('a[href="live/demo"]')}`, { what: "the list of cameras" });
  await using live = await browser.open(`${relay.url}/live/demo`, old);
  await untilStats(live, {
    what: "pictures",
    accept: ({ state, framesShown }) => state === "playing" && framesShown > 30,
  });
  await using camera = await browser.open(`${relay.url}/camera`, old);
  await camera.waitFor(`!!${deep("[data-do=open]")}`, { what: "the camera's page" });
  await camera.click("[data-do=open]");
  await camera.waitFor(`!!${deep("[data-do=start]")}`, { what: "the preview" });
  await camera.click("[data-do=start]");
  const words = `${deep("rill-camera")}.shadowRoot.textContent`;
  await camera.waitFor(`/Publishing[^]*Confirmed by the relay [\\d.]+.m?s ago/.test(${words})`, {
    what: "the relay's confirmation",
  });
  for (const page of [start, live, camera]) assert.deepEqual(page.errors(), []);
});
