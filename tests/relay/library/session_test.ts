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
      const session = new Session({ stream: "cam", hub, path: () => path, folder });
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
    const session = new Session({
      ...{ stream: "cam", hub, path: () => path, folder },
      maxUnderWay: 64 * kilobytes,
    });
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

/** Sessions in a row, as the library begins them. */
function recordRow(
  hub: Hub,
  folder: string,
  bytes: number,
): { sessions: Session[]; wishes: number } {
  const row = { sessions: [] as Session[], wishes: 0 };
  const next = (): void => {
    const path = join(folder, "cam", `${1_700_000_000_000 + row.sessions.length}.mp4`);
    row.sessions.push(
      new Session({
        ...{ stream: "cam", hub, folder, path: () => path },
        row: { limits: { seconds: Infinity, bytes }, next, wantKeyPicture: () => row.wishes++ },
      }),
    );
  };
  next();
  return row;
}

/** Pictures in each file of a row, when all of it is closed. */
async function picturesOf(sessions: readonly Session[]): Promise<number[]> {
  const counts: number[] = [];
  for (const { ended } of sessions) {
    const { files: [path, ...others], problem } = await ended;
    assert.deepEqual([problem, others], [undefined, []]);
    const file = path === undefined ? undefined : await readRecordingFile(path);
    counts.push(Math.round((file?.seconds ?? 0) * RATE));
  }
  return counts;
}

Deno.test("always recorded: a full file ends where the next begins, at a key picture, and no picture is lost", async () => {
  const folder = await Deno.makeTempDir({ prefix: "rill-session-" });
  try {
    const kilobytes = 1024;
    const pictures = steadyPictures({ count: 100, step: 90_000 / RATE, group: 10 })
      .map((each) => ({ ...each, bytes: kilobytes }));
    const { segment, batches } = describeStream(pictures);
    const hub = new Hub();
    hub.init(segment);
    const row = recordRow(hub, folder, 25 * kilobytes);
    for (const [at, batch] of batches.entries()) {
      hub.publish(batch);
      // Two groups come at once, as after a pause of this thread: the file that is full takes the first of them too.
      if (at < 25 || at > 45) await Promise.resolve();
    }
    await Promise.resolve();
    row.sessions.at(-1)?.stop();
    const counts = await picturesOf(row.sessions);
    assert.equal(counts.reduce((sum, count) => sum + count, 0), 100, `${counts}`);
    assert.ok(counts.length > 2, `${counts}`);
    assert.ok(counts.every((count) => count % 10 === 0), `${counts}: whole groups`);
    assert.ok(row.wishes > 0, "a camera that makes key pictures when asked is asked");
    assert.equal(hub.takers, 0);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("always recorded: after a time without a picture the next begins a file of its own", async () => {
  const folder = await Deno.makeTempDir({ prefix: "rill-session-" });
  try {
    const { segment, batches } = describeStream(
      steadyPictures({ count: 40, step: 90_000 / RATE, group: 10 }),
    );
    const hub = new Hub();
    hub.init(segment);
    const row = recordRow(hub, folder, Infinity);
    for (const batch of batches.slice(0, 20)) hub.publish(batch);
    hub.offline("the camera is gone");
    await Promise.resolve();
    hub.offline("the camera is still gone");
    await Promise.resolve();
    assert.equal(row.sessions.length, 2, "one that waits, and no more");
    assert.equal(row.sessions[1]?.waiting, "the camera is still gone");
    for (const batch of batches.slice(20)) hub.publish(batch);
    row.sessions[1]?.stop();
    assert.deepEqual(await picturesOf(row.sessions), [20, 20]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a file that is there already is not written over", async () => {
  const folder = await Deno.makeTempDir({ prefix: "rill-session-" });
  try {
    const { segment, batches } = describeStream(steadyPictures({ count: 30, group: 10 }));
    const hub = new Hub();
    hub.init(segment);
    const path = join(folder, "1700000000000.mp4");
    await Deno.writeTextFile(path, "an earlier recording");
    const session = new Session({ stream: "cam", hub, path: () => path, folder });
    for (const batch of batches) hub.publish(batch);
    session.stop();
    const { files, problem } = await session.ended;
    assert.deepEqual(files, []);
    assert.match(problem ?? "", /is there already/);
    assert.equal(await Deno.readTextFile(path), "an earlier recording");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("what goes on in another file takes a number that is free", async () => {
  const folder = await Deno.makeTempDir({ prefix: "rill-session-" });
  try {
    const { segment, batches } = describeStream(steadyPictures({ count: 30, group: 10 }));
    const hub = new Hub();
    hub.init(segment);
    const path = join(folder, "1700000000000.mp4");
    await Deno.writeTextFile(join(folder, "1700000000000-2.mp4"), "an earlier recording");
    const session = new Session({ stream: "cam", hub, path: () => path, folder });
    for (const batch of batches) hub.publish(batch);
    const generation = segment.generation + 1;
    hub.init({ ...segment, generation });
    for (const batch of batches) hub.publish({ ...batch, generation });
    session.stop();
    const { files, problem } = await session.ended;
    assert.equal(problem, undefined);
    assert.deepEqual(files, [path, join(folder, "1700000000000-3.mp4")]);
    for (const each of files) {
      assert.equal(Math.round(((await readRecordingFile(each))?.seconds ?? 0) * RATE), 30);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
