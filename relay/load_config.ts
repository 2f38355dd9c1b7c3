/**
 * Command line, environment and configuration file → what the relay is asked for. Reads the file; everything else about
 * it is decided elsewhere.
 *
 * @module
 */

import { resolve } from "node:path";
import { configFileOf, readCommandLine, type Request } from "./config.ts";
import type { ConfigFile } from "./config_file/read.ts";
import { UsageError } from "./usage_error.ts";

/**
 * Reads what the relay is asked for.
 * @throws {UsageError} with a sentence that names what is wrong, and where.
 */
export async function loadRequest(
  args: readonly string[],
  env: (name: string) => string | undefined,
): Promise<Request> {
  const meant = configFileOf(args, env);
  const text = meant && readText(meant);
  if (!meant || text === undefined) return readCommandLine(args, env);
  // Only here: a relay without a configuration file does without the packages that read one.
  const { readConfigFile, ConfigFileError } = await import("./config_file/read.ts");
  let file: ConfigFile;
  try {
    file = readConfigFile(text, { name: meant.name, path: resolve(meant.name), env });
  } catch (error) {
    if (error instanceof ConfigFileError) throw new UsageError(error.message);
    throw error;
  }
  return readCommandLine(args, env, file);
}

function readText(
  { name, asked }: { readonly name: string; readonly asked: boolean },
): string | undefined {
  try {
    return Deno.readTextFileSync(name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      if (!asked) return undefined;
      throw new UsageError(`no such configuration file: ${name}`);
    }
    if (error instanceof Deno.errors.PermissionDenied) {
      throw new UsageError(`this user may not read ${name}: make it readable, or name another`);
    }
    if (error instanceof Deno.errors.NotCapable && !asked) return undefined; // it was not there at the start
    if (error instanceof Deno.errors.IsADirectory) {
      throw new UsageError(`${name} is a folder: name the configuration file in it`);
    }
    if (error instanceof Deno.errors.NotCapable || !(error instanceof Error)) throw error;
    throw new UsageError(`${name} cannot be read: ${error.message}`); // a link to itself, a disk that fails
  }
}
