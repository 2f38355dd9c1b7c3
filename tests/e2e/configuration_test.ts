/** A configuration file as people use it: with no more permissions than the launcher grants for it, saved, and SIGHUP. */

import assert from "node:assert/strict";
import { join } from "node:path";
import type { Health, StreamList } from "../../shared/api.ts";
import type { RecordingList } from "../../shared/recordings.ts";
import { askUntil } from "../support/ask.ts";
import { RelayProcess, signalGroup } from "../support/relay_process.ts";

async function states(relay: RelayProcess): Promise<string> {
  const { streams }: StreamList = await (await fetch(`${relay.url}/api/streams`)).json();
  return streams.map(({ name, state }) => `${name} ${state.kind}`).join(", ");
}

async function settle(relay: RelayProcess, wanted: string): Promise<void> {
  await askUntil(() => states(relay), { accept: (found) => found === wanted, what: wanted });
}

Deno.test("rill.yaml: started from it, changed by saving, by SIGHUP, and told what takes a new start", async () => {
  const folder = await Deno.makeTempDir({ prefix: "rill-yaml-" });
  try {
    const path = join(folder, "rill.yaml");
    const save = (text: string): Promise<void> => Deno.writeTextFile(path, text);
    await save("tls: off\nstreams:\n  one: ${FIRST}\n");
    await using relay = await RelayProcess.start({ args: ["-c", path], env: { FIRST: "demo" } });
    await settle(relay, "one live");
    await save("tls: off\nstreams:\n  one: ${FIRST}\n  two: push\n");
    await settle(relay, "one live, two offline");
    await save(
      "tls: off\nstreams:\n  one: ${FIRST}\n  two: file:/etc/hostname\n  three: nothing:here\n",
    );
    const health = async (): Promise<Health> => (await fetch(`${relay.url}/healthz`)).json();
    const { configuration } = await askUntil(health, {
      accept: ({ configuration }) => configuration !== undefined,
      what: "what is wrong with it",
    });
    assert.match(configuration ?? "", /line 5, streams\.three: unknown source/);
    await save("tls: off\nstreams:\n  one: ${FIRST}\n  two: file:/etc/hostname\n");
    signalGroup(relay.group, "SIGHUP");
    await askUntil(health, {
      accept: ({ configuration }) => configuration === undefined,
      what: "the word that nothing is wrong",
    });
    await relay.untilSaid(/start the relay again .*two: leave to read \/etc\/hostname/);
    assert.equal(await states(relay), "one live, two offline", "what was in force goes on");
    assert.equal(await relay.stop(), 0);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("record in rill.yaml: with the leave of the start, or the next start's; told which", async () => {
  const folder = await Deno.makeTempDir({ prefix: "rill-yaml-" });
  try {
    const path = join(folder, "rill.yaml");
    const env = { RILL_DATA: join(folder, "state") };
    const always = "{source: demo, record: {mode: continuous, keep: 1d}}";
    await Deno.writeTextFile(path, "tls: off\nstreams:\n  one: demo\n");
    {
      await using relay = await RelayProcess.start({ args: ["-c", path], env });
      await Deno.writeTextFile(path, `tls: off\nstreams:\n  one: ${always}\n`);
      await relay.untilSaid(/start the relay again .*one: leave to write to .*\/recordings/);
      await settle(relay, "one live");
      assert.equal(await relay.stop(), 0);
    }
    await using relay = await RelayProcess.start({ args: ["-c", path], env });
    const recordings = async (): Promise<RecordingList> =>
      await (await fetch(`${relay.url}/api/recordings`)).json();
    await askUntil(recordings, {
      accept: ({ recordings: [first] }) => (first?.bytes ?? 0) > 10_000,
      what: "a recording that grows",
    });
    assert.equal(await relay.stop(), 0);
    const [name] = (await Array.fromAsync(Deno.readDir(join(folder, "state/recordings/one"))))
      .map((entry) => entry.name);
    assert.match(name ?? "", /^\d{13}\.mp4$/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
