/**
 * Gets Deno's program for a platform: its npm package, fetched by Deno as it fetches any other, compared with the
 * lock file beside this one, kept in Deno's cache.
 *
 * @module
 */

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { DENO_VERSION, type Platform } from "./platforms.ts";
import { runDeno } from "./run_deno.ts";

const LOCK = fileURLToPath(new URL("./deno.lock", import.meta.url));

/**
 * Path of the program, fetched if need be.
 * @throws {Error} with Deno's words when it cannot be had.
 */
export async function fetchDeno({ denoPackage }: Platform): Promise<string> {
  // Deno names what it fetched by the registry's host, which is whatever npm is set up for; so it is looked for.
  await runDeno([
    ...["cache", "--quiet", "--no-config", "--node-modules-dir=none"],
    ...[`--lock=${LOCK}`, "--frozen", `npm:${denoPackage}@${DENO_VERSION}`],
  ]);
  const { npmCache } = JSON.parse(await runDeno(["info", "--json", "--no-config"])) as {
    readonly npmCache: string;
  };
  for (const { name: registry } of Deno.readDirSync(npmCache)) {
    const program = join(npmCache, registry, denoPackage, DENO_VERSION, "deno");
    if (isFile(program)) return program;
  }
  throw new Error(`${denoPackage}@${DENO_VERSION} was fetched, and holds no program "deno".`);
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return false;
    }
    throw error;
  }
}
