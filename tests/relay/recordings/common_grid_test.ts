/** The grid that all tracks of a file share. */

import assert from "node:assert/strict";
import { commonGrid } from "../../../relay/recordings/common_grid.ts";

Deno.test("points of the grid are whole numbers in every timescale", () => {
  const table: readonly (readonly [timescales: number[], grid: number])[] = [
    [[90_000], 1],
    [[90_000, 48_000], 15],
    [[90_000, 44_100], 100],
    [[90_000, 16_000], 45],
    [[1_000_000], 9],
    [[], 1],
  ];
  for (const [timescales, grid] of table) {
    assert.equal(commonGrid(timescales), grid, timescales.join());
    for (const timescale of timescales) assert.equal((grid * timescale) % 90_000, 0);
  }
});
