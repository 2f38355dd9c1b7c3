/**
 * `/live/{name}/stream.mp4`: one endless fragmented MP4 as a response body, for `<video src>`, curl and
 * players. Ends where a new generation begins: a file has one init segment.
 *
 * @module
 */

import type { ServerResponse } from "node:http";
import type { Batch, InitSegment } from "../../shared/media.ts";
import type { Sink } from "../hub/sink.ts";
import type { Delivery, DeliveryRequest } from "./delivery.ts";
import { offlineProblem, sendProblem } from "./problem.ts";

/** How long a request waits for a stream that does not run (contract §4). */
const MAX_WAIT_MS = 10_000;

/** One response body. */
class ResponseSink implements Sink {
  readonly #response: ServerResponse;
  #begun = false;

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  get begun(): boolean {
    return this.#begun;
  }

  get backlog(): number {
    return this.#response.writableLength;
  }

  init(segment: InitSegment): void {
    if (this.#begun) {
      this.#response.end();
      return;
    }
    this.#begun = true;
    this.#response.writeHead(200, { "content-type": segment.mime, "cache-control": "no-store" });
    this.#response.write(segment.bytes);
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
    else sendProblem(this.#response, offlineProblem(reason));
  }
}

function answer({ request, response, stream }: DeliveryRequest, maxWaitMs: number): void {
  if (request.method === "HEAD") {
    const { segment } = stream.hub;
    response.writeHead(segment ? 200 : 503, {
      "content-type": segment?.mime ?? "video/mp4",
      "cache-control": "no-store",
    });
    response.end();
    return;
  }
  const sink = new ResponseSink(response);
  const subscription = stream.hub.subscribe(sink);
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
  });
}

/** Opens the delivery. @param maxWaitMs tests wait less. */
export function openProgressive(maxWaitMs = MAX_WAIT_MS): Delivery {
  return { resource: "stream.mp4", request: (what) => answer(what, maxWaitMs) };
}
