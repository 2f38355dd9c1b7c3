/**
 * A Firefox without H.264, which is how Debian packages it: its own offers are refused in words, by WHIP itself and on the
 * app's page, and make no stream.
 *
 * @module
 */

import assert from "node:assert/strict";
import { PHONE } from "../support/browsers/browser.ts";
import { launchFirefox } from "../support/browsers/firefox.ts";
import { deep } from "../support/player_page.ts";
import { RelayProcess } from "../support/relay_process.ts";
import { publishScript } from "../support/whip_page.ts";

Deno.test("firefox without H.264 is refused in words, as a bare page and in the app", async () => {
  await using relay = await RelayProcess.start({ args: ["--open", "publish"] });
  await using browser = await launchFirefox({ camera: true });
  await using page = await browser.open(`${relay.url}/camera`, { viewport: PHONE });
  await page.waitFor(`!!${deep("[data-do=open]")}`, { what: "the camera's page" });
  const offered = await page.evaluate<readonly string[]>(
    `RTCRtpSender.getCapabilities("video").codecs.map(({ mimeType }) => mimeType)`,
  );
  assert.ok(
    !offered.some((name) => /h264/i.test(name)),
    "this Firefox has H.264: test that it publishes",
  );
  const refused = await page.evaluate<{ status: number; text: string }>(
    publishScript({ name: "bare", what: "camera", codec: "VP9" }),
  );
  assert.equal(refused.status, 422, refused.text);
  assert.match(refused.text, /offered as VP9 and not as H\.264/);

  await page.evaluate(`${deep("[data-do=open]")}.click()`);
  await page.waitFor(`!!${deep("[data-do=start]")}`, { what: "the preview" });
  await page.evaluate(`${deep("[data-do=start]")}.click()`);
  const words = `${deep("rill-camera")}.shadowRoot.textContent`;
  await page.waitFor(
    `/Refused[^]*offered as VP8, VP9, AV1 and not as H\\.264[^]*Use Chrome, Edge or Safari/.test(${words})`,
    { what: "a refusal in words" },
  );
  await page.waitFor(`!!${deep("[data-do=start]")}`, { what: "a way to try again" });
  const { streams } = await (await fetch(`${relay.url}/api/streams`)).json();
  assert.deepEqual(streams.map(({ name }: { name: string }) => name), ["demo"]);
});
