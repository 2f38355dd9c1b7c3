/**
 * The systems whose clients find their addresses here: one row each. Nothing listens that was not asked for.
 *
 * @module
 */

import type { ListenAddress, RunningListener } from "../http/listener.ts";
import { startLiveStreamServer } from "./live_stream_server.ts";
import type { CompatContext, StartCompat } from "./system.ts";

/** Keys of `compat:` and what each opens. */
const SYSTEMS = {
  live_stream_server: startLiveStreamServer,
} as const satisfies Record<string, StartCompat>;

/** A key of `compat:`. */
export type CompatKey = keyof typeof SYSTEMS;

/** What was asked for: where each system's clients come to. */
export type CompatSpec = Readonly<Partial<Record<CompatKey, ListenAddress>>>;

/** All keys, for messages and schemas. */
export const COMPAT_KEYS = Object.keys(SYSTEMS) as readonly CompatKey[];

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
