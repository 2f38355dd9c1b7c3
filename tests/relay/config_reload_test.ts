/** A configuration that changes while the relay runs. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Relay, startRelay } from "../../relay/app.ts";
import type { Config } from "../../relay/config.ts";
import { loadRequest } from "../../relay/load_config.ts";
import { Log } from "../../relay/log.ts";
import type { RecordingState } from "../../shared/recordings.ts";
import { askUntil } from "../support/ask.ts";
import { BAD_CONFIGURATIONS } from "../support/bad_configurations.ts";
import { until } from "../support/relay.ts";
import { Viewer } from "../support/viewer.ts";

interface Running {
  readonly relay: Relay;
  readonly url: string;
  readonly lines: string[];
  /** As an editor does: a new file takes the old one's place. */
  write(text: string, head?: string): Promise<void>;
}

const HEAD = "listen: 127.0.0.1:0\ntls: off\ndata: state\n";

async function withConfig(
  text: string,
  test: (running: Running) => Promise<void>,
  args: readonly string[] = [],
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "rill-config-" });
  try {
    const path = join(folder, "rill.yaml");
    await Deno.writeTextFile(path, HEAD + text);
    await Deno.writeTextFile(join(folder, "index.html"), "<p>A page.</p>");
    const load = async (): Promise<Config> => {
      const request = await loadRequest(["-c", path, ...args], () => undefined);
      assert.ok(request.kind === "run");
      return request.config;
    };
    const lines: string[] = [];
    const log = new Log({ level: "info", format: "text", write: (line) => void lines.push(line) });
    const appFolder = pathToFileURL(`${folder}/`);
    await using relay = await startRelay(await load(), { log, appFolder, load });
    await test({
      relay,
      url: `http://127.0.0.1:${relay.server.address.port}`,
      lines,
      write: async (next, head = HEAD) => {
        await Deno.writeTextFile(`${path}~`, head + next);
        await Deno.rename(`${path}~`, path);
      },
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("saved, it is in force: what says the same goes on without a gap, the rest is changed", () =>
  withConfig("streams: {still: demo, moving: demo, going: push}\n", async (running) => {
    const { relay, url } = running;
    await using still = await Viewer.open(`${url}/live/still`);
    await using moving = await Viewer.open(`${url}/live/moving`);
    await using going = await Viewer.open(`${url}/live/going`);
    for (const viewer of [still, moving]) {
      await viewer.until(() => viewer.media.length > 3, { what: "pictures" });
    }
    const supervisor = relay.streams.get("still");
    await running.write("streams: {still: demo, moving: push, fresh: demo}\n");
    await until(() => relay.streams.get("fresh") !== undefined, { what: "the new stream" });
    assert.equal(relay.streams.get("still"), supervisor);
    assert.equal((await going.closed).code, 4404);
    await moving.until(() => moving.control.some(({ type }) => type === "offline"), {
      what: "words",
    });
    assert.deepEqual(relay.streams.names().sort(), ["fresh", "moving", "still"]);
    const count = still.media.length;
    await still.until(() => still.media.length > count + 10, { what: "more pictures" });
    assert.equal(still.stream?.generation, 1);
    const times = still.fragments(still.pictures).map(({ tracks }) => tracks[0]?.dts ?? 0);
    const steps = new Set(times.slice(1).map((time, at) => time - (times[at] ?? 0)));
    assert.equal(steps.size, 1, "every picture follows the one before");
  }));

Deno.test("a file that is broken changes nothing, and says so where people look; mended, it is in force", () =>
  withConfig("streams: {still: demo}\n", async ({ relay, url, write, lines }) => {
    const supervisor = relay.streams.get("still");
    for (const { text } of BAD_CONFIGURATIONS) {
      const before = lines.length;
      await write(text, "");
      await relay.reload?.reload();
      assert.ok(
        lines.slice(before).some((line) => /not taken.*rill\.yaml line/.test(line)),
        `${text}: ${lines.slice(before)}`,
      );
      assert.equal(relay.streams.get("still"), supervisor);
    }
    const health = await fetch(`${url}/healthz`);
    const { configuration } = await health.json();
    assert.match(configuration, /rill\.yaml line \d/);
    await write("streams: {still: demo, more: push}\n");
    await relay.reload?.reload();
    assert.equal(relay.reload?.report.problem, undefined);
    assert.deepEqual(relay.streams.names(), ["still", "more"]);
    assert.equal((await (await fetch(`${url}/healthz`)).json()).configuration, undefined);
  }));

Deno.test("behind a symbolic link: what is saved there is in force, and what the link points to next", () =>
  withConfig("streams: {still: push}\n", async ({ relay, write }) => {
    const path = relay.reload?.path ?? "";
    const elsewhere = await Deno.makeTempDir({ prefix: "rill-config-elsewhere-" });
    try {
      const [one, two] = [join(elsewhere, "one.yaml"), join(elsewhere, "two.yaml")];
      const point = async (target: string): Promise<void> => {
        await Deno.symlink(target, `${path}~`);
        await Deno.rename(`${path}~`, path);
      };
      const names = (wanted: string): Promise<void> =>
        until(() => relay.streams.names().join(" ") === wanted, { what: wanted });
      await Deno.writeTextFile(one, `${HEAD}streams: {one: push}\n`);
      await Deno.writeTextFile(two, `${HEAD}streams: {two: push}\n`);
      await point(one);
      await names("one");
      await Deno.writeTextFile(one, `${HEAD}streams: {one: push, more: push}\n`);
      await names("one more");
      await point(two);
      await names("two");
      await Deno.writeTextFile(two, `${HEAD}streams: {two: push, last: push}\n`);
      await names("two last");
      await Deno.remove(path);
      await write("streams: {still: push}\n");
      await names("still");
    } finally {
      await Deno.remove(elsewhere, { recursive: true });
    }
  }));

Deno.test("record added to a stream that goes on: its recording begins; taken away: it ends", () =>
  withConfig("streams: {still: demo}\n", async ({ relay, url, write }) => {
    const supervisor = relay.streams.get("still");
    const ask = async (): Promise<RecordingState> =>
      await (await fetch(`${url}/api/streams/still/record`)).json();
    await write("streams: {still: {source: demo, record: {mode: continuous, keep: 1d}}}\n");
    await relay.reload?.reload();
    await askUntil(ask, {
      accept: ({ recording }) => (recording?.seconds ?? 0) > 1,
      what: "a second of it",
    });
    await write("streams: {still: demo}\n");
    await relay.reload?.reload();
    const { ended } = await askUntil(ask, {
      accept: ({ recording }) => recording === undefined,
      what: "its end",
    });
    assert.deepEqual([ended?.recordings.length, ended?.problem], [1, undefined]);
    assert.equal(relay.streams.get("still"), supervisor);
  }));

Deno.test("a key to watch, which nobody can be given: said at the start and with each new file", () =>
  withConfig("access: {view: key}\nstreams: {still: demo}\n", async ({ relay, lines, write }) => {
    const warnings = (): string[] => lines.filter((line) => /CAN WATCH/.test(line));
    assert.match(warnings().join(), /rill\.yaml line 4, access\.view: this version has no keys/);
    await write("streams: {still: demo}\n");
    await relay.reload?.reload();
    assert.equal(warnings().length, 1);
    await write("access: {view: key, publish: key}\nstreams: {still: demo}\n");
    await relay.reload?.reload();
    assert.equal(warnings().length, 2);
  }));

Deno.test("what is read at the start alone is named", () =>
  withConfig("streams: {still: demo}\n", async ({ relay, write, lines }) => {
    await write("url: http://gate.example\nlog: debug\nstreams: {still: demo}\n");
    await relay.reload?.reload();
    assert.deepEqual(relay.reload?.report.restart, ["url", "log"]);
    assert.ok(
      lines.some((line) => /start the relay again .* url; log/.test(line)),
      lines.join("\n"),
    );
  }));

Deno.test("a file that is gone is a fault of its own", () =>
  withConfig("streams: {still: demo}\n", async ({ relay }) => {
    const path = relay.reload?.path ?? "";
    await Deno.remove(path);
    await relay.reload?.reload();
    assert.match(relay.reload?.report.problem ?? "", /no such configuration file/);
    await Deno.writeTextFile(path, HEAD);
  }));

Deno.test("a file that cannot be read is a fault of its own, and ends nothing; put right, it is in force", () =>
  withConfig("streams: {still: push}\n", async ({ relay, write }) => {
    const path = relay.reload?.path ?? "";
    await Deno.symlink(path, `${path}~`);
    await Deno.rename(`${path}~`, path); // leads to itself
    const problem = (): string => relay.reload?.report.problem ?? "";
    await until(() => problem() !== "", { what: "a word of it" });
    assert.match(problem(), /rill\.yaml cannot be read: .*symbolic/i);
    await write("streams: {still: push, more: push}\n");
    await until(() => problem() === "", { what: "its end" });
    assert.deepEqual(relay.streams.names(), ["still", "more"]);
  }));

Deno.test("a machine's name that none can have is a fault of the file, and ends nothing", () =>
  withConfig("streams: {still: push}\n", async ({ relay, write }) => {
    const cases: [string, RegExp][] = [
      [
        "streams: {still: push, cam: 'http://cam..local/x'}\n",
        /no machine can be called cam\.\.local/,
      ],
      [
        "streams: {still: push, cam: 'udp://cam..local:5000'}\n",
        /no machine can be called cam\.\./,
      ],
      ["streams: {still: push, cam: 'gopro://.local'}\n", /no machine can be called \.local/],
      [
        "streams: {still: push}\ndestinations: {far: {url: 'ws://far..away/x'}}\n",
        /destination's address/,
      ],
    ];
    for (const [text, words] of cases) {
      await write(text);
      await relay.reload?.reload();
      assert.match(relay.reload?.report.problem ?? "", words, text);
      assert.deepEqual(relay.streams.names(), ["still"]);
    }
  }));

Deno.test("a camera that is given another name is let go of before it is opened anew", async () => {
  const folder = await Deno.makeTempDir({ prefix: "rill-renamed-" });
  try {
    const script = join(folder, "camera.sh");
    const device = join(folder, "device");
    // One at a time, as cameras are; and it takes a while to let go.
    await Deno.writeTextFile(
      script,
      `mkdir '${device}' || { echo "busy: another program has it" >&2; exit 3; }
       trap 'sleep 0.5; rmdir "${device}"; exit' TERM
       touch "${device}.$1"; while :; do sleep 0.1; done\n`,
    );
    const source = (name: string): string => `streams: {${name}: "exec:sh ${script} ${name}"}\n`;
    const isThere = (path: string): boolean => {
      try {
        return Deno.statSync(path).isFile;
      } catch (error) {
        if (error instanceof Deno.errors.NotFound) return false;
        throw error;
      }
    };
    await withConfig(source("porch"), async ({ relay, write, lines }) => {
      await until(() => isThere(`${device}.porch`), { what: "the camera" });
      await write(source("door"));
      await until(() => isThere(`${device}.door`), { what: "the camera by its new name" });
      assert.deepEqual(relay.streams.names(), ["door"]);
      assert.equal(relay.streams.get("door")?.info.counters.restarts, 0);
      assert.doesNotMatch(lines.join("\n"), /busy/);
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("what the API added stays through a new file, until the file names it too", () =>
  withConfig("streams: {still: demo}\n", async ({ relay, url, write }) => {
    const put = async (name: string, source: string): Promise<number> => {
      const body = JSON.stringify({ source });
      const answer = await fetch(`${url}/api/streams/${name}`, { method: "PUT", body });
      await answer.body?.cancel();
      return answer.status;
    };
    assert.deepEqual([await put("added", "push"), await put("other", "demo")], [201, 201]);
    await write("streams: {still: demo, more: push}\n");
    await relay.reload?.reload();
    assert.deepEqual(relay.streams.names().sort(), ["added", "more", "other", "still"]);
    const other = relay.streams.get("other");
    await write("streams: {still: demo, other: demo}\n");
    await relay.reload?.reload();
    assert.equal(relay.streams.get("other"), other, "it says the same, and goes on");
    assert.deepEqual([await put("other", "push"), await put("added", "demo")], [409, 200]);
    await write("streams: {still: demo}\n");
    await relay.reload?.reload();
    assert.deepEqual(relay.streams.names().sort(), ["added", "still"], "the file's to take away");
    const path = relay.reload?.path?.replace(/rill\.yaml$/, "state/state.json") ?? "";
    const { streams } = JSON.parse(await Deno.readTextFile(path));
    assert.deepEqual(streams, { added: { source: "demo" } });
    const { configuration, restart } = await (await fetch(`${url}/api/stats`)).json();
    assert.match(configuration.file, /rill\.yaml$/);
    assert.deepEqual(restart, []);
  }, ["--open", "all"]));

Deno.test("a camera's address in the wrong place is told without its password", () =>
  withConfig("streams: {still: push}\n", async ({ relay, url, lines, write }) => {
    await write("streams: {'rtsp://me:s3cret@camera/live': push}\n");
    await until(() => relay.reload?.report.problem !== undefined, { what: "the problem" });
    const told = await (await fetch(`${url}/healthz`)).text();
    assert.match(told, /rtsp:\/\/camera\/live/);
    assert.doesNotMatch(told + lines.join("\n"), /s3cret/);
  }));
