/**
 * The relay as users start it, with the permissions that its launcher grants, carrying its stream outward: over TLS
 * through a proxy, to an authority it was told to trust, and as RTP.
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import type { DestinationList } from "../../shared/api.ts";
import { askUntil } from "../support/ask.ts";
import { ConnectProxy } from "../support/connect_proxy.ts";
import { RelayProcess } from "../support/relay_process.ts";
import { run } from "../support/run.ts";
import { evenUdpPort, freePort } from "../support/ports.ts";

/** Waits until the state of every destination is as expected. */
async function settle(
  relay: RelayProcess,
  expected: (state: DestinationList["destinations"][number]["state"]) => boolean,
): Promise<void> {
  await askUntil(async () => {
    const answer = await fetch(`${relay.url}/api/destinations`);
    return (await answer.json() as DestinationList).destinations;
  }, {
    accept: (found) => found.length > 0 && found.every(({ state }) => expected(state)),
    what: "the destinations' state",
  });
}

Deno.test("wss and https through a proxy, to an authority that is trusted, and not to one that is not", async () => {
  const folder = await Deno.makeTempDir({ prefix: "rill-forward-" });
  try {
    const tls = freePort();
    await using far = await RelayProcess.start({
      args: [
        ...["--tls", "auto", "--listen-tls", `127.0.0.1:${tls}`, "--data", join(folder, "data")],
        ...["--url", `https://127.0.0.1:${tls}/`, "--open", "publish", "a=push", "b=push"],
      ],
    });
    const authority = join(folder, "authority.pem");
    const headers = { host: `127.0.0.1:${tls}` };
    const pem = await fetch(`${far.url}/trust/rill.pem`, { headers });
    await Deno.writeTextFile(authority, await pem.text());
    await using proxy = await ConnectProxy.start();
    const args = [
      ...["--open", "all", "--forward", `wss://127.0.0.1:${tls}/publish/a`],
      ...["--forward", `https://127.0.0.1:${tls}/publish/b`, "demo"],
    ];
    {
      const env = { HTTPS_PROXY: proxy.url, DENO_CERT: authority };
      await using near = await RelayProcess.start({ args, env });
      await settle(near, ({ kind }) => kind === "sending");
      const tunnels = proxy.asked.filter((target) => target === `127.0.0.1:${tls}`);
      assert.equal(tunnels.length, 2);
    }
    await using near = await RelayProcess.start({ args });
    await settle(near, (state) => state.kind === "offline" && /DENO_CERT/.test(state.reason));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

for (const host of ["127.0.0.1", "localhost"]) {
  Deno.test(`as RTP to ${host}, with no more leave than the launcher gives: ffprobe knows picture and sound`, () =>
    sendsRtp(host));
}

async function sendsRtp(host: string): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "rill-forward-" });
  try {
    const port = evenUdpPort();
    await using relay = await RelayProcess.start({
      args: ["--open", "all", "--forward", `rtp://${host}:${port}`, "demo"],
    });
    await settle(relay, ({ kind }) => kind === "sending");
    const sdp = join(folder, "demo.sdp");
    const answer = await fetch(`${relay.url}/api/destinations/forward/sdp`);
    await Deno.writeTextFile(sdp, await answer.text());
    const { stdout } = await run("ffprobe", [
      ...["-v", "error", "-protocol_whitelist", "file,udp,rtp"],
      ...["-show_entries", "stream=codec_name,width,sample_rate", "-of", "compact=p=0", sdp],
    ]);
    assert.equal(stdout.trim(), "codec_name=h264|width=1280\ncodec_name=aac|sample_rate=48000");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
