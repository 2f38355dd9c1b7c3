/** The Record button in Chromium, see record_button_suite.ts; and where there is none. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { PHONE } from "../support/browsers/browser.ts";
import { launchChromium } from "../support/browsers/chromium.ts";
import { deep } from "../support/player_page.ts";
import { RelayProcess } from "../support/relay_process.ts";
import { BUTTON, testRecordButton, TEXT } from "./record_button_suite.ts";

testRecordButton("chromium", launchChromium);

Deno.test("where recording is not allowed there is no button", async () => {
  await using relay = await RelayProcess.start({ args: ["demo"] });
  await using browser = await launchChromium();
  await using page = await browser.open(`${relay.url}/live/demo`, { viewport: PHONE });
  await page.waitFor(`${TEXT} !== undefined && ${deep("rill-record")}.updateComplete`, {
    what: "the page",
  });
  const answer = `fetch("../api/streams/demo/record").then((answer) => answer.json())
    .then(({ allowed }) => globalThis.allowed = allowed)`;
  await page.evaluate(`void ${answer}`);
  await page.waitFor("globalThis.allowed === false", { what: "the relay's word" });
  assert.equal(await page.evaluate(`${BUTTON} ?? null`), null);
});

Deno.test("where the configuration has a stream recorded always, its page says how it stands, without a button", async () => {
  const folder = await Deno.makeTempDir({ prefix: "rill-always-" });
  try {
    const path = join(folder, "rill.yaml");
    const record = "{mode: continuous, keep: 1d}";
    await Deno.writeTextFile(path, `streams: {demo: {source: demo, record: ${record}}}\n`);
    await using relay = await RelayProcess.start({
      args: ["--open", "all", "--config", path, "--data", folder],
    });
    await using browser = await launchChromium();
    await using page = await browser.open(`${relay.url}/live/demo`, { viewport: PHONE });
    await page.waitFor(`/Recording: (?:[2-9]|\\d\\d).s/.test(${TEXT})`, { what: "two seconds" });
    assert.equal(await page.evaluate(`${BUTTON} ?? null`), null);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a relay that does not answer is told of beside the button for as long as it does not", async () => {
  const args = ["--open", "all", "demo"];
  const first = await RelayProcess.start({ args });
  await using browser = await launchChromium();
  await using page = await browser.open(`${first.url}/live/demo`, { viewport: PHONE });
  await page.waitFor(`!!${BUTTON}`, { what: "the button" });
  await first.kill();
  await page.evaluate(`${BUTTON}.click()`);
  await page.waitFor(`/does not answer/.test(${TEXT})`, { what: "a word of it" });
  await using _again = await RelayProcess.start({ args, port: first.port });
  await page.waitFor(`!/does not answer/.test(${TEXT})`, { what: "no word of it any more" });
});
