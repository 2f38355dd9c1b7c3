/**
 * Chromium and Firefox watch over WebTransport while the relay's certificates turn five times; in the middle every
 * session is ended, so that each browser comes again with a certificate that it has not met.
 *
 * @module
 */

import type { Browser, Page } from "../support/browsers/browser.ts";
import { launchChromium } from "../support/browsers/chromium.ts";
import { launchFirefox } from "../support/browsers/firefox.ts";
import { countPictures, readGaps } from "../support/picture_gaps.ts";
import { readStats, untilStats } from "../support/player_page.ts";
import { startQuicRelay } from "../support/quic_relay.ts";
import type { Soak, SoakResult } from "./soak.ts";

const TURNS = 5;
/** A picture that stands still for longer than two groups of the demo is a gap. */
const GAP_MS = 2_000;
const SETTLE_MS = 5_000;

interface Watcher {
  readonly browser: Browser;
  readonly page: Page;
}

async function watchIn(browser: Browser, url: string): Promise<Watcher> {
  const page = await browser.open(`${url}/live/demo?transport=webtransport&muted=true`);
  await untilStats(page, {
    what: `${browser.name} to play over WebTransport`,
    accept: ({ state, transport }) => state === "playing" && transport === "webtransport",
    timeoutMs: 60_000,
  });
  await pause(SETTLE_MS);
  await countPictures(page);
  return { browser, page };
}

async function report({ browser, page }: Watcher): Promise<SoakResult> {
  const stats = await readStats(page);
  const gaps = await readGaps(page);
  const name = `${browser.name} ${browser.version}`;
  const lines = [
    `${name}: ${gaps.pictures} pictures, longest time between two ${gaps.longestMs} ms, ` +
    `${stats?.stalls} stalls, ${stats?.skips} skips, ${stats?.reconnects} reconnections, ` +
    `latency ${stats?.latencyMs?.toFixed(0)} ms, over ${stats?.transport}`,
    ...stats?.ends.map((end) => `${name}: ${end}`) ?? [],
    ...gaps.long.map(({ ms, at }) => `${name}: ${ms} ms without a picture at ${at} s`),
  ];
  const problems = [
    ...(stats?.transport === "webtransport" ? [] : [`${name} ended on ${stats?.transport}`]),
    ...(gaps.longestMs > GAP_MS ? [`${name}: a gap of ${gaps.longestMs} ms`] : []),
    ...((stats?.reconnects ?? 0) >= 1 ? [] : [`${name} did not come again`]),
  ];
  return { lines, problems };
}

async function run(folder: string, seconds: number): Promise<SoakResult> {
  // Each certificate is used for a third of its life.
  const certificateLifeMs = (seconds * 1000 / TURNS) * 3;
  await using running = await startQuicRelay({
    sources: ["demo"],
    data: folder,
    certificateLifeMs,
  });
  await using chromium = await launchChromium({ autoplay: true });
  await using firefox = await launchFirefox({ autoplay: true });
  const watchers = [await watchIn(chromium, running.url), await watchIn(firefox, running.url)];
  await pause(seconds * 500);
  await running.relay.webTransport?.endSessions("the soak's doing");
  await pause(seconds * 500);
  const reports = await Promise.all(watchers.map(report));
  const turns = running.log.filter((line) => line.includes("new certificate")).length;
  return {
    lines: [
      ...reports.flatMap(({ lines }) => lines),
      ...running.log.filter((line) => line.includes("a WebTransport session")),
      `certificates turned ${turns} times`,
    ],
    problems: [
      ...reports.flatMap(({ problems }) => problems),
      ...(turns >= TURNS - 1 ? [] : [`the certificate turned ${turns} times only`]),
    ],
  };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** The soak. */
export const webtransport: Soak = {
  name: "webtransport",
  about: "Chromium and Firefox watch while certificates turn, and come again to a new one",
  seconds: 600,
  run,
};
