/**
 * nginx as an ordinary HTTP cache before a relay, and what of it reached the relay. It knows nothing of HLS: what may be
 * kept, and for how long, the relay's answers say.
 */

import { join } from "node:path";
import { freePort } from "../ports.ts";

/** A running cache. */
export class NginxCache implements AsyncDisposable {
  /** Without a slash at the end. */
  readonly url: string;
  readonly #folder: string;
  readonly #child: Deno.ChildProcess;

  private constructor(url: string, folder: string, child: Deno.ChildProcess) {
    this.url = url;
    this.#folder = folder;
    this.#child = child;
  }

  /** @param origin host and port. @param folder its own, removed by whoever made it. */
  static async start(origin: string, folder: string): Promise<NginxCache> {
    const port = freePort();
    const file = join(folder, "nginx.conf");
    await Deno.writeTextFile(file, config({ origin, folder, port }));
    const child = new Deno.Command("nginx", {
      args: ["-e", join(folder, "error.log"), "-p", folder, "-c", file],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    const cache = new NginxCache(`http://127.0.0.1:${port}`, folder, child);
    await cache.#untilReady(port);
    return cache;
  }

  /** Requests that went on to the relay, by address. */
  async originRequests(): Promise<ReadonlyMap<string, number>> {
    const counts = new Map<string, number>();
    const log = await Deno.readTextFile(join(this.#folder, "access.log"));
    for (const line of log.split("\n")) {
      const [upstream, address] = line.split(" ");
      if (address === undefined || upstream === "-") continue;
      counts.set(address, (counts.get(address) ?? 0) + 1);
    }
    return counts;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGTERM");
    await this.#child.status;
  }

  async #untilReady(port: number): Promise<void> {
    const end = performance.now() + 10_000;
    for (;;) {
      try {
        using _open = await Deno.connect({ hostname: "127.0.0.1", port });
        return;
      } catch (error) {
        if (!(error instanceof Deno.errors.ConnectionRefused) || performance.now() > end) {
          await this[Symbol.asyncDispose]();
          throw error;
        }
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  }
}

function config(
  { origin, folder, port }: { origin: string; folder: string; port: number },
): string {
  const user = Deno.uid() === 0 ? "user root;" : "";
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((name) => `${name}_temp_path ${folder}/${name};`).join("\n  ");
  return `${user}
daemon off;
worker_processes 1;
worker_rlimit_nofile 8192;
pid ${folder}/nginx.pid;
events { worker_connections 4096; }
http {
  ${temporary}
  log_format origin '$upstream_status $request_uri';
  access_log ${folder}/access.log origin;
  proxy_cache_path ${folder}/cache keys_zone=hls:4m max_size=256m;
  upstream relay { server ${origin}; keepalive 64; }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://relay;
      proxy_set_header Host ${origin};
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_cache hls;
      proxy_cache_lock on;
      proxy_cache_lock_timeout 20s;
      proxy_cache_lock_age 20s;
    }
  }
}
`;
}
