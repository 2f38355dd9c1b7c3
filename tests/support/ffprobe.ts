/** ffprobe as an oracle: what another reader makes of our files. */

import assert from "node:assert/strict";
import { findProgram } from "./programs.ts";

/** Whether ffprobe is here; none is started, which on a busy machine may fail for reasons of its own. */
export function hasFfprobe(): boolean {
  return findProgram(["ffprobe"]) !== undefined;
}

/** What ffprobe says of a file in JSON; fails when it has anything to say at `level`. */
export async function ffprobe(
  path: string,
  { args, level = "warning" }: { args: readonly string[]; level?: "warning" | "error" },
): Promise<unknown> {
  const { success, stdout, stderr } = await new Deno.Command("ffprobe", {
    args: ["-v", level, "-of", "json", ...args, path],
    stdin: "null",
  }).output();
  assert.equal(new TextDecoder().decode(stderr), "", `what ffprobe says of ${path}`);
  assert.ok(success);
  return JSON.parse(new TextDecoder().decode(stdout));
}
