/**
 * A stream to an HTTP server elsewhere: one `PUT` whose body does not end (contract §6, §7).
 *
 * @module
 */

import { request as openRequest } from "node:http";
import type { Batch, InitSegment } from "../../shared/media.ts";
import type { Sink, Skipped } from "../hub/sink.ts";
import {
  OTHER_VIA,
  type Outlet,
  type OutletEnd,
  type OutletOptions,
  Stall,
  STALLED_MS,
} from "./outlet.ts";
import { isRefusal, refusalOf } from "./refusal.ts";

const LOOK_MS = 1_000;
const TYPES = { fmp4: "video/mp4", ts: "video/mp2t" } as const;

/** Opens it: the body begins with what the hub has. */
export function openHttpOutlet(
  { destination, socket, via: viaNow, report }: OutletOptions,
): Promise<Outlet> {
  const via = viaNow();
  const url = new URL(destination.url);
  const ended = Promise.withResolvers<OutletEnd>();
  const request = openRequest({
    method: "PUT",
    host: url.hostname,
    path: `${url.pathname}${url.search}`,
    createConnection: () => socket,
    headers: {
      "host": url.host,
      via,
      "content-type": destination.format === "ts" ? TYPES.ts : TYPES.fmp4,
      ...(destination.authorization ? { authorization: destination.authorization } : {}),
    },
  });
  request.on("response", (response) => {
    void refusalOf(response).then((reason) =>
      ended.resolve({ reason, refused: isRefusal(response) })
    );
  });
  request.on(
    "error",
    (error) =>
      ended.resolve({
        reason: `the connection broke: ${error.message.split("\n")[0]}`,
        refused: false,
      }),
  );
  // An answer that came just before is still being read.
  socket.on(
    "close",
    () =>
      setTimeout(
        () => ended.resolve({ reason: "the other side closed the connection", refused: false }),
        0,
      ),
  );
  request.flushHeaders();
  const stall = new Stall();
  let pushed = 0;
  const looks = setInterval(() => {
    const backlog = socket.writableLength;
    if (!stall.look({ taken: pushed - backlog, backlog })) return;
    ended.resolve({ reason: `nothing has been taken for ${STALLED_MS / 1000} s`, refused: false });
  }, LOOK_MS);
  void ended.promise.then(() => {
    clearInterval(looks);
    request.destroy();
    socket.destroy();
  });

  const send = (bytes: Uint8Array): void => {
    if (request.destroyed || bytes.length === 0) return;
    pushed += bytes.length;
    request.write(bytes);
    report.pushed(bytes.length);
  };
  const sink: Sink = {
    watched: false,
    get backlog(): number {
      return socket.writableLength;
    },
    init: (segment: InitSegment) => {
      if (viaNow() === via) send(segment.bytes);
      else ended.resolve({ reason: OTHER_VIA, refused: false });
    },
    push: (batch: Batch) => send(batch.bytes),
    skipped: (what: Skipped) => report.skipped(what),
    offline: () => {}, // the other side notices the silence
    close: (_why, reason) => ended.resolve({ reason, refused: false }),
  };
  return Promise.resolve({
    sink,
    ended: ended.promise,
    close: () => {
      // The end of the body says that this was meant.
      request.end(() => ended.resolve({ reason: "it was ended here", refused: false }));
      setTimeout(() => ended.resolve({ reason: "it was ended here", refused: false }), LOOK_MS);
    },
  });
}
