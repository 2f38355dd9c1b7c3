/**
 * A web server for one file that answers byte ranges, as whoever serves recordings does: for browsers that
 * seek. Counts what was asked for.
 *
 * @module
 */

import type { Bytes } from "../../shared/bytes.ts";

/** A running server. */
export interface RangeServer extends AsyncDisposable {
  /** A page with the file in a `<video id="video">`. */
  readonly url: string;
  /** Bytes sent of the file so far. */
  readonly sent: number;
}

const PAGE = `<!doctype html><title>recording</title>
<video id="video" src="file.mp4" muted playsinline preload="auto"></video>`;

/** Serves `file` as `file.mp4`, and a page that shows it. */
export function serveRanges(file: Bytes): RangeServer {
  let sent = 0;
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    (request) => {
      const { pathname } = new URL(request.url);
      if (pathname === "/") return new Response(PAGE, { headers: { "content-type": "text/html" } });
      if (pathname !== "/file.mp4") return new Response("No.", { status: 404 });
      const [, from = "0", to = ""] = /^bytes=(\d+)-(\d*)$/.exec(
        request.headers.get("range") ?? "bytes=0-",
      ) ?? [];
      const start = Number(from);
      const end = to === "" ? file.length : Math.min(file.length, Number(to) + 1);
      if (start >= end) return new Response("No.", { status: 416 });
      sent += end - start;
      return new Response(file.subarray(start, end), {
        status: 206,
        headers: {
          "content-type": "video/mp4",
          "accept-ranges": "bytes",
          "content-range": `bytes ${start}-${end - 1}/${file.length}`,
        },
      });
    },
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}/`,
    get sent() {
      return sent;
    },
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
