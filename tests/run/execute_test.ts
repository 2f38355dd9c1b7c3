/** Commands of a group: their output, their end, and what they leave behind. */

import assert from "node:assert/strict";
import { PATIENCE_MS } from "../support/patience.ts";
import { execute } from "./execute.ts";

function evaluate(code: string, timeoutMs = PATIENCE_MS): ReturnType<typeof execute> {
  return execute(Deno.execPath(), ["eval", code], { timeoutMs });
}

Deno.test("both streams are kept, and the exit code decides", async () => {
  const good = await evaluate("console.log('out'); console.error('err');");
  assert.equal(good.ok, true);
  assert.match(good.output, /out\n/);
  assert.match(good.output, /err\n/);
  assert.equal((await evaluate("Deno.exit(3)")).ok, false);
});

Deno.test("a command that hangs is ended with all it started, and says so", async () => {
  // The grandchild inherits the pipe: were it left running, the output would never end.
  const code = `new Deno.Command(Deno.execPath(), {
    args: ["eval", "console.log('grandchild'); await new Promise((r) => setTimeout(r, 1e9));"],
    stdout: "inherit",
  }).spawn(); await new Promise((r) => setTimeout(r, 1e9));`;
  const { ok, output } = await evaluate(code, 3000);
  assert.equal(ok, false);
  assert.match(output, /did not end within 3 s and was killed/);
});

Deno.test("what a command leaves running ends with it, in whatever process group", async () => {
  const code = `const child = new Deno.Command(Deno.execPath(), {
    args: ["eval", "await new Promise((r) => setTimeout(r, 1e9));"],
    stdout: "inherit",
    detached: true,
  }).spawn(); child.unref(); console.log(child.pid); Deno.exit(0);`;
  const { ok, output } = await evaluate(code);
  assert.equal(ok, true);
  const pid = Number(output.trim());
  assert.ok(pid > 0);
  await ended(pid);
});

/** Resolves when no process `pid` runs; one that has ended and waits to be reaped does not run. */
async function ended(pid: number): Promise<void> {
  for (;;) {
    try {
      const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
      if (stat.slice(stat.lastIndexOf(")") + 2).startsWith("Z")) return;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return;
      throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
