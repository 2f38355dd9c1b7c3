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
import { offlineProblem, sendProblem } from "./problem.ts";

/** How long a request waits for a stream that does not run (contract §4). */
export const MAX_WAIT_MS = 10_000;
/** Where pictures flow, a body that cannot begin in the middle of a group waits for the next: some last 17 s. */
const MAX_GROUP_WAIT_MS = 20_000;
/** Whoever has waited in vain may ask again, seconds later. */
const AGAIN = { "retry-after": "5" } as const;

/** What a body is made of. */
export interface BodyOptions {
  readonly hub: Hub;
  /** Answers a HEAD before anything has come. */
  readonly type: string;
  /** Where a new generation begins: a file ends, since it has one init segment; others go on. */
  readonly newGeneration: "ends" | "goes on";
  readonly maxWaitMs: number;
  /** The client is gone, or the body has ended. */
  closed?(): void;
}

/** One response body. */
class ResponseSink implements Sink {
  readonly transport = "http";
  readonly #response: ServerResponse;
  readonly #newGeneration: BodyOptions["newGeneration"];
  #begun = false;

  constructor(response: ServerResponse, newGeneration: BodyOptions["newGeneration"]) {
    this.#response = response;
    this.#newGeneration = newGeneration;
  }

  get begun(): boolean {
    return this.#begun;
  }

  get backlog(): number {
    return this.#response.writableLength;
  }

  init(segment: InitSegment): void {
    if (this.#begun && this.#newGeneration === "ends") {
      this.#response.end();
      return;
    }
    if (!this.#begun) {
      this.#begun = true;
      this.#response.writeHead(200, { "content-type": segment.mime, "cache-control": "no-store" });
    }
    if (segment.bytes.length > 0) this.#response.write(segment.bytes);
  }

  push(batch: Batch): void {
    if (!this.#response.writableEnded) this.#response.write(batch.bytes);
  }

  skipped(): void {
    // A file has no way to say so: its decode times show the gap.
  }

  offline(): void {
    // The body stays open: the stream may come back in the same generation.
  }

  close(why: "stuck" | "gone", reason: string): void {
    if (why === "stuck") this.#response.destroy();
    else if (this.#begun) this.#response.end();
    else sendProblem(this.#response, offlineProblem(reason), AGAIN);
  }
}

/** Answers with the body. */
export function serveBody(
  { request, response, stream }: DeliveryRequest,
  options: BodyOptions,
): void {
  const { hub, type, newGeneration, maxWaitMs } = options;
  if (request.method === "HEAD") {
    const { segment } = stream.hub;
    response.writeHead(segment ? 200 : 503, {
      "content-type": hub.segment?.mime ?? type,
      "cache-control": "no-store",
      ...(segment ? {} : AGAIN),
    });
    response.end();
    options.closed?.();
    return;
  }
  const sink = new ResponseSink(response, newGeneration);
  const subscription = hub.subscribe(sink);
  const giveUp = (): void => {
    if (sink.begun) return;
    subscription[Symbol.dispose]();
    sendProblem(
      response,
      offlineProblem(stream.offline ?? `No picture has come from ${stream.name} yet; try again.`),
      AGAIN,
    );
  };
  let patience = setTimeout(() => {
    if (stream.hub.group.length > 0) patience = setTimeout(giveUp, MAX_GROUP_WAIT_MS);
    else giveUp();
  }, maxWaitMs);
  response.on("close", () => {
    clearTimeout(patience);
    subscription[Symbol.dispose]();
    options.closed?.();
  });
}
