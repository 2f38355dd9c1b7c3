/**
 * How old a picture is when it stands on a screen whose camera is a browser: drawn in Chromium, published by WHIP, muxed by
 * the relay, played by our player in another Chromium. Beside it the same picture from one peer connection to another
 * within a page, without any relay: what the browser itself takes to encode, send, decode and show. And what the relay
 * works for it.
 *
 * The picture is a clock, read back from the screen's pixels; both browsers have this machine's time.
 *
 * @module
 */

import { type Browser, DESKTOP, type Page } from "../support/browsers/browser.ts";
import { launchChromium } from "../support/browsers/chromium.ts";
import { deep, readStats, untilStats } from "../support/player_page.ts";
import { RelayProcess } from "../support/relay_process.ts";
import { DIRECT_SCRIPT, publishScript, readClockScript } from "../support/whip_page.ts";
import { type Bench, CannotRun, type Figure, percentile } from "./bench.ts";
import { cpuOfGroup } from "./proc.ts";

/** Until a player has found its place, and the sender its bit rate. */
const SETTLE_MS = 10_000;
/** Pictures of one reading, 30 a second, and readings. */
const PICTURES = 300;
const READINGS = 3;
const START_LIMIT_MS = 30_000;
const VIDEO = `(${deep("rill-player")}).shadowRoot.querySelector("video")`;

/** What was seen on one screen. */
interface Seen {
  /** ms. */
  readonly ages: readonly number[];
  /** Of one core, while it was read; 0 where no relay is. */
  readonly cpu: number;
  readonly stalls: number;
  /** What the player keeps ahead in the end, ms; 0 where no player is. */
  readonly aim: number;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function readAges(page: Page, video: string): Promise<number[]> {
  const ages: number[] = [];
  for (let i = 0; i < READINGS; i++) {
    const script = readClockScript(video, { count: PICTURES, when: "shown" });
    ages.push(...await page.evaluate<number[]>(script));
  }
  return ages;
}

/** No relay between. */
async function direct(browser: Browser): Promise<Seen> {
  await using relay = await RelayProcess.start(); // its page is a place for scripts, no more
  await using page = await browser.open(`${relay.url}/`);
  await page.evaluate(DIRECT_SCRIPT);
  await pause(SETTLE_MS);
  return { ages: await readAges(page, "window.direct"), cpu: 0, stalls: 0, aim: 0 };
}

/** Through the relay. */
async function relayed(
  { publisher, audience, tone }: {
    readonly publisher: Browser;
    readonly audience: Browser;
    readonly tone: boolean;
  },
): Promise<Seen> {
  await using relay = await RelayProcess.start({ args: ["--open", "publish", "idle=push"] });
  await using source = await publisher.open(`${relay.url}/`);
  const { status, text } = await source.evaluate<{ status: number; text: string }>(
    publishScript({ name: "clock", what: "clock", tone }),
  );
  if (status !== 201) throw new CannotRun(`the offer was answered ${status}: ${text}`);
  const address = `${relay.url}/live/clock?muted=${!tone}`;
  await using screen = await audience.open(address, { viewport: DESKTOP });
  await untilStats(screen, {
    what: "pictures of the clock",
    accept: ({ state, framesShown }) => state === "playing" && framesShown > 30,
    timeoutMs: START_LIMIT_MS,
  });
  await pause(SETTLE_MS);
  const before = {
    cpu: cpuOfGroup(relay.group),
    at: performance.now(),
    stats: await readStats(screen),
  };
  const ages = await readAges(screen, VIDEO);
  const seconds = (performance.now() - before.at) / 1000;
  const stats = await readStats(screen);
  return {
    ages,
    cpu: (cpuOfGroup(relay.group) - before.cpu) / seconds,
    stalls: (stats?.stalls ?? 0) - (before.stats?.stalls ?? 0),
    aim: stats?.targetMs ?? 0,
  };
}

function figuresOf(name: string, { seen, floor }: { seen: Seen; floor?: Seen }): Figure[] {
  const share = (part: number): Figure => ({
    ...{ name: `${name}, p${part * 100}`, value: percentile(seen.ages, part), unit: "ms" },
    ...(floor ? { against: { name: "no relay", value: percentile(floor.ages, part) } } : {}),
  });
  return [
    share(0.5),
    share(0.95),
    ...(floor
      ? [
        {
          name: `${name}, stalls in ${PICTURES * READINGS} pictures`,
          value: seen.stalls,
          unit: "",
        },
        { name: `${name}, of which the player keeps ahead`, value: seen.aim, unit: "ms" },
        { name: `${name}, the relay's work`, value: 100 * seen.cpu, unit: "% of a core" },
      ]
      : []),
  ];
}

async function run(): Promise<readonly Figure[]> {
  await using publisher = await launchChromium({ autoplay: true });
  await using audience = await launchChromium({ autoplay: true });
  const floor = await direct(audience);
  const muted = await relayed({ publisher, audience, tone: false });
  const sounding = await relayed({ publisher, audience, tone: true });
  return [
    ...figuresOf("one page to itself, no relay", { seen: floor }),
    ...figuresOf("pictures alone", { seen: muted, floor }),
    ...figuresOf("with sound", { seen: sounding, floor }),
  ];
}

/** The bench. */
export const whip: Bench = {
  name: "whip",
  about: "drawn in Chromium → WHIP → relay → on the screen of another Chromium, 720p30",
  run,
};
