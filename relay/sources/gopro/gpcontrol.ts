/**
 * gpControl, the dialect of HERO4 to HERO8, MAX (2019) and their kin. It was never published; the paths and
 * numbers are those of the cameras' own schemas and of what has been seen to work.
 *
 * @module
 */

import type { CameraStatus } from "../../../shared/api.ts";
import { isAnswer, isSuccess } from "./camera_http.ts";
import type { CameraIdentity, Dialect, Identification, Setting } from "./dialect.ts";

const SCHEMA_PATH = "/gp/gpControl";
const EXECUTE = "/gp/gpControl/execute?p1=gpStream";
const SETTING = "/gp/gpControl/setting";

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

const STATUS = {
  batteryPresent: "1",
  /** Bars 0 to 3, or {@link CHARGING}. */
  batteryBars: "2",
  hot: "6",
  busy: "8",
  encoding: "10",
  card: "33",
  /** Percent; a HERO4 or HERO5 does not say. */
  batteryPercent: "70",
} as const;
const CHARGING = 4;
const FULL_BARS = 3;

/** What is wrong with the card, by the camera's number for it; 0 is nothing, -1 is not known. */
const CARD_STATES: ReadonlyMap<number, string> = new Map([
  [1, "full"],
  [2, "missing"],
  [3, "not formatted"],
  [4, "busy"],
  [8, "swapped"],
]);

/** The row of the dialect table. */
export const gpcontrol: Dialect = {
  async identify(get): Promise<Identification> {
    const answer = await get(SCHEMA_PATH);
    if (!isAnswer(answer)) return { kind: "no" };
    const schema = answer.kind === "answered" && isSuccess(answer)
      ? parseObject(answer.body)
      : undefined;
    if (schema === undefined) return { kind: "perhaps" };
    return { kind: "yes", identity: readSchema(schema) };
  },

  settings({ resolution, bitrate }): readonly Setting[] {
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
  },

  startPaths(identity): readonly string[] {
    const own = identity?.startPath;
    return own === undefined ? START_PATHS : [own, ...START_PATHS.filter((path) => path !== own)];
  },

  stopPath: `${EXECUTE}&c1=stop`,
  // About 25 s without it and the camera stops; its own applications send it this often.
  keepAlive: { datagram: "_GPHD_:0:0:2:0.000000\n", everyMs: 2_500 },
  // A HERO4 also stops about 50 s after the last HTTP request, and then a restart may not revive it.
  statusPath: "/gp/gpControl/status",
  statusEveryMs: 2_500,

  parseStatus(body): CameraStatus | undefined {
    const status = objectIn(parseObject(body), "status");
    return status === undefined ? undefined : readStatus(status);
  },
};

/** Stands in for the camera where a path is read as a URL. */
const BASE = "http://camera/";

type Fields = Readonly<Record<string, unknown>>;

function readSchema(schema: Fields): CameraIdentity {
  const info = objectIn(schema, "info");
  const start = objectIn(objectIn(schema, "services"), "live_stream_start");
  const model = textIn(info, "model_name");
  const firmware = textIn(info, "firmware_version");
  const path = textIn(start, "url");
  return {
    status: {
      ...(model === undefined ? {} : { model }),
      ...(firmware === undefined ? {} : { firmware }),
    },
    ...(path === undefined || !URL.canParse(path, BASE) ? {} : { startPath: pathOf(path) }),
  };
}

/** Path and query of what may be written as a path, with or without its slash, or as a whole URL. */
function pathOf(url: string): string {
  const { pathname, search } = new URL(url, BASE);
  return pathname + search;
}

function readStatus(status: Fields): CameraStatus {
  const bars = numberIn(status, STATUS.batteryBars);
  const percent = numberIn(status, STATUS.batteryPercent);
  const card = CARD_STATES.get(numberIn(status, STATUS.card) ?? 0);
  const flag = (key: string, name: "hot" | "busy" | "recording"): CameraStatus => {
    const value = numberIn(status, key);
    return value === undefined ? {} : { [name]: value !== 0 };
  };
  return {
    ...batteryLevel(numberIn(status, STATUS.batteryPresent), percent, bars),
    ...(bars === undefined ? {} : { charging: bars === CHARGING }),
    ...flag(STATUS.encoding, "recording"),
    ...(card === undefined ? {} : { card }),
    ...flag(STATUS.busy, "busy"),
    ...flag(STATUS.hot, "hot"),
  };
}

/** Bars are thirds, where that is all the camera says; on the charger they say nothing of the level. */
function batteryLevel(
  present: number | undefined,
  percent: number | undefined,
  bars: number | undefined,
): CameraStatus {
  if (present === 0) return {};
  if (percent !== undefined && percent >= 0 && percent <= 100) return { battery: percent };
  if (bars === undefined || bars < 0 || bars > FULL_BARS) return {};
  return { battery: Math.round(100 * bars / FULL_BARS) };
}

function parseObject(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined; // a camera's answer: damaged input, not our fault
    throw error;
  }
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function objectIn(fields: Fields | undefined, key: string): Fields | undefined {
  const value = fields?.[key];
  return isObject(value) ? value : undefined;
}

function textIn(fields: Fields | undefined, key: string): string | undefined {
  const value = fields?.[key];
  return typeof value === "string" && value !== "" ? value : undefined;
}

function numberIn(fields: Fields | undefined, key: string): number | undefined {
  const value = fields?.[key];
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}
