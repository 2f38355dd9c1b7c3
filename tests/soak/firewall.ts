/**
 * A relay behind a firewall that carries its stream to one outside: viewers out there, the line cut and mended. The
 * picture must be back within two seconds at a key picture, and the camera must not have noticed.
 *
 * @module
 */

import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { StreamInfo } from "../../shared/api.ts";
import { makeTransportStream } from "../support/clips.ts";
import { type Cut, FirewalledNetwork } from "../support/firewalled_network.ts";
import { freePort } from "../support/ports.ts";
import { RelayProcess, signalGroup } from "../support/relay_process.ts";
import { runAnyhow } from "../support/run.ts";
import { Viewer } from "../support/viewer.ts";
import type { Soak, SoakResult } from "./soak.ts";

const GATEWAY_PORT = 8000;
const MAX_CUT_SECONDS = 30;
const MAX_RESUME_MS = 2_000;
const START_LIMIT_MS = 90_000;
const CUTS: readonly Cut[] = ["unplugged", "silent"];

/** The relay behind the firewall. */
class Gateway implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #network: FirewalledNetwork;

  private constructor(child: Deno.ChildProcess, network: FirewalledNetwork) {
    this.#child = child;
    this.#network = network;
  }

  static async start(network: FirewalledNetwork, args: readonly string[]): Promise<Gateway> {
    const [program = "", ...prefix] = network.atGateway;
    const child = new Deno.Command(program, {
      args: [
        ...[...prefix, Deno.execPath(), "task", "--quiet", "relay"],
        ...["--listen", `0.0.0.0:${GATEWAY_PORT}`, "--tls", "off", "--open", "all", ...args],
      ],
      stdin: "null",
      stdout: "null",
      stderr: "inherit",
      env: { NO_COLOR: "1", RILL_LOG: "error" },
      detached: true,
    }).spawn();
    const gateway = new Gateway(child, network);
    const end = performance.now() + START_LIMIT_MS;
    while (await gateway.ask("healthz") === "") {
      if (performance.now() > end) throw new Error("The gateway does not answer.");
      await sleep(200);
    }
    return gateway;
  }

  /** What it answers, asked from its own side of the firewall; empty when it does not. */
  async ask(path: string): Promise<string> {
    const [program = "", ...prefix] = this.#network.atGateway;
    const url = `http://127.0.0.1:${GATEWAY_PORT}/${path}`;
    return (await runAnyhow(program, [...prefix, "curl", "-s", "-m", "5", url])).stdout;
  }

  async camera(): Promise<StreamInfo> {
    return JSON.parse(await this.ask("api/streams/cam"));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    signalGroup(this.#child.pid, "SIGKILL");
    await this.#child.status;
  }
}

async function run(folder: string, seconds: number): Promise<SoakResult> {
  const clip = join(folder, "clip.ts");
  await makeTransportStream(clip, { seconds: 20, rate: 30, group: 30, size: "640x360" });
  const lines: string[] = [];
  const problems: string[] = [];
  await using network = await FirewalledNetwork.make();
  const port = freePort();
  await using far = await RelayProcess.start({
    port,
    args: [
      ...["--listen", `0.0.0.0:${port}`, "--url", `http://${network.outside}:${port}/`],
      ...["--open", "publish", "cam=push"],
    ],
  });
  const destination = `ws://${network.outside}:${port}/publish/cam`;
  await using gateway = await Gateway.start(network, [
    ...["--forward", destination, `cam=file:${clip}?loop`],
  ]);
  const dial = await runAnyhow("curl", [
    ...["-s", "-m", "3", `http://${network.gateway}:${GATEWAY_PORT}/healthz`],
  ]);
  if (dial.code === 0) {
    problems.push("the gateway can be reached from outside: this proves nothing");
  }
  await using viewer = await Viewer.open(`${far.url}/live/cam`);
  await viewer.until(() => viewer.media.length > 30, { what: "pictures at the far relay" });
  const cutSeconds = Math.min(MAX_CUT_SECONDS, seconds / CUTS.length - 5);
  const before = await gateway.camera();
  for (const how of CUTS) {
    await network.cut(how);
    const cutAt = performance.now();
    await sleep(cutSeconds * 1000);
    const during = await gateway.camera();
    if (during.state.kind !== "live") problems.push(`${how}: the camera is ${during.state.kind}`);
    const known = viewer.media.length;
    await network.mend(how);
    const mended = performance.now();
    const first = await viewer.until(
      () => viewer.media.slice(known).find(({ fragments }) => fragments.length > 0),
      { what: "a picture after the cut", timeoutMs: 30_000 },
    );
    const took = Math.round(performance.now() - mended);
    lines.push(
      `${how} for ${
        ((mended - cutAt) / 1000).toFixed(1)
      } s: the next picture came ${took} ms after, ` +
        `${first?.fragments[0]?.tracks[0]?.key ? "a key picture" : "no key picture"}`,
    );
    if (took > MAX_RESUME_MS) problems.push(`${how}: back after ${took} ms, not ${MAX_RESUME_MS}`);
    if (first?.fragments[0]?.tracks[0]?.key !== true) problems.push(`${how}: no key picture first`);
    await sleep(3000);
  }
  const after = await gateway.camera();
  const pictures = after.counters.videoSamples - before.counters.videoSamples;
  lines.push(
    `the camera meanwhile: ${pictures} pictures, ${after.counters.restarts} restarts, ` +
      `generation ${before.generation} and ${after.generation}, ` +
      `${after.counters.continuityGaps} gaps`,
    `viewers outside: told ${
      viewer.control.filter(({ type }) => type === "offline").map((message) =>
        message.type === "offline" ? `"${message.reason}"` : ""
      ).join(", ") || "nothing"
    }; ${viewer.control.filter(({ type }) => type === "stream").length} generations`,
  );
  if (after.generation !== before.generation || after.counters.restarts > 0) {
    problems.push("the camera noticed");
  }
  return { lines, problems };
}

/** The soak. */
export const firewall: Soak = {
  name: "firewall",
  about: "a relay behind a firewall that dials out, the line cut for 30 s in two ways",
  seconds: 80,
  run,
};
