/**
 * What `v4l2-ctl --list-formats-ext` prints, read, and the choice among it. Pure.
 *
 * @module
 */

import { SourceError } from "../source.ts";

/** The formats Rill takes from a camera, the cheapest first. */
export const CAMERA_FORMATS = ["h264", "mjpeg", "yuyv"] as const;
export type CameraFormat = (typeof CAMERA_FORMATS)[number];
/** By their four characters. */
const FOUR_CC: Readonly<Record<string, CameraFormat>> = {
  H264: "h264",
  MJPG: "mjpeg",
  JPEG: "mjpeg",
  YUYV: "yuyv",
};

/** One way a camera gives pictures. */
export interface CameraMode {
  readonly format: CameraFormat;
  readonly width: number;
  readonly height: number;
  /** Pictures a second, highest first; empty where the driver does not say. */
  readonly rates: readonly number[];
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
/** What is chosen where nothing is said: enough to see, and little enough to encode. */
const USUAL = { width: 1280, height: 720, fps: 30 };
/** Below it a picture is no video. */
const FLUENT_FPS = 24;
/** Rates are rounded by the drivers: 29.97 is 30. */
const NEAR = 0.51;

/** Reads the list; formats that Rill does not take are left out. */
export function parseFormats(text: string): CameraMode[] {
  const modes: (Omit<CameraMode, "rates"> & { rates: number[] })[] = [];
  let format: CameraFormat | undefined;
  let open: number[][] = [];
  for (const line of text.split("\n")) {
    const fourCc = /'(....)'/.exec(line)?.[1];
    if (fourCc !== undefined && /^\s*(\[\d+\]:|Pixel Format)/.test(line)) {
      format = FOUR_CC[fourCc];
      open = [];
      continue;
    }
    if (!format) continue;
    if (/^\s*Size:/.test(line)) {
      open = sizesOf(line).map(([width, height]) => {
        const rates: number[] = [];
        modes.push({ format: format as CameraFormat, width, height, rates });
        return rates;
      });
    } else if (/^\s*Interval:/.test(line)) {
      for (const rates of open) rates.push(...ratesOf(line));
    }
  }
  for (const { rates } of modes) rates.sort((a, b) => b - a);
  return modes;
}

function sizesOf(line: string): (readonly [number, number])[] {
  const sizes = [...line.matchAll(/(\d+)x(\d+)/g)].map((match) =>
    [Number(match[1]), Number(match[2])] as const
  );
  const [first, last] = sizes;
  if (!first) return [];
  if (/Discrete/.test(line) || !last) return [first];
  const [width, height] = last;
  return [...USUAL_SIZES.filter(([w, h]) => w < width && h < height), last];
}

function ratesOf(line: string): number[] {
  return [...line.matchAll(/\(([\d.]+)(?:-([\d.]+))? fps\)/g)]
    .flatMap((match) => [match[1], match[2]])
    .filter((rate) => rate !== undefined).map(Number);
}

/**
 * Chooses a mode.
 * @throws {SourceError} with a sentence that says what there is.
 */
export function chooseMode(modes: readonly CameraMode[], wanted: WantedMode): ChosenMode {
  if (modes.length === 0) {
    throw new SourceError("this camera gives neither H.264 nor MJPEG nor YUYV");
  }
  const formats = CAMERA_FORMATS.filter((format) => modes.some((mode) => mode.format === format));
  if (wanted.format !== undefined && !formats.includes(wanted.format)) {
    throw new SourceError(`this camera gives no ${wanted.format}; it gives ${formats.join(", ")}`);
  }
  const ofFormat = modes.filter(({ format }) => format === (wanted.format ?? format));
  const ofSize = ofFormat.filter(({ width, height }) =>
    width === (wanted.width ?? width) && height === (wanted.height ?? height)
  );
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

function hasRate({ rates }: CameraMode, fps: number | undefined): boolean {
  return fps === undefined || rates.length === 0 ||
    rates.some((rate) => Math.abs(rate - fps) < NEAR);
}

function rateOf({ rates }: CameraMode, fps: number | undefined): number | undefined {
  if (fps !== undefined) return rates.find((rate) => Math.abs(rate - fps) < NEAR) ?? fps;
  return rates.find((rate) => rate <= USUAL.fps + NEAR) ?? rates.at(-1);
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
