/**
 * The bench's programs in C, compiled by the machine's own compiler when a bench needs them: a camera, viewers,
 * the least a server and a receiver can do, and a bad network. In C so that they cost little and set a floor.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { runAnyhow } from "../support/run.ts";
import { CannotRun } from "./bench.ts";

const NAMES = ["camera", "crowd", "floor", "receiver", "wire"] as const;
const SOURCES = new URL("./", import.meta.url);
const FLAGS = ["-O2", "-Wall", "-Wno-unused-function", "-pthread"];

/** Paths of the compiled programs. */
export type CPrograms = Readonly<Record<typeof NAMES[number], string>>;

/**
 * Compiles them into `folder`.
 * @throws {CannotRun} where there is no compiler, or with `tls` no OpenSSL to compile with.
 */
export async function compile(
  folder: string,
  { tls = false }: { readonly tls?: boolean } = {},
): Promise<CPrograms> {
  const programs: Record<string, string> = {};
  for (const name of NAMES) {
    const out = join(folder, name);
    const source = fileURLToPath(new URL(`${name}.c`, SOURCES));
    const library = tls ? ["-DWITH_TLS", "-lssl", "-lcrypto"] : [];
    await cc([...FLAGS, "-o", out, source, ...library], tls);
    programs[name] = out;
  }
  return programs as CPrograms;
}

async function cc(args: readonly string[], tls: boolean): Promise<void> {
  try {
    const { code, stderr } = await runAnyhow("cc", args);
    if (code === 0) return;
    if (tls && /openssl\/|-lssl/.test(stderr)) {
      throw new CannotRun(
        "there are no OpenSSL headers here (libssl-dev): nothing to measure beside",
      );
    }
    throw new Error(`cc ${args.join(" ")}:\n${stderr}`);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new CannotRun("there is no C compiler here (cc): nothing to measure with");
  }
}
