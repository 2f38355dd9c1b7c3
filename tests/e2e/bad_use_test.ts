/** Bad use of `deno task relay`: one sentence, the right exit code, nothing left running (contract §2). */

import assert from "node:assert/strict";
import type { WebTransportOffer } from "../../shared/api.ts";
import { PATIENCE_MS } from "../support/patience.ts";
import { askUntil } from "../support/ask.ts";
import { pidsWith, startOf } from "../support/process_table.ts";
import { freePort } from "../support/ports.ts";
import { RelayProcess, runningIn, signalGroup, spawnRelay } from "../support/relay_process.ts";

/** How a relay that did not start ended. */
interface Refusal {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Programs of its process group that still ran. */
  readonly left: readonly string[];
}

const REFUSAL_LIMIT_MS = 90_000;

async function refused(args: readonly string[]): Promise<Refusal> {
  const child = spawnRelay(args);
  const late = setTimeout(() => signalGroup(child.pid, "SIGKILL"), REFUSAL_LIMIT_MS);
  const { code, stdout, stderr } = await child.output();
  clearTimeout(late);
  const left = runningIn(child.pid);
  signalGroup(child.pid, "SIGKILL");
  const text = new TextDecoder();
  return { code, stdout: text.decode(stdout), stderr: text.decode(stderr), left };
}

const USAGE: readonly (readonly [string, readonly string[], RegExp])[] = [
  ["an unknown option", ["--lissten", "127.0.0.1:1"], /--lissten/],
  ["an option without its value", ["--listen"], /--listen/],
  ["an address that is none", ["--listen", "here"], /--listen here: expected HOST:PORT/],
  ["a port beyond all ports", ["--listen", "127.0.0.1:70000"], /expected HOST:PORT/],
  ["an unknown scheme", ["cam=quicktime:movie"], /"?quicktime:movie"?.*demo.*file.*gopro.*udp/],
  ["a choice that is none", ["--log", "loud"], /--log loud: expected one of error, warn, info/],
  ["a path that no leave can be given for", ["file:one,two.ts"], /one,two\.ts: .* rename it/],
  ["two streams of one name", ["a=demo", "a=demo"], /two streams named a/],
];

for (const [what, args, sentence] of USAGE) {
  Deno.test(`${what} is one sentence and exit code 2`, async () => {
    const { code, stdout, stderr, left } = await refused(args);
    assert.equal(code, 2, stderr);
    assert.match(stderr, sentence);
    assert.match(stderr, /^rill: [^\n]+\n$/, "one line");
    assert.equal(stdout, "");
    assert.deepEqual(left, []);
  });
}

Deno.test("an occupied port is one sentence and exit code 2", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const address = `127.0.0.1:${listener.addr.port}`;
  const { code, stdout, stderr, left } = await refused(["--listen", address]);
  assert.equal(code, 2, stderr);
  assert.ok(stderr.includes(address), stderr);
  assert.match(stderr.replace(/^Building the web app.*\n/, ""), /^rill: [^\n]+\n$/, "one line");
  assert.equal(stdout, "");
  assert.deepEqual(left, []);
});

Deno.test("a file that cannot be read is told in words, and the relay goes on", async () => {
  await using relay = await RelayProcess.start({ args: ["cam=file:no/such/file.ts"] });
  const reason = await offlineReason(relay.url);
  assert.equal(reason, "no such file: file.ts", "without the folders of this machine");
  const lines = (await relay.untilSaid(/no such file.*\n/)).split("\n").filter((line) =>
    line.includes("no such file")
  );
  assert.equal(lines.length, 1);
  assert.match(lines[0] ?? "", /no such file: \/.*\/no\/such\/file\.ts$/, "the log has all of it");
  assert.equal(await relay.stop(), 0);
  assert.deepEqual(runningIn(relay.group), []);
});

Deno.test("a TLS port of 0 is any that is free, with no more leave than the launcher gives", async () => {
  const data = await Deno.makeTempDir({ prefix: "rill-any-port-" });
  try {
    await using relay = await RelayProcess.start({
      args: ["--tls", "auto", "--listen-tls", "127.0.0.1:0", "--data", data],
    });
    const answer = await fetch(`${relay.url}/api/webtransport`, {
      method: "POST",
      body: JSON.stringify({ stream: "demo" }),
    });
    assert.equal(answer.status, 200, relay.output); // also while WebTransport is about to open
    const { url } = await answer.json() as WebTransportOffer;
    const { port } = new URL(url);
    assert.match(port, /^[1-9]\d+$/);
    await relay.untilSaid(new RegExp(`WebTransport sessions come in on UDP port ${port}\\b`));
    assert.equal(await relay.stop(), 0);
  } finally {
    await Deno.remove(data, { recursive: true });
  }
});

Deno.test("a camera that is not there is told in words, and the relay goes on", async () => {
  // Nothing listens on the discard port of this machine.
  await using relay = await RelayProcess.start({ args: ["cam=gopro://127.0.0.1:9"] });
  assert.match(await offlineReason(relay.url), /GoPro/);
  assert.equal(await relay.stop("SIGINT"), 0);
  assert.deepEqual(runningIn(relay.group), []);
});

Deno.test({
  name: "whoever ends the task alone ends the relay too, which has nobody else to end it",
  ignore: Deno.build.os !== "linux", // there is no /proc to look through
  fn: endedWithItsTask,
});

async function endedWithItsTask(): Promise<void> {
  await using relay = await RelayProcess.start();
  assert.notDeepEqual(runningIn(relay.group), []);
  Deno.kill(relay.group, "SIGKILL"); // the process, not its group
  await relay.untilSaid(/stopping/);
  await askUntil(() => Promise.resolve(runningIn(relay.group)), {
    accept: (programs) => programs.length === 0,
    what: "its end",
  });
}

Deno.test({
  name: "a relay whose launcher was killed ends too, in order",
  ignore: Deno.build.os !== "linux", // there is no /proc to look through
  fn: endedWithItsLauncher,
});

async function endedWithItsLauncher(): Promise<void> {
  await using relay = await RelayProcess.start();
  const pids = await pidsWith(`127.0.0.1:${relay.port}`);
  const launcher = pids.find((pid) => startOf(pid).args.includes("relay/launch.ts"));
  assert.ok(launcher !== undefined);
  Deno.kill(launcher, "SIGKILL");
  await relay.untilSaid(/stopping/);
  await askUntil(() => Promise.resolve(runningIn(relay.group)), {
    accept: (programs) => programs.length === 0,
    what: "its end",
  });
}

Deno.test("a relay whose log nobody reads any more goes on, and stops in order", async () => {
  const port = freePort();
  const child = spawnRelay(["--listen", `127.0.0.1:${port}`, "--log", "debug", "demo"]);
  const late = setTimeout(() => signalGroup(child.pid, "SIGKILL"), REFUSAL_LIMIT_MS);
  try {
    const reader = child.stderr.pipeThrough(new TextDecoderStream()).getReader();
    for (let said = ""; !/the picture flows/.test(said);) {
      const { value, done } = await reader.read();
      assert.ok(!done, said);
      said += value;
    }
    await reader.cancel();
    await child.stdout.cancel();
    for (let request = 0; request < 5; request++) { // each is a line of the log
      const answer = await fetch(`http://127.0.0.1:${port}/healthz`);
      assert.equal((await answer.json()).status, "ok");
    }
    signalGroup(child.pid, "SIGTERM");
    assert.equal((await child.status).code, 0);
  } finally {
    clearTimeout(late);
    signalGroup(child.pid, "SIGKILL");
    await child.status;
  }
});

Deno.test("help and version are answers, not errors", async () => {
  for (
    const [option, text] of [["--help", /--listen HOST:PORT/], ["--version", /^rill \d/]] as const
  ) {
    const { code, stdout, stderr } = await refused([option]);
    assert.equal(code, 0);
    assert.match(stdout, text);
    assert.equal(stderr, "");
  }
});

/** Why the only stream is offline, once it is. */
async function offlineReason(url: string): Promise<string> {
  const end = performance.now() + PATIENCE_MS;
  for (;;) {
    const { streams } = await (await fetch(`${url}/api/streams`)).json() as {
      readonly streams: readonly { readonly state: { readonly kind: string; reason?: string } }[];
    };
    const state = streams[0]?.state;
    if (state?.kind === "offline" && state.reason !== undefined) return state.reason;
    if (performance.now() > end) throw new Error(`The stream is ${JSON.stringify(state)}.`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
