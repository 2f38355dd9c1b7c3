/** A program that does not want to end, when its stream ends. */

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Log } from "../../../relay/log.ts";
import { parseSource } from "../../../relay/sources/mod.ts";
import { Supervisor } from "../../../relay/streams/supervisor.ts";
import { until } from "../../support/relay.ts";
import { putOnPath } from "../../support/search_path.ts";

Deno.test("a program that does not want to end is not left behind when its stream ends", async () => {
  const folder = await Deno.makeTempDir({ prefix: "rill-stubborn-" });
  try {
    const note = join(folder, "pid");
    const script =
      `#!/bin/sh\ntrap "" TERM\necho $$ > '${note}.new'; mv '${note}.new' '${note}'\nwhile :; do sleep 0.1; done\n`;
    await Deno.writeTextFile(join(folder, "rpicam-vid"), script, { mode: 0o755 });
    using _path = putOnPath(folder);
    const log = new Log({ level: "debug", format: "text", write: () => undefined });
    await using stream = new Supervisor({ name: "cam", spec: parseSource("rpicam"), log });
    await until(() => existsSync(note), { what: "the program" });
    const process = `/proc/${(await Deno.readTextFile(note)).trim()}`;
    assert.ok(existsSync(process));
    await stream[Symbol.asyncDispose]();
    await until(() => !existsSync(process), { what: "its end" });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
