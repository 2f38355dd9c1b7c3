/**
 * Every page in both colour schemes, as a program finds it: enough contrast, a name for all that can be pressed, an order
 * of headings, nothing hidden that is in use.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { findBarriers } from "../support/accessibility.ts";
import { DESKTOP, type Page, PHONE } from "../support/browsers/browser.ts";
import { launchChromium } from "../support/browsers/chromium.ts";
import { deep, untilStats } from "../support/player_page.ts";
import { freePort } from "../support/ports.ts";
import { RelayProcess } from "../support/relay_process.ts";

/** Both schemes, and both sizes. */
const LOOKS = [["light", PHONE], ["dark", DESKTOP]] as const;

/** Something that a page is made to show. */
interface Step {
  readonly what: string;
  /** Resolves when it shows that. */
  shown(page: Page): Promise<unknown>;
}

/** Pages, and what each shows in turn. */
const PAGES: Readonly<Record<string, readonly Step[]>> = {
  "/": [{
    what: "cameras",
    shown: async (page) => {
      await page.waitFor(
        `${deep('rill-preview[name="demo"]')}?.shadowRoot.querySelector("video:not(.coming)")`,
        { what: "a picture" },
      );
      await page.waitFor(
        `/No such file/.test(${deep("rill-camera-list")}.shadowRoot.textContent)`,
        {
          what: "a camera that is offline",
        },
      );
    },
  }],
  "/live/demo": [
    {
      what: "a stream",
      shown: async (page) => {
        await untilStats(page, {
          what: "pictures",
          accept: ({ state, framesShown }) => state === "playing" && framesShown > 0,
        });
        await page.waitFor(`!!${deep("rill-record")}?.shadowRoot?.querySelector("button")`, {
          what: "a way to record",
        });
      },
    },
    {
      what: "statistics",
      shown: async (page) => {
        await page.evaluate(`${deep("[aria-keyshortcuts=I]")}.click()`);
        await page.waitFor(`!!${deep("rill-stats")}`, { what: "the statistics" });
      },
    },
    {
      what: "help on keys",
      shown: (page) => page.evaluate(`${deep("dialog.help")}.showModal()`),
    },
    {
      what: "sharing",
      shown: (page) =>
        page.evaluate(`(${deep("dialog.help")}.close(),
          ${deep("rill-share")}.shadowRoot.querySelector("button").click())`),
    },
    {
      what: "a stream that was stopped",
      shown: async (page) => {
        await page.evaluate(`(${deep("rill-share")}.shadowRoot.querySelector("dialog").close(),
          ${deep("rill-player")}.stop())`);
        await page.waitFor(`!!${deep(".invite")}`, { what: "the way to play again" });
      },
    },
  ],
  "/live/gone": [{
    what: "a stream that is offline",
    shown: (page) => untilStats(page, { what: "word", accept: ({ state }) => state === "offline" }),
  }],
  "/live/nobody": [{
    what: "no such stream",
    shown: (page) => untilStats(page, { what: "word", accept: ({ state }) => state === "failed" }),
  }],
  "/nowhere": [{
    what: "no such address",
    shown: (page) => page.waitFor(`!!${deep(".lost")}`, { what: "words" }),
  }],
  "/camera": [{
    what: "a camera of this device",
    shown: async (page) => {
      await page.waitFor(`!!${deep("[data-do=open]")}`, { what: "the camera's page" });
      await page.click("[data-do=open]");
      await page.waitFor(`!!${deep("[data-do=start]")}`, { what: "the form" });
    },
  }],
  "/trust": [{
    what: "trust",
    shown: async (page) => {
      const state = `document.querySelector(".proof")?.dataset.state`;
      await page.waitFor(`${state} === "not yet"`, { what: "not yet" });
      await page.evaluate(`document.querySelectorAll("details").forEach((each) => {
        each.removeAttribute("name");
        each.open = true;
      })`);
    },
  }],
};

Deno.test("no page has a barrier that a program can find, in light and in dark", async () => {
  const data = await Deno.makeTempDir({ prefix: "rill-data-" });
  try {
    await using relay = await RelayProcess.start({
      args: [
        ...["demo", "gone=file:no/such/file.ts", "--open", "all", "--data", data],
        ...["--listen-tls", `127.0.0.1:${freePort()}`, "--tls", "auto"],
      ],
    });
    await using browser = await launchChromium({ camera: true });
    const found: string[] = [];
    for (const [path, steps] of Object.entries(PAGES)) {
      for (const [scheme, viewport] of LOOKS) {
        await using page = await browser.open(`${relay.url}${path}`, { viewport, scheme });
        for (const { what, shown } of steps) {
          await shown(page);
          await untilStill(page);
          await keep(page, `${what.replaceAll(" ", "_")}_${scheme}`);
          found.push(...(await findBarriers(page)).map((line) => `${what}, ${scheme}: ${line}`));
        }
      }
    }
    assert.deepEqual(found, []);
  } finally {
    await Deno.remove(data, { recursive: true });
  }
});

/** What fades in is looked at when it is there. */
function untilStill(page: Page): Promise<unknown> {
  return page.waitFor(
    `document.getAnimations().every(({ effect, playState }) =>
      playState !== "running" || effect.getComputedTiming().iterations === Infinity)`,
    { what: "what fades in to be there" },
  );
}

/** For people to look at, in the folder that RILL_SCREENSHOTS names. */
async function keep(page: Page, name: string): Promise<void> {
  const folder = Deno.env.get("RILL_SCREENSHOTS");
  if (!folder) return;
  await Deno.mkdir(folder, { recursive: true });
  await page.screenshot(join(folder, `${name}.png`));
}

Deno.test("text that its user wants twice as large is so, and nothing sticks out", async () => {
  await using relay = await RelayProcess.start({ args: ["demo", "--open", "all"] });
  await using browser = await launchChromium({ camera: true });
  for (const path of ["/", "/live/demo", "/camera"]) {
    await using page = await browser.open(`${relay.url}${path}`, { viewport: PHONE });
    await page.waitFor(`!!${deep("h1")}`, { what: "a heading" });
    const size = `parseFloat(getComputedStyle(${deep("h1")}).fontSize)`;
    const before = await page.evaluate<number>(size);
    await page.evaluate(`void (document.documentElement.style.fontSize = "200%")`);
    const after = await page.evaluate<number>(size);
    assert.ok(after > 1.9 * before, `${path}: ${before}, then ${after} pixels high`);
    const width = await page.evaluate<number>("document.documentElement.scrollWidth");
    assert.ok(width <= PHONE.width, `${path}: ${width} pixels wide`);
    await keep(page, `large_text${path.replaceAll("/", "_")}`);
  }
});
