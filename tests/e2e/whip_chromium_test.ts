/**
 * Chromium publishes by WHIP, as a bare page does it: the picture arrives at a viewer and plays, what was received is a
 * file that ffmpeg reads, and a publisher that is gone without a word is noticed.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { DESKTOP, PHONE } from "../support/browsers/browser.ts";
import { launchChromium } from "../support/browsers/chromium.ts";
import { judgeReceived } from "../support/judge_received.ts";
import { deep, untilStats } from "../support/player_page.ts";
import { RelayProcess } from "../support/relay_process.ts";
import { Viewer } from "../support/viewer.ts";
import { pauseScript, publishScript, readClockScript } from "../support/whip_page.ts";

interface Published {
  readonly status: number;
  readonly text: string;
}

Deno.test("chromium publishes its camera by WHIP: it is watched, recorded, and missed when it is gone", async () => {
  await using relay = await RelayProcess.start({ args: ["--open", "publish"] });
  await using audience = await launchChromium();
  const publisher = await launchChromium({ camera: true });
  try {
    const page = await publisher.open(`${relay.url}/`);
    const { status, text } = await page.evaluate<Published>(
      publishScript({ name: "cam", what: "camera", trickle: true }),
    );
    assert.equal(status, 201, text);
    await using viewer = await Viewer.open(`${relay.url}/live/cam`);
    await viewer.until(() => viewer.media.length > 150, { what: "five seconds of pictures" });
    const { pictures, codecs } = await judgeReceived(viewer);
    assert.ok(pictures > 20, `${pictures} pictures`);
    assert.deepEqual(codecs, ["h264", "opus"]);
    await using watching = await audience.open(`${relay.url}/live/cam?muted=true`, {
      viewport: DESKTOP,
    });
    await untilStats(watching, {
      what: "pictures of the camera",
      accept: ({ state, framesShown }) => state === "playing" && framesShown > 20,
    });
    await publisher[Symbol.asyncDispose]();
    await viewer.until(() => viewer.control.some(({ type }) => type === "offline"), {
      what: "word that the publisher is gone",
    });
  } finally {
    await publisher[Symbol.asyncDispose]();
  }
});

Deno.test("where nobody may publish, the app says so before it asks for the camera", async () => {
  await using relay = await RelayProcess.start({ args: [] });
  await using browser = await launchChromium({ camera: true });
  await using page = await browser.open(`${relay.url}/camera`, { viewport: PHONE });
  const text = `${deep("rill-camera")}?.shadowRoot?.textContent`; // drawn once its code has come
  await page.waitFor(`/takes no cameras[^]*--open publish/.test(${text})`, { what: "the reason" });
  const button = `${deep("rill-camera")}.shadowRoot.querySelector("button")`;
  assert.equal(await page.evaluate(`${button} === null`), true);
  assert.deepEqual(page.errors() ?? [], []);
});

Deno.test("the app makes a camera of this device: it opens, publishes, says how it stands, and stops", async () => {
  await using relay = await RelayProcess.start({
    args: ["--open", "publish"],
  });
  await using browser = await launchChromium({ camera: true });
  await using start = await browser.open(`${relay.url}/`, { viewport: PHONE });
  await start.waitFor(`!!${deep('a[href="camera"]')}`, { what: "the way to this device's camera" });
  await start.evaluate(`${deep('a[href="camera"]')}.click()`);
  await start.waitFor(`!!${deep("[data-do=open]")}`, { what: "the camera's page by its link" });
  await start.close();
  await using page = await browser.open(`${relay.url}/camera`, { viewport: PHONE });
  await page.waitFor(`!!${deep("[data-do=open]")}`, { what: "the camera's page" });
  await page.click("[data-do=open]");
  await page.waitFor(`!!${deep("[data-do=start]")}`, { what: "the preview" });
  const words = `${deep("rill-camera")}.shadowRoot.textContent`;
  const untilItSays = async (pattern: RegExp): Promise<void> => {
    await page.waitFor(`${pattern}.test(${words})`, { what: `${pattern}` })
      .catch(async (error: unknown) => {
        const said = await page.evaluate<string>(`${words}.replace(/\\s+/g, " ")`);
        throw new Error(`The page says:${said}`, { cause: error });
      });
  };
  const type = (name: string): Promise<unknown> =>
    page.evaluate(`${deep("rill-camera")}.shadowRoot.querySelector("input").value = "${name}"`);

  const chosen = `(${deep("rill-camera")}).shadowRoot`;
  const focused = `${chosen}.activeElement?.dataset.do`;
  await page.waitFor(`${focused} === "start"`, { what: "the focus on what comes next" });
  // Another device is chosen, with the keyboard, after a name was typed: both stay where they are.
  await page.evaluate(`((root) => {
    const [, select] = root.querySelectorAll("select");
    const field = root.querySelector("input");
    field.value = "typed";
    field.dispatchEvent(new Event("input"));
    select.focus();
    select.value = select.options[select.options.length - 1].value;
    select.dispatchEvent(new Event("change"));
  })(${chosen})`);
  const sound = `${chosen}.querySelector("video").srcObject?.getAudioTracks().length`;
  await page.waitFor(`${sound} === 0`, { what: "a preview without sound" });
  assert.equal(await page.evaluate(`${chosen}.querySelector("input").value`), "typed");
  assert.equal(await page.evaluate(`${chosen}.activeElement?.localName`), "select");

  // The page draws itself anew four times a second; its preview plays on meanwhile.
  const preview = `${chosen}.querySelector("video")`;
  await page.evaluate(`void ${preview}.addEventListener("emptied", () => globalThis.cuts = true)`);
  await page.waitFor(`${preview}.currentTime > 2`, { what: "two seconds of preview in one go" });
  assert.equal(await page.evaluate("globalThis.cuts ?? false"), false, "it is not begun anew");

  await type("no name");
  await page.click("[data-do=start]");
  await untilItSays(/begins with a letter or digit/);
  await type("demo");
  await page.click("[data-do=start]");
  await untilItSays(/Refused[^]*has a source of its own/);

  await using other = await browser.open(`${relay.url}/`);
  const script = publishScript({ name: "phone", what: "clock" });
  assert.equal((await other.evaluate<Published>(script)).status, 201);
  await type("phone");
  await page.click("[data-do=start]");
  await untilItSays(/Refused[^]*Choose another name/);
  await page.click("[data-do=replace]");
  await untilItSays(/Publishing[^]*Confirmed by the relay [\d.]+.m?s ago/);
  await using viewer = await Viewer.open(`${relay.url}/live/phone`);
  await viewer.until(() => viewer.media.length > 60, { what: "pictures" });
  const folder = Deno.env.get("RILL_SCREENSHOTS");
  if (folder) await page.screenshot(join(folder, "camera_publishing.png"));
  assert.equal(await page.evaluate(focused), "stop", "the focus is where one can go on");
  await page.click("[data-do=stop]");
  await untilItSays(/Not publishing/);
  assert.equal(await page.evaluate(focused), "start");
  await viewer.until(() => viewer.control.some(({ type }) => type === "offline"), {
    what: "word that the publisher has ended",
  });
  const refusals = page.errors()?.filter((error) => !/ 409 /.test(error));
  assert.deepEqual(refusals, []);

  await using plain = await browser.open(`${relay.url}/camera`, {
    before: "Object.defineProperty(globalThis, 'isSecureContext', { value: false })",
  });
  const told = `${deep("rill-camera")}?.shadowRoot?.textContent`;
  await plain.waitFor(`/came over http[^]*Start the relay with HTTPS/.test(${told})`, {
    what: "a word on trusted pages",
  });
  const tell = `document.querySelector('meta[name="rill-secure"]').content = "8443 AB CD"`;
  await plain.evaluate(`(${tell}, ${deep("rill-camera")}.requestUpdate())`);
  const way = `${deep("rill-camera")}?.shadowRoot?.querySelector("a.primary")`;
  await plain.waitFor(`${way}?.href.endsWith("/trust")`, { what: "the way to the trusted page" });
});

Deno.test("chromium publishes without trickle; a browser that offers no H.264 is told so; how old pictures are is printed", async () => {
  await using relay = await RelayProcess.start({ args: ["--open", "publish"] });
  await using browser = await launchChromium();
  await using page = await browser.open(`${relay.url}/`);
  const refused = await page.evaluate<Published>(
    publishScript({ name: "vp8", what: "clock", codec: "VP8" }),
  );
  assert.equal(refused.status, 422);
  assert.match(refused.text, /offered as VP8 and not as H\.264/);
  const { status, text } = await page.evaluate<Published>(
    publishScript({ name: "clock", what: "clock" }),
  );
  assert.equal(status, 201, text);
  await using watching = await browser.open(`${relay.url}/live/clock?muted=true`);
  await untilStats(watching, {
    what: "pictures of the clock",
    accept: ({ state, framesShown }) => state === "playing" && framesShown > 60,
  });
  const video = `(${deep("rill-player")}).shadowRoot.querySelector("video")`;
  const ages = await watching.evaluate<number[]>(readClockScript(video, { count: 90 }));
  ages.sort((a, b) => a - b);
  const at = (share: number): number => ages[Math.floor(share * (ages.length - 1))] ?? NaN;
  assert.ok(at(0.5) < 10_000, `the clock cannot be read: ${ages.join(" ")}`);
  // deno-lint-ignore no-console -- a figure to read, not to assert: machines are noisy
  console.log(`camera to screen over WHIP: ${at(0.5)} ms, at most ${at(0.95)} ms in 95 of 100`);
  // A browser sends hardly any key pictures of its own: what a pause costs must not be all until the next.
  for (const pause of [150, 300, 600, 900]) {
    await page.evaluate(pauseScript(pause));
    const { framesShown: before } = await untilStats(watching, {
      what: "figures",
      accept: () => true,
    });
    await untilStats(watching, {
      what: `pictures behind a pause of ${pause} ms`,
      accept: ({ framesShown }) => framesShown > before + 45,
    });
  }
  const ended = await page.evaluate<number>(
    `fetch(window.session, { method: "DELETE" }).then(({ status }) => status)`,
  );
  assert.equal(ended, 200);
  await watching.waitFor(
    `fetch("/api/streams/clock").then((answer) => answer.json())
      .then(({ state }) => state.kind === "offline" && /publisher has ended/.test(state.reason))`,
    { what: "the API to say that the publisher has ended" },
  );
});
