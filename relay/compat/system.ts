/**
 * What every compatibility listener is: another system's addresses on a port of their own, in front of what this
 * relay has (contract §10). Names the systems; each one's adapter is a file beside this.
 *
 * @module
 */

import type { ListenAddress, RunningListener } from "../http/listener.ts";
import type { ProxySettings } from "../forwarding/proxy.ts";
import type { Log } from "../log.ts";
import type { Library } from "../library/library.ts";
import type { Sessions } from "../publish/whip/sessions.ts";
import type { Streams } from "../streams/streams.ts";
import type { CompatKey } from "./keys.ts";

/** What is asked for: where each system's clients come to. */
export type CompatSpec = Readonly<Partial<Record<CompatKey, ListenAddress>>>;

/** What an adapter works with. */
export interface CompatContext {
  readonly streams: Streams;
  readonly library: Library;
  /** Peer connections. */
  readonly webRtc: Sessions;
  /** Absolute path of the folder for recordings and state. */
  readonly data: string;
  /** Whether a browser's request with this `Host` is for this relay. */
  readonly answers: (host: string | undefined) => boolean;
  /** Between this machine and others. */
  readonly proxies: ProxySettings;
  /** A WebSocket's address, from which vw's JSON verbs come; may hold secrets. */
  readonly vwApi: string | undefined;
  /** This relay's name in `Via`. */
  readonly self: string;
  readonly log: Log;
}

/**
 * Opens one system's listener, which reaches no further than `address`.
 * @throws {ListenError} when the address cannot be had.
 */
export type StartCompat = (
  address: ListenAddress,
  context: CompatContext,
) => Promise<RunningListener>;
