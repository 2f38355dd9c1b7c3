/**
 * How one generation of GoPro is spoken to. A dialect recognises its cameras and says what to ask them; it
 * sends nothing by itself and knows no sockets: the session does what it says.
 *
 * @module
 */

import type { CameraStatus } from "../../../shared/api.ts";
import type { Get } from "./camera_http.ts";

/** How a camera's picture is asked for: `auto` is the preview, but where that is H.265 the webcam's H.264. */
export type PreviewMode = "auto" | "preview" | "webcam";

/** What the user asked of the picture. */
export interface PreviewOptions {
  readonly mode: PreviewMode;
  /** Rows. */
  readonly resolution?: number;
  /** Bits a second. */
  readonly bitrate?: number;
  /** Where this machine listens. */
  readonly udpPort: number;
  /** The camera's address, as written. */
  readonly host: string;
}

/** One request that sets something, with its name for the log. */
export interface Setting {
  readonly name: string;
  readonly path: string;
}

/** A request that starts a picture, and the one that ends it. */
export interface StartPath {
  readonly path: string;
  readonly stop: string;
}

/** What a camera wants to hear again and again, or it stops. */
export type KeepAlive =
  | { readonly kind: "datagram"; readonly text: string; readonly everyMs: number }
  | { readonly kind: "request"; readonly path: string; readonly everyMs: number };

/** Making a camera know this machine, once for all. */
export interface Pairing {
  /** What is asked of a camera that shows digits, in order, over TLS. */
  byPin(pin: string): readonly string[];
  /** What is asked of one that shows none, until it answers `{}`. */
  readonly withoutPin: string;
}

/** One camera, and all that is asked of it, in its own words. Paths may hold its password: not for the log. */
export interface Camera {
  /** What it said of itself. */
  readonly status: CameraStatus;
  /** Requests before the first start, whatever they are answered. */
  readonly prepare: readonly string[];
  /** Requests after those: the camera applies them as it builds its preview. */
  readonly settings: readonly Setting[];
  /** Options that it has no request for, as the user wrote them. */
  readonly untaken: readonly string[];
  /** Ways to start the picture, the most likely first. */
  readonly starts: readonly StartPath[];
  readonly keepAlives: readonly KeepAlive[];
  readonly statusPath: string;
  readonly statusEveryMs: number;
  /** Reads the answer to {@link Camera.statusPath}; `undefined` when it cannot be read. */
  parseStatus(body: Uint8Array): CameraStatus | undefined;
  /**
   * Whether it has taken this machine for an application, by the answer to {@link Camera.statusPath}; only of a camera
   * that starts nothing before, and is woken to that.
   */
  attends?(body: Uint8Array): boolean;
  /** While it records it starts nothing: it is given a moment, as a busy one. */
  readonly startsNothingWhileRecording?: true;
  /** Absent where it is paired in another way, or not at all. */
  readonly pairing?: Pairing;
  /** Its shutter, by request. */
  readonly shutter?: { readonly on: string; readonly off: string };
  /** Its preview as HLS (RFC 8216), for when no datagrams come. */
  readonly playlistPath?: string;
  /** Of its Wi-Fi, six bytes: wakes it. */
  readonly mac?: Uint8Array;
}

/** Whether a camera speaks a dialect. */
export type Identification =
  | { readonly kind: "yes"; readonly camera: Camera }
  /** It answered, but not in a way that says yes or no: what to ask it if nothing better is found. */
  | { readonly kind: "perhaps"; readonly camera: Camera }
  | { readonly kind: "no" };

/** One generation's way of speaking. */
export interface Dialect {
  /** Where its cameras' HTTP server listens. */
  readonly port: number;
  /** Asks the camera. Connections that fail are the session's to explain: here they count as `no`. */
  identify(get: Get, options: PreviewOptions): Promise<Identification>;
}
