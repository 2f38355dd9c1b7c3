/**
 * `rill devices`: prints a drop-in for the service's unit with the devices that these arguments' cameras need, for
 * install.sh to put in place. Changes nothing.
 *
 * @module
 */

import { loadRequest } from "../load_config.ts";
import { UsageError } from "../usage_error.ts";
import { deviceRules } from "./device_rules.ts";

const USAGE_EXIT = 2;

function write(to: { writeSync(bytes: Uint8Array): number }, text: string): void {
  to.writeSync(new TextEncoder().encode(text));
}

try {
  const request = await loadRequest(Deno.args, (name) => Deno.env.get(name));
  const specs = request.kind === "run" ? request.config.streams.map(({ spec }) => spec) : [];
  const rules = deviceRules(specs);
  write(
    Deno.stdout,
    ["# From the configuration, by install.sh --devices.", "[Service]", ...rules, ""].join("\n"),
  );
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  write(Deno.stderr, `rill: ${error.message}\n`);
  Deno.exit(USAGE_EXIT);
}
