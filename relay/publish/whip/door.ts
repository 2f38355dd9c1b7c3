/**
 * What crosses between the relay and the isolate that has its peer connections. Types only.
 *
 * @module
 */

import type { Bytes } from "../../../shared/bytes.ts";
import type { AcceptedOffer } from "./offer.ts";

/** To the isolate. */
export type PeerCommand =
  /**
   * Begins. `port` 0 for any; `outside`: host by which the outside reaches this machine; `orAny`: another port will do, for an
   * isolate that hangs may have this one.
   */
  | {
    readonly type: "open";
    readonly port: number;
    readonly outside: string | undefined;
    readonly orAny: boolean;
  }
  | {
    readonly type: "offer";
    readonly id: string;
    readonly sdp: string;
    readonly accepted: AcceptedOffer;
    /** What comes goes back to the publisher too. */
    readonly echo: boolean;
  }
  | { readonly type: "keyPicture"; readonly id: string }
  | { readonly type: "end"; readonly id: string };

/** From the isolate. */
export type PeerEvent =
  | { readonly type: "opened"; readonly port: number }
  /** The port cannot be had. */
  | { readonly type: "failed"; readonly reason: string }
  | { readonly type: "answer"; readonly id: string; readonly sdp: string }
  /** The offer could not be answered. */
  | { readonly type: "refused"; readonly id: string; readonly reason: string }
  /** Records of RTP packets, in order. */
  | { readonly type: "media"; readonly id: string; readonly bytes: Bytes }
  /** The connection is over; `clean` where the publisher said goodbye. */
  | {
    readonly type: "ended";
    readonly id: string;
    readonly reason: string;
    readonly clean: boolean;
  }
  | { readonly type: "note"; readonly sentence: string }
  /** Once a second: it does not hang. */
  | { readonly type: "alive" };
