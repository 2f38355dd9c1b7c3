/** The command line and its twins in the environment: what is understood, and the sentence for what is not. */

import assert from "node:assert/strict";
import { type Config, readCommandLine, USAGE, UsageError } from "../../relay/config.ts";

const NONE = (): undefined => undefined;

function read(args: readonly string[], env: Readonly<Record<string, string>> = {}): Config {
  const request = readCommandLine(args, (name) => env[name]);
  assert.ok(request.kind === "run");
  return request.config;
}

Deno.test("nothing said: the demo, on every address, port 8000", () => {
  const { streams, ...rest } = read([], { HOME: "/srv/ann" });
  assert.deepEqual(rest, {
    listen: { hostname: "0.0.0.0", port: 8000 },
    listenTls: { hostname: "0.0.0.0", port: 8443 },
    listenTlsIsDefault: true,
    tls: { kind: "auto" },
    data: "/srv/ann/.local/state/rill",
    url: undefined,
    open: undefined,
    webrtcPort: 0,
    iceServers: [],
    destinations: [],
    vwApi: undefined,
    proxies: { https: undefined, http: undefined, none: undefined },
    log: "info",
    logFormat: "text",
    compat: {},
    file: undefined,
    keyAskedAt: undefined,
  });
  assert.deepEqual(streams.map(({ name, spec }) => [name, spec.scheme]), [["demo", "demo"]]);
});

const ADDRESSES: readonly (readonly [string, string, number])[] = [
  ["127.0.0.1:0", "127.0.0.1", 0],
  [":9000", "0.0.0.0", 9000],
  ["localhost:65535", "localhost", 65_535],
  ["[::]:8000", "::", 8000],
  ["[::ffff:10.5.5.1]:80", "::ffff:10.5.5.1", 80],
];

for (const [text, hostname, port] of ADDRESSES) {
  Deno.test(`--listen ${text}`, () => {
    assert.deepEqual(read(["--listen", text]).listen, { hostname, port });
    assert.deepEqual(read([], { RILL_LISTEN: text }).listen, { hostname, port });
  });
}

Deno.test("every option has a twin; the command line wins", () => {
  const env = {
    RILL_URL: "https://gate.example.org/rill/",
    RILL_OPEN: "all",
    RILL_LOG: "debug",
    RILL_LOG_FORMAT: "json",
  };
  const config = read([], env);
  assert.equal(config.url?.href, "https://gate.example.org/rill/");
  assert.deepEqual([config.open, config.log, config.logFormat], ["all", "debug", "json"]);
  const over = read(["--open", "view", "--log=error", "--log-format", "text"], env);
  assert.deepEqual([over.open, over.log, over.logFormat], ["view", "error", "text"]);
});

Deno.test("--tls takes auto, off, or two files", () => {
  assert.deepEqual(read(["--tls", "off"]).tls, { kind: "off" });
  assert.deepEqual(read([], { RILL_TLS: "auto" }).tls, { kind: "auto" });
  assert.deepEqual(read(["--tls", "/etc/a/full.pem,/etc/a/key.pem"]).tls, {
    kind: "files",
    certificate: "/etc/a/full.pem",
    key: "/etc/a/key.pem",
  });
  for (const text of ["on", "a.pem", "a.pem,", ",b.pem", "a,b,c"]) {
    assert.throws(() => read(["--tls", text]), /--tls .*: expected auto, off, or CERT,KEY/);
  }
});

Deno.test("WebRTC: a port of its own, and servers that publishers are told of", () => {
  assert.equal(read([]).webrtcPort, 0);
  assert.equal(read(["--webrtc-port", "3478"]).webrtcPort, 3478);
  assert.equal(read([], { RILL_WEBRTC_PORT: "3479" }).webrtcPort, 3479);
  for (const text of ["0", "65536", "udp", "-1", "1.5"]) {
    assert.throws(
      () => read([`--webrtc-port=${text}`]),
      /--webrtc-port .*: expected a port's number/,
    );
  }
  const servers =
    read([], { RILL_ICE_SERVERS: "stun:a.example.org,turn:u:p@b.example.org" }).iceServers;
  assert.deepEqual(servers.map(({ uri }) => uri), ["stun:a.example.org", "turn:b.example.org"]);
  assert.throws(
    () => read(["--ice-servers", "turn:secret@b"]),
    (error: Error) => /expected stun:HOST/.test(error.message) && !error.message.includes("secret"),
  );
});

Deno.test("ports: the TLS one chosen or not, the plain one off, one at least", () => {
  const chosen = read([], { RILL_LISTEN_TLS: "127.0.0.1:0" });
  assert.deepEqual([chosen.listenTls.port, chosen.listenTlsIsDefault], [0, false]);
  assert.equal(read(["--listen", "none"]).listen, undefined);
  assert.deepEqual(read(["--listen", "none"]).listenTls, { hostname: "0.0.0.0", port: 8443 });
  const kept = read(["--listen", "127.0.0.1:8000"]);
  assert.deepEqual(kept.listenTls, { hostname: "127.0.0.1", port: 8443 }, "the same host");
  assert.equal(read(["--listen", "[::1]:80", "--listen-tls", ":1"]).listenTls.hostname, "0.0.0.0");
  assert.throws(() => read(["--listen", "none", "--tls", "off"]), /no port is left to listen on/);
  assert.deepEqual(read(["--listen-tls", "none"]).tls, { kind: "off" });
  assert.throws(() => read(["--listen", "none", "--listen-tls", "none"]), /no port is left/);
});

Deno.test("--data is where it says, else where the user's programs keep their state", () => {
  assert.equal(read(["--data", "/srv/rill"], { HOME: "/srv/ann" }).data, "/srv/rill");
  const state = { HOME: "/srv/ann", XDG_STATE_HOME: "/srv/ann/state" };
  assert.equal(read([], state).data, "/srv/ann/state/rill");
});

Deno.test("an empty variable says nothing", () => {
  const env = { RILL_LISTEN: "", RILL_URL: "", RILL_OPEN: "", RILL_LOG: "", RILL_LOG_FORMAT: "" };
  assert.deepEqual(read([], env), read([]));
});

const SOURCES: readonly (readonly [readonly string[], readonly (readonly [string, string])[]])[] = [
  [["gate=demo"], [["gate", "demo"]]],
  [["a/b.c-d_e=demo"], [["a/b.c-d_e", "demo"]]],
  [["demo", "demo", "x=demo"], [["demo", "demo"], ["demo-2", "demo"], ["x", "demo"]]],
  [["file:/a=b.ts"], [["file", "file:/a=b.ts"]]],
  [["cam=file:/a=b.ts?loop"], [["cam", "file:/a=b.ts?loop"]]],
  [["udp://:5000", "gopro"], [["udp", "udp://:5000"], ["gopro", "gopro"]]],
];

for (const [texts, expected] of SOURCES) {
  Deno.test(`sources: ${texts.join(" ")}`, () => {
    const { streams } = read(texts);
    assert.deepEqual(streams.map(({ name, spec }) => [name, spec.label]), expected);
  });
}

Deno.test("help and version come before anything that is wrong", () => {
  assert.deepEqual(readCommandLine(["--help"], NONE), { kind: "help" });
  assert.deepEqual(readCommandLine(["-h", "nonsense:x"], NONE), { kind: "help" });
  assert.deepEqual(readCommandLine(["--version"], NONE), { kind: "version" });
});

Deno.test("the help names every option", () => {
  for (
    const option of ["--listen", "--url", "--open", "--log", "--log-format", "-h", "--version"]
  ) {
    assert.ok(USAGE.includes(option), option);
  }
});

const REFUSED:
  readonly (readonly [string, readonly string[], RegExp, Readonly<Record<string, string>>?])[] = [
    ["an unknown option", ["--lisen", ":80"], /unknown option '--lisen'.*--help lists/],
    ["an option without its value", ["--listen"], /--listen.*--help lists/],
    ["a flag with a value", ["--help=1"], /--help.*--help lists/],
    [
      "a port that is none",
      ["--listen", "127.0.0.1:65536"],
      /127\.0\.0\.1:65536: expected HOST:PORT/,
    ],
    ["a host without a port", ["--listen", "localhost"], /expected HOST:PORT/],
    ["an IPv6 address without brackets", ["--listen", "::1:80"], /expected HOST:PORT.*\[::\]:8000/],
    ["a wrong twin", [], /RILL_LISTEN nonsense: expected HOST:PORT/, { RILL_LISTEN: "nonsense" }],
    ["an address without a scheme", ["--url", "gate.example.org"], /begins with http:\/\//],
    ["another scheme", ["--url", "ftp://gate.example.org"], /begins with http:\/\//],
    ["an unknown choice", ["--open", "none"], /--open none: expected one of view, publish, all/],
    ["an unknown level", ["--log", "loud"], /--log loud: expected one of error, warn, info, debug/],
    ["an unknown format", ["--log-format", "xml"], /expected one of text, json/],
    ["an unknown source", ["rtmp://x"], /unknown source "rtmp:\/\/x"/],
    ["a source that makes no sense", ["udp://nowhere"], /write udp:\/\/:PORT/],
    ["a name twice", ["a=demo", "a=gopro"], /two streams named a; write NAME=SOURCE/],
    ["a name that is taken by another's default", ["demo", "demo=gopro"], /two streams named demo/],
    ["an unknown choice in a twin", [], /RILL_LOG loud: expected one of/, { RILL_LOG: "loud" }],
    ["a name that is a word of ours", ["a/ws=demo"], /"a\/ws" cannot be a camera's name/],
    ["a name with a space", ["a b=file:/x=y.ts"], /"a b" cannot be a camera's name/],
    ["neither a name nor a source", ["ws=nothing"], /unknown source "ws=nothing"/],
    ["a name without a source", ["porch="], /no source in "porch=": write NAME=SOURCE/],
    ["nothing", [""], /no source in ""/],
    [
      "more streams than a relay takes",
      Array.from({ length: 257 }, () => "demo"),
      /257 streams.*256/,
    ],
  ];

for (const [name, args, sentence, env = {}] of REFUSED) {
  Deno.test(`refused in a sentence: ${name}`, () => {
    assert.throws(() => readCommandLine(args, (variable) => env[variable]), (error) => {
      assert.ok(error instanceof UsageError);
      assert.match(error.message, sentence);
      assert.doesNotMatch(error.message, /\n/, "one line");
      return true;
    });
  });
}
