/** `rtsp:` and `rtp:` with the real ffmpeg, against a camera and a sender of the tests' own. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { parseSource } from "../../../relay/sources/mod.ts";
import { openSource } from "../../../relay/sources/mod.ts";
import { SourceError } from "../../../relay/sources/source.ts";
import { askUntil } from "../../support/ask.ts";
import { RtpEncoder } from "../../support/rtp_encoder.ts";
import { RtspCamera, type RtspCameraOptions } from "../../support/rtsp_camera.ts";
import { processesWith } from "../../support/process_table.ts";
import { TestRelay, until } from "../../support/relay.ts";
import { RecordingOutput } from "../../support/source_output.ts";
import { freeUdpPort } from "../../support/ports.ts";
import { Viewer } from "../../support/viewer.ts";

for (const transport of ["tcp", "udp", "tcp with a password", "udp with a password"]) {
  Deno.test(`a camera over RTSP (${transport}) is on the screen, and comes back`, async () => {
    const mark = crypto.randomUUID();
    const [protocol = "", password] = transport.split(" with ");
    await using camera = await RtspCamera.start(
      password ? { credentials: `me:s3cret@${mark}` } : {},
    );
    const user = password ? `me:s3cret%40${mark}@` : "";
    await using relay = await TestRelay.start([
      `cam=rtsp://${user}${camera.host}/live?channel=1#transport=${protocol}`,
    ]);
    await using viewer = await Viewer.open(`${relay.url}/live/cam`);
    await viewer.until(() => viewer.media.length > 20, { what: "pictures" });
    assert.deepEqual(await processesWith(mark), [], "a command line is for everybody to read");
    assert.match(viewer.stream?.mime ?? "", /avc1/);
    assert.match(camera.transports[0] ?? "", protocol === "tcp" ? /TCP/ : /client_port/);
    const pictures = (): number => relay.stream("cam").info.counters.videoSamples;
    const before = pictures();
    camera.hangUp();
    await until(() => relay.stream("cam").info.counters.restarts > 0, { what: "another try" });
    await until(() => pictures() > before + 20, { what: "its return" });
    const { source } = relay.stream("cam").info;
    assert.equal(source, `rtsp://${camera.host}/live?channel=1#transport=${protocol}`);
    assert.doesNotMatch(relay.log.join("\n"), /s3cret|me:/);
  });
}

async function failureOf(text: string): Promise<string> {
  const run = openSource(parseSource(text)).run(
    new RecordingOutput(),
    AbortSignal.timeout(60_000),
  );
  const error = await run.then(() => new Error("it ended"), (reason) => reason);
  assert.ok(error instanceof SourceError, String(error));
  return error.message;
}

Deno.test("an RTSP camera that cannot be had: why, in words without the password", async (test) => {
  const cases: [string, RtspCameraOptions, (host: string) => string, RegExp][] = [
    [
      "no name given",
      { credentials: "me:secret" },
      (host) => `rtsp://${host}/live`,
      /wants a name and a password: write rtsp:/,
    ],
    [
      "the wrong one",
      { credentials: "me:secret" },
      (host) => `rtsp://me:wrong@${host}/live`,
      /does not take this name and password$/,
    ],
    [
      "a password without a name",
      { credentials: "me:secret" },
      (host) => `rtsp://:wrong@${host}/live`,
      /does not take this name and password$/,
    ],
    [
      "a path with a quote",
      { credentials: "me:secret", path: "/it's" },
      (host) => `rtsp://me:wrong@${host}/it's`,
      /does not take this name and password$/,
    ],
    [
      "no such stream",
      {},
      (host) => `rtsp://me:wrong@${host}/other`,
      /has no stream at this path/,
    ],
  ];
  for (const [name, options, text, expected] of cases) {
    await test.step(name, async () => {
      await using camera = await RtspCamera.start(options);
      const sentence = await failureOf(text(camera.host));
      assert.match(sentence, expected);
      assert.doesNotMatch(sentence, /wrong|secret@/);
    });
  }
  await test.step("nobody there", async () => {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr as Deno.NetAddr;
    listener.close();
    assert.match(
      await failureOf(`rtsp://me:secret@127.0.0.1:${port}/x`),
      /^nothing answers at rtsp:\/\/127\.0\.0\.1:\d+: switch RTSP on/,
    );
  });
  await test.step("no such name", async () => {
    assert.match(await failureOf("rtsp://nowhere.invalid/x"), /nobody knows a machine of the name/);
  });
});

Deno.test("RTP that a session description tells of is on the screen", async () => {
  await using encoder = await RtpEncoder.start();
  await using relay = await TestRelay.start([`cam=rtp:${encoder.sdpFile}`]);
  await using viewer = await Viewer.open(`${relay.url}/live/cam`);
  await viewer.until(() => viewer.media.length > 20, { what: "pictures" });
});

Deno.test("a session description that cannot be used: why, in words", async (test) => {
  const folder = await Deno.makeTempDir();
  const path = join(folder, "session.sdp");
  const sdp = (port: number): string =>
    `v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video ${port} RTP/AVP 96\n` +
    "a=rtpmap:96 H264/90000\n";
  try {
    await test.step("no file", async () => {
      assert.equal(await failureOf(`rtp:${path}`), `no such file: ${path}`);
    });
    await test.step("no description", async () => {
      await Deno.writeTextFile(path, "nothing of the kind\n");
      assert.match(await failureOf(`rtp:${path}`), /is no session description/);
    });
    await test.step("no parameter sets, there or in the stream", async () => {
      await using encoder = await RtpEncoder.start();
      await Deno.writeTextFile(path, encoder.sdp.replace(/sprop-parameter-sets=[^;\s]*;?/, ""));
      assert.match(await failureOf(`rtp:${path}`), /come without their parameter sets, which/);
    });
    await test.step("the port is taken", async () => {
      const port = freeUdpPort();
      const taken = Deno.listenDatagram({ transport: "udp", hostname: "0.0.0.0", port });
      await Deno.writeTextFile(path, sdp(port));
      assert.match(await failureOf(`rtp:${path}`), /a port that .* names is in use/);
      taken.close();
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test({
  name:
    "a relay that is killed while nothing comes leaves no ffmpeg behind, which would keep the port",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    const folder = await Deno.makeTempDir({ prefix: "rill-rtp-" });
    try {
      const sdp = join(folder, "camera.sdp");
      const port = freeUdpPort();
      const description = ["v=0", "o=- 0 0 IN IP4 127.0.0.1", "s=-", "c=IN IP4 127.0.0.1", "t=0 0"];
      await Deno.writeTextFile(
        sdp,
        [...description, `m=video ${port} RTP/AVP 96`, "a=rtpmap:96 H264/90000", ""].join("\n"),
      );
      const program = join(folder, "relay.ts");
      const [sources, output] = ["relay/sources/mod.ts", "tests/support/source_output.ts"]
        .map((path) => new URL(`../../../${path}`, import.meta.url).href);
      await Deno.writeTextFile(
        program,
        `import { openSource, parseSource } from ${JSON.stringify(sources)};
         import { RecordingOutput } from ${JSON.stringify(output)};
         const source = openSource(parseSource(${JSON.stringify(`rtp:${sdp}`)}));
         await source.run(new RecordingOutput(), new AbortController().signal);`,
      );
      await using relay = new Deno.Command(Deno.execPath(), {
        args: ["run", "--no-check", "--no-lock", "-A", program],
        stdout: "null",
        stderr: "null",
      }).spawn();
      const receivers = async (): Promise<string[]> =>
        (await processesWith(sdp)).filter((line) => /^\S*ffmpeg /.test(line));
      await askUntil(receivers, { accept: (found) => found.length === 1, what: "ffmpeg" });
      relay.kill("SIGKILL");
      await relay.status;
      await askUntil(() => processesWith(sdp), {
        accept: (found) => found.length === 0,
        what: "its end",
      });
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
