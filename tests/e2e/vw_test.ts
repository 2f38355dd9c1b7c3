/** vw's clients at a relay as users run it: by a configuration file, with no more leave than that needs. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { freePort } from "../support/ports.ts";
import { RelayProcess } from "../support/relay_process.ts";
import { until } from "../support/relay.ts";
import { VwClient } from "../support/vw_client.ts";
import { FarEnd } from "../support/vw_far_end.ts";
import { Viewer } from "../support/viewer.ts";

const CLIP = new URL("../../relay/sources/demo_clip.mpegts", import.meta.url);

Deno.test("a feed leaves for a server that was named while the relay ran, is recorded, and is watched", async () => {
  const folder = await Deno.makeTempDir({ prefix: "rill-vw-e2e-" });
  try {
    await using far = await FarEnd.start("token of ours");
    const port = freePort();
    const file = join(folder, "rill.yaml");
    const api = `vw_api: "${far.url}/bi/unique"`;
    await Deno.writeTextFile(file, `compat: {vw: "127.0.0.1:${port}", ${api}}\n`);
    await using relay = await RelayProcess.start({
      args: ["-c", file, "--data", join(folder, "data")],
    });
    const vw = new VwClient(`http://127.0.0.1:${port}`);
    await vw.destination({
      ...{ id: "0", stream: "lab", destination: `${far.url}/in/lab` },
      token: "token of ours",
    });
    await vw.destination({ id: "1", stream: "lab", destination: "file:lab.ts?seconds=600" });
    await until(() => far.tokens.includes("token of ours"), {
      what: "the connection",
    });
    const clip = await Deno.readFile(CLIP);
    await vw.feed("lab", clip);
    await until(() => far.length >= clip.length, { what: "the feed" });
    assert.deepEqual(far.bytes, clip);
    await vw.ask("DELETE", "/api/destinations/1");
    const recording = join(folder, "data", "vw", "lab.ts");
    await until(() => Deno.statSync(recording).size === clip.length, { what: "the recording" });
    assert.deepEqual(await Deno.readFile(recording), clip);
    await using viewer = await Viewer.open(`${relay.url}/live/lab`);
    await until(() => viewer.control.length > 0, { what: "word of the stream" });
    assert.ok(!relay.output.includes("token of ours"), "no token in the log");
    assert.ok(!relay.output.includes("/bi/unique"), "no path that may be a secret in the log");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
