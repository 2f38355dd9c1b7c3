/** What the relay's process is started with to go about memory and compiling, and that a user's own settings are left alone. */

import assert from "node:assert/strict";
import { MEMORY_VARIABLES, runtimeFlags } from "../../relay/runtime_settings.ts";
import { pidsWith, startOf } from "../support/process_table.ts";
import { RelayProcess } from "../support/relay_process.ts";

Deno.test("V8 is told when to compile where it is one that these options were tried with, and none that it may not know", () => {
  const [flags = ""] = runtimeFlags("15.0.245.2-rusty");
  assert.match(flags, /^--v8-flags=--max-semi-space-size=1,.*--invocation-count-for-turbofan=/);
  for (const other of ["14.9.207.2-rusty", "15.1.1.0-rusty", undefined]) {
    assert.deepEqual(runtimeFlags(other), ["--v8-flags=--max-semi-space-size=1"]);
  }
});

Deno.test("the relay is started with its settings, where the user has none", async () => {
  const [chosen = "", ...others] = Object.keys(MEMORY_VARIABLES);
  await using relay = await RelayProcess.start({ args: ["demo"], env: { [chosen]: "1234567" } });
  const [pid] = await pidsWith(
    ["relay/main.ts", "--listen", `127.0.0.1:${relay.port}`, ""].join("\0"),
  );
  assert.ok(pid !== undefined);
  const started = startOf(pid);
  for (const flag of runtimeFlags(Deno.version.v8)) assert.ok(started.args.includes(flag), flag);
  assert.ok(started.environment.includes(`${chosen}=1234567`));
  for (const name of others) {
    assert.ok(started.environment.includes(`${name}=${MEMORY_VARIABLES[name]}`), name);
  }
});
