/**
 * The running lines that stand where no camera picture is, as SVG path data: a stream seen from above,
 * its bends taken from a name so that each camera has its own. Pure.
 *
 * @module
 */

const WIDTH = 320;
const MIDDLE = 90;
const LINES = 15;
const STEP = 8;
/** Lines run past both edges, so that their ends are never seen. */
const OVERHANG = 16;

function seedOf(text: string): number {
  let seed = 0x811c9dc5; // FNV-1a: neighbours such as cam1 and cam2 get different lines
  for (let i = 0; i < text.length; i++) seed = Math.imul(seed ^ text.charCodeAt(i), 0x01000193);
  return seed >>> 0;
}

/** Lines across a field of 320 × 180, top to bottom; the same for the same `name`. */
export function ripplePaths(name: string): string[] {
  const seed = seedOf(name);
  const bend = 30 + (seed % 25);
  const phase = ((seed >>> 6) % 628) / 100;
  const narrows = 60 + ((seed >>> 12) % 200);
  const paths: string[] = [];
  for (let line = 0; line < LINES; line++) {
    const side = line / (LINES - 1) - 0.5;
    const points: string[] = [];
    for (let x = -OVERHANG; x <= WIDTH + OVERHANG; x += STEP) {
      const spread = 230 - 130 * Math.exp(-(((x - narrows) / 90) ** 2));
      const eddy = 4 * Math.sin(x / 24 + line * 0.6 + phase);
      const y = MIDDLE + bend * Math.sin(x / 64 + phase) + side * spread + eddy;
      points.push(`${x} ${y.toFixed(1)}`);
    }
    paths.push(`M${points.join(" ")}`);
  }
  return paths;
}
