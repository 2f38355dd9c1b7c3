/** The faults of Deno's QUIC that are worked around: each test fails once its fault is mended, and says what can go. */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { run } from "../../support/run.ts";

const PROGRAM = fileURLToPath(new URL("../../support/quic_faults.ts", import.meta.url));
const LOCK = fileURLToPath(new URL("../../deno.lock", import.meta.url));

async function fault(name: string): Promise<string> {
  const { stdout } = await run(Deno.execPath(), [
    ...["run", "-A", "-q", "--no-check", `--lock=${LOCK}`, "--v8-flags=--expose-gc"],
    ...[PROGRAM, name],
  ]);
  return stdout;
}

Deno.test("denoland/deno#36822 is there: without it webtransport_stream.ts could use the WebTransport object", async () => {
  assert.equal(await fault("endIsNotSent"), "there");
});

Deno.test("an aborted stream ends as if it were whole: without that a group that is given up could be reset", async () => {
  assert.equal(await fault("abortEnds"), "there");
});

Deno.test("a forgotten listener closes its endpoint: without that webtransport.ts need keep the newest only", async () => {
  assert.equal(await fault("garbageCloses"), "there");
});
