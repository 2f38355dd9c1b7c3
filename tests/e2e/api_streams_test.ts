/** Streams by the API on a relay that may reach little: kept and said, and in force where the launcher grants more. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type {
  DestinationList,
  RestartNeeded,
  SandboxReport,
  Stats,
  StreamList,
} from "../../shared/api.ts";
import { readCommandLine } from "../../relay/config.ts";
import { permissionFlags, relayPermissions } from "../../relay/permissions.ts";
import { askUntil } from "../support/ask.ts";
import { RelayProcess } from "../support/relay_process.ts";
import { CameraStream } from "../support/camera_stream.ts";
import { freePort, freeUdpPort } from "../support/ports.ts";

const ROOT = new URL("../../", import.meta.url);

async function get<Body>(relay: RelayProcess, path: string): Promise<Body> {
  return await (await fetch(`${relay.url}${path}`)).json();
}

async function states(relay: RelayProcess): Promise<string[]> {
  const { streams } = await get<StreamList>(relay, "/api/streams");
  return streams.map(({ name, state }) => `${name} ${state.kind}`);
}

function put(relay: RelayProcess, name: string, source: string): Promise<Response> {
  const body = JSON.stringify({ source });
  return fetch(`${relay.url}/api/streams/${name}`, { method: "PUT", body });
}

/** A relay that reaches its own port and nothing else, as a launcher that knows of no more starts it. */
async function startNarrow(folder: string, args: readonly string[]): Promise<RelayProcess> {
  const port = freePort();
  const own = `127.0.0.1:${port}`;
  const request = readCommandLine(["--listen", own, "--tls", "off", ...args], () => undefined);
  assert.ok(request.kind === "run");
  const flags = permissionFlags({ ...relayPermissions(request.config), net: [own] });
  const quote = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;
  const words = [
    ...[Deno.execPath(), "run", "--quiet", "--no-prompt"],
    `--config=${fileURLToPath(new URL("deno.json", ROOT))}`,
    ...[...flags, fileURLToPath(new URL("relay/main.ts", ROOT))],
  ];
  const program = join(folder, "narrow");
  await Deno.writeTextFile(program, `#!/bin/sh\nexec ${words.map(quote).join(" ")} "$@"\n`, {
    mode: 0o755,
  });
  const env = { ...Deno.env.toObject(), RILL_TLS: "off", RILL_GRANTED: flags.join("\n") };
  return await RelayProcess.start({ program, port, args, env });
}

Deno.test("what needs more than was granted is kept, said, and granted at the next start", async () => {
  const data = await Deno.makeTempDir({ prefix: "rill-api-" });
  try {
    const port = freeUdpPort();
    const need = `the network address 127.0.0.1:${port}`;
    {
      await using relay = await startNarrow(data, ["--open", "all", "--data", data, "guest=push"]);
      assert.equal((await put(relay, "now", "demo")).status, 201, "it needs nothing more");
      const answer = await put(relay, "later", `udp://127.0.0.1:${port}`);
      assert.equal(answer.status, 202);
      const { restart, needs }: RestartNeeded = await answer.json();
      assert.deepEqual([restart, needs], [true, [need]]);
      const far = {
        id: "far",
        stream: "now",
        url: `ws://127.0.0.1:${port}/publish/x`,
        token: "t0ken",
      };
      const outward = await fetch(`${relay.url}/api/destinations`, {
        method: "POST",
        body: JSON.stringify(far),
      });
      assert.equal(outward.status, 202);
      assert.deepEqual(await outward.json(), { restart: true, needs: [need] });
      const { restart: waiting } = await get<Stats>(relay, "/api/stats");
      assert.deepEqual(waiting, [`later: ${need}`, `far: ${need}`]);
      const { streams, ...leave }: SandboxReport = await get(relay, "/api/sandbox");
      assert.deepEqual(Object.keys(streams), ["guest", "now"]);
      for (const [kind, entries] of Object.entries(leave)) assert.notEqual(entries, true, kind);
      assert.deepEqual(leave.net, [`127.0.0.1:${relay.port}`]);
      assert.equal(await relay.stop(), 0);
    }
    const path = join(data, "state.json");
    const kept = JSON.parse(await Deno.readTextFile(path));
    kept.streams.smuggled = { source: "exec:cat /etc/hostname" };
    await Deno.writeTextFile(path, JSON.stringify(kept));
    {
      await using wide = await RelayProcess.start({
        args: ["--open", "all", "--data", data, "guest=push"],
      });
      const { net }: SandboxReport = await get(wide, "/api/sandbox");
      assert.ok(net !== true && net.includes(`127.0.0.1:${port}`));
      const { destinations } = await get<DestinationList>(wide, "/api/destinations");
      assert.deepEqual(destinations.map(({ id, state }) => [id, state.kind !== "sending"]), [
        ["far", true],
      ]);
      assert.equal(await wide.stop(), 0);
    }
    await using relay = await RelayProcess.start({ args: ["--data", data, "guest=push"] });
    using open = new DisposableStack();
    const camera = open.adopt(
      Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 }),
      (socket) => socket.close(),
    );
    const to = { transport: "udp", hostname: "127.0.0.1", port } as const;
    const clip = new CameraStream().tables().group(15).group(15).take();
    const expected = ["guest offline", "now live", "later live"];
    await askUntil(async () => {
      for (let at = 0; at + 188 <= clip.length; at += 188) {
        await camera.send(clip.subarray(at, at + 188), to);
      }
      return await states(relay);
    }, { accept: (found) => found.join() === expected.join(), what: expected.join() });
    await relay.untilSaid(/what the API added is left out: smuggled/);
    assert.deepEqual((await get<Stats>(relay, "/api/stats")).restart, []);
    assert.equal(await relay.stop(), 0);
  } finally {
    await Deno.remove(data, { recursive: true });
  }
});
