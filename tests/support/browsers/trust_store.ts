/**
 * A certificate database as Chromium and Firefox read it (NSS), with one authority that the browser then trusts,
 * as if a person had installed it. By `certutil` of libnss3-tools.
 *
 * @module
 */

import { join } from "node:path";
import { findProgram } from "../programs.ts";

/** Makes a database in `folder`, or adds to the one there. @throws with what certutil said. */
export async function trustAuthority(folder: string, pem: string): Promise<void> {
  const certutil = findProgram(["certutil"]);
  if (!certutil) throw new Error("certutil is not installed; Debian's package is libnss3-tools.");
  await Deno.mkdir(folder, { recursive: true });
  const file = join(folder, "authority-to-add.pem");
  await Deno.writeTextFile(file, pem);
  const database = `sql:${folder}`;
  for (
    const args of [
      ["-N", "-d", database, "--empty-password"],
      ["-A", "-d", database, "-t", "C,,", "-n", "Rill", "-i", file],
    ]
  ) {
    const { success, stderr } = await new Deno.Command(certutil, { args }).output();
    if (!success) throw new Error(`certutil ${args[0]}: ${new TextDecoder().decode(stderr)}`);
  }
}
