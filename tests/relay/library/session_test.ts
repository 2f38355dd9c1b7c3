/** Where a recording begins: at the key picture that is nearest to when it was asked for. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { Hub } from "../../../relay/hub/hub.ts";
import { readRecordingFile } from "../../../relay/library/recording_file.ts";
import { Session } from "../../../relay/library/session.ts";
import { micros } from "../../../shared/units.ts";
import { describeStream, steadyPictures } from "../../support/batches.ts";

const RATE = 30;

interface Case {
  readonly what: string;
  /** Pictures from key to key. */
  readonly group: number;
  /** Pictures that came before it is asked for. */
  readonly before: number;
  readonly all: number;
  /** Number of the picture that it begins with. */
  readonly begins: number;
}

const CASES: readonly Case[] = [
  { what: "short groups: at the newest key picture", group: 30, before: 50, all: 80, begins: 30 },
  { what: "long groups: at the next one", group: 90, before: 80, all: 120, begins: 90 },
  {
    what: "ended before the next comes: all of the group at hand",
    group: 200,
    before: 80,
    all: 100,
    begins: 0,
  },
];

for (const { what, group, before, all, begins } of CASES) {
  Deno.test(what, async () => {
    const folder = await Deno.makeTempDir({ prefix: "rill-session-" });
    try {
      const step = 90_000 / RATE;
      const { segment, batches } = describeStream(steadyPictures({ count: all, step, group }));
      const hub = new Hub();
      hub.init(segment);
      const publish = (from: number, to: number): void => {
        batches.slice(from, to).forEach((batch, at) => {
          const arrival = micros(1_700_000_000_000_000 + (from + at) * 1_000_000 / RATE);
          hub.publish({ ...batch, arrival });
        });
      };
      publish(0, before);
      const path = join(folder, "cam", "1700000000000.mp4");
      const session = new Session({ stream: "cam", hub, path, folder });
      publish(before, all);
      session.stop();
      assert.deepEqual(await session.ended, { files: [path] });
      const file = await readRecordingFile(path);
      assert.equal(Math.round((file?.seconds ?? 0) * RATE), all - begins);
      assert.equal(hub.takers, 0);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

Deno.test("more than the disk takes in time: left out up to a key picture, counted, and the rest is there", async () => {
  const folder = await Deno.makeTempDir({ prefix: "rill-session-" });
  try {
    const kilobytes = 16 * 1024;
    const pictures = steadyPictures({ count: 100, group: 10 })
      .map((each) => ({ ...each, bytes: kilobytes }));
    const { segment, batches } = describeStream(pictures);
    const hub = new Hub();
    hub.init(segment);
    const path = join(folder, "cam", "1700000000000.mp4");
    const session = new Session({ stream: "cam", hub, path, folder, maxUnderWay: 64 * kilobytes });
    for (const batch of batches.slice(0, 85)) hub.publish(batch);
    const { left } = session;
    assert.ok(left >= 20, `${left} batches left out`);
    const { promise, resolve } = Promise.withResolvers<void>();
    const look = setInterval(() => session.written.bytes > 60 * kilobytes && resolve(), 10);
    await promise;
    clearInterval(look);
    for (const batch of batches.slice(85)) hub.publish(batch);
    assert.equal(session.left, left + 5, "five more, up to the key picture");
    session.stop();
    assert.deepEqual(await session.ended, { files: [path] });
    const { size } = await Deno.stat(path);
    assert.equal(Math.floor(size / kilobytes), 100 - session.left);
    const file = await readRecordingFile(path);
    assert.ok(Math.abs((file?.seconds ?? 0) - 100 / RATE) < 0.1, "the gap is as long as it was");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
