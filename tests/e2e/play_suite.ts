/**
 * What a viewer sees, in one browser: the demo plays without a stall.
 *
 * @module
 */

import assert from "node:assert/strict";
import { type BrowserName, DESKTOP, type Launch, type Page } from "../support/browsers/browser.ts";
import { figure } from "../support/figure.ts";
import { readVideo, untilStats } from "../support/player_page.ts";
import type { PlayerStats } from "../../web/src/player/player_types.ts";
import { RelayProcess } from "../support/relay_process.ts";

/** How long the demo is watched, seconds; `deno task test --long` sets 60. */
const WATCH_SECONDS = Number(Deno.env.get("RILL_WATCH_SECONDS") ?? "15");
/** Just after it begins, a player still finds its distance from the live edge. */
const SETTLE_MS = 3_000;
const DEMO_RATE = 30;
/**
 * A machine that gave the page's or this process's thread no time for so long says nothing of the player, ms: that is
 * all that a player at its least distance from live has, after what the browser itself needs.
 */
const HELD_UP_MS = 50;
/** Such a watch is made again, so many times in all; one in which the machine was well counts, whatever it shows. */
const WATCHES = 3;

/** A watch without a stall, in which the player did not have to catch up either. */
function isClean(seen: Watched): boolean {
  return seen.stalls === 0 && seen.mostRanges === 1 && keepsTime(seen);
}

/** As much was played as time went by, but for what the machine took away. */
function keepsTime({ played, lasted, heldUp }: Watched): boolean {
  return Math.abs(played / lasted - 1) < 0.1 + heldUp.sumMs / 1000 / lasted;
}

/** Registers the test of one browser. */
export function testPlaying(name: BrowserName, launch: Launch): void {
  Deno.test(`${name}: the page plays the demo with sound, in one range, without a stall`, async () => {
    await using relay = await RelayProcess.start();
    await using browser = await launch({ autoplay: true });
    // Elsewhere a silenced track is decoded all the same.
    const audible = name === "chromium" ? "?muted=false" : "";
    await using page = await browser.open(`${relay.url}/live/demo${audible}`, {
      viewport: DESKTOP,
    });
    await untilPlaying(page);
    await pause(SETTLE_MS);

    let seen = await watch(page);
    figure(`${name} ${browser.version}: ${inWords(seen)}`);
    for (let i = 1; i < WATCHES && !isClean(seen) && seen.heldUp.times > 0; i++) {
      seen = await watch(page);
      figure(`${name} ${browser.version}, watched again: ${inWords(seen)}`);
    }
    assert.equal(seen.after.hasAudio, true);
    if (seen.after.soundPath === "beside") {
      await untilStats(page, {
        what: "sound to come out beside the element",
        accept: ({ soundLateMs }) => soundLateMs !== null,
      });
    } else {
      assert.notEqual(seen.video.sound, false, "sound is decoded");
    }
    assert.equal(seen.mostRanges, 1, "one buffered range throughout");
    const { times } = seen.heldUp;
    assert.ok(seen.stalls <= times, `${seen.stalls} stalls, held up ${times} times`);
    assert.equal(seen.after.reconnects, 0);
    assert.equal(seen.after.generation, 1);
    assert.ok(seen.latencies.length > 0 && (seen.latencies[0] ?? 0) > 0, "the latency is known");
    assert.ok(keepsTime(seen), `${seen.played} s played in ${seen.lasted} s`);
    assert.ok(seen.shown > seen.lasted * DEMO_RATE / 2, `${seen.shown} frames shown`);
    assert.deepEqual(page.errors() ?? [], []);
  });
}

function untilPlaying(page: Page): ReturnType<typeof untilStats> {
  return untilStats(page, {
    what: "the player to play",
    accept: ({ state, framesShown }) => state === "playing" && framesShown > 0,
  });
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** What was seen while the page was watched. */
interface Watched {
  readonly after: PlayerStats;
  readonly video: Awaited<ReturnType<typeof readVideo>>;
  readonly shown: number;
  readonly dropped: number;
  readonly stalls: number;
  readonly seeks: number;
  /** Seconds of media, and of time. */
  readonly played: number;
  readonly lasted: number;
  readonly mostRanges: number;
  /** Where the page's thread, or this one, got no time for more than {@link HELD_UP_MS}. */
  readonly heldUp: HoldUps;
  /** Once a second, ms, ascending. */
  readonly latencies: readonly number[];
}

/** Watches a page that plays, for {@link WATCH_SECONDS}. */
async function watch(page: Page): Promise<Watched> {
  const before = await untilPlaying(page);
  const videoBefore = await readVideo(page);
  await page.evaluate(`void (${noteHoldUps.toString()})(${HELD_UP_MS})`);
  using here = noteHoldUps(HELD_UP_MS);
  const latencies: number[] = [];
  let mostRanges = 0;
  for (let second = 0; second < WATCH_SECONDS; second++) {
    await pause(1_000);
    const stats = await untilPlaying(page);
    if (stats.latencyMs !== null) latencies.push(stats.latencyMs);
    mostRanges = Math.max(mostRanges, stats.bufferedRanges, (await readVideo(page)).ranges);
  }
  const after = await untilPlaying(page);
  const video = await readVideo(page);
  const there = await page.evaluate<HoldUps>(
    "(({ times, sumMs, longestMs }) => ({ times, sumMs, longestMs }))(rillHeldUp)",
  );
  return {
    after,
    video,
    shown: after.framesShown - before.framesShown,
    dropped: video.dropped - videoBefore.dropped,
    stalls: after.stalls - before.stalls + after.rebuilds - before.rebuilds,
    seeks: after.seeks - before.seeks,
    played: video.currentTime - videoBefore.currentTime,
    lasted: video.at - videoBefore.at,
    mostRanges,
    heldUp: {
      times: here.times + there.times,
      sumMs: here.sumMs + there.sumMs,
      longestMs: Math.max(here.longestMs, there.longestMs),
    },
    latencies: latencies.sort((a, b) => a - b),
  };
}

/** How often a thread got no time for so long, and for how long. */
interface HoldUps {
  readonly times: number;
  readonly sumMs: number;
  readonly longestMs: number;
}

/** Notes when this thread is held up, in `globalThis.rillHeldUp` too: it runs here, and as text in the page. */
function noteHoldUps(leastMs: number): Disposable & HoldUps {
  const seen = { times: 0, sumMs: 0, longestMs: 0 };
  let last = performance.now();
  const note = (): void => {
    const now = performance.now();
    const ms = now - last;
    last = now;
    if (ms <= leastMs) return;
    seen.times++;
    seen.sumMs += ms;
    seen.longestMs = Math.max(seen.longestMs, ms);
  };
  const timer = setInterval(note, 10);
  Object.assign(globalThis, { rillHeldUp: seen });
  return Object.assign(seen, { [Symbol.dispose]: (): void => clearInterval(timer) });
}

function inWords(
  { after, lasted, shown, dropped, latencies, seeks, stalls, mostRanges, heldUp }: Watched,
): string {
  return `${lasted.toFixed(1)} s, ${shown} frames shown, ${dropped} dropped, ` +
    `latency ${latencies[latencies.length >> 1]?.toFixed(0)} ms (median), ` +
    `${latencies.at(-1)?.toFixed(0)} ms (most), buffered ${after.bufferedMs.toFixed(0)} ms, ` +
    `${mostRanges} range, ${seeks} seeks, ${stalls} stalls, ` +
    `held up ${heldUp.times} times, for ${heldUp.longestMs.toFixed(0)} ms at most`;
}
