/**
 * Real captures, damaged in their first part: nothing is thrown, and behind the damage everything comes out. As many
 * for each as `RILL_MUTATIONS` says; a failure names its seed.
 */

import { join } from "node:path";
import { findCaptures } from "../run/captures.ts";
import { figure } from "../support/figure.ts";
import { Patient } from "../support/survival.ts";

const { folder } = findCaptures(Deno.env.get("RILL_MEDIA"));
const media = folder ?? "";
const USUAL = 40;
const count = Number(Deno.env.get("RILL_MUTATIONS") ?? USUAL);
/** Short groups, sound, B-pictures, uneven rates, and 33 bits that come round. */
const CAPTURES = [
  "gopro/derived-hero4_188.ts",
  "synth/synth-240p30-gopro.ts",
  "synth/synth-bframes-720p.ts",
  "synth/synth-vfr.ts",
  "synth/synth-wrap.ts",
];
/** Damaged part; what follows must hold two key pictures and some sound. */
const PART = 0.4;

for (const capture of CAPTURES) {
  Deno.test({
    name: `damaged, it comes back whole: ${capture}`,
    ignore: folder === undefined,
    fn: async () => {
      const patient = new Patient(await Deno.readFile(join(media, capture)), PART);
      for (let seed = 1; seed <= count; seed++) {
        patient.survive(seed);
        patient.lose(seed);
      }
      figure(`mutations: ${count} of ${capture} survived, seeds 1 to ${count}`);
    },
  });
}
