/**
 * A text as a QR code (ISO/IEC 18004), in a form that can be drawn. Pure.
 *
 * @module
 */

import { encode } from "uqr";

/** Modules around the code that readers need, ISO/IEC 18004 §6.3.8. */
const MARGIN = 4;

/** A code, a module a unit. */
export interface QrCode {
  /** Width and height, margin included. */
  readonly size: number;
  /** The dark modules, as the `d` of an SVG path. */
  readonly path: string;
}

/** The code of `text`, such that a smudge or a reflection does not spoil it. */
export function qrCodeOf(text: string): QrCode {
  const { data, size } = encode(text, { ecc: "M", border: MARGIN });
  const runs = data.flatMap((row, y) =>
    runsOf(row).map(({ x, length }) => `M${x} ${y}h${length}v1h-${length}z`)
  );
  return { size, path: runs.join("") };
}

/** Where a row's dark runs begin, and how long they are. */
function runsOf(row: readonly boolean[]): { readonly x: number; readonly length: number }[] {
  const runs: { x: number; length: number }[] = [];
  row.forEach((dark, x) => {
    const last = runs.at(-1);
    if (dark && last && last.x + last.length === x) last.length++;
    else if (dark) runs.push({ x, length: 1 });
  });
  return runs;
}
