/**
 * One camera, several viewers over real sockets: a late one, one that stops reading, one that counts. The
 * relay is a process; nothing of it is imported but its bounds.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { MAX_BACKLOG_BYTES, MAX_BACKLOG_SECONDS } from "../../relay/hub/catch_up.ts";
import { makeTransportStream } from "../support/clips.ts";
import { RelayProcess } from "../support/relay_process.ts";
import { StalledViewer } from "../support/stalled_viewer.ts";
import { Viewer } from "../support/viewer.ts";

Deno.test("a late viewer begins with the group under way, not with the next key picture", async () => {
  const folder = await Deno.makeTempDir({ prefix: "rill-late-" });
  try {
    const clip = join(folder, "long_groups.ts");
    const group = 100; // 4 s
    await makeTransportStream(clip, { seconds: 8, rate: 25, group, sound: true });
    await using relay = await RelayProcess.start({ args: [`cam=file:${clip}?loop`] });
    await using first = await Viewer.open(`${relay.url}/live/cam`);

    // Half a group after a key picture …
    await first.until(() => first.stream, { what: "the stream message" });
    const track = first.pictures;
    const sinceKey = (): number => {
      const pictures = first.fragments(track);
      return pictures.length - 1 - pictures.findLastIndex(({ tracks }) => tracks[0]?.key);
    };
    await first.until(() => sinceKey() === group / 2, { what: "the middle of a group" });

    const underWay = first.fragments(track).findLast(({ tracks }) => tracks[0]?.key)?.tracks[0];

    // … the second viewer comes.
    await using second = await Viewer.open(`${relay.url}/live/cam`);
    await second.until(() => second.stream && second.fragments(track)[0], {
      what: "the first picture of the late viewer",
    });
    const key = second.fragments(track)[0]?.tracks[0];
    assert.equal(key?.key, true);
    assert.equal(key?.dts, underWay?.dts, "it is the key picture of the group under way");

    // Both have the same pictures from there on, none left out.
    await second.until(() => second.fragments(track).length > group, { what: "the next group" });
    const seen = second.fragments(track).map(({ tracks }) => tracks[0]?.dts);
    const all = first.fragments(track).map(({ tracks }) => tracks[0]?.dts);
    const from = all.indexOf(seen[0]);
    const both = Math.min(seen.length, all.length - from);
    assert.ok(both > group / 2);
    assert.deepEqual(seen.slice(0, both), all.slice(from, from + both));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a viewer that stops reading costs its bound and disturbs nobody", async () => {
  const folder = await Deno.makeTempDir({ prefix: "rill-stalled-" });
  try {
    const clip = join(folder, "heavy.ts");
    const bitrate = 24_000_000;
    await makeTransportStream(clip, { seconds: 3, rate: 25, size: "640x360", bitrate });
    await using relay = await RelayProcess.start({ args: [`cam=file:${clip}?loop`] });
    await using steady = await Viewer.open(`${relay.url}/live/cam`);
    await steady.until(() => steady.media.length > 25, { what: "a second of pictures" });

    using stalled = await StalledViewer.open(relay.port, "/live/cam/ws");
    const bound = Math.min(MAX_BACKLOG_BYTES, 1.5 * MAX_BACKLOG_SECONDS * bitrate / 8) +
      await kernelBuffers();
    const received = (): number => steady.media.reduce((sum, { bytes }) => sum + bytes.length, 0);
    const before = received();
    // Twice what it could ever have been owed goes by.
    await steady.until(() => received() - before > 2 * bound, {
      what: "twice the bound",
    });

    const { bytes, message, next } = await stalled.readUntilSkip();
    assert.ok(bytes < bound, `${bytes} bytes were kept for it, the bound is ${bound}`);
    assert.equal(message.reason, "slow");
    assert.ok(message.fragments > 0 && message.ms > 0);
    assert.equal(next.tracks[0]?.key, true, "it goes on with a key picture");

    assert.ok(steady.control.every(({ type }) => type !== "skip"));
    assertConsecutive(
      steady.media.flatMap(({ fragments }) => fragments.map(({ sequence }) => sequence)),
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

function assertConsecutive(numbers: readonly number[]): void {
  const [first = 0] = numbers;
  assert.deepEqual(numbers, numbers.map((_, index) => first + index));
}

/**
 * What the kernel may hold of one loopback connection: the sender's buffer grows to its limit, that of a
 * receiver who never reads stays what it was at first.
 */
async function kernelBuffers(): Promise<number> {
  const sizes = async (name: string): Promise<number[]> =>
    (await Deno.readTextFile(`/proc/sys/net/ipv4/${name}`)).trim().split(/\s+/).map(Number);
  const [, , mostToSend = 0] = await sizes("tcp_wmem");
  const [, firstToReceive = 0] = await sizes("tcp_rmem");
  return mostToSend + 2 * firstToReceive;
}
