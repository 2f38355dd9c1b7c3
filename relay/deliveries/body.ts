/**
 * One endless response body fed by a hub: the init bytes, then batch after batch. For `<video src>`, curl and players.
 *
 * @module
 */

import type { ServerResponse } from "node:http";
import type { Batch, InitSegment } from "../../shared/media.ts";
import type { Hub } from "../hub/hub.ts";
import type { Sink } from "../hub/sink.ts";
import type { DeliveryRequest } from "./delivery.ts";
import { FromZero } from "./from_zero.ts";
import { offlineProblem, sendProblem } from "./problem.ts";

/** How long a request waits for a stream that does not run (contract §4). */
export const MAX_WAIT_MS = 10_000;

/** What a body is made of. */
export interface BodyOptions {
  readonly hub: Hub;
  /** Answers a HEAD before anything has come. */
  readonly type: string;
  /** A file's times begin at 0, and it ends where a new generation begins, since it has one init segment; packets go on. */
  readonly of: "file" | "packets";
  readonly maxWaitMs: number;
  /** The client is gone, or the body has ended. */
  closed?(): void;
}

/** One response body. */
class ResponseSink implements Sink {
  readonly transport = "http";
  readonly #response: ServerResponse;
  readonly #fromZero: FromZero | undefined;
  #segment: InitSegment | undefined;

  constructor(response: ServerResponse, of: BodyOptions["of"]) {
    this.#response = response;
    this.#fromZero = of === "file" ? new FromZero() : undefined;
  }

  get begun(): boolean {
    return this.#segment !== undefined;
  }

  get backlog(): number {
    return this.#response.writableLength;
  }

  init(segment: InitSegment): void {
    if (this.#segment && this.#fromZero) {
      this.#response.end();
      return;
    }
    if (!this.#segment) {
      this.#response.writeHead(200, { "content-type": segment.mime, "cache-control": "no-store" });
    }
    this.#segment = segment;
    if (segment.bytes.length > 0) this.#response.write(segment.bytes);
  }

  push(batch: Batch): void {
    if (this.#response.writableEnded || !this.#segment) return;
    const { bytes } = this.#fromZero?.shift(batch, this.#segment.tracks) ?? batch;
    this.#response.write(bytes);
  }

  skipped(): void {
    // A file has no way to say so: its decode times show the gap.
  }

  offline(): void {
    // The body stays open: the stream may come back in the same generation.
  }

  close(why: "stuck" | "gone", reason: string): void {
    if (why === "stuck") this.#response.destroy();
    else if (this.#segment) this.#response.end();
    else sendProblem(this.#response, offlineProblem(reason));
  }
}

/** Answers with the body. */
export function serveBody(
  { request, response, stream }: DeliveryRequest,
  options: BodyOptions,
): void {
  const { hub, type, of, maxWaitMs } = options;
  if (request.method === "HEAD") {
    const { segment } = stream.hub;
    response.writeHead(segment ? 200 : 503, {
      "content-type": hub.segment?.mime ?? type,
      "cache-control": "no-store",
    });
    response.end();
    options.closed?.();
    return;
  }
  const sink = new ResponseSink(response, of);
  const subscription = hub.subscribe(sink);
  const patience = setTimeout(() => {
    if (sink.begun) return;
    subscription[Symbol.dispose]();
    sendProblem(
      response,
      offlineProblem(stream.offline ?? `No picture has come from ${stream.name} yet; try again.`),
      { "retry-after": "5" },
    );
  }, maxWaitMs);
  response.on("close", () => {
    clearTimeout(patience);
    subscription[Symbol.dispose]();
    options.closed?.();
  });
}
