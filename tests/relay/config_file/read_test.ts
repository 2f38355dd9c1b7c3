/** Configuration files: what they say, and what is said of those that are wrong. */

import assert from "node:assert/strict";
import { type Config, readCommandLine } from "../../../relay/config.ts";
import { ConfigFileError, readConfigFile } from "../../../relay/config_file/read.ts";
import { jsonSchema } from "../../../relay/config_file/schema.ts";
import { SCHEMES } from "../../../relay/sources/mod.ts";
import { UsageError } from "../../../relay/usage_error.ts";
import { BAD_CONFIGURATIONS } from "../../support/bad_configurations.ts";

function read(
  text: string,
  env: Readonly<Record<string, string>> = {},
  args: string[] = [],
): Config {
  const lookUp = (name: string): string | undefined => env[name];
  const file = readConfigFile(text, {
    name: "rill.yaml",
    path: "/etc/rill/rill.yaml",
    env: lookUp,
  });
  const request = readCommandLine(args, lookUp, file);
  assert.ok(request.kind === "run");
  return request.config;
}

Deno.test("all that the contract's example says", () => {
  const config = read(
    `url: https://gate.example.org
tls: auto
access: {view: key, publish: key}
streams:
  gopro: gopro
  porch:
    source: v4l2:/dev/video0?size=1280x720&fps=30
    audio: alsa:plughw:1,0
    controls: {brightness: 140, h264_profile: High}
    record: {mode: continuous, keep: 7d, max_size: 20GB}
    on_demand: true
  guest: push
destinations:
  cloud:
    stream: gopro
    url: wss://relay.example.org/publish/gopro
    token: "\${CLOUD_TOKEN}"
compat:
  vw: 127.0.0.1:8888
`,
    { CLOUD_TOKEN: "s3cret" },
  );
  assert.deepEqual(config.streams.map(({ record }) => record), [
    undefined,
    { keepMs: 7 * 86_400_000, maxBytes: 20e9 },
    undefined,
  ]);
  assert.equal(config.keyAskedAt, "rill.yaml line 3, access.view");
  assert.equal(config.open, undefined);
});

Deno.test("a whole file", () => {
  const config = read(
    `# yaml-language-server: $schema=http://gate.local:8000/api/config.schema.json
url: https://gate.example.org/rill
listen: 127.0.0.1:9000
listen_tls: 127.0.0.1:9443
tls: {cert: fullchain.pem, key: /etc/keys/privkey.pem}
data: state
access: {view: open, publish: open}
log: debug
log_format: json
streams:
  gopro: gopro
  field/cam:
    source: udp://:5000
  guest: push
destinations:
  cloud: {stream: guest, url: wss://relay.example.org/publish/gopro, token: "\${TOKEN}", format: ts}
  near: {url: http://10.0.0.2/publish/x}
`,
    { TOKEN: "s3cret" },
  );
  assert.deepEqual(config.destinations, [
    {
      id: "cloud",
      stream: "guest",
      url: "wss://relay.example.org/publish/gopro",
      authorization: "Bearer s3cret",
      format: "ts",
    },
    {
      id: "near",
      stream: "gopro",
      url: "http://10.0.0.2/publish/x",
      authorization: undefined,
      format: "fmp4",
    },
  ]);
  assert.equal(config.url?.href, "https://gate.example.org/rill");
  assert.deepEqual(config.listen, { hostname: "127.0.0.1", port: 9000 });
  assert.deepEqual(config.listenTls, { hostname: "127.0.0.1", port: 9443 });
  assert.deepEqual(config.tls, {
    kind: "files",
    certificate: "/etc/rill/fullchain.pem",
    key: "/etc/keys/privkey.pem",
  });
  assert.equal(config.data, "/etc/rill/state");
  assert.deepEqual([config.open, config.log, config.logFormat], ["publish", "debug", "json"]);
  assert.deepEqual(
    config.streams.map(({ name, spec }) => [name, spec.scheme]),
    [["gopro", "gopro"], ["field/cam", "udp"], ["guest", "push"]],
  );
});

Deno.test("the command line and the environment win; its streams are added", () => {
  const text = "listen: 127.0.0.1:1\nlog: error\nstreams: {a: demo}\n";
  const config = read(text, { RILL_LOG: "warn" }, ["--listen", "127.0.0.1:2", "b=push"]);
  assert.deepEqual([config.listen?.port, config.log], [2, "warn"]);
  assert.deepEqual(config.streams.map(({ name }) => name), ["a", "b"]);
  assert.throws(() => read(text, {}, ["a=demo"]), /two streams named a/);
});

Deno.test("variables are expanded in values, after parsing, and named for who grants them", () => {
  const config = read("url: http://${NAME}.local\nstreams:\n  a: file:/${DIR}/$${x}.ts\n", {
    NAME: "gate",
    DIR: "x: {y",
  });
  assert.equal(config.url?.href, "http://gate.local/");
  assert.equal(config.streams[0]?.spec.label, "file:/x: {y/${x}.ts");
  assert.deepEqual(config.file?.variables, ["NAME", "DIR"]);
});

Deno.test("an empty file, and one of comments, has no stream: not even the demo", () => {
  for (const text of ["", "# nothing yet\n", "streams: {}\n"]) {
    assert.deepEqual(read(text).streams, []);
  }
});

for (const { what, text, sentence } of BAD_CONFIGURATIONS) {
  Deno.test(`refused in words: ${what}`, () => {
    assert.throws(() => read(text), (error) => {
      assert.ok(error instanceof ConfigFileError || error instanceof UsageError, String(error));
      const schemes = Object.keys(SCHEMES).sort().join(", ");
      assert.equal(error.message, sentence.replace("SCHEMES", schemes));
      return true;
    });
  });
}

Deno.test("several faults are told together, a line each", () => {
  assert.throws(() => read("log: loud\nstraems: {}\nlisten: 1\n"), (error) => {
    assert.ok(error instanceof ConfigFileError);
    assert.equal(error.message.split("\n").length, 3);
    return true;
  });
});

Deno.test("aliases that grow without bound are refused, and so is what is too long", () => {
  const bomb = ["a: &a [x, x, x, x, x, x, x, x, x]"];
  for (let i = 1; i < 9; i++) {
    const [last, next] = [String.fromCharCode(96 + i), String.fromCharCode(97 + i)];
    bomb.push(`${next}: &${next} [${`*${last}, `.repeat(9)}]`);
  }
  assert.throws(() => read(bomb.join("\n")), /aliases of aliases/);
  assert.throws(() => read(" ".repeat(2 ** 21)), /more than a million characters/);
});

Deno.test("the schema for editors: every key, a source alone or in full, nothing else", () => {
  const schema = JSON.parse(JSON.stringify(jsonSchema()));
  assert.equal(schema.$schema, "https://json-schema.org/draft/2020-12/schema");
  assert.equal(schema.additionalProperties, false);
  const { streams } = schema.properties;
  assert.deepEqual(streams.additionalProperties.anyOf.map(({ type }: { type: string }) => type), [
    "string",
    "object",
  ]);
  assert.deepEqual(schema.required ?? [], []);
  for (const [key, value] of Object.entries(schema.properties)) {
    assert.match((value as { description: string }).description, /\.$/, `${key} is described`);
  }
});

Deno.test("paths in a file's sources are meant from its folder; on the command line, from where one is", () => {
  const config = read(
    `streams:
  clip: file:clips/a=b.ts?loop
  desk: file:/srv/desk.ts
  porch: rtp:porch.sdp
  far: https://relay.example.org/live/porch/stream.mp4#ca=far.pem
  gate: gopro://me:secret@192.168.1.7?cohn=gate.pem
`,
    {},
    ["mine=file:clips/mine.ts"],
  );
  const found = JSON.stringify(config.streams);
  for (
    const path of [
      ...["/etc/rill/clips/a=b.ts", "/srv/desk.ts", "/etc/rill/porch.sdp", "/etc/rill/far.pem"],
      ...["/etc/rill/gate.pem", `${Deno.cwd()}/clips/mine.ts`],
    ]
  ) assert.ok(found.includes(JSON.stringify(path)), `${path} in ${found}`);
});
