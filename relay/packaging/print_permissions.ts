/**
 * The first half of a packaged start: prints the permissions that these arguments need, one a line, for the launcher
 * to start the relay with. It holds all permissions itself, starts nothing, and is gone when the relay runs.
 *
 * @module
 */

import { withKept } from "../kept_file.ts";
import { loadRequest } from "../load_config.ts";
import { listingPermissions, permissionFlags, relayPermissions } from "../permissions.ts";
import { UsageError } from "../usage_error.ts";

const USAGE_EXIT = 2;

function write(to: { writeSync(bytes: Uint8Array): number }, text: string): void {
  to.writeSync(new TextEncoder().encode(text));
}

try {
  const request = await loadRequest(Deno.args, (name) => Deno.env.get(name));
  const config = request.kind === "run" ? withKept(request.config) : undefined;
  const permissions = permissionFlags(
    request.kind === "list" ? listingPermissions() : relayPermissions(config),
  );
  const broken = permissions.find((each) => each.includes("\n"));
  if (broken !== undefined) throw new UsageError("a path with a line break cannot be used");
  write(Deno.stdout, permissions.map((each) => `${each}\n`).join(""));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  write(Deno.stderr, `rill: ${error.message}\n`);
  Deno.exit(USAGE_EXIT);
}
