/** The same bytes of a real capture, cut anywhere, give the same samples; random cuts name their seed. */

import { join } from "node:path";
import { findCaptures } from "../run/captures.ts";
import { assertInvariant, cutsOf, SINGLE_BYTES } from "../support/chunks.ts";

const { folder } = findCaptures(Deno.env.get("RILL_MEDIA"));
const media = folder ?? "";
/** Larger ones are not cut into single bytes. */
const MAX_SINGLE_BYTES = 300_000;

function captures(): string[] {
  if (folder === undefined) return [];
  const transportStreams = ["ts", "synth", "gopro"].flatMap((part) =>
    [...Deno.readDirSync(join(folder, part))]
      .filter(({ name }) => name.endsWith(".ts") && !name.includes("video_input"))
      .map(({ name }) => `${part}/${name}`)
  );
  const others = ["annexb", "adts", "mp4"].flatMap((part) =>
    [...Deno.readDirSync(join(folder, part))].map(({ name }) => `${part}/${name}`)
  ).filter((path) => Deno.statSync(join(folder, path)).size <= MAX_SINGLE_BYTES);
  return [...transportStreams, ...others].sort();
}

for (const capture of captures()) {
  Deno.test(`cut anywhere: ${capture}`, async () => {
    const bytes = await Deno.readFile(join(media, capture));
    assertInvariant(bytes, [
      ...cutsOf([1]),
      ...(bytes.length <= MAX_SINGLE_BYTES ? [SINGLE_BYTES] : []),
    ]);
  });
}
