/**
 * Recordings in a browser's own player: a closed one knows its length at once and seeks; one that a crash
 * left open plays as it lies.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { Ingest } from "../../relay/ingest/ingest.ts";
import { Recorder } from "../../relay/recordings/recorder.ts";
import { openSource, parseSource } from "../../relay/sources/mod.ts";
import type { Bytes } from "../../shared/bytes.ts";
import { type BrowserName, DESKTOP, type Launch } from "../support/browsers/browser.ts";
import { makeTransportStream } from "../support/clips.ts";
import { MemoryOutput } from "../support/memory_output.ts";
import { serveRanges } from "../support/serve_ranges.ts";

const SECONDS = 20;
const SEEK_TO = 13.4;

/** A recording as it is while open, and closed. */
async function recorded(): Promise<{ open: Bytes; closed: Bytes }> {
  const folder = await Deno.makeTempDir({ prefix: "rill-recording-" });
  try {
    const clip = join(folder, "clip.ts");
    await makeTransportStream(clip, { seconds: SECONDS, sound: true, group: 50 });
    const output = new MemoryOutput();
    const recorder = new Recorder({
      path: "a.mp4",
      open: () => output,
      durable: false,
      now: Date.now,
    });
    const ingest = new Ingest({
      init: (segment) => recorder.init(segment),
      batch: (batch) => void recorder.batch(batch),
      status: () => {},
      note: (sentence) => assert.fail(sentence),
    });
    const { signal } = new AbortController();
    await openSource(parseSource(`file:${clip}?pace=fast`)).run(ingest, signal);
    ingest.end();
    recorder.flush();
    const open = output.bytes;
    recorder.close();
    return { open, closed: output.bytes };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Registers the tests of one browser. */
export function testRecordings(name: BrowserName, launch: Launch): void {
  Deno.test(`${name}: a recording tells its length, seeks, and plays as a crash left it`, async () => {
    const { open, closed } = await recorded();
    await using browser = await launch();
    {
      await using server = serveRanges(closed);
      await using page = await browser.open(server.url, { viewport: DESKTOP });
      await page.waitFor("video.readyState >= 1", { what: "the closed recording's metadata" });
      const seen = await page.evaluate<[number, number, number]>(
        "[video.duration, video.videoWidth, video.videoHeight]",
      );
      assert.ok(Math.abs(seen[0] - SECONDS) < 0.1, `${seen[0]} s`);
      assert.deepEqual(seen.slice(1), [320, 180]);
      await page.evaluate(`void (video.currentTime = ${SEEK_TO})`);
      await page.waitFor("!video.seeking && video.readyState >= 2", { what: "the seek" });
      assert.ok(Math.abs(await page.evaluate<number>("video.currentTime") - SEEK_TO) < 0.05);
      await page.evaluate("void video.play()");
      await page.waitFor(`video.currentTime > ${SEEK_TO} + 1`, { what: "a second after the seek" });
    }
    await using server = serveRanges(open);
    await using page = await browser.open(server.url, { viewport: DESKTOP });
    await page.waitFor("video.readyState >= 2", { what: "the open recording's first picture" });
    assert.equal(await page.evaluate("video.videoWidth"), 320);
    await page.evaluate("void video.play()");
    await page.waitFor("video.currentTime > 2", { what: "two seconds of the open recording" });
    assert.equal(await page.evaluate("video.error"), null);
  });
}
