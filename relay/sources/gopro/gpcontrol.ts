/**
 * gpControl, the dialect of HERO4 to HERO8, MAX (2019) and their kin. It was never published; the paths and
 * numbers are those of the cameras' own schemas and of what has been seen to work.
 *
 * @module
 */

import type { CameraStatus } from "../../../shared/api.ts";
import { isAnswer, isSuccess } from "./camera_http.ts";
import { type Fields, objectIn, parseObject, textIn } from "./camera_json.ts";
import { hasClients, parseNumberedStatus } from "./camera_status.ts";
import type {
  Camera,
  Dialect,
  Identification,
  Pairing,
  PreviewOptions,
  Setting,
} from "./dialect.ts";
import { parseMac } from "./wake.ts";

const SCHEMA_PATH = "/gp/gpControl";
const EXECUTE = "/gp/gpControl/execute?p1=gpStream";
const SETTING = "/gp/gpControl/setting";
const SHUTTER = "/gp/gpControl/command/shutter";
const WEBCAM = "/gp/gpWebcam";

/**
 * After the path the camera itself names. A HERO8 answers 500 to `a1=proto_v2`; a HERO4 with firmware up to
 * 3.00 knows only the last.
 */
const START_PATHS = [
  `${EXECUTE}&c1=restart`,
  `${EXECUTE}&a1=proto_v2&c1=restart`,
  "/gp/gpExec?p1=gpStreamA9&c1=restart",
] as const;

const SETTING_BITRATE = 62;
const SETTING_WINDOW = 64;
/** Rows of picture to the setting's value; 720 is refused by a HERO4. */
const WINDOWS: ReadonlyMap<number, number> = new Map([[240, 1], [480, 4], [720, 7]]);
/** About 25 s without it and the camera stops; its own applications send it this often. */
const KEEP_ALIVE_MS = 2_500;
/** Firmware of HERO8 and MAX: their applications write a 1 where earlier ones wrote a 0. */
const LATER_FIRMWARE = /^(HD8|HD9|H19)\./;

/** Firmware of the HERO4 Session (a HERO5 Session's is HD5): it does nothing before it counts a client. */
const SESSION_FIRMWARE = /^HX/;
/** What the cameras list this machine as. */
const DEVICE_NAME = "Rill";
const PAIRING: Pairing = {
  byPin: (pin) => ["start", "finish"].map((step) => `/gpPair?c=${step}&pin=${pin}&mode=0`),
  withoutPin: `/gp/gpControl/command/wireless/pair/complete?success=1&deviceName=${DEVICE_NAME}`,
};

/** What the schema says of a camera, as far as it matters here. */
interface Schema {
  readonly status: CameraStatus;
  /** The path that starts its preview, if it names one. */
  readonly startPath?: string;
  readonly mac?: Uint8Array;
}

/** The row of the dialect table. */
export const gpcontrol: Dialect = {
  port: 80,

  async identify(get, options): Promise<Identification> {
    const answer = await get(SCHEMA_PATH);
    if (!isAnswer(answer)) return { kind: "no" };
    const schema = answer.kind === "answered" && isSuccess(answer)
      ? parseObject(answer.body)
      : undefined;
    if (schema === undefined) return { kind: "perhaps", camera: cameraOf({ status: {} }, options) };
    return { kind: "yes", camera: cameraOf(readSchema(schema), options) };
  },
};

function cameraOf({ status, startPath, mac }: Schema, options: PreviewOptions): Camera {
  const webcam = options.mode === "webcam";
  const paths = startPath === undefined
    ? START_PATHS
    : [startPath, ...START_PATHS.filter((path) => path !== startPath)];
  return {
    status,
    prepare: [],
    settings: webcam ? [] : settings(options),
    untaken: [],
    starts: webcam
      ? [{ path: webcamStart(options), stop: `${WEBCAM}/STOP` }]
      : paths.map((path) => ({ path, stop: `${EXECUTE}&c1=stop` })),
    keepAlives: [{
      kind: "datagram",
      text: `_GPHD_:${LATER_FIRMWARE.test(status.firmware ?? "") ? 1 : 0}:0:2:0.000000\n`,
      everyMs: KEEP_ALIVE_MS,
    }],
    // A HERO4 also stops about 50 s after the last HTTP request, and then a restart may not revive it.
    statusPath: "/gp/gpControl/status",
    statusEveryMs: KEEP_ALIVE_MS,
    parseStatus: parseNumberedStatus,
    ...(SESSION_FIRMWARE.test(status.firmware ?? "") ? { attends: hasClients } : {}),
    pairing: PAIRING,
    shutter: { on: `${SHUTTER}?p=1`, off: `${SHUTTER}?p=0` },
    ...(mac === undefined ? {} : { mac }),
  };
}

/** The webcam of a HERO8 on USB. */
function webcamStart({ resolution }: PreviewOptions): string {
  return resolution === undefined ? `${WEBCAM}/START` : `${WEBCAM}/START?res=${resolution}`;
}

function settings({ resolution, bitrate }: PreviewOptions): readonly Setting[] {
  const settings: Setting[] = [];
  if (resolution !== undefined) {
    const window = WINDOWS.get(resolution) ?? 0;
    settings.push({
      name: `resolution=${resolution}`,
      path: `${SETTING}/${SETTING_WINDOW}/${window}`,
    });
  }
  if (bitrate !== undefined) {
    settings.push({
      name: `bitrate=${bitrate}`,
      path: `${SETTING}/${SETTING_BITRATE}/${bitrate}`,
    });
  }
  return settings;
}

/** Stands in for the camera where a path is read as a URL. */
const BASE = "http://camera/";

function readSchema(schema: Fields): Schema {
  const info = objectIn(schema, "info");
  const start = objectIn(objectIn(schema, "services"), "live_stream_start");
  const model = textIn(info, "model_name");
  const firmware = textIn(info, "firmware_version");
  const path = textIn(start, "url");
  const mac = parseMac(textIn(info, "ap_mac"));
  return {
    status: {
      ...(model === undefined ? {} : { model }),
      ...(firmware === undefined ? {} : { firmware }),
    },
    ...(path === undefined || !URL.canParse(path, BASE) ? {} : { startPath: pathOf(path) }),
    ...(mac === undefined ? {} : { mac }),
  };
}

/** Path and query of what may be written as a path, with or without its slash, or as a whole URL. */
function pathOf(url: string): string {
  const { pathname, search } = new URL(url, BASE);
  return pathname + search;
}
