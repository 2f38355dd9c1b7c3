/**
 * A pipeline's product as files: one for each generation, as a viewer would keep it. For judges that read files.
 *
 * @module
 */

import { join } from "node:path";
import { concatBytes } from "../../shared/bytes.ts";
import type { Ingested } from "./ingested.ts";

/** Writes one file a generation into `folder`. @returns their paths, in order. */
export async function writeGenerations(
  { segments, batches }: Pick<Ingested, "segments" | "batches">,
  folder: string,
): Promise<string[]> {
  const paths: string[] = [];
  for (const { generation, bytes } of segments) {
    const path = join(folder, `generation-${generation}.mp4`);
    const own = batches.filter((batch) => batch.generation === generation);
    await Deno.writeFile(path, concatBytes([bytes, ...own.map((batch) => batch.bytes)]));
    paths.push(path);
  }
  return paths;
}
