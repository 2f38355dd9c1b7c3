/**
 * 100 000 damaged streams: built ones of every shape, and captures where RILL_MEDIA leads to some. Nothing is thrown,
 * losses are counted as they were made, memory stays, and what comes behind the damage is whole; a sample is decoded.
 *
 * @module
 */

import { join } from "node:path";
import { findCaptures } from "../run/captures.ts";
import { DecodedPatient } from "../support/decoded_damage.ts";
import { PATIENTS } from "../support/patients.ts";
import { Patient } from "../support/survival.ts";
import type { Soak, SoakResult } from "./soak.ts";

const STREAMS = 100_000;
/** Of the first stream; RILL_SEED begins elsewhere. */
const FIRST_SEED = 1;
/** Of five streams, so many only lose and double packets, and every loss is counted. */
const LOSING = 2;
/** Captures that are damaged in their first part, with tables, two key pictures and sound behind it. */
const CAPTURES = [
  "gopro/derived-hero4_188.ts",
  "synth/synth-240p30-gopro.ts",
  "synth/synth-bframes-720p.ts",
  "synth/synth-vfr.ts",
  "synth/synth-wrap.ts",
  "synth/synth-video-only.ts",
  "synth/synth-audio-only.ts",
  "ts/muxjs_test-no-audio-segment.ts",
  "ts/muxjs_test-segment.ts",
];
/** Of these some are decoded. */
const DECODED = [
  "gopro/derived-hero4_188.ts",
  "synth/synth-bframes-720p.ts",
  "synth/synth-wrap.ts",
];
const DECODED_SEEDS = 20;
const PART = 0.4;
/** What the process may grow by between an early and a late look. */
const MAX_GROWN_BYTES = 192 * 1024 * 1024;
/** The same of what is in use where least is: garbage that waits to be collected is no leak. */
const MAX_HELD_MORE_BYTES = 32 * 1024 * 1024;
/** Tenths of the run over which that is looked for. */
const LOOKS = 10;
const MEBIBYTE = 1024 * 1024;
/** Failures that are told; more tell nothing new. */
const MAX_TOLD = 20;

async function run(folder: string, seconds: number): Promise<SoakResult> {
  const lines: string[] = [];
  const problems: string[] = [];
  const { folder: media } = findCaptures(Deno.env.get("RILL_MEDIA"));
  const patients: (readonly [name: string, patient: Patient])[] = PATIENTS.map(
    ([name, stream]) => [name, new Patient(stream(), PART)],
  );
  if (media === undefined) lines.push("captures: none, RILL_MEDIA leads to no folder");
  for (const capture of media === undefined ? [] : CAPTURES) {
    patients.push([capture, new Patient(await Deno.readFile(join(media ?? "", capture)), PART)]);
  }
  const until = performance.now() + seconds * 1000;
  const started = performance.now();
  let early = 0;
  const held = new Array<number>(LOOKS).fill(Infinity);
  const first = Number(Deno.env.get("RILL_SEED") ?? FIRST_SEED);
  let seed = first;
  for (
    ;
    seed < first + STREAMS && performance.now() < until && problems.length < MAX_TOLD;
    seed++
  ) {
    const [name, patient] = patients[seed % patients.length] ?? [];
    try {
      if (Math.floor(seed / patients.length) % 5 < LOSING) patient?.lose(seed);
      else patient?.survive(seed);
    } catch (error) {
      problems.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
    const { rss, heapUsed, external } = Deno.memoryUsage();
    if (seed - first === Math.floor(STREAMS / LOOKS)) early = rss;
    const look = Math.floor(((seed - first) * LOOKS) / STREAMS);
    held[look] = Math.min(held[look] ?? Infinity, heapUsed + external);
  }
  const took = Math.round((performance.now() - started) / 1000);
  lines.push(
    `${seed - first} of ${STREAMS} damaged streams, seeds ${first} to ${seed - 1}, ${took} s`,
  );
  lines.push(`of them: ${patients.map(([name]) => name).join(", ")}`);
  const late = Deno.memoryUsage().rss;
  if (early > 0) {
    lines.push(
      `resident: ${mebibytes(early)} MiB after a tenth, ${mebibytes(late)} MiB at the end`,
    );
    if (late - early > MAX_GROWN_BYTES) {
      problems.push(`memory grew by ${mebibytes(late - early)} MiB`);
    }
  }
  // Whole tenths only; the first has what is compiled and cached once.
  const looks = held.slice(0, Math.floor(((seed - first) * LOOKS) / STREAMS));
  lines.push(`in use at least, tenth by tenth: ${looks.map(mebibytes).join(", ")} MiB`);
  const [, second, ...later] = looks;
  const more = (later.at(-1) ?? 0) - (second ?? 0);
  if (more > MAX_HELD_MORE_BYTES) problems.push(`what is in use grew by ${mebibytes(more)} MiB`);
  for (const capture of media === undefined ? [] : DECODED) {
    try {
      const pictures = await decode(join(media ?? "", capture), folder);
      lines.push(`decoded: ${2 * DECODED_SEEDS} of ${capture}, ${pictures} pictures, all clean`);
    } catch (error) {
      problems.push(
        `${capture}, decoded: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }
  return { lines, problems };
}

/** Decodes damaged streams; how many pictures were looked at. */
async function decode(path: string, folder: string): Promise<number> {
  const patient = await DecodedPatient.of(await Deno.readFile(path), { part: PART, folder });
  let pictures = 0;
  for (let seed = 1; seed <= DECODED_SEEDS; seed++) {
    pictures += await patient.lose(seed) + await patient.survive(seed);
  }
  return pictures;
}

function mebibytes(bytes: number): number {
  return Math.round(bytes / MEBIBYTE);
}

/** The soak. */
export const mutations: Soak = {
  name: "mutations",
  about: `${STREAMS} damaged transport streams through the pipeline`,
  seconds: 7200,
  run,
};
