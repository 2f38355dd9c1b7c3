/**
 * What a way outward is once it is open: a sink on the stream's hub, and its end in words.
 *
 * @module
 */

import type { Socket } from "node:net";
import type { Micros } from "../../shared/units.ts";
import type { Sink } from "../hub/sink.ts";
import type { Destination } from "./destination.ts";

/** An open way. */
export interface Outlet {
  readonly sink: Sink;
  /** Resolves with a sentence when it has ended, whoever ended it. Never rejects. */
  readonly ended: Promise<OutletEnd>;
  /** Ends it; the other side is told. */
  close(): void;
}

/** How a way ended. */
export interface OutletEnd {
  readonly reason: string;
  /** The other side said no: asking again at once would not help. */
  readonly refused: boolean;
}

/** What an open way tells its forwarder. */
export interface OutletReport {
  pushed(bytes: number): void;
  skipped(what: { readonly fragments: number; readonly ms: number }): void;
}

/** What a way is opened with. */
export interface OutletOptions {
  readonly destination: Destination;
  /** Connected, TLS and all; the way's from now on. */
  readonly socket: Socket;
  /** `Via` as it is now: what the stream has come through, this relay last. Another publisher may have come another way. */
  via(): string;
  readonly report: OutletReport;
  /** The origin's clock, as it is known here. */
  now(): Micros;
}

/** Why a way ends that has said another `Via`. */
export const OTHER_VIA = "the stream comes another way now: it is connected anew, and tells of it";

/** A way that does not move for so long is given up: what it would bring is late anyway. */
export const STALLED_MS = 10_000;

/** Ends a way that takes nothing. Call {@link Stall.look} now and then. */
export class Stall {
  #taken = -1;
  #since = performance.now();

  /** The other side has shown that it is there. */
  alive(): void {
    this.#since = performance.now();
  }

  /** Whether nothing has moved for too long. @param taken bytes that have gone out so far. */
  look({ taken, backlog }: { readonly taken: number; readonly backlog: number }): boolean {
    if (taken > this.#taken || backlog === 0) {
      this.#taken = taken;
      this.alive();
    }
    return performance.now() - this.#since > STALLED_MS;
  }
}
