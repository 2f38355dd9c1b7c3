/** A QR code as a path: the modules of the code, each once, with the margin that readers need. */

import assert from "node:assert/strict";
import { encode } from "uqr";
import { qrCodeOf } from "../../../web/src/ui/qr_code.ts";

/** Draws a path of rectangles a module high. */
function draw({ size, path }: ReturnType<typeof qrCodeOf>): string[] {
  const rows = Array.from({ length: size }, () => Array.from({ length: size }, () => "."));
  for (const [, x, y, length] of path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\3z/g)) {
    for (let i = 0; i < Number(length); i++) {
      const row = rows[Number(y)] ?? [];
      assert.equal(row[Number(x) + i], ".", "each module once");
      row[Number(x) + i] = "#";
    }
  }
  return rows.map((row) => row.join(""));
}

Deno.test("the path is the code, with four light modules on each side", () => {
  for (const text of ["https://gate.example.org/live/porch", "http://192.168.1.20:8000/live/a/b"]) {
    const drawn = draw(qrCodeOf(text));
    const { data, size } = encode(text, { ecc: "M", border: 0 });
    assert.equal(drawn.length, size + 8);
    const light = ".".repeat(4);
    data.forEach((row, y) =>
      assert.equal(drawn[y + 4], light + row.map((dark) => dark ? "#" : ".").join("") + light)
    );
    for (const y of [0, 3, drawn.length - 4, drawn.length - 1]) {
      assert.match(drawn[y] ?? "", /^\.+$/);
    }
  }
});
