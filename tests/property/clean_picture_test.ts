/** After damage the picture is clean: damaged streams, decoded, beside the same stream whole. Seeds are named. */

import { join } from "node:path";
import { makeTransportStream } from "../support/clips.ts";
import { DecodedPatient } from "../support/decoded_damage.ts";
import { figure } from "../support/figure.ts";
import { findProgram } from "../support/programs.ts";

const SEEDS = 8;

Deno.test({
  name: `clean after damage, as decoded, seeds 1 to ${SEEDS}`,
  ignore: findProgram(["ffmpeg"]) === undefined,
  fn: async () => {
    const folder = await Deno.makeTempDir({ prefix: "rill-clean-" });
    try {
      const path = join(folder, "clip.ts");
      await makeTransportStream(path, {
        seconds: 8,
        rate: 25,
        group: 12,
        size: "160x120",
        sound: true,
      });
      const patient = await DecodedPatient.of(await Deno.readFile(path), { part: 0.5, folder });
      let pictures = 0;
      for (let seed = 1; seed <= SEEDS; seed++) {
        pictures += await patient.lose(seed) + await patient.survive(seed);
      }
      figure(`clean pictures: ${2 * SEEDS} damaged streams, ${pictures} pictures decoded`);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
