/**
 * The README's two commands as a newcomer runs them: a fresh clone, an empty home, no Deno, nothing cached.
 * Prints how long each takes and how much it downloads. Not part of `deno task test`:
 *
 *     deno run -A tests/fresh_clone.ts [relay] [test]
 *
 * @module
 */

import { delimiter, join } from "node:path";
import { startCountingProxy } from "./support/counting_proxy.ts";
import { freePort } from "./support/ports.ts";
import { runningIn, signalGroup } from "./support/relay_process.ts";
import { run } from "./support/run.ts";
import { Viewer } from "./support/viewer.ts";

const RELAY_LIMIT_MS = 300_000;
const TEST_LIMIT_MS = 1_800_000;

/** Where a newcomer stands. */
interface Newcomer extends AsyncDisposable {
  readonly clone: string;
  readonly env: Readonly<Record<string, string>>;
  /** Megabytes that came over the network so far, and from where. */
  downloaded(): string;
}

async function arrive(): Promise<Newcomer> {
  await using stack = new AsyncDisposableStack();
  const folder = await Deno.makeTempDir({ prefix: "rill-newcomer-" });
  stack.defer(() => Deno.remove(folder, { recursive: true }));
  const [clone, home, bin] = [join(folder, "rill"), join(folder, "home"), join(folder, "bin")];
  await Deno.mkdir(home);
  await run("git", ["clone", "--quiet", "--no-hardlinks", Deno.cwd(), clone]);
  await linkPrograms(bin);
  const proxy = stack.use(startCountingProxy());
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(Deno.env.toObject())) {
    if (!/^(?:DENO_|npm_|NPM_|XDG_|RILL_|NO_PROXY$|no_proxy$)/.test(name)) env[name] = value;
  }
  Object.assign(env, { HOME: home, PATH: bin, HTTPS_PROXY: proxy.url, NO_COLOR: "1" });
  env["npm_config_prefix"] = home; // npx prefers what is installed globally
  const owned = stack.move();
  return {
    clone,
    env,
    downloaded: () =>
      [...proxy.received].map(([host, bytes]) => `${(bytes / 1e6).toFixed(0)} MB from ${host}`)
        .join(", ") || "nothing",
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** A PATH with everything there is here but Deno. */
async function linkPrograms(bin: string): Promise<void> {
  await Deno.mkdir(bin);
  const seen = new Set(["deno", "dx"]);
  for (const folder of (Deno.env.get("PATH") ?? "").split(delimiter)) {
    try {
      for (const { name } of Deno.readDirSync(folder)) {
        if (seen.has(name)) continue;
        seen.add(name);
        await Deno.symlink(join(folder, name), join(bin, name));
      }
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error; // a PATH may name what is not there
    }
  }
}

function start({ clone, env }: Newcomer, args: readonly string[]): Deno.ChildProcess {
  return new Deno.Command("npx", {
    args: ["-y", "deno", "task", ...args],
    cwd: clone,
    env,
    clearEnv: true,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    detached: true,
  }).spawn();
}

async function tryRelay(): Promise<void> {
  await using newcomer = await arrive();
  const port = freePort();
  const began = performance.now();
  const child = start(newcomer, ["relay", "--listen", `127.0.0.1:${port}`]);
  const output = child.output();
  const late = setTimeout(() => signalGroup(child.pid, "SIGKILL"), RELAY_LIMIT_MS);
  await untilPicture(`http://127.0.0.1:${port}/live/demo`, child);
  const seconds = (performance.now() - began) / 1000;
  signalGroup(child.pid, "SIGINT");
  const { code, stderr } = await output;
  clearTimeout(late);
  say(
    `relay: first picture after ${seconds.toFixed(1)} s, ${newcomer.downloaded()} ` +
      `downloaded, ${await size(newcomer.clone)} MB in the clone, ${await size(
        newcomer.env["HOME"] ?? "",
      )} MB in the home; ended with ${code}, ${runningIn(child.pid).length} processes left`,
  );
  if (code !== 0) say(new TextDecoder().decode(stderr));
}

async function untilPicture(url: string, child: Deno.ChildProcess): Promise<void> {
  let ended = false;
  child.status.then(() => ended = true);
  while (!ended) {
    try {
      await using viewer = await Viewer.open(url);
      await viewer.until(() => viewer.stream && viewer.fragments(viewer.pictures).length > 0, {
        what: "a picture",
      });
      return;
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100)); // not up yet
    }
  }
  throw new Error("The relay ended before it showed a picture.");
}

async function tryTest(): Promise<void> {
  await using newcomer = await arrive();
  const began = performance.now();
  const child = start(newcomer, ["test"]);
  const late = setTimeout(() => signalGroup(child.pid, "SIGKILL"), TEST_LIMIT_MS);
  const { code, stdout, stderr } = await child.output();
  clearTimeout(late);
  const seconds = (performance.now() - began) / 1000;
  const text = new TextDecoder().decode(stdout).trimEnd();
  say(
    `test: ${text.split("\n").at(-1)} after ${seconds.toFixed(0)} s, ` +
      `${newcomer.downloaded()} downloaded, ` +
      `${await size(newcomer.clone)} MB in the clone, ${await size(
        newcomer.env["HOME"] ?? "",
      )} MB in the home; ended with ${code}, ${runningIn(child.pid).length} processes left`,
  );
  if (code !== 0) say(text, new TextDecoder().decode(stderr));
}

async function size(folder: string): Promise<string> {
  const { stdout } = await run("du", ["-sm", folder]);
  return stdout.split("\t")[0] ?? "?";
}

function say(...lines: readonly string[]): void {
  Deno.stdout.writeSync(new TextEncoder().encode(lines.map((line) => `${line}\n`).join("")));
}

const wanted = Deno.args.length > 0 ? Deno.args : ["relay", "test"];
if (wanted.includes("relay")) await tryRelay();
if (wanted.includes("test")) await tryTest();
