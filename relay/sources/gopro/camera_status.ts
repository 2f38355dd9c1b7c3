/**
 * The status that HERO4 and everything after it tell: numbers under numbered keys, which kept their meaning
 * from gpControl to Open GoPro.
 *
 * @module
 */

import type { CameraStatus } from "../../../shared/api.ts";
import { type Fields, numberIn, objectIn, parseObject } from "./camera_json.ts";

const STATUS = {
  batteryPresent: "1",
  /** Bars 0 to 3, or {@link CHARGING}. */
  batteryBars: "2",
  hot: "6",
  busy: "8",
  encoding: "10",
  clients: "31",
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

/** Reads `{"status": {"1": 1, …}, …}`; `undefined` when it is something else. */
export function parseNumberedStatus(body: Uint8Array): CameraStatus | undefined {
  const status = objectIn(parseObject(body), "status");
  return status === undefined ? undefined : readStatus(status);
}

/** Whether the camera counts anybody who speaks to it. */
export function hasClients(body: Uint8Array): boolean {
  return (numberIn(objectIn(parseObject(body), "status"), STATUS.clients) ?? 0) >= 1;
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
