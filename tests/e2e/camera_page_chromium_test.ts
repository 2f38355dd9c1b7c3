/**
 * The page that makes a camera of this device, where not all is well: no microphone, one that another program uses, a
 * browser that keeps nothing for it.
 *
 * @module
 */

import assert from "node:assert/strict";
import { type Page, PHONE } from "../support/browsers/browser.ts";
import { launchChromium } from "../support/browsers/chromium.ts";
import { deep } from "../support/player_page.ts";
import { RelayProcess } from "../support/relay_process.ts";

const VIEW = `${deep("rill-camera")}.shadowRoot`;
const SOUNDS = `${VIEW}.querySelector("video").srcObject?.getAudioTracks().length`;

Deno.test("a device without a microphone is a camera without sound", async () => {
  await withPage(withoutMicrophone, async (page) => {
    await page.click("[data-do=open]");
    await page.waitFor(`!!${deep("[data-do=start]")}`, { what: "the preview" });
    assert.equal(await page.evaluate(SOUNDS), 0);
    const [, microphone] = await page.evaluate<string[]>(
      `[...${VIEW}.querySelectorAll("select")].map((each) => each.selectedOptions[0].text)`,
    );
    assert.equal(microphone, "No sound");
  });
});

/** Runs in the page: what a computer with a camera alone says. */
function withoutMicrophone(): void {
  const devices = navigator.mediaDevices;
  const list = devices.enumerateDevices.bind(devices);
  const open = devices.getUserMedia.bind(devices);
  devices.enumerateDevices = async (): Promise<MediaDeviceInfo[]> =>
    (await list()).filter(({ kind }) => kind !== "audioinput");
  devices.getUserMedia = (wish): Promise<MediaStream> =>
    wish?.audio ? Promise.reject(new DOMException("none", "NotFoundError")) : open(wish);
}

Deno.test("a device that does not open can be left for another", async () => {
  await withPage(withBusyMicrophone, async (page) => {
    await page.click("[data-do=open]");
    await page.waitFor(`!!${deep("[data-do=start]")}`, { what: "the preview" });
    await choose(page, `({ text }) => text.includes("2")`);
    await page.waitFor(`/Another program uses/.test(${VIEW}.textContent)`, { what: "the reason" });
    await page.waitFor(`!!${deep("[data-do=open]")}`, { what: "a way to try again" });
    await choose(page, `({ value }) => value === "none"`);
    await page.waitFor(`!!${deep("[data-do=start]")}`, {
      what: "the preview, without that device",
    });
    assert.equal(await page.evaluate(SOUNDS), 0);
    assert.doesNotMatch(await page.evaluate(`${VIEW}.textContent`), /Another program/);
  });
});

/** Runs in the page: whoever asks for a microphone by its name finds it in use. */
function withBusyMicrophone(): void {
  const devices = navigator.mediaDevices;
  const open = devices.getUserMedia.bind(devices);
  devices.getUserMedia = (wish): Promise<MediaStream> =>
    typeof wish?.audio === "object" && wish.audio.deviceId
      ? Promise.reject(new DOMException("busy", "NotReadableError"))
      : open(wish);
}

/** Another microphone, as somebody would. */
function choose(page: Page, which: string): Promise<unknown> {
  return page.evaluate(`((select) => {
    select.value = [...select.options].find(${which}).value;
    select.dispatchEvent(new Event("change"));
  })(${VIEW}.querySelectorAll("select")[1])`);
}

Deno.test("a browser that keeps nothing for the page has its camera page all the same", async () => {
  await withPage(withoutStorage, async (page) => {
    await page.click("[data-do=open]");
    await page.waitFor(`!!${deep("[data-do=start]")}`, { what: "the preview" });
    await page.click("[data-do=start]");
    await page.waitFor(`/Publishing[^]*ends when this page is left/.test(${VIEW}.textContent)`, {
      what: "it to publish, and how long",
    });
  });
});

/** Runs in the page: site data is switched off. */
function withoutStorage(): void {
  Object.defineProperty(globalThis, "localStorage", {
    get(): never {
      throw new DOMException("Access is denied for this document.", "SecurityError");
    },
  });
}

async function withPage(before: () => void, use: (page: Page) => Promise<void>): Promise<void> {
  await using relay = await RelayProcess.start({ args: ["--open", "publish"] });
  await using browser = await launchChromium({ camera: true });
  await using page = await browser.open(`${relay.url}/camera`, { viewport: PHONE, before });
  await page.waitFor(`!!${deep("[data-do=open]")}`, { what: "the camera's page" });
  await use(page);
  assert.deepEqual(page.errors(), []);
}
