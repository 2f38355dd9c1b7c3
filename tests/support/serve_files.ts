/**
 * A web server for one folder on a free loopback port, for tests that need a page and no relay.
 *
 * @module
 */

import { join } from "node:path";

/** A running server. */
export interface FileServer extends AsyncDisposable {
  /** Ends with a slash. */
  readonly url: string;
}

const TYPES: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  js: "text/javascript",
  mp4: "video/mp4",
};

/** Serves the files directly in `folder`; `/` is its index.html. */
export function serveFiles(folder: string): FileServer {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      const path = new URL(request.url).pathname.slice(1) || "index.html";
      if (!/^[a-z0-9_]+\.[a-z0-9]+$/.test(path)) return new Response("No.", { status: 404 });
      try {
        const type = TYPES[path.slice(path.lastIndexOf(".") + 1)] ?? "application/octet-stream";
        return new Response(await Deno.readFile(join(folder, path)), {
          headers: { "content-type": type },
        });
      } catch (error) {
        if (error instanceof Deno.errors.NotFound) return new Response("No.", { status: 404 });
        throw error;
      }
    },
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}/`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
