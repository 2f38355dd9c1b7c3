/**
 * The dialect of HERO2 with a Wi-Fi BacPac, HERO3 and HERO3+: `/bacpac/…` and `/camera/…` with the Wi-Fi's password,
 * which the camera itself tells, bodies of bare bytes, and a preview as HLS. Never published: as seen to work.
 *
 * @module
 */

import type { CameraStatus } from "../../../shared/api.ts";
import { type Get, isAnswer, isSuccess, textOf } from "./camera_http.ts";
import type { Camera, Dialect, Identification } from "./dialect.ts";

/** Longest password of a Wi-Fi (IEEE 802.11, passphrase). */
const MAX_PASSWORD_CHARS = 63;
const STATUS_MS = 2_500;
/** As later cameras have it: a HERO3+ feeds its HLS only while somebody keeps its datagrams alive. */
const KEEP_ALIVE_MS = 2_500;

/** Where a generation keeps what. Bytes of the status count from 0. */
interface Generation {
  readonly passwordPath: string;
  readonly statusPath: string;
  readonly battery: number;
  readonly recording: number;
  /** 255 there: no card. */
  readonly card?: number;
}

const HERO3: Generation = {
  passwordPath: "/bacpac/sd",
  statusPath: "/camera/sx",
  battery: 57,
  recording: 29,
};
const HERO2: Generation = {
  passwordPath: "/camera/sd",
  statusPath: "/camera/se",
  battery: 20,
  recording: 30,
  card: 22,
};
const NO_CARD = 255;

/** The row of the dialect table. */
export const hero3: Dialect = {
  port: 80,

  async identify(get): Promise<Identification> {
    const version = await get("/camera/cv");
    if (!isAnswer(version)) return { kind: "no" };
    for (const generation of [HERO3, HERO2]) {
      const password = await askPassword(get, generation);
      if (password === undefined) continue;
      return { kind: "yes", camera: cameraOf(generation, password, readVersion(textOf(version))) };
    }
    return { kind: "no" };
  },
};

async function askPassword(get: Get, { passwordPath }: Generation): Promise<string | undefined> {
  const answer = await get(passwordPath);
  if (!isSuccess(answer)) return undefined;
  const password = textOf(answer).replace(/\W/g, ""); // between bytes of framing
  return password === "" || password.length > MAX_PASSWORD_CHARS ? undefined : password;
}

function cameraOf(generation: Generation, password: string, status: CameraStatus): Camera {
  const ask = (path: string, parameter: string): string =>
    `${path}?t=${encodeURIComponent(password)}&p=%${parameter}`;
  return {
    status,
    // The BacPac answers while the camera behind it sleeps: woken, and kept from switching itself off.
    prepare: [ask("/bacpac/PW", "01"), ask("/camera/AO", "00")],
    settings: [],
    untaken: [],
    starts: [{ path: ask("/camera/PV", "02"), stop: ask("/camera/PV", "00") }],
    keepAlives: [{
      kind: "datagram",
      text: "_GPHD_:0:0:2:0.000000\n",
      everyMs: KEEP_ALIVE_MS,
    }],
    statusPath: `${generation.statusPath}?t=${encodeURIComponent(password)}`,
    statusEveryMs: STATUS_MS,
    parseStatus: (body) => readStatus(body, generation),
    shutter: { on: ask("/bacpac/SH", "01"), off: ask("/bacpac/SH", "00") },
    playlistPath: "/live/amba.m3u8",
  };
}

/** `…HD3.03.02…Hero3-Black Edition` between bytes of framing. */
function readVersion(text: string): CameraStatus {
  const firmware = /HD\d\.[\w.]*\w/.exec(text)?.[0];
  const model = /HERO ?\d\+?[\w +-]*\w/i.exec(text)?.[0];
  return {
    ...(model === undefined ? {} : { model }),
    ...(firmware === undefined ? {} : { firmware }),
  };
}

function readStatus(body: Uint8Array, places: Generation): CameraStatus | undefined {
  const battery = body[places.battery];
  const recording = body[places.recording];
  if (battery === undefined || recording === undefined) return undefined;
  const card = places.card === undefined ? undefined : body[places.card];
  return {
    ...(battery <= 100 ? { battery } : {}),
    recording: recording !== 0,
    ...(card === NO_CARD ? { card: "missing" } : {}),
  };
}
