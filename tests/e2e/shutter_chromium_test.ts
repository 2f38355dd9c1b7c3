/** The shutter of a GoPro, pressed in the page: what stands there is what the camera says. */

import assert from "node:assert/strict";
import { PHONE } from "../support/browsers/browser.ts";
import { launchChromium } from "../support/browsers/chromium.ts";
import { GoProCamera } from "../support/gopro_camera.ts";
import { goProGroups } from "../support/gopro_datagrams.ts";
import { hero4 } from "../support/gopro_firmware.ts";
import { concatBytes } from "../../shared/bytes.ts";
import { deep } from "../support/player_page.ts";
import { RelayProcess } from "../support/relay_process.ts";
import { freeUdpPort } from "../support/ports.ts";

const ROOT = `${deep("rill-shutter")}?.shadowRoot`;
const BUTTON = `${ROOT}?.querySelector("button")`;

function camera(): GoProCamera {
  const capture = concatBytes(goProGroups(12, 33));
  return GoProCamera.on({ firmware: hero4, capture, streamPort: freeUdpPort(), repeat: true });
}

Deno.test("the shutter: pressed and released, as the camera says", async () => {
  await using hero = camera();
  await using relay = await RelayProcess.start({ args: ["--open", "all", `hero=${hero.source}`] });
  await using browser = await launchChromium();
  await using page = await browser.open(`${relay.url}/live/hero`, { viewport: PHONE });
  await page.waitFor(`!!${BUTTON}`, { what: "the button" });
  await page.evaluate(`(${BUTTON}.focus(), ${BUTTON}.click())`);
  const words = `${ROOT}.querySelector("p").textContent`;
  await page.waitFor(`${words} === "Recording on its card"`, { what: "its recording" });
  assert.equal(hero.status["10"], 1);
  await page.waitFor(`${BUTTON}.ariaDisabled === "false"`, { what: "an end of the wait" });
  assert.ok(await page.evaluate(`${ROOT}.activeElement === ${BUTTON}`), "the keyboard is kept");
  await page.evaluate(`${BUTTON}.click()`);
  await page.waitFor(`${words} === ""`, { what: "its end" });
  assert.equal(hero.status["10"], 0);
});

Deno.test("who may not press the shutter sees none", async () => {
  await using hero = camera();
  await using relay = await RelayProcess.start({ args: [`hero=${hero.source}`] });
  await using browser = await launchChromium();
  await using page = await browser.open(`${relay.url}/live/hero`, { viewport: PHONE });
  await page.waitFor(`!!${ROOT}`, { what: "the camera's page" });
  await page.waitFor(
    `performance.getEntriesByType("resource").some(({ name, responseEnd }) =>
      name.endsWith("/controls") && responseEnd > 0)`,
    { what: "the answer whether one may" },
  );
  assert.equal(await page.evaluate(`${BUTTON} === null`), true);
});
