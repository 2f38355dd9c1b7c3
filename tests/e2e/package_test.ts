/** The archive that `deno task package` makes: unpacked anywhere, it runs by itself. */

import assert from "node:assert/strict";
import { basename, join } from "node:path";
import type { SandboxReport } from "../../shared/api.ts";
import { MEMORY_VARIABLES, runtimeFlags } from "../../relay/runtime_settings.ts";
import { PLATFORMS } from "../../relay/packaging/platforms.ts";
import { VERSION } from "../../relay/version.ts";
import { startCountingProxy } from "../support/counting_proxy.ts";
import { ffprobe } from "../support/ffprobe.ts";
import { OBS_OFFER } from "../support/offers.ts";
import { freePort } from "../support/ports.ts";
import { RelayProcess, runningIn } from "../support/relay_process.ts";
import { startOf } from "../support/process_table.ts";
import { run, runAnyhow } from "../support/run.ts";
import { packInto, unpackInto } from "../support/unpacked_archive.ts";
import { Viewer } from "../support/viewer.ts";

Deno.test("an archive runs where nothing is installed and nothing can be fetched", async (t) => {
  const folder = await Deno.makeTempDir();
  try {
    await tryArchive(t, folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

async function tryArchive(t: Deno.TestContext, folder: string): Promise<void> {
  await using proxy = startCountingProxy();
  const { archive, top, rill } = await unpackInto(folder);
  // What lies above it is nobody's business.
  await Deno.writeTextFile(join(folder, "deno.json"), "{ broken");
  await Deno.writeTextFile(join(folder, "package.json"), '{ "dependencies": { "hono": "1.0.0" } }');
  const home = join(folder, "home");
  await Deno.mkdir(home);
  // All that its programs see: an empty home, and a network that would be noticed.
  const env = {
    ...{ HOME: home, PATH: "/usr/bin:/bin", NO_COLOR: "1" },
    ...{ HTTP_PROXY: proxy.url, HTTPS_PROXY: proxy.url },
  };
  const options = { cwd: folder, env, clearEnv: true };

  await t.step("its checksum is right, and the same sources make the same bytes", async () => {
    await run("sha256sum", ["--check", "--quiet", "SHA256SUMS"], { cwd: folder });
    const again = await Deno.makeTempDir({ dir: folder });
    await packInto(again);
    assert.equal(
      await Deno.readTextFile(join(again, "SHA256SUMS")),
      await Deno.readTextFile(join(folder, "SHA256SUMS")),
    );
  });

  await t.step("it holds one top folder, and nothing of this machine", async () => {
    const { stdout } = await run("tar", ["-tzf", archive]);
    const paths = stdout.trim().split("\n");
    assert.deepEqual([...new Set(paths.map((path) => path.split("/")[0]))], [basename(top)]);
    assert.deepEqual(paths.filter((path) => /\.ts$|node_modules/.test(path)), []);
    for (const path of paths.filter((each) => /\.(?:js|json|txt|service|sh)$/.test(each))) {
      const text = await Deno.readTextFile(join(folder, path));
      assert.equal(text.includes(Deno.cwd()), false, `${path} names this machine's folder`);
    }
  });

  await t.step(
    "it tells its version, how it is used, and what it does not understand",
    async () => {
      assert.equal((await run(rill, ["--version"], options)).stdout, `rill ${VERSION}\n`);
      assert.match(
        (await run(rill, ["--help"], options)).stdout,
        /^rill \[options\] \[NAME=\]SOURCE …$/m,
      );
      assert.match(
        (await run(rill, ["record", "--help"], options)).stdout,
        /^rill record \[options\]/m,
      );
      const { code, stderr } = await runAnyhow(rill, ["--listen", "nowhere"], options);
      assert.equal(code, 2);
      assert.match(stderr, /^rill: --listen nowhere: expected HOST:PORT.*\n$/);
    },
  );

  await t.step("the demo plays, https and WebRTC are there", async () => {
    const args = ["--listen-tls", `127.0.0.1:${freePort()}`, "--open", "all"];
    await using relay = await RelayProcess.start({ program: rill, args, env });
    const page = await fetch(`${relay.url}/live/demo`);
    assert.match(await page.text(), /<script type="module"/);
    await using viewer = await Viewer.open(`${relay.url}/live/demo`);
    await viewer.until(() => viewer.stream && viewer.fragments(viewer.pictures).length > 30, {
      what: "a second of pictures",
    });
    const sandbox = await (await fetch(`${relay.url}/api/sandbox`)).json() as SandboxReport;
    assert.ok(Array.isArray(sandbox.read) && sandbox.read.length > 0, "it knows what it may touch");
    const offer = {
      method: "POST",
      headers: { "content-type": "application/sdp" },
      body: OBS_OFFER,
    };
    const answered = await fetch(`${relay.url}/whip/phone`, offer);
    const answer = await answered.text();
    assert.equal(answered.status, 201, answer);
    assert.deepEqual(runningIn(relay.group).map((name) => name.slice(0, 4)), ["deno"]);
    const started = startOf(relay.group);
    for (const flag of runtimeFlags(Deno.version.v8)) assert.ok(started.args.includes(flag), flag);
    for (const [name, value] of Object.entries(MEMORY_VARIABLES)) {
      assert.ok(started.environment.includes(`${name}=${value}`), name);
    }
    assert.equal(await relay.stop(), 0);
  });

  await t.step("it records", async () => {
    await run(rill, ["record", "demo", "clip.mp4", "--frames", "30"], options);
    const { streams } = await ffprobe(join(folder, "clip.mp4"), {
      args: ["-count_frames", "-show_entries", "stream=codec_type,nb_read_frames"],
    }) as { streams: { codec_type: string; nb_read_frames: string }[] };
    const pictures = streams.find(({ codec_type }) => codec_type === "video");
    assert.equal(pictures?.nb_read_frames, "30");
    assert.equal(streams.length, 2);
  });

  await t.step("it says which devices a service may open", async () => {
    const { stdout } = await run(rill, ["devices", "demo"], options);
    assert.match(stdout, /^# [^\n]*\n\[Service\]\n$/);
  });

  assert.deepEqual([...proxy.received.keys()], []);
}

Deno.test("a platform that no archive is made for is named with those that there are", async () => {
  const { code, stderr } = await runAnyhow(Deno.execPath(), [
    ...["task", "--quiet", "package", "linux-mips"],
  ]);
  assert.equal(code, 2);
  for (const { name } of PLATFORMS) assert.ok(stderr.includes(name), stderr);
});

Deno.test("package tells what it takes", async () => {
  const ask = (option: string): ReturnType<typeof runAnyhow> =>
    runAnyhow(Deno.execPath(), ["task", "--quiet", "package", option]);
  for (const option of ["--help", "-h"]) {
    const { code, stdout, stderr } = await ask(option);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^deno task package \[--to FOLDER\] \[PLATFORM …\]$/m);
    for (const { name } of PLATFORMS) assert.ok(stdout.includes(name), stdout);
  }
  const { code, stderr } = await ask("--form");
  assert.equal(code, 2);
  assert.match(stderr, /^rill: unknown option '--form'; --help says what there is\n$/m);
});
