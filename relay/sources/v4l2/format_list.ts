/**
 * What `v4l2-ctl --list-formats-ext` prints, read, and the choice among it. Pure.
 *
 * @module
 */

import { SourceError } from "../source.ts";

/** The formats Rill takes from a camera, the cheapest first: raw ones are webcams', capture cards' and virtual cameras'. */
export const CAMERA_FORMATS = ["h264", "mjpeg", "yuyv", "uyvy", "nv12", "yuv420"] as const;
export type CameraFormat = (typeof CAMERA_FORMATS)[number];
/** As V4L2 spells them. */
export const FOUR_CC: Readonly<Record<CameraFormat, string>> = {
  h264: "H264",
  mjpeg: "MJPG",
  yuyv: "YUYV",
  uyvy: "UYVY",
  nv12: "NV12",
  yuv420: "YU12",
};
/** By their four characters. */
const FORMATS: ReadonlyMap<string, CameraFormat> = new Map<string, CameraFormat>([
  ...CAMERA_FORMATS.map((format) => [FOUR_CC[format], format] as const),
  ["JPEG", "mjpeg"],
]);

/** Pixels. */
interface Size {
  readonly width: number;
  readonly height: number;
}

/** One way a camera gives pictures. */
export interface CameraMode extends Size {
  readonly format: CameraFormat;
  /** Pictures a second, highest first; empty where the driver does not say. */
  readonly rates: readonly number[];
  /** Any rate between the highest and the lowest is to be had, too. */
  readonly anyRate?: true;
  /** Any size from `least` to this one is to be had, too, in steps. */
  readonly sizes?: { readonly least: Size; readonly step: Size };
}

/** A mode, and one rate of it. */
export interface ChosenMode {
  readonly format: CameraFormat;
  readonly width: number;
  readonly height: number;
  /** `undefined` leaves it to the driver. */
  readonly fps: number | undefined;
}

/** What somebody wants; what is not said is chosen. */
export interface WantedMode {
  readonly format: CameraFormat | undefined;
  readonly width: number | undefined;
  readonly height: number | undefined;
  readonly fps: number | undefined;
}

/** A size in steps stands for those that people use. */
const USUAL_SIZES = [[640, 480], [1280, 720], [1920, 1080]] as const;
/** Likewise a range of rates. */
const USUAL_RATES = [5, 10, 15, 24, 25, 30, 50, 60, 90, 120];
/** What is chosen where nothing is said: enough to see, and little enough to encode. */
const USUAL = { width: 1280, height: 720, fps: 30 };
/** Below it a picture is no video. */
const FLUENT_FPS = 24;
/** Rates are rounded by the drivers: 29.97 is 30. */
const NEAR = 0.51;

/** Reads the list; formats that Rill does not take are left out. */
export function parseFormats(text: string): CameraMode[] {
  const modes: (Omit<CameraMode, "rates" | "anyRate"> & { rates: number[]; anyRate?: true })[] = [];
  let format: CameraFormat | undefined;
  let open: typeof modes = [];
  for (const line of text.split("\n")) {
    const fourCc = /'(....)'/.exec(line)?.[1];
    if (fourCc !== undefined && /^\s*(\[\d+\]:|Pixel Format)/.test(line)) {
      format = FORMATS.get(fourCc);
      open = [];
      continue;
    }
    if (!format) continue;
    if (/^\s*Size:/.test(line)) {
      const known = format;
      open = sizesOf(line).map((size) => ({ format: known, ...size, rates: [] }));
      modes.push(...open);
    } else if (/^\s*Interval:/.test(line)) {
      for (const mode of open) addRates(mode, line);
    }
  }
  for (const { rates } of modes) rates.sort((a, b) => b - a);
  return modes;
}

function sizesOf(line: string): (Size & Pick<CameraMode, "sizes">)[] {
  const sizes = [...line.matchAll(/(\d+)x(\d+)/g)].map((match) => ({
    width: Number(match[1]),
    height: Number(match[2]),
  }));
  const [least, most] = sizes;
  if (!least) return [];
  if (/Discrete/.test(line) || !most) return [least];
  const [, x = "1", y = "1"] = /with step (\d+)\/(\d+)/.exec(line) ?? [];
  const step = { width: Number(x), height: Number(y) };
  const usual = USUAL_SIZES.map(([width, height]) => ({ width, height })).filter((size) =>
    (size.width < most.width || size.height < most.height) && isWithin(size, { least, most, step })
  );
  return [...usual, { ...most, sizes: { least, step } }];
}

function isWithin(
  size: Size,
  { least, most, step }: { readonly least: Size; readonly most: Size; readonly step: Size },
): boolean {
  return (["width", "height"] as const).every((side) =>
    size[side] >= least[side] && size[side] <= most[side] &&
    (size[side] - least[side]) % Math.max(1, step[side]) === 0
  );
}

function addRates(mode: { rates: number[]; anyRate?: true }, line: string): void {
  const [, first, second] = /\(([\d.]+)(?:-([\d.]+))? fps\)/.exec(line) ?? [];
  if (first === undefined) return;
  mode.rates.push(Number(first));
  if (second === undefined) return;
  const ends = [Number(first), Number(second)];
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  mode.rates.push(Number(second), ...USUAL_RATES.filter((rate) => rate > low && rate < high));
  mode.anyRate = true;
}

/**
 * Chooses a mode.
 * @throws {SourceError} with a sentence that says what there is.
 */
export function chooseMode(modes: readonly CameraMode[], wanted: WantedMode): ChosenMode {
  if (modes.length === 0) {
    const names = Object.values(FOUR_CC).join(", ");
    throw new SourceError(`this camera gives none of the formats that are read here: ${names}`);
  }
  const formats = CAMERA_FORMATS.filter((format) => modes.some((mode) => mode.format === format));
  if (wanted.format !== undefined && !formats.includes(wanted.format)) {
    throw new SourceError(`this camera gives no ${wanted.format}; it gives ${formats.join(", ")}`);
  }
  const ofFormat = modes.filter(({ format }) => format === (wanted.format ?? format));
  const ofSize = ofFormat.flatMap((mode) => inSize(mode, wanted) ?? []);
  if (ofSize.length === 0) {
    const sizes = [...new Set(ofFormat.map(({ width, height }) => `${width}x${height}`))];
    throw new SourceError(
      `this camera has no size ${wanted.width}x${wanted.height}; it has ${sizes.join(", ")}`,
    );
  }
  const ofRate = ofSize.filter((mode) => hasRate(mode, wanted.fps));
  if (ofRate.length === 0) {
    const rates = [...new Set(ofSize.flatMap(({ rates }) => rates))].sort((a, b) => a - b);
    throw new SourceError(
      `this camera does not give ${wanted.fps} pictures a second there; it gives ${
        rates.join(", ")
      }`,
    );
  }
  const [best] = [...ofRate].sort((a, b) => worth(b) - worth(a));
  if (!best) throw new SourceError("this camera has no mode");
  return { ...best, fps: rateOf(best, wanted.fps) };
}

/** The mode in the size that is wanted, where it has that. */
function inSize(mode: CameraMode, wanted: WantedMode): CameraMode | undefined {
  const { width = mode.width, height = mode.height } = wanted;
  if (mode.width === width && mode.height === height) return mode;
  const { sizes } = mode;
  return sizes && isWithin({ width, height }, { ...sizes, most: mode })
    ? { ...mode, width, height }
    : undefined;
}

function hasRate({ rates, anyRate }: CameraMode, fps: number | undefined): boolean {
  return fps === undefined || rates.length === 0 || rates.some((rate) => isNear(rate, fps)) ||
    (anyRate === true && fps <= (rates[0] ?? 0) && fps >= (rates.at(-1) ?? 0));
}

function rateOf({ rates }: CameraMode, fps: number | undefined): number | undefined {
  if (fps !== undefined) {
    const near = rates.filter((rate) => isNear(rate, fps));
    return near.sort((a, b) => Math.abs(a - fps) - Math.abs(b - fps))[0] ?? fps;
  }
  return rates.find((rate) => rate <= USUAL.fps + NEAR) ?? rates.at(-1);
}

/** Whether two rates are one. */
export function isNear(rate: number, other: number): boolean {
  return Math.abs(rate - other) < NEAR;
}

/** Fluent first, then the size people expect, then what costs least. */
function worth({ format, width, height, rates }: CameraMode): number {
  const fluent = rates.length === 0 || (rates[0] ?? 0) >= FLUENT_FPS ? 1 : 0;
  const fits = width <= USUAL.width && height <= USUAL.height ? 1 : 0;
  const area = width * height;
  const size = fits === 1 ? area / 1e7 : -area / 1e9;
  return fluent * 100 + fits * 10 +
    (CAMERA_FORMATS.length - CAMERA_FORMATS.indexOf(format)) * 0.01 +
    size;
}
