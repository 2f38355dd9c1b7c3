/** Changes by the TLS port: a page of the relay's own may make them by HTTP/2 as by HTTP/1.1, another site's by neither. */

import assert from "node:assert/strict";
import { connect } from "node:http2";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { startRelay } from "../../../relay/app.ts";
import { readCommandLine } from "../../../relay/config.ts";
import { Log } from "../../../relay/log.ts";
import { PAGE } from "../../support/relay.ts";

/** Asks once; @returns the status. */
async function ask(
  port: number,
  headers: Readonly<Record<string, string>>,
  body = "",
): Promise<number> {
  // The authority is the relay's own, made a moment ago: who it is plays no part here.
  const session = connect(`https://127.0.0.1:${port}`, { rejectUnauthorized: false });
  try {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    session.on("error", reject);
    const stream = session.request(headers);
    stream.on("error", reject);
    stream.on("response", (answer) => resolve(Number(answer[":status"])));
    stream.resume();
    stream.end(body);
    return await promise;
  } finally {
    session.destroy();
  }
}

Deno.test("by HTTP/2 too, whoever changes something is a page of the relay's own", async () => {
  const folder = await Deno.makeTempDir({ prefix: "rill-secure-" });
  try {
    await Deno.writeTextFile(join(folder, "index.html"), PAGE);
    const request = readCommandLine([
      ...["--listen", "none", "--listen-tls", "127.0.0.1:0", "--open", "all"],
      ...["--data", join(folder, "data"), "cam=push"],
    ], () => undefined);
    assert.ok(request.kind === "run");
    const log = new Log({ level: "error", format: "text", write: () => undefined });
    await using relay = await startRelay(request.config, {
      log,
      appFolder: pathToFileURL(`${folder}/`),
    });
    const port = relay.server.tls?.port ?? 0;
    const own = `https://127.0.0.1:${port}`;
    const restart = { ":method": "POST", ":path": "/api/streams/cam/restart" };
    assert.equal(await ask(port, restart), 200, "a program");
    assert.equal(await ask(port, { ...restart, origin: own }), 200, "its own page");
    assert.equal(await ask(port, { ...restart, origin: "https://elsewhere.example" }), 403);
    assert.equal(await ask(port, { ...restart, "sec-fetch-site": "cross-site" }), 403);
    const offer = { ":method": "POST", ":path": "/whip/phone", "content-type": "application/sdp" };
    assert.equal(await ask(port, { ...offer, origin: own }, "v=0"), 422, "its offer is read");
    assert.equal(await ask(port, { ...offer, origin: "https://elsewhere.example" }, "v=0"), 403);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
