/**
 * The lines that stand where no picture is.
 *
 * @module
 */

import assert from "node:assert/strict";
import { ripplePaths } from "../../../web/src/ui/ripple_paths.ts";

Deno.test("a name always has the same lines, and another name others", () => {
  assert.deepEqual(ripplePaths("porch"), ripplePaths("porch"));
  assert.notDeepEqual(ripplePaths("cam1"), ripplePaths("cam2"));
});

Deno.test("lines run past both edges and never cross", () => {
  for (const name of ["", "a", "porch", "garden/gate", "z".repeat(200)]) {
    const lines = ripplePaths(name).map((path) =>
      path.slice(1).split(" ").map(Number).filter((_, at) => at % 2 === 1)
    );
    for (const path of ripplePaths(name)) assert.match(path, /^M-16 .* 336 -?[\d.]+$/);
    for (let at = 0; at < (lines[0]?.length ?? 0); at++) {
      const column = lines.map((line) => line[at] ?? NaN);
      assert.deepEqual(column, column.toSorted((a, b) => a - b), name);
    }
  }
});
