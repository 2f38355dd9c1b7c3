/**
 * How one generation of GoPro is spoken to. A dialect names paths and reads answers; it sends nothing by
 * itself and knows no sockets: the session does what it says.
 *
 * @module
 */

import type { CameraStatus } from "../../../shared/api.ts";
import type { Get } from "./camera_http.ts";

/** What a camera said of itself when asked which dialect it speaks. */
export interface CameraIdentity {
  readonly status: CameraStatus;
  /** The path that starts its preview, if it names one. */
  readonly startPath?: string;
}

/** Whether a camera speaks a dialect. */
export type Identification =
  | { readonly kind: "yes"; readonly identity: CameraIdentity }
  /** It answered, but not in a way that says yes or no. */
  | { readonly kind: "perhaps" }
  | { readonly kind: "no" };

/** What the user asked of the preview. */
export interface PreviewOptions {
  readonly resolution?: number;
  /** Bits a second. */
  readonly bitrate?: number;
}

/** One request that sets something, with its name for the log. */
export interface Setting {
  readonly name: string;
  readonly path: string;
}

/** One generation's way of speaking. */
export interface Dialect {
  /** Asks the camera. Connections that fail are the session's to explain: here they count as `no`. */
  identify(get: Get): Promise<Identification>;
  /** Requests that go before the start: the camera applies them as it builds its preview. */
  settings(options: PreviewOptions): readonly Setting[];
  /** Ways to start the preview, the most likely first. */
  startPaths(identity: CameraIdentity | undefined): readonly string[];
  readonly stopPath: string;
  /** The datagram without which the camera stops sending, and how often it goes out. */
  readonly keepAlive: { readonly datagram: string; readonly everyMs: number };
  readonly statusPath: string;
  readonly statusEveryMs: number;
  /** Reads the answer to {@link Dialect.statusPath}; `undefined` when it cannot be read. */
  parseStatus(body: string): CameraStatus | undefined;
}
