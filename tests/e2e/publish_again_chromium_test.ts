/** The page that makes a camera of this device, when its relay is started anew: it is noticed, and gone on with. */

import assert from "node:assert/strict";
import { PHONE } from "../support/browsers/browser.ts";
import { launchChromium } from "../support/browsers/chromium.ts";
import { deep } from "../support/player_page.ts";
import { RelayProcess } from "../support/relay_process.ts";
import { Viewer } from "../support/viewer.ts";

const VIEW = `${deep("rill-camera")}.shadowRoot`;

Deno.test("a relay that was started anew is asked, not waited for until it counts as silent", async () => {
  const args = ["--open", "publish"];
  const first = await RelayProcess.start({ args });
  const { port } = first;
  await using stack = new AsyncDisposableStack();
  stack.defer(() => first.kill());
  await using browser = await launchChromium({ camera: true });
  await using page = await browser.open(`${first.url}/camera`, { viewport: PHONE });
  await page.waitFor(`!!${deep("[data-do=open]")}`, { what: "the camera's page" });
  await page.click("[data-do=open]");
  await page.waitFor(`!!${deep("[data-do=start]")}`, { what: "the preview" });
  await page.evaluate(`${VIEW}.querySelector("input").value = "phone"`);
  await page.click("[data-do=start]");
  await page.waitFor(`/Confirmed by the relay/.test(${VIEW}.textContent)`, {
    what: "it to publish",
    timeoutMs: 30_000,
  });
  // All that it says from here on, however short it stands there.
  await page.evaluate(`(() => {
    globalThis.said = new Set();
    setInterval(() => said.add(${VIEW}.textContent), 50);
  })()`);
  await first.kill(); // without a word to anybody
  await using again = await RelayProcess.start({ args, port });
  await page.waitFor(`[...said].some((words) => /knows nothing of this session/.test(words))`, {
    what: "the reason",
    timeoutMs: 30_000,
  });
  await page.waitFor(`/Confirmed by the relay/.test(${VIEW}.textContent)`, {
    what: "it to publish again",
    timeoutMs: 30_000,
  });
  assert.equal(
    await page.evaluate(`[...said].some((words) => /not confirmed anything/.test(words))`),
    false,
  );
  await using viewer = await Viewer.open(`${again.url}/live/phone`);
  await viewer.until(() => viewer.media.length > 10, { what: "pictures" });
});
