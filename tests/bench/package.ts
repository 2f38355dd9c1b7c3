/**
 * What the archive weighs, and what the relay from it takes: time to the first picture, memory.
 *
 * @module
 */

import { join } from "node:path";
import { freePort } from "../support/ports.ts";
import { RelayProcess } from "../support/relay_process.ts";
import { run as runProgram } from "../support/run.ts";
import { type UnpackedArchive, unpackInto } from "../support/unpacked_archive.ts";
import { Viewer } from "../support/viewer.ts";
import { type Bench, type Figure, median } from "./bench.ts";
import { memoryOfGroup } from "./proc.ts";

const STARTS = 5;
/** After its first picture memory settles. */
const REST_MS = 5000;

async function run(folder: string): Promise<readonly Figure[]> {
  const unpacked = await unpackInto(folder);
  const first = await start(unpacked, join(folder, "home"));
  const others: { readonly seconds: number; readonly memory: number }[] = [];
  for (let n = 0; n < STARTS; n++) others.push(await start(unpacked, join(folder, "home")));
  return [
    ...await weights(unpacked),
    { name: "start to first picture, the first time", value: first.seconds * 1000, unit: "ms" },
    {
      name: `  afterwards, middle of ${STARTS}`,
      value: median(others.map(({ seconds }) => seconds)) * 1000,
      unit: "ms",
    },
    {
      name: "resident memory, the demo and one viewer",
      value: median(others.map(({ memory }) => memory)) / 1e6,
      unit: "MB",
    },
  ];
}

async function weights({ archive, top }: UnpackedArchive): Promise<readonly Figure[]> {
  const { stdout } = await runProgram("tar", ["-tzf", archive]);
  const { stdout: used } = await runProgram("du", ["-sb", top]);
  const others = await Deno.readTextFile(join(top, "licences_of_others.txt"));
  const packages = others.match(/^\S+@\d\S* \(/gm)?.length ?? 0;
  return [
    { name: "archive", value: (await Deno.stat(archive)).size / 1e6, unit: "MB" },
    { name: "installed", value: Number.parseInt(used) / 1e6, unit: "MB" },
    { name: "  of which Deno", value: (await Deno.stat(join(top, "deno"))).size / 1e6, unit: "MB" },
    { name: "  files", value: stdout.trim().split("\n").length, unit: "" },
    { name: "  npm packages, bundled", value: packages, unit: "" },
  ];
}

async function start(
  { rill }: UnpackedArchive,
  home: string,
): Promise<{ readonly seconds: number; readonly memory: number }> {
  await Deno.mkdir(home, { recursive: true });
  const began = performance.now();
  await using relay = await RelayProcess.start({
    program: rill,
    args: ["--listen-tls", `127.0.0.1:${freePort()}`],
    env: { HOME: home, PATH: "/usr/bin:/bin", NO_COLOR: "1" },
  });
  await using viewer = await Viewer.open(`${relay.url}/live/demo`);
  await viewer.until(() => viewer.stream && viewer.fragments(viewer.pictures).length > 0, {
    what: "a picture",
  });
  const seconds = (performance.now() - began) / 1000;
  await new Promise((resolve) => setTimeout(resolve, REST_MS));
  return { seconds, memory: memoryOfGroup(relay.group) };
}

/** The bench. */
export const packaged: Bench = {
  name: "package",
  about: "the archive for this machine: what it weighs, and the relay started from it",
  byNameOnly: true,
  run,
};
