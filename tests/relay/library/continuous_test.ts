/** Streams that are always recorded, as the configuration says: begun, begun again, and what is too much thrown away. */

import assert from "node:assert/strict";
import { join } from "node:path";
import type { RecordingList, RecordingState } from "../../../shared/recordings.ts";
import { Continuous } from "../../../relay/library/continuous.ts";
import { Library } from "../../../relay/library/library.ts";
import { Log } from "../../../relay/log.ts";
import { askUntil } from "../../support/ask.ts";
import { TestRelay, until } from "../../support/relay.ts";

const log = new Log({ level: "error", format: "text", write: () => undefined });

Deno.test("record in the configuration: recorded from the start, and nothing for a request to begin or end", async () => {
  const yaml =
    "streams:\n  cam: {source: demo, record: {mode: continuous, keep: 1d}}\n  by: demo\n";
  await using relay = await TestRelay.start(["--open", "all"], {}, yaml);
  const address = `${relay.url}/api/streams/cam/record`;
  const ask = async (): Promise<RecordingState> => await (await fetch(address)).json();
  const { recording, allowed } = await askUntil(ask, {
    accept: (state) => (state.recording?.seconds ?? 0) > 1,
    what: "a second of it",
  });
  assert.ok(recording);
  assert.equal(allowed, false);
  for (const method of ["POST", "DELETE"]) {
    const answer = await fetch(address, { method });
    assert.equal(answer.status, 409);
    assert.match((await answer.json()).detail, /The configuration has this stream recorded always/);
  }
  const { recordings }: RecordingList = await (await fetch(`${relay.url}/api/recordings`)).json();
  assert.deepEqual(recordings.map(({ stream, state }) => [stream, state]), [["cam", "recording"]]);
});

Deno.test("too much of a stream: what is old goes, others' and what is none of ours stays", async () => {
  const folder = await Deno.makeTempDir({ prefix: "rill-continuous-" });
  try {
    const day = 86_400_000;
    const place = async (path: string, daysAgo: number): Promise<void> => {
      const file = join(folder, path);
      await Deno.mkdir(join(file, ".."), { recursive: true });
      await Deno.writeFile(file, new Uint8Array(4_000_000));
      const at = new Date(Date.now() - daysAgo * day);
      await Deno.utime(file, at, at);
    };
    await place("cam/1700000000001.mp4", 9);
    await place("cam/1700000000002.mp4", 3);
    await place("cam/1700000000003.mp4", 2);
    await place("cam/1700000000004.mp4", 1);
    await place("cam/notes.mp4", 99);
    await place("cam/2/1700000000001.mp4", 99);
    await place("other/1700000000001.mp4", 99);
    await using library = new Library({ folder, streams: { get: () => undefined }, log });
    await library.trim("cam", { keepMs: 7 * day, maxBytes: 10e6 });
    const left = (await Array.fromAsync(Deno.readDir(join(folder, "cam")))).map(({ name }) => name);
    assert.deepEqual(left.sort(), ["1700000000003.mp4", "1700000000004.mp4", "2", "notes.mp4"]);
    assert.ok(Deno.statSync(join(folder, "cam/2/1700000000001.mp4")).isFile);
    assert.ok(Deno.statSync(join(folder, "other/1700000000001.mp4")).isFile);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("more than are recorded at once: said of each, once, and begun when there is room", async () => {
  const lines: string[] = [];
  const asked: string[] = [];
  let room = false;
  using continuous = new Continuous({
    log: new Log({ level: "warn", format: "text", write: (line) => void lines.push(line) }),
    lookMs: 5,
    library: {
      start: (name) => {
        asked.push(name);
        return room ? "started" : "full";
      },
      stop: () => Promise.resolve({}),
      state: () => ({}),
      trim: () => Promise.resolve(),
    },
  });
  continuous.set(new Map([["one", {}], ["two", {}]]));
  await until(() => asked.length > 6, { what: "looks" });
  assert.deepEqual(lines.map((line) => /(\w+): not recorded: too many/.exec(line)?.[1]), [
    "one",
    "two",
  ]);
  room = true;
  const before = asked.length;
  await until(() => asked.length > before + 2, { what: "more looks" });
  assert.equal(lines.length, 2);
});

Deno.test("one that ended is begun again; taken out of the configuration, it is ended and nothing more goes", async () => {
  const asked: string[] = [];
  let looks = 0;
  const states = new Map<string, RecordingState>();
  using continuous = new Continuous({
    log,
    lookMs: 5,
    library: {
      start: (name, always) => {
        asked.push(`start ${name} ${JSON.stringify(always?.plan)}`);
        states.set(name, { recording: { startedAt: "", seconds: 1, bytes: 1, left: 0 } });
        return "started";
      },
      stop: (name) => {
        asked.push(`stop ${name}`);
        states.set(name, {});
        return Promise.resolve({});
      },
      state: (name) => {
        looks++;
        return states.get(name) ?? {};
      },
      trim: () => Promise.resolve(),
    },
  });
  continuous.set(new Map([["cam", { keepMs: 60_000 }]]));
  assert.equal(continuous.has("cam"), true);
  assert.deepEqual(asked, ['start cam {"keepMs":60000}']);
  await until(() => looks > 2, { what: "looks" });
  assert.equal(asked.length, 1, "it runs");
  states.set("cam", { ended: { recordings: [], problem: "no space left on the disk" } });
  await until(() => asked.length === 2, { what: "another try" });
  states.set("cam", { ended: { recordings: [], problem: "no space left on the disk" } });
  const before = looks;
  await until(() => looks > before + 5, { what: "more looks" });
  assert.equal(asked.length, 2, "a full disk is not tried at each look");
  continuous.set(new Map([["cam", {}]]));
  await until(() => asked.length === 4, { what: "a start with another plan" });
  assert.deepEqual(asked.slice(2), ["stop cam", "start cam {}"]);
  continuous.set(new Map());
  assert.equal(continuous.has("cam"), false);
  assert.equal(asked.at(-1), "stop cam");
});

Deno.test("a folder is read when a file of it is complete, and not at each look; one that cannot be tidied keeps no other from it", async () => {
  const trimmed: string[] = [];
  const lines: string[] = [];
  const closed = new Map<string, () => void>();
  let looks = 0;
  using continuous = new Continuous({
    log: new Log({ level: "warn", format: "text", write: (line) => void lines.push(line) }),
    lookMs: 5,
    library: {
      start: (name, always) => {
        if (always) closed.set(name, always.closed);
        return "started";
      },
      stop: () => Promise.resolve({}),
      state: (name) => {
        looks++;
        return closed.has(name)
          ? { recording: { startedAt: "", seconds: 1, bytes: 1, left: 0 } }
          : {};
      },
      trim: (name) => {
        trimmed.push(name);
        return name === "held" ? Promise.reject(new Error("in use")) : Promise.resolve();
      },
    },
  });
  continuous.set(new Map([["held", { keepMs: 600_000 }], ["cam", { keepMs: 600_000 }]]));
  await until(() => trimmed.includes("cam"), { what: "the other's turn" });
  assert.match(lines.join(), /could not be thrown away: in use/);
  const before = looks;
  await until(() => looks > before + 10, { what: "more looks" });
  assert.deepEqual(trimmed, ["held", "cam"]);
  closed.get("cam")?.();
  await until(() => trimmed.length > 2, { what: "another" });
  assert.deepEqual(trimmed, ["held", "cam", "cam"]);
});

Deno.test("what another program holds keeps nothing else that is too much", async () => {
  const folder = await Deno.makeTempDir({ prefix: "rill-continuous-" });
  try {
    const held = "cam/1700000000001";
    await Deno.mkdir(join(folder, "cam"));
    for (const [at, id] of [held, "cam/1700000000002", "cam/1700000000003"].entries()) {
      await Deno.writeFile(join(folder, `${id}.mp4`), new Uint8Array(8));
      await Deno.utime(join(folder, `${id}.mp4`), 1_700_000_000 + at, 1_700_000_000 + at);
    }
    /** As Windows has it, where a file that is being read cannot be taken away. */
    class Held extends Library {
      override remove(id: string): ReturnType<Library["remove"]> {
        return id === held ? Promise.reject(new Deno.errors.Busy("in use")) : super.remove(id);
      }
    }
    await using library = new Held({ folder, streams: { get: () => undefined }, log });
    await assert.rejects(() => library.trim("cam", { keepMs: 60_000 }), /in use/);
    const left = [...Deno.readDirSync(join(folder, "cam"))].map(({ name }) => name);
    assert.deepEqual(left, ["1700000000001.mp4"]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("what was being recorded by request when the configuration came to say always is ended, and begun with limits", async () => {
  const asked: string[] = [];
  let isByRequest = true;
  using continuous = new Continuous({
    log,
    lookMs: 5,
    library: {
      start: (name, always) => {
        if (isByRequest) return "recording";
        asked.push(`start ${name} ${JSON.stringify(always?.plan)}`);
        return "started";
      },
      stop: (name) => {
        asked.push(`stop ${name}`);
        isByRequest = false;
        return Promise.resolve({});
      },
      state: () =>
        isByRequest || asked.length > 1
          ? { recording: { startedAt: "", seconds: 1, bytes: 1, left: 0 } }
          : {},
      trim: () => Promise.resolve(),
    },
  });
  continuous.set(new Map([["cam", { keepMs: 60_000 }]]));
  await until(() => asked.length > 1, { what: "another" });
  assert.deepEqual(asked, ["stop cam", 'start cam {"keepMs":60000}']);
});
