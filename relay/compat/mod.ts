/**
 * The systems whose clients find their addresses here: one row each. Nothing listens that was not asked for.
 *
 * @module
 */

import type { RunningListener } from "../http/listener.ts";
import { startGo2rtc } from "./go2rtc.ts";
import { startGoproStream } from "./gopro_stream.ts";
import { COMPAT_KEYS, type CompatKey } from "./keys.ts";
import { startLiveStreamServer } from "./live_stream_server.ts";
import { startMedooze } from "./medooze.ts";
import { startVw } from "./vw.ts";
import type { CompatContext, CompatSpec, StartCompat } from "./system.ts";

/** What each key of `compat:` opens. */
const SYSTEMS = {
  live_stream_server: startLiveStreamServer,
  medooze: startMedooze,
  gopro_stream: startGoproStream,
  vw: startVw,
  go2rtc: startGo2rtc,
} as const satisfies Record<CompatKey, StartCompat>;

/** Listeners that were opened. */
export interface RunningCompat extends AsyncDisposable {
  readonly listeners: ReadonlyMap<CompatKey, RunningListener>;
}

/**
 * Opens what `spec` names.
 * @throws {ListenError} when an address cannot be had; none is left open then.
 */
export async function startCompat(
  spec: CompatSpec,
  context: CompatContext,
): Promise<RunningCompat> {
  await using undo = new AsyncDisposableStack();
  const listeners = new Map<CompatKey, RunningListener>();
  for (const key of COMPAT_KEYS) {
    const address = spec[key];
    if (!address) continue;
    const listener = undo.use(await SYSTEMS[key](address, context));
    listeners.set(key, listener);
    const { hostname, port } = listener.address;
    context.log.info(`clients of ${key} are answered at ${hostname}:${port}`);
  }
  undo.move(); // they are closed side by side from here on
  return {
    listeners,
    async [Symbol.asyncDispose](): Promise<void> {
      await Promise.all([...listeners.values()].map((each) => each[Symbol.asyncDispose]()));
    },
  };
}
