/**
 * A relay whose main thread does something else 10 of every 33 ms, as one that serves many viewers does:
 * `busy_relay.ts [NAME=]SOURCE …`. Prints where it listens.
 *
 * @module
 */

import { tmpdir } from "node:os";
import { join } from "node:path";
import { startRelay } from "../../relay/app.ts";
import { readCommandLine } from "../../relay/config.ts";
import { Log } from "../../relay/log.ts";

const PERIOD_MS = 33;
const BUSY_MS = 10;

const encoder = new TextEncoder();
const request = readCommandLine(
  [
    ...["--listen", "127.0.0.1:0", "--tls", "off"],
    ...["--data", join(tmpdir(), `rill-busy-relay-${Deno.pid}`), ...Deno.args],
  ],
  () => undefined,
);
if (request.kind !== "run") throw new Error("name a source");
const log = new Log({
  level: "warn",
  format: "text",
  write: (line) => void Deno.stderr.writeSync(encoder.encode(`${line}\n`)),
});
const { server } = await startRelay(request.config, {
  log,
  appFolder: new URL("../../web/dist/", import.meta.url),
});
Deno.stdout.writeSync(encoder.encode(`http://127.0.0.1:${server.address.port}\n`));
setInterval(() => {
  const end = performance.now() + BUSY_MS;
  while (performance.now() < end);
}, PERIOD_MS);
