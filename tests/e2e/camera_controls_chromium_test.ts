/** A camera's controls on its page, in Chromium: seen, set, read back from the camera; and for those who may only look. */

import assert from "node:assert/strict";
import { delimiter } from "node:path";
import { PHONE } from "../support/browsers/browser.ts";
import { launchChromium } from "../support/browsers/chromium.ts";
import { deep } from "../support/player_page.ts";
import { RelayProcess } from "../support/relay_process.ts";
import { V4l2StandIn } from "../support/v4l2_stand_in.ts";

const ROOT = `${deep("rill-camera-controls")}?.shadowRoot`;

/** The control with that label, an expression. */
function field(label: string): string {
  return `[...${ROOT}.querySelectorAll("label")].find(({ firstElementChild }) =>
    firstElementChild.textContent === ${JSON.stringify(label)}).children[1]`;
}

/** Sets one as a person does, with the browser's own events. */
function choose(label: string, value: string): string {
  return `void ((element) => {
    element.value = ${JSON.stringify(value)};
    for (const kind of ["input", "change"]) element.dispatchEvent(new Event(kind, { bubbles: true }));
  })(${field(label)})`;
}

async function startRelay(standIn: V4l2StandIn, ...args: string[]): Promise<RelayProcess> {
  const path = `${standIn.folder}${delimiter}${Deno.env.get("PATH") ?? ""}`;
  return await RelayProcess.start({
    args: [...args, "cam=v4l2:/dev/video0?fps=30"],
    env: { PATH: path },
  });
}

Deno.test("controls on a stream's page: set, and seen as the camera has them", async () => {
  await using standIn = await V4l2StandIn.make({ fps: 30 });
  await using relay = await startRelay(standIn, "--open", "all");
  await using browser = await launchChromium();
  await using page = await browser.open(`${relay.url}/live/cam`, { viewport: PHONE });
  await page.waitFor(`!!${ROOT}?.querySelector("details")`, { what: "the controls" });
  await page.evaluate(`${ROOT}.querySelector("summary").click()`);
  assert.equal(await page.evaluate(`${field("Brightness")}.type`), "range");
  assert.equal(await page.evaluate(`${field("Brightness")}.nextElementSibling.value`), "128");
  assert.equal(await page.evaluate(`${field("Gain")}.disabled`), true, "another one decides");

  const arrives = async (what: string): Promise<void> => {
    for (let tries = 0; !(await standIn.calls()).includes(`-d /dev/video0 -c ${what}`); tries++) {
      if (tries > 200) assert.fail(`no ${what} in ${(await standIn.calls()).join("; ")}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };
  await page.evaluate(choose("Brightness", "60"));
  await arrives("brightness=60");
  await page.evaluate(`${field("Mute")}.click()`);
  await arrives("mute=1");
  await page.evaluate(choose("H.264 profile", "2"));
  await arrives("h264_profile=2");

  // What somebody else sets is seen too.
  const answer = await fetch(`${relay.url}/api/streams/cam/controls`, {
    method: "PATCH",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ brightness: 200 }),
  });
  assert.equal(answer.status, 200);
  await answer.body?.cancel();
  await page.waitFor(`${field("Brightness")}.value === "200"`, { what: "another's change" });
  assert.ok(
    await page.evaluate("document.documentElement.scrollWidth <= innerWidth"),
    "nothing sticks out on a phone",
  );
});

Deno.test("who may not set them sees how they stand; a stream without any shows none", async () => {
  await using standIn = await V4l2StandIn.make({ fps: 30 });
  await using relay = await startRelay(standIn, "demo");
  await using browser = await launchChromium();
  await using page = await browser.open(`${relay.url}/live/cam`, { viewport: PHONE });
  await page.waitFor(`!!${ROOT}?.querySelector("details")`, { what: "the controls" });
  for (const label of ["Brightness", "Mute", "H.264 profile"]) {
    assert.equal(await page.evaluate(`${field(label)}.disabled`), true, label);
  }
  assert.match(await page.evaluate<string>(`${ROOT}.textContent`), /can be read, not set/);
  await using demo = await browser.open(`${relay.url}/live/demo`, { viewport: PHONE });
  await demo.waitFor(`!!${ROOT}`, { what: "the page" });
  assert.equal(await demo.evaluate(`${ROOT}.querySelector("details")`), null);
});
