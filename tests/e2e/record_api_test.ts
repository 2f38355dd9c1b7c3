/** Recordings at a relay as users run it, with no more leave than it needs: a full disk, and a stop in mid-recording. */

import assert from "node:assert/strict";
import { join } from "node:path";
import type { RecordingInfo, RecordingState } from "../../shared/recordings.ts";
import { makeTransportStream } from "../support/clips.ts";
import { assertFfprobeIsSilent } from "../support/judges.ts";
import { RelayProcess } from "../support/relay_process.ts";
import { PATIENCE_MS } from "../support/patience.ts";

async function stateOf(relay: RelayProcess, name: string): Promise<RecordingState> {
  return await (await fetch(`${relay.url}/api/streams/${name}/record`)).json();
}

async function until(
  relay: RelayProcess,
  { name, met }: { name: string; met: (state: RecordingState) => boolean },
): Promise<RecordingState> {
  const end = performance.now() + PATIENCE_MS;
  for (;;) {
    const state = await stateOf(relay, name);
    if (met(state)) return state;
    assert.ok(performance.now() < end, `${JSON.stringify(state)}\n${relay.output}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function inFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "rill-record-api-" });
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test({
  name:
    "a disk that takes no more ends the recording in words; what is there plays, the stream goes on",
  ignore: Deno.build.os === "windows",
  fn: () =>
    inFolder(async (folder) => {
      const clip = join(folder, "clip.ts");
      await makeTransportStream(clip, { seconds: 8, bitrate: 16_000_000 });
      const data = join(folder, "data");
      await using relay = await RelayProcess.start({
        args: ["--open", "all", "--data", data, "cam=push"],
        maxFileKiB: 8192,
      });
      const begun = await fetch(`${relay.url}/api/streams/cam/record`, { method: "POST" });
      assert.equal(begun.status, 201, await begun.text());
      const body = await Deno.readFile(clip);
      const sent = await fetch(`${relay.url}/publish/cam`, { method: "PUT", body });
      assert.equal(sent.status, 200, await sent.text());
      const { ended } = await until(relay, {
        name: "cam",
        met: (state) => state.ended !== undefined,
      });
      assert.match(ended?.problem ?? "", /no larger file is allowed here/);
      const [id = ""] = ended?.recordings ?? [];
      const path = join(data, "recordings", `${id}.mp4`);
      await assertFfprobeIsSilent(path);
      const { seconds = 0 }: RecordingInfo =
        await (await fetch(`${relay.url}/api/recordings/${id}`)).json();
      assert.ok(seconds > 2 && seconds < 8, `${seconds} s`);
      const { counters } = await (await fetch(`${relay.url}/api/streams/cam`)).json();
      assert.equal(counters.videoSamples, 200, "the stream itself has lost nothing");
    }),
});

Deno.test({
  name: "a disk that takes nothing at all leaves no recording behind",
  ignore: Deno.build.os === "windows",
  fn: () =>
    inFolder(async (folder) => {
      const clip = join(folder, "clip.ts");
      await makeTransportStream(clip, { seconds: 4, bitrate: 16_000_000 });
      const data = join(folder, "data");
      await using relay = await RelayProcess.start({
        args: ["--open", "all", "--data", data, "cam=push"],
        maxFileKiB: 1024, // less than the first second
      });
      const begun = await fetch(`${relay.url}/api/streams/cam/record`, { method: "POST" });
      assert.equal(begun.status, 201, await begun.text());
      const body = await Deno.readFile(clip);
      const sent = await fetch(`${relay.url}/publish/cam`, { method: "PUT", body });
      assert.equal(sent.status, 200, await sent.text());
      const { ended } = await until(relay, {
        name: "cam",
        met: (state) => state.ended !== undefined,
      });
      assert.match(ended?.problem ?? "", /no larger file is allowed here/);
      assert.deepEqual(ended?.recordings, []);
      const list = await fetch(`${relay.url}/api/recordings`);
      assert.deepEqual(await list.json(), { recordings: [] });
      const left = [...Deno.readDirSync(join(data, "recordings", "cam"))];
      assert.deepEqual(left.map(({ name }) => name), []);
    }),
});

Deno.test("a relay that is told to stop closes its recordings and ends with code 0", () =>
  inFolder(async (folder) => {
    await using relay = await RelayProcess.start({
      args: ["--open", "all", "--data", folder, "demo"],
    });
    await (await fetch(`${relay.url}/api/streams/demo/record`, { method: "POST" })).body?.cancel();
    await until(relay, { name: "demo", met: ({ recording }) => (recording?.seconds ?? 0) > 1.5 });
    assert.equal(await relay.stop(), 0);
    const [{ name } = { name: "" }] = [...Deno.readDirSync(join(folder, "recordings", "demo"))];
    await assertFfprobeIsSilent(join(folder, "recordings", "demo", name));
  }));

Deno.test("a relay that may change nothing needs no leave to write", () =>
  inFolder(async (folder) => {
    await using relay = await RelayProcess.start({ args: ["--data", folder, "demo"] });
    const refused = await fetch(`${relay.url}/api/streams/demo/record`, { method: "POST" });
    assert.equal(refused.status, 403, await refused.text());
    const list = await fetch(`${relay.url}/api/recordings`);
    assert.deepEqual(await list.json(), { recordings: [] });
    assert.deepEqual([...Deno.readDirSync(folder)], []);
  }));
