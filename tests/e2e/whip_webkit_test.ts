/**
 * WebKitGTK as Debian packages it has no WebRTC: the app's camera page says so instead of opening a camera for nothing.
 *
 * @module
 */

import { PHONE } from "../support/browsers/browser.ts";
import { launchWebkit } from "../support/browsers/webkit.ts";
import { deep } from "../support/player_page.ts";
import { RelayProcess } from "../support/relay_process.ts";

Deno.test("a browser without WebRTC is told that it cannot send its camera, and what can", async () => {
  await using relay = await RelayProcess.start({ args: ["--open", "publish"] });
  await using browser = await launchWebkit();
  await using page = await browser.open(`${relay.url}/camera`, { viewport: PHONE });
  await page.waitFor(`!("RTCPeerConnection" in globalThis)`, { what: "a browser without WebRTC" });
  const words = `${deep("rill-camera")}?.shadowRoot?.textContent`;
  await page.waitFor(
    `/cannot send its camera[^]*no WebRTC[^]*Chrome, Edge or Safari/.test(${words})`,
    { what: "a word on WebRTC" },
  );
  await page.waitFor(`!${deep("[data-do=open]")}`, { what: "no button that would lead nowhere" });
});
