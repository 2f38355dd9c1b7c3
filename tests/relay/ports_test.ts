/** Which ports a relay opens, and what happens when one is taken: contract §2. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Relay, startRelay } from "../../relay/app.ts";
import { type Config, readCommandLine } from "../../relay/config.ts";
import { ListenError } from "../../relay/http/listener.ts";
import { Log } from "../../relay/log.ts";
import type { StreamList } from "../../shared/api.ts";
import { freePort, freeUdpPort } from "../support/ports.ts";
import { PAGE } from "../support/relay.ts";

interface Bench {
  readonly lines: string[];
  config(...args: readonly string[]): Config;
  start(config: Config): Promise<Relay>;
}

async function withFolder(test: (bench: Bench) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "rill-ports-" });
  await Deno.mkdir(join(folder, "app"));
  await Deno.writeTextFile(join(folder, "app", "index.html"), PAGE);
  const lines: string[] = [];
  const log = new Log({ level: "warn", format: "text", write: (line) => void lines.push(line) });
  try {
    await test({
      lines,
      config: (...args) => {
        const request = readCommandLine(
          ["--data", folder, ...args, `cam=udp://127.0.0.1:${freeUdpPort()}`],
          () => undefined,
        );
        assert.ok(request.kind === "run");
        return request.config;
      },
      start: (config) =>
        startRelay(config, { log, appFolder: pathToFileURL(join(folder, "app/")) }),
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const PLAIN = ["--listen", "127.0.0.1:0"] as const;

Deno.test("an occupied TLS port is a warning when nobody asked for it, else an error", async () => {
  await withFolder(async ({ lines, config, start }) => {
    using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const chosen = config(...PLAIN, "--listen-tls", `127.0.0.1:${taken.addr.port}`);
    await assert.rejects(start(chosen), (error) => {
      assert.ok(error instanceof ListenError);
      assert.match(error.message, /is taken.*--listen-tls/);
      return true;
    });
    await using relay = await start({ ...chosen, listenTlsIsDefault: true });
    assert.equal(relay.server.tls, undefined);
    assert.match(lines.join("\n"), /no HTTPS: port \d+ is taken/);
    const page = await fetch(`http://127.0.0.1:${relay.server.address.port}/`);
    await page.body?.cancel();
    assert.equal(page.status, 200);
  });
});

Deno.test("--listen none leaves the TLS port alone, --tls off the plain one", async () => {
  await withFolder(async ({ config, start }) => {
    {
      await using relay = await start(
        config("--listen", "none", "--listen-tls", "127.0.0.1:0"),
      );
      assert.equal(relay.server.plain, undefined);
      assert.deepEqual(relay.server.address, relay.server.tls);
    }
    await using relay = await start(config(...PLAIN, "--tls", "off"));
    assert.equal(relay.server.tls, undefined);
  });
});

Deno.test("who is answered at all finds the streams", () =>
  withFolder(async ({ config, start }) => {
    const port = freePort();
    const starting = start(config("--listen", `127.0.0.1:${port}`, "--listen-tls", "127.0.0.1:0"));
    const first = await firstAnswer(`http://127.0.0.1:${port}/api/streams`);
    await using _relay = await starting;
    assert.deepEqual(first.streams.map(({ name }) => name), ["cam"]);
  }));

/** Asks until something answers. */
async function firstAnswer(url: string): Promise<StreamList> {
  for (let tries = 0;; tries++) {
    try {
      return await (await fetch(url)).json() as StreamList;
    } catch (error) {
      if (!(error instanceof TypeError) || tries >= 5_000) throw error;
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }
}
