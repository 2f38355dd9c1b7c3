/**
 * The demo clip's picture: water in layers, a dial, a counter, the name. Every motion returns to its
 * beginning after the clip's length. Draws pixels; encodes nothing.
 *
 * @module
 */

import { drawStrokes, drawText, type Mask, textWidth } from "./lettering.ts";

/** Pixels a row. */
export const WIDTH = 1280;
/** Rows. */
export const HEIGHT = 720;
/** Pictures a second. */
export const FRAME_RATE = 30;
/** Length of the clip, seconds. */
export const SECONDS = 8;
/** Pictures in all. */
export const FRAMES = FRAME_RATE * SECONDS;

type Colour = readonly [red: number, green: number, blue: number];

const SKY_TOP: Colour = [9, 18, 38];
const SKY_BOTTOM: Colour = [17, 62, 92];
const WHITE: Colour = [244, 250, 252];
const PALE: Colour = [150, 197, 214];
const FAINT: Colour = [52, 96, 122];
const AQUA: Colour = [72, 222, 205];
const AMBER: Colour = [255, 196, 92];

/** A layer of water: a crest that wanders, and what lies under it. */
interface Water {
  readonly colour: Colour;
  /** Rows from the top. */
  readonly level: number;
  /** Rows; crests across the picture; turns in the clip's length, its sign the direction. */
  readonly waves: readonly (readonly [height: number, crests: number, turns: number])[];
  readonly opacity: number;
}

const WATER: readonly Water[] = [
  { colour: [30, 96, 150], level: 505, waves: [[34, 1.3, 1], [10, 2.7, -1]], opacity: 0.55 },
  { colour: [26, 126, 170], level: 548, waves: [[30, 1.1, -1], [9, 3.1, 1]], opacity: 0.55 },
  { colour: [28, 160, 178], level: 592, waves: [[24, 1.6, 1], [7, 3.4, -2]], opacity: 0.55 },
  { colour: [66, 205, 190], level: 640, waves: [[18, 1.4, -1], [6, 3.9, 2]], opacity: 0.5 },
];

const DIAL = { x: 940, y: 262, radius: 188 };
/** Counter in the dial. */
const COUNTER = { height: 76, weight: 10 };
const LABEL = { height: 20, weight: 2.5 };
/** The column on which name, claim and dots begin. */
const LEFT = 96;
/** One dot for each bit of the frame number, the least significant leftmost. */
const BITS = { count: 8, x: LEFT + 9, y: 640, pitch: 34, size: 9 };
/** What the bead draws behind it; `turn` is its length. */
const TAIL = { pieces: 12, turn: 0.14, weight: 7 };
/** Seconds a flash takes to fade. */
const FLASH_FADE = 0.45;

/** Draws the clip picture by picture into one reused buffer. */
export class Picture {
  /** Red, green, blue, a byte each, row by row. */
  readonly pixels = new Uint8Array(WIDTH * HEIGHT * 3);
  readonly #still = stillParts();

  /** Draws picture `frame`, from 0. */
  draw(frame: number): void {
    const turn = frame / FRAMES;
    const inSecond = (frame % FRAME_RATE) / FRAME_RATE;
    const flash = Math.max(0, 1 - inSecond / FLASH_FADE) ** 2;
    this.#drawWater(turn);
    for (const { mask, colour, opacity } of this.#still) this.#blend(mask, colour, opacity);
    this.#drawDial(turn, inSecond, flash);
    this.#drawCounter(frame, flash);
    this.#drawBits(frame);
  }

  #drawWater(turn: number): void {
    const { pixels } = this;
    const crests = WATER.map(({ level, waves }) =>
      Float32Array.from(
        { length: WIDTH },
        (_, x) =>
          waves.reduce(
            (y, [height, count, turns], i) =>
              y + height * Math.sin(2 * Math.PI * (count * x / WIDTH - turns * turn) + i * 1.9),
            level,
          ),
      )
    );
    for (let y = 0, at = 0; y < HEIGHT; y++) {
      const down = y / HEIGHT;
      const sky = mix(SKY_TOP, SKY_BOTTOM, down * down);
      for (let x = 0; x < WIDTH; x++, at += 3) {
        let [red, green, blue] = sky;
        for (let i = 0; i < WATER.length; i++) {
          const layer = WATER[i];
          const depth = y - (crests[i]?.[x] ?? HEIGHT) + 0.5;
          if (layer === undefined || depth <= 0) continue;
          // Bright at the crest, clearer below: light that falls into water.
          const light = 0.55 + 0.45 * Math.exp(-depth / 60);
          const cover = Math.min(1, depth) * layer.opacity * light;
          red += (layer.colour[0] - red) * cover;
          green += (layer.colour[1] - green) * cover;
          blue += (layer.colour[2] - blue) * cover;
        }
        pixels[at] = red;
        pixels[at + 1] = green;
        pixels[at + 2] = blue;
      }
    }
  }

  #drawDial(turn: number, inSecond: number, flash: number): void {
    const { x, y, radius } = DIAL;
    // The ring fills once in the clip; a bead goes round once a second, so that a still shows the moment.
    const swept = arcPoints(radius, 0, turn);
    if (swept.length > 1) this.#blend(drawStrokes([swept], 10), AQUA, 1);
    this.#blend(drawStrokes([[onDial(radius - 34, turn), onDial(radius + 14, turn)]], 6), WHITE, 1);
    for (let piece = 1; piece <= TAIL.pieces; piece++) {
      const end = inSecond - piece * TAIL.turn / TAIL.pieces;
      const trail = arcPoints(radius - 54, end, inSecond);
      this.#blend(drawStrokes([trail], TAIL.weight), AMBER, 0.09);
    }
    this.#blend(drawStrokes([[onDial(radius - 54, inSecond)]], 18), AMBER, 1);
    if (flash > 0) {
      const ring = radius + 34 + 26 * (1 - flash);
      this.#blend(drawStrokes([arcPoints(ring, 0, 1)], 3 + 7 * flash), WHITE, 0.9 * flash);
      this.#blend(drawStrokes([[[x, y]]], 2 * (radius - 72)), WHITE, 0.25 * flash);
    }
  }

  #drawCounter(frame: number, flash: number): void {
    const second = String(Math.floor(frame / FRAME_RATE));
    const part = String(frame % FRAME_RATE).padStart(2, "0");
    const { height, weight } = COUNTER;
    const gap = 32;
    const [left, right] = [textWidth(second, COUNTER), textWidth("00", COUNTER)];
    const start = DIAL.x - (left + gap + right) / 2;
    const baseline = DIAL.y + height / 2 - 8;
    const set = (text: string, x: number): Mask =>
      drawText(text, { at: [x, baseline], height, weight });
    this.#blend(set(second, start), flash > 0.3 ? AMBER : WHITE, 1);
    this.#blend(set(".", start + left + gap / 2), PALE, 1);
    this.#blend(set(part, start + left + gap), WHITE, 1);
    const label = `frame ${String(frame).padStart(3, "0")}`;
    const at = [DIAL.x - textWidth("frame 000", LABEL) / 2, baseline + 44] as const;
    this.#blend(drawText(label, { at, ...LABEL }), PALE, 1);
  }

  #drawBits(frame: number): void {
    for (let bit = 0; bit < BITS.count; bit++) {
      if ((frame >> bit & 1) === 0) continue;
      const dot = [BITS.x + bit * BITS.pitch, BITS.y] as const;
      this.#blend(drawStrokes([[dot]], 2 * BITS.size), WHITE, 1);
    }
  }

  #blend(mask: Mask, colour: Colour, opacity: number): void {
    const { pixels } = this;
    for (let row = 0; row < mask.height; row++) {
      const y = mask.y + row;
      if (y < 0 || y >= HEIGHT) continue;
      for (let column = 0; column < mask.width; column++) {
        const cover = (mask.alpha[row * mask.width + column] ?? 0) * opacity;
        const x = mask.x + column;
        if (cover === 0 || x < 0 || x >= WIDTH) continue;
        const at = (y * WIDTH + x) * 3;
        for (let i = 0; i < 3; i++) {
          const under = pixels[at + i] ?? 0;
          pixels[at + i] = under + ((colour[i] ?? 0) - under) * cover;
        }
      }
    }
  }
}

interface Part {
  readonly mask: Mask;
  readonly colour: Colour;
  readonly opacity: number;
}

/** What never moves: the name, the dial's ring and marks, the unlit dots. */
function stillParts(): Part[] {
  const name = { at: [LEFT + 12, 272], height: 152, weight: 24 } as const;
  const claim = { height: 30, weight: 3.6 };
  const marks = Array.from(
    { length: SECONDS },
    (_, i) =>
      drawStrokes(
        [[onDial(DIAL.radius + 22, i / SECONDS), onDial(DIAL.radius + 28, i / SECONDS)]],
        5,
      ),
  );
  const frames = Array.from(
    { length: FRAME_RATE },
    (_, i) => drawStrokes([[onDial(DIAL.radius - 54, i / FRAME_RATE)]], i % 5 === 0 ? 6 : 3),
  );
  const dots = Array.from(
    { length: BITS.count },
    (_, i) => drawStrokes([[[BITS.x + i * BITS.pitch, BITS.y]]], 2 * BITS.size),
  );
  return [
    { mask: drawText("Rill", name), colour: WHITE, opacity: 1 },
    { mask: drawText("any camera.", { at: [LEFT + 2, 350], ...claim }), colour: PALE, opacity: 1 },
    { mask: drawText("any browser.", { at: [LEFT + 2, 402], ...claim }), colour: PALE, opacity: 1 },
    { mask: drawStrokes([arcPoints(DIAL.radius, 0, 1)], 10), colour: FAINT, opacity: 0.8 },
    ...marks.map((mask) => ({ mask, colour: PALE, opacity: 1 })),
    ...frames.map((mask) => ({ mask, colour: FAINT, opacity: 1 })),
    ...dots.map((mask) => ({ mask, colour: [14, 60, 84] as const, opacity: 0.55 })),
  ];
}

/** A place on a circle round the dial's centre; turns clockwise from the top. */
function onDial(radius: number, turns: number): readonly [number, number] {
  const angle = 2 * Math.PI * turns;
  return [DIAL.x + radius * Math.sin(angle), DIAL.y - radius * Math.cos(angle)];
}

function arcPoints(radius: number, from: number, to: number): (readonly [number, number])[] {
  const steps = Math.max(1, Math.ceil((to - from) * 240));
  return Array.from(
    { length: steps + 1 },
    (_, i) => onDial(radius, from + (to - from) * i / steps),
  );
}

function mix(a: Colour, b: Colour, share: number): [number, number, number] {
  return [
    a[0] + (b[0] - a[0]) * share,
    a[1] + (b[1] - a[1]) * share,
    a[2] + (b[2] - a[2]) * share,
  ];
}
