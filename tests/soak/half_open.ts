/**
 * Viewers that vanish without a word, as a phone does that leaves the house: one on each way out, behind a firewall that
 * then drops every packet. The relay must let go of each in bounded time, and of its sockets.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { largestOfGroup } from "../bench/proc.ts";
import { makeTransportStream } from "../support/clips.ts";
import { FirewalledNetwork } from "../support/firewalled_network.ts";
import { parseMetrics } from "../support/prometheus.ts";
import { freePort } from "../support/ports.ts";
import { RelayProcess, signalGroup } from "../support/relay_process.ts";
import type { Soak, SoakResult } from "./soak.ts";

/** Fills the kernel's buffers in some seconds: before that nobody can know. */
const BITRATE = 8_000_000;
const JOIN_LIMIT_MS = 60_000;
const VIEWERS = fileURLToPath(new URL("../bench/ways_out_viewers.ts", import.meta.url));
const CONFIG = fileURLToPath(new URL("../../deno.json", import.meta.url));
const LOCK = fileURLToPath(new URL("../deno.lock", import.meta.url));
/** A page's WebSocket, which wants nothing but the messages. */
const WEBSOCKET = "new WebSocket(Deno.args[0]).onmessage = () => {}";

/** Programs beyond the firewall, each a viewer; all are ended with it. */
class Phones implements AsyncDisposable {
  readonly #network: FirewalledNetwork;
  readonly #children: Deno.ChildProcess[] = [];

  constructor(network: FirewalledNetwork) {
    this.#network = network;
  }

  /** One more. */
  watch(...command: readonly string[]): void {
    const [program = "", ...prefix] = this.#network.atGateway;
    this.#children.push(
      new Deno.Command(program, {
        args: [...prefix, ...command],
        stdin: "null",
        stdout: "null",
        stderr: "null",
        detached: true,
      }).spawn(),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { pid } of this.#children) signalGroup(pid, "SIGKILL");
    await Promise.all(this.#children.map(({ status }) => status));
  }
}

/** Viewers by transport, those that there are. */
async function viewers(relay: RelayProcess): Promise<ReadonlyMap<string, number>> {
  const families = parseMetrics(await (await fetch(`${relay.url}/metrics`)).text());
  const metrics = families.find(({ name }) => name === "rill_viewers")?.metrics ?? [];
  return new Map(
    metrics.flatMap(({ labels, value }): [string, number][] =>
      Number(value) > 0 ? [[labels?.transport ?? "", Number(value)]] : []
    ),
  );
}

/** Sockets that the relay holds. */
function sockets({ group }: RelayProcess): number {
  const folder = `/proc/${largestOfGroup(group).pid}/fd`;
  let count = 0;
  for (const { name } of Deno.readDirSync(folder)) {
    try {
      if (Deno.readLinkSync(`${folder}/${name}`).startsWith("socket:")) count++;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error; // closed meanwhile
    }
  }
  return count;
}

async function run(folder: string, seconds: number): Promise<SoakResult> {
  const clip = join(folder, "clip.ts");
  await makeTransportStream(clip, {
    ...{ seconds: 8, rate: 30, group: 30, size: "640x360", bitrate: BITRATE },
  });
  await using network = await FirewalledNetwork.make();
  const [port, tlsPort] = [freePort(), freePort()];
  await using relay = await RelayProcess.start({
    port,
    args: [
      ...["--listen", `0.0.0.0:${port}`, "--tls", "auto", "--listen-tls", `0.0.0.0:${tlsPort}`],
      ...["--url", `http://${network.outside}:${port}/`, `cam=file:${clip}?loop`],
    ],
  });
  await sleep(3_000);
  await viewers(relay); // whoever asks keeps a socket for a while
  const before = sockets(relay);
  await using phones = new Phones(network);
  const page = `http://${network.outside}:${port}/live/cam`;
  const secure = `https://${network.outside}:${tlsPort}/live/cam`;
  const curl = ["curl", "-skN", "-o", "/dev/null"];
  const deno = [Deno.execPath(), "run", "-qA", "--no-check", `--config=${CONFIG}`];
  phones.watch(...curl, `${page}/stream.mp4`);
  phones.watch(...curl, `${page}/stream.ts`);
  phones.watch(...curl, "--http1.1", `${secure}/stream.mp4`);
  phones.watch(...curl, "--http2", `${secure}/stream.mp4`);
  phones.watch(Deno.execPath(), "eval", WEBSOCKET, `${page.replace("http", "ws")}/ws`);
  phones.watch(...deno, `--lock=${LOCK}`, VIEWERS, "hls", `${page}/index.m3u8`, "1");
  phones.watch(...deno, `--lock=${LOCK}`, VIEWERS, "webtransport", page, "1");
  const all = new Map([["http", 3], ["mpegts", 1], ["websocket", 1], ["hls", 1], [
    "webtransport",
    1,
  ]]);
  const missing = async (): Promise<string[]> => {
    const there = await viewers(relay);
    return [...all].flatMap(([way, count]) => there.get(way) === count ? [] : [way]);
  };
  for (const end = performance.now() + JOIN_LIMIT_MS; (await missing()).length > 0;) {
    if (performance.now() > end) throw new Error(`No viewer by ${(await missing()).join(", ")}.`);
    await sleep(200);
  }
  const during = sockets(relay);

  await network.cut("silent");
  const cutAt = performance.now();
  const since = (): number => Math.round((performance.now() - cutAt) / 1000);
  const freed = new Map<string, number>();
  let left = during;
  while (since() < seconds && (freed.size < all.size || left > before)) {
    await sleep(500);
    const there = await viewers(relay);
    for (const way of all.keys()) {
      if (!there.has(way) && !freed.has(way)) freed.set(way, since());
    }
    left = sockets(relay);
  }
  const kept = [...all.keys()].filter((way) => !freed.has(way));
  return {
    lines: [
      ...[...freed].map(([way, after]) => `${way}: let go of ${after} s after the last packet`),
      `sockets: ${before} before, ${during} with viewers, ${left} after ${since()} s`,
    ],
    problems: [
      ...kept.map((way) => `a viewer by ${way} is still there after ${since()} s`),
      ...(left > before ? [`${left - before} sockets are still there after ${since()} s`] : []),
    ],
  };
}

/** The soak. */
export const halfOpen: Soak = {
  name: "half-open",
  about: "viewers on each way out vanish without a word, and are let go of",
  seconds: 150,
  run,
};
