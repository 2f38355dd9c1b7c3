/**
 * Golden files: text kept in tests/golden and compared line by line. With `RILL_UPDATE_GOLDEN=1` the
 * files are rewritten instead, and the review reads the difference.
 */

import assert from "node:assert/strict";

/** Compares `text` with `tests/golden/NAME.txt`. */
export async function assertGolden(name: string, text: string): Promise<void> {
  const url = new URL(`../golden/${name}.txt`, import.meta.url);
  if (Deno.env.get("RILL_UPDATE_GOLDEN") === "1") {
    await Deno.writeTextFile(url, text);
    return;
  }
  assert.equal(text, await Deno.readTextFile(url), `differs from tests/golden/${name}.txt`);
}
