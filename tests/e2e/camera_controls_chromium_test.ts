/**
 * A camera's controls on its page, in Chromium: seen, set, read back from the camera; and for those who may only look. Beside
 * them what is amiss with its microphone, while it is.
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import type { StreamInfo } from "../../shared/api.ts";
import { askUntil } from "../support/ask.ts";
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

/** @param camera its options. */
async function startRelay(
  standIn: V4l2StandIn,
  { args, camera = "" }: { readonly args: readonly string[]; readonly camera?: string },
): Promise<RelayProcess> {
  return await RelayProcess.start({
    args: [...args, `cam=v4l2:/dev/video0?fps=30${camera}`],
    env: standIn.environment,
  });
}

Deno.test("controls on a stream's page: set, and seen as the camera has them", async () => {
  await using standIn = await V4l2StandIn.make({ fps: 30 });
  await using relay = await startRelay(standIn, { args: ["--open", "all"] });
  await using browser = await launchChromium();
  await using page = await browser.open(`${relay.url}/live/cam`, { viewport: PHONE });
  await page.waitFor(`!!${ROOT}?.querySelector("details")`, { what: "the controls" });
  await page.evaluate(`${ROOT}.querySelector("summary").click()`);
  assert.equal(await page.evaluate(`${field("Brightness")}.type`), "range");
  assert.equal(await page.evaluate(`${field("Brightness")}.nextElementSibling.value`), "128");
  assert.equal(await page.evaluate(`${field("Gain")}.disabled`), true, "another one decides");

  const arrives = async (what: string): Promise<void> => {
    const call = `-d /dev/video0 -c ${what}`;
    await askUntil(() => standIn.calls(), {
      accept: (calls) => calls.includes(call),
      what: call,
    });
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

/** A microphone that gives a tone once it is plugged in. */
async function makeMicrophone(folder: string): Promise<{ path: string; plugIn(): Promise<void> }> {
  const [path, plug] = [join(folder, "microphone"), join(folder, "plug")];
  const tone = "exec ffmpeg -v error -re -f lavfi -i sine=frequency=440 -f wav pipe:1";
  await Deno.writeTextFile(path, `#!/bin/sh\n[ -e '${plug}' ] || exit 3\n${tone}\n`, {
    mode: 0o755,
  });
  return { path, plugIn: () => Deno.writeTextFile(plug, "") };
}

Deno.test("who may not set them sees how they stand, and what is amiss; a stream without any shows none", async () => {
  await using standIn = await V4l2StandIn.make({ fps: 30 });
  const microphone = await makeMicrophone(standIn.folder);
  await using relay = await startRelay(standIn, {
    args: ["demo"],
    camera: `&audio=exec:${microphone.path}`,
  });
  await using browser = await launchChromium();
  await using page = await browser.open(`${relay.url}/live/cam`, { viewport: PHONE });
  await page.waitFor(`!!${ROOT}?.querySelector("details")`, { what: "the controls" });
  for (const label of ["Brightness", "Mute", "H.264 profile"]) {
    assert.equal(await page.evaluate(`${field(label)}.disabled`), true, label);
  }
  assert.match(await page.evaluate<string>(`${ROOT}.textContent`), /can be read, not set/);

  const words = `${
    deep("rill-live-view")
  }.shadowRoot.querySelector(".warnings").textContent.trim()`;
  await page.waitFor(`${words} !== ""`, { what: "a word on the microphone" });
  const said = await page.evaluate<string>(words);
  assert.match(said, /^The picture goes on without sound: the sound of microphone .*\.$/);
  const cam = (): Promise<StreamInfo> => relay.stream("cam");
  // The word comes with the encoder's end, which may be before the camera's first picture.
  const { warnings } = await askUntil(cam, {
    accept: ({ state }) => state.kind === "live",
    what: "the picture",
  });
  assert.equal(`${warnings[0]}.`, said);
  await relay.untilSaid(new RegExp(`without sound: the sound of ${microphone.path} `));
  await microphone.plugIn();
  await page.waitFor(`${words} === ""`, { what: "the end of it" });
  assert.deepEqual((await cam()).warnings, []);

  await using demo = await browser.open(`${relay.url}/live/demo`, { viewport: PHONE });
  await demo.waitFor(`!!${ROOT}`, { what: "the page" });
  assert.equal(await demo.evaluate(`${ROOT}.querySelector("details")`), null);
});

Deno.test("how the controls stand is asked once at a time; an older answer takes nothing back that is being set", async () => {
  await using standIn = await V4l2StandIn.make({ fps: 30 });
  await using relay = await startRelay(standIn, { args: ["--open", "all"] });
  await using browser = await launchChromium();
  await using page = await browser.open(`${relay.url}/live/cam`, { before: slowAnswers });
  await page.waitFor(`!!${ROOT}?.querySelector("details")`, { what: "the controls" });
  await page.evaluate("void (looks.held = true)");
  await page.waitFor("looks.release !== undefined", { what: "a request that is not answered" });
  const { asked, turns } = await page.evaluate<{ asked: number; turns: number }>("looks");
  await page.waitFor(`looks.turns > ${turns + 10}`, { what: "ten more occasions to ask" });
  assert.equal(await page.evaluate("looks.asked"), asked, "it is waited for");
  const value = await page.evaluate(`(async () => {
    ${choose("Brightness", "60")};
    looks.release();
    await new Promise((resolve) => setTimeout(resolve, 20));
    return ${field("Brightness")}.value;
  })()`);
  assert.equal(value, "60", "as it was set, not as it was when it was asked");
});

/** Runs in the page: the controls are asked for often, and answered when the test says so. */
function slowAnswers(): void {
  const looks: { held: boolean; asked: number; turns: number; release?: () => void } = {
    held: false,
    asked: 0,
    turns: 0,
  };
  const { fetch: ask, setInterval: every } = globalThis;
  Object.assign(globalThis, {
    looks,
    fetch: async (input: URL | string, init?: RequestInit) => {
      const looksAtControls = `${input}`.endsWith("/controls") && init?.method === undefined;
      if (looksAtControls) looks.asked++;
      const answer = await ask(input, init);
      if (looksAtControls && looks.held) {
        await new Promise<void>((resolve) => looks.release = resolve);
      }
      return answer;
    },
    setInterval: (run: () => void, ms: number) =>
      ms === 5_000 ? every(() => (looks.turns++, run()), 50) : every(run, ms),
  });
}
