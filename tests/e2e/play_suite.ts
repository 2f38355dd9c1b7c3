/**
 * What a viewer sees, in one browser: the demo plays without a stall, comes back after the relay was killed,
 * and goes on when the camera changes its picture size. All without a reload.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { type BrowserName, DESKTOP, type Launch, type Page } from "../support/browsers/browser.ts";
import { joinTransportStreams, makeTransportStream } from "../support/clips.ts";
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

/** As much was played as time went by. */
function keepsTime({ played }: Watched): boolean {
  return Math.abs(played / WATCH_SECONDS - 1) < 0.1;
}

/** Registers the tests of one browser. */
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
    for (let i = 1; i < WATCHES && !isClean(seen) && seen.heldUpMs > HELD_UP_MS; i++) {
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
    assert.equal(seen.stalls, 0, "no stall");
    assert.equal(seen.after.reconnects, 0);
    assert.equal(seen.after.generation, 1);
    assert.ok(seen.latencies.length > 0 && (seen.latencies[0] ?? 0) > 0, "the latency is known");
    assert.ok(keepsTime(seen), `${seen.played} s played`);
    assert.ok(seen.shown > WATCH_SECONDS * DEMO_RATE / 2, `${seen.shown} frames shown`);
    assert.deepEqual(page.errors() ?? [], []);
  });

  Deno.test(`${name}: the relay is killed in mid-view; the picture comes back by itself`, async () => {
    await using first = await RelayProcess.start();
    await using browser = await launch({ autoplay: true });
    await using page = await browser.open(`${first.url}/live/demo`, { viewport: DESKTOP });
    await untilPlaying(page);
    await page.evaluate("globalThis.sameDocument = true");

    await first.kill();
    await untilStats(page, {
      what: "the player to notice",
      accept: ({ state }) => state === "reconnecting",
    });
    await using _second = await RelayProcess.start({ port: first.port });
    const began = performance.now();
    const back = await untilStats(page, {
      what: "the picture to come back",
      accept: ({ state, reconnects }) => state === "playing" && reconnects > 0,
      timeoutMs: 30_000,
    });
    figure(
      `${name}: picture back ${(performance.now() - began).toFixed(0)} ms after the relay was`,
    );
    await untilStats(page, {
      what: "pictures to move",
      accept: ({ framesShown }) => framesShown > back.framesShown + DEMO_RATE,
    });
    assert.equal(await page.evaluate("globalThis.sameDocument"), true, "the page was not reloaded");
    assert.equal((await readVideo(page)).paused, false);
  });

  Deno.test(`${name}: the picture changes its size in mid-view; the player goes on`, async () => {
    const folder = await Deno.makeTempDir({ prefix: "rill-sizes-" });
    try {
      const seconds = 4;
      const [small, large, clip] = ["small.ts", "large.ts", "both.ts"].map((file) =>
        join(folder, file)
      ) as [string, string, string];
      await makeTransportStream(small, { seconds, size: "320x180", sound: true });
      await makeTransportStream(large, { seconds, size: "640x360", sound: true, offset: seconds });
      await joinTransportStreams(clip, [small, large]);
      await using relay = await RelayProcess.start({ args: [`cam=file:${clip}?loop`] });
      await using browser = await launch({ autoplay: true });
      await using page = await browser.open(`${relay.url}/live/cam`, { viewport: DESKTOP });
      const first = await untilPlaying(page);
      const { width } = await readVideo(page);
      await page.evaluate("globalThis.sameDocument = true");

      // There and back again.
      for (const turn of [1, 2]) {
        const expected = (width === 320) === (turn === 1) ? 640 : 320;
        const stats = await untilStats(page, {
          what: `a picture ${expected} pixels wide`,
          accept: (now) =>
            now.state === "playing" && now.width === expected &&
            now.generation >= first.generation + turn,
        });
        await untilStats(page, {
          what: "pictures of that size to move",
          accept: ({ framesShown, width }) =>
            width === expected && framesShown > stats.framesShown + 10,
        });
      }
      assert.equal(await page.evaluate("globalThis.sameDocument"), true, "no reload");
      const { reconnects } = await untilPlaying(page);
      assert.equal(reconnects, 0, "one connection carried all generations");
      assert.deepEqual(page.errors() ?? [], []);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
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
  /** Seconds of media. */
  readonly played: number;
  readonly mostRanges: number;
  /** The longest that the page's thread, or this one, got no time, ms. */
  readonly heldUpMs: number;
  /** Once a second, ms, ascending. */
  readonly latencies: readonly number[];
}

/** Watches a page that plays, for {@link WATCH_SECONDS}. */
async function watch(page: Page): Promise<Watched> {
  const before = await untilPlaying(page);
  const videoBefore = await readVideo(page);
  await page.evaluate(`(${noteHoldUps.toString()})()`);
  using here = noteHoldUps();
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
  const there = await page.evaluate<number>("globalThis.rillHeldUp");
  return {
    after,
    video,
    shown: after.framesShown - before.framesShown,
    dropped: video.dropped - videoBefore.dropped,
    stalls: after.stalls - before.stalls + after.rebuilds - before.rebuilds,
    seeks: after.seeks - before.seeks,
    played: video.currentTime - videoBefore.currentTime,
    mostRanges,
    heldUpMs: Math.max(here.longestMs, there),
    latencies: latencies.sort((a, b) => a - b),
  };
}

/**
 * Notes how long this thread is held up at most, in `globalThis.rillHeldUp` too: it runs here, and as text in the page.
 */
function noteHoldUps(): Disposable & { readonly longestMs: number } {
  let longestMs = 0;
  let last = performance.now();
  const note = (): void => {
    const now = performance.now();
    longestMs = Math.max(longestMs, now - last);
    last = now;
    Object.assign(globalThis, { rillHeldUp: longestMs });
  };
  note();
  const timer = setInterval(note, 10);
  return {
    get longestMs(): number {
      return longestMs;
    },
    [Symbol.dispose]: (): void => clearInterval(timer),
  };
}

function inWords(
  { after, shown, dropped, latencies, seeks, stalls, mostRanges, heldUpMs }: Watched,
): string {
  return `${WATCH_SECONDS} s, ${shown} frames shown, ${dropped} dropped, ` +
    `latency ${latencies[latencies.length >> 1]?.toFixed(0)} ms (median), ` +
    `${latencies.at(-1)?.toFixed(0)} ms (most), buffered ${after.bufferedMs.toFixed(0)} ms, ` +
    `${mostRanges} range, ${seeks} seeks, ${stalls} stalls, held up for ${heldUpMs.toFixed(0)} ms`;
}
