/**
 * The demo clip's letters: our own, strokes of one width with round ends, drawn as distance to a line.
 * Holds the glyphs the clip needs and no others.
 *
 * @module
 */

type Point = readonly [x: number, y: number];
type Stroke = readonly Point[];

interface Glyph {
  readonly width: number;
  readonly strokes: readonly Stroke[];
}

/** Units: baseline 0, y upwards; capitals and figures are 7 high, small letters 4.8. */
const CAPITAL = 7;
const SMALL = 4.8;
const WORD_SPACE = 2.2;

const line = (...points: Point[]): Stroke => points;

/** An elliptic arc, degrees, anticlockwise from the right when `to` is greater. */
function arc(centre: Point, radii: Point, [from, to]: Point): Stroke {
  const steps = Math.ceil(Math.abs(to - from) / 6);
  return Array.from({ length: steps + 1 }, (_, i) => {
    const angle = (from + (to - from) * i / steps) * Math.PI / 180;
    return [centre[0] + radii[0] * Math.cos(angle), centre[1] + radii[1] * Math.sin(angle)];
  });
}

/** A quadratic curve. */
function curve(a: Point, control: Point, b: Point): Stroke {
  return Array.from({ length: 17 }, (_, i) => {
    const t = i / 16;
    const mix = (k: 0 | 1): number =>
      (1 - t) * (1 - t) * a[k] + 2 * t * (1 - t) * control[k] + t * t * b[k];
    return [mix(0), mix(1)];
  });
}

const bowl: Stroke = arc([2, SMALL / 2], [2, SMALL / 2], [0, 360]);
const arch = (x: number, radius: number): Stroke => [
  ...arc([x + radius, SMALL - radius], [radius, radius], [180, 0]),
  [x + 2 * radius, 0],
];
const six: Stroke[] = [
  arc([2, 2.05], [2, 2.05], [0, 360]),
  curve([3.1, CAPITAL], [0.2, 4.9], [0, 2.05]),
];

const GLYPHS: Readonly<Record<string, Glyph>> = {
  "0": {
    width: 4,
    strokes: [[...arc([2, 5], [2, 2], [0, 180]), ...arc([2, 2], [2, 2], [180, 360]), [4, 5]]],
  },
  "1": { width: 4, strokes: [line([0.9, 5.7], [2.5, CAPITAL], [2.5, 0])] },
  "2": { width: 4, strokes: [[...arc([2, 5], [2, 2], [170, -38]), [0, 0], [4, 0]]] },
  "3": {
    width: 4,
    strokes: [
      arc([1.9, 5.3], [1.7, 1.7], [155, -90]),
      arc([1.9, 1.8], [2.0, 1.8], [90, -155]),
    ],
  },
  "4": { width: 4, strokes: [line([3.1, 0], [3.1, CAPITAL], [0, 1.9], [4.2, 1.9])] },
  "5": {
    width: 4,
    strokes: [[
      [3.7, CAPITAL],
      [0.7, CAPITAL],
      [0.4, 3.7],
      ...arc([1.8, 2.15], [2.15, 2.15], [
        130,
        -145,
      ]),
    ]],
  },
  "6": { width: 4, strokes: six },
  "7": { width: 4, strokes: [line([0, CAPITAL], [4, CAPITAL], [1.3, 0])] },
  "8": {
    width: 4,
    strokes: [
      arc([2, 5.35], [1.65, 1.65], [0, 360]),
      arc([2, 1.85], [2, 1.85], [0, 360]),
    ],
  },
  "9": {
    width: 4,
    strokes: six.map((stroke) => stroke.map(([x, y]): Point => [4 - x, CAPITAL - y])),
  },
  ".": { width: 0, strokes: [line([0, 0], [0, 0])] },
  R: {
    width: 4.2,
    strokes: [
      [[0, 0], [0, CAPITAL], ...arc([2.2, 5.15], [1.85, 1.85], [90, -90]), [0, 3.3]],
      line([2.2, 3.3], [4.2, 0]),
    ],
  },
  a: { width: 4, strokes: [bowl, line([4, SMALL], [4, 0])] },
  b: { width: 4, strokes: [bowl, line([0, CAPITAL], [0, 0])] },
  c: { width: 3.6, strokes: [arc([2, SMALL / 2], [2, SMALL / 2], [48, 312])] },
  e: { width: 4, strokes: [[[0, 2.5], ...arc([2, SMALL / 2], [2, SMALL / 2], [3, 315])]] },
  f: {
    width: 2.2,
    strokes: [
      [...arc([2.2, 5.6], [1.4, 1.4], [80, 180]), [0.8, 0]],
      line([0, SMALL], [2.1, SMALL]),
    ],
  },
  i: { width: 0, strokes: [line([0, 0], [0, SMALL]), line([0, 6.9], [0, 6.9])] },
  l: { width: 0, strokes: [line([0, 0], [0, CAPITAL])] },
  m: { width: 6, strokes: [line([0, 0], [0, SMALL]), arch(0, 1.5), arch(3, 1.5)] },
  n: { width: 3.6, strokes: [line([0, 0], [0, SMALL]), arch(0, 1.8)] },
  o: { width: 4, strokes: [bowl] },
  r: {
    width: 2.6,
    strokes: [line([0, 0], [0, SMALL]), arc([1.9, SMALL - 1.9], [1.9, 1.9], [180, 65])],
  },
  s: {
    width: 3,
    strokes: [[
      ...arc([1.5, 3.55], [1.4, 1.25], [35, 270]),
      ...arc([1.5, 1.15], [1.5, 1.15], [90, -145]),
    ]],
  },
  w: { width: 5.2, strokes: [line([0, SMALL], [1.3, 0], [2.6, SMALL], [3.9, 0], [5.2, SMALL])] },
  y: { width: 3.8, strokes: [line([0, SMALL], [1.95, 0.1]), line([3.8, SMALL], [1.2, -1.8])] },
};

/** How text is set. */
export interface Lettering {
  /** Left end of the baseline, pixels. */
  readonly at: Point;
  /** Height of a capital, pixels. */
  readonly height: number;
  /** Width of the stroke, pixels. */
  readonly weight: number;
}

/** A patch of coverage, 0 to 1, and where its first pixel lies. */
export interface Mask {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly alpha: Float32Array;
}

/** Width of `text`, pixels, from the first stroke's axis to the last one's. */
export function textWidth(text: string, style: Pick<Lettering, "height" | "weight">): number {
  return layOut(text, style).width * style.height / CAPITAL;
}

/** Draws `text` as coverage. Letters the clip does not have are an error. */
export function drawText(text: string, { at, height, weight }: Lettering): Mask {
  const scale = height / CAPITAL;
  const strokes = layOut(text, { height, weight }).strokes.map((stroke) =>
    stroke.map(([x, y]): Point => [at[0] + x * scale, at[1] - y * scale])
  );
  return drawStrokes(strokes, weight);
}

/** Draws lines with round ends as coverage, anti-aliased. */
export function drawStrokes(strokes: readonly Stroke[], weight: number): Mask {
  const points = strokes.flat();
  const margin = weight / 2 + 2;
  const x = Math.floor(Math.min(...points.map((p) => p[0])) - margin);
  const y = Math.floor(Math.min(...points.map((p) => p[1])) - margin);
  const width = Math.ceil(Math.max(...points.map((p) => p[0])) + margin) - x;
  const height = Math.ceil(Math.max(...points.map((p) => p[1])) + margin) - y;
  const nearest = new Float32Array(width * height).fill(Infinity);
  for (const stroke of strokes) {
    for (let i = 0; i < Math.max(1, stroke.length - 1); i++) {
      const a = stroke[i];
      const b = stroke[i + 1] ?? a;
      if (a === undefined || b === undefined) continue;
      measure(nearest, { x, y, width, height, a, b, reach: margin });
    }
  }
  const alpha = nearest.map((distance) => Math.min(1, Math.max(0, weight / 2 - distance + 0.5)));
  return { x, y, width, height, alpha };
}

interface Segment {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly a: Point;
  readonly b: Point;
  readonly reach: number;
}

function measure(nearest: Float32Array, { x, y, width, height, a, b, reach }: Segment): void {
  const [dx, dy] = [b[0] - a[0], b[1] - a[1]];
  const length = dx * dx + dy * dy;
  const firstRow = Math.max(0, Math.floor(Math.min(a[1], b[1]) - reach) - y);
  const lastRow = Math.min(height - 1, Math.ceil(Math.max(a[1], b[1]) + reach) - y);
  const firstColumn = Math.max(0, Math.floor(Math.min(a[0], b[0]) - reach) - x);
  const lastColumn = Math.min(width - 1, Math.ceil(Math.max(a[0], b[0]) + reach) - x);
  for (let row = firstRow; row <= lastRow; row++) {
    for (let column = firstColumn; column <= lastColumn; column++) {
      const [px, py] = [x + column + 0.5 - a[0], y + row + 0.5 - a[1]];
      const t = length === 0 ? 0 : Math.min(1, Math.max(0, (px * dx + py * dy) / length));
      const distance = Math.hypot(px - t * dx, py - t * dy);
      const index = row * width + column;
      if (distance < (nearest[index] ?? 0)) nearest[index] = distance;
    }
  }
}

interface Line {
  readonly strokes: Stroke[];
  readonly width: number;
}

function layOut(text: string, style: Pick<Lettering, "height" | "weight">): Line {
  // Bold letters stand further apart: the eye sees the gap between edges, not between axes.
  const spacing = 0.3 + 1.5 * style.weight * CAPITAL / style.height;
  const strokes: Stroke[] = [];
  let pen = 0;
  for (const letter of text) {
    if (letter === " ") {
      pen += WORD_SPACE;
      continue;
    }
    const glyph = GLYPHS[letter];
    if (glyph === undefined) throw new Error(`the demo clip has no letter "${letter}"`);
    const left = pen;
    strokes.push(
      ...glyph.strokes.map((stroke) => stroke.map(([x, y]): Point => [left + x, y])),
    );
    pen += glyph.width + spacing;
  }
  return { strokes, width: pen - spacing };
}
