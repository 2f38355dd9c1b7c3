/** What the relay's process is started with to go about memory, and that a user's own settings are left alone. */

import assert from "node:assert/strict";
import { MEMORY_FLAGS, MEMORY_VARIABLES } from "../../relay/memory_settings.ts";
import { pidsWith, startOf } from "../support/process_table.ts";
import { RelayProcess } from "../support/relay_process.ts";

Deno.test("the relay is started with its memory settings, where the user has none", async () => {
  const [chosen = "", ...others] = Object.keys(MEMORY_VARIABLES);
  await using relay = await RelayProcess.start({ args: ["demo"], env: { [chosen]: "1234567" } });
  const [pid] = await pidsWith(
    ["relay/main.ts", "--listen", `127.0.0.1:${relay.port}`, ""].join("\0"),
  );
  assert.ok(pid !== undefined);
  const started = startOf(pid);
  for (const flag of MEMORY_FLAGS) assert.ok(started.args.includes(flag), flag);
  assert.ok(started.environment.includes(`${chosen}=1234567`));
  for (const name of others) {
    assert.ok(started.environment.includes(`${name}=${MEMORY_VARIABLES[name]}`), name);
  }
});
