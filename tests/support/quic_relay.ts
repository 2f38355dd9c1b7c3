/**
 * A relay inside this process with its TLS port, and so with WebTransport, on a free port; the built app behind it.
 *
 * @module
 */

import { type Relay, startRelay } from "../../relay/app.ts";
import { readCommandLine } from "../../relay/config.ts";
import { Log } from "../../relay/log.ts";
import { runAnyhow } from "./run.ts";

/** How it is started. */
export interface QuicRelayOptions {
  /** As on the command line. */
  readonly sources: readonly string[];
  /** Where it keeps its keys. */
  readonly data: string;
  /** Of plain HTTP; any that is free if not given. */
  readonly port?: number;
  /** Of WebTransport's certificates. */
  readonly certificateLifeMs?: number;
}

/** It runs. */
export interface QuicRelay extends AsyncDisposable {
  /** Without a slash at the end; over plain HTTP of this machine, which browsers hold for secure. */
  readonly url: string;
  readonly relay: Relay;
  readonly log: readonly string[];
}

/** Starts it; the app is built first if need be. */
export async function startQuicRelay(
  { sources, data, port = 0, certificateLifeMs }: QuicRelayOptions,
): Promise<QuicRelay> {
  const build = await runAnyhow(Deno.execPath(), ["task", "-q", "build", "--logLevel", "error"], {
    timeoutMs: 120_000,
  });
  if (build.code !== 0) throw new Error(`The web app could not be built:\n${build.stderr}`);
  const request = readCommandLine(
    ["--listen", `127.0.0.1:${port}`, "--listen-tls", "127.0.0.1:0", "--data", data, ...sources],
    () => undefined,
  );
  if (request.kind !== "run") throw new Error("This starts no relay.");
  const log: string[] = [];
  const relay = await startRelay(request.config, {
    log: new Log({ level: "debug", format: "text", write: (line) => void log.push(line) }),
    appFolder: new URL("../../web/dist/", import.meta.url),
    ...(certificateLifeMs === undefined ? {} : { certificateLifeMs }),
  });
  const url = `http://127.0.0.1:${relay.server.address.port}`;
  return { url, relay, log, [Symbol.asyncDispose]: () => relay[Symbol.asyncDispose]() };
}
