/**
 * Open GoPro, the published dialect of HERO9 and everything after it, over the camera's Wi-Fi, USB or the home's
 * network (COHN): its HTTP specification, version 2.0.
 *
 * @module
 */

import type { CameraStatus } from "../../../shared/api.ts";
import { type Get, isSuccess } from "./camera_http.ts";
import { type Fields, objectIn, parseObject, textIn } from "./camera_json.ts";
import { parseNumberedStatus } from "./camera_status.ts";
import type { Camera, Dialect, Identification, PreviewOptions, StartPath } from "./dialect.ts";
import { parseMac } from "./wake.ts";

const KEEP_ALIVE_MS = 3_000;
const STATUS_MS = 2_500;
/** Where cameras send when they are not told; HERO9 to HERO11 cannot be told. */
const USUAL_UDP_PORT = 8554;
/** The camera's own address on USB: 172.2X.1YZ.51, of the serial number's last three digits. */
const USB_ADDRESS = /^172\.2\d\.1\d\d\.51$/;
/** Their preview is H.265, which many browsers do not play; their webcam is H.264 like everyone's. */
const H265_PREVIEW = /HERO ?1[3-9]|MAX ?2/i;
/** Rows to the webcam's `res`. */
const WEBCAM_RESOLUTIONS: ReadonlyMap<number, number> = new Map([[480, 4], [720, 7], [1080, 12]]);

const PREVIEW = "/gopro/camera/stream";
const WEBCAM = "/gopro/webcam";
const SHUTTER = "/gopro/camera/shutter";
const WIRED = "/gopro/camera/control/wired_usb";

/** The row of the dialect table. */
export const open: Dialect = {
  port: 8080,

  async identify(get, options): Promise<Identification> {
    const answer = await get("/gopro/version");
    if (answer.kind !== "answered" || !isSuccess(answer)) return { kind: "no" };
    if (textIn(parseObject(answer.body), "version") === undefined) return { kind: "no" };
    return { kind: "yes", camera: cameraOf(await askInfo(get), options) };
  },
};

/** What `info` says; early HERO9 firmware has no such path. */
async function askInfo(get: Get): Promise<Fields | undefined> {
  const answer = await get("/gopro/camera/info");
  if (answer.kind !== "answered" || !isSuccess(answer)) return undefined;
  const fields = parseObject(answer.body);
  return objectIn(fields, "info") ?? fields;
}

function cameraOf(info: Fields | undefined, options: PreviewOptions): Camera {
  const { mode, resolution, bitrate, host } = options;
  const model = textIn(info, "model_name");
  const firmware = textIn(info, "firmware_version");
  const mac = parseMac(textIn(info, "ap_mac_addr"));
  const status: CameraStatus = {
    ...(model === undefined ? {} : { model }),
    ...(firmware === undefined ? {} : { firmware }),
  };
  const webcam = mode === "webcam" || (mode === "auto" && H265_PREVIEW.test(model ?? ""));
  // A HERO13 of firmware 1.10 answers 500 to every webcam request: rather H.265 than nothing.
  const starts = !webcam
    ? [previewStart(options)]
    : mode === "webcam"
    ? [webcamStart(options)]
    : [webcamStart(options), previewStart(options)];
  return {
    status,
    prepare: [
      // The webcam wants the cable's control left alone, the preview wants it taken.
      ...(USB_ADDRESS.test(host) ? [`${WIRED}?p=${webcam ? 0 : 1}`] : []),
      // What another application left running; also cures a state told wrongly after plugging in.
      ...(webcam ? [`${WEBCAM}/stop`] : []),
      `${PREVIEW}/stop`,
    ],
    settings: [],
    untaken: [
      ...(bitrate === undefined ? [] : [`bitrate=${bitrate}`]),
      ...(resolution === undefined || webcam ? [] : [`resolution=${resolution}`]),
    ],
    starts,
    keepAlives: [{ kind: "request", path: "/gopro/camera/keep_alive", everyMs: KEEP_ALIVE_MS }],
    statusPath: "/gopro/camera/state",
    statusEveryMs: STATUS_MS,
    parseStatus: parseNumberedStatus,
    startsNothingWhileRecording: true,
    shutter: { on: `${SHUTTER}/start`, off: `${SHUTTER}/stop` },
    ...(mac === undefined ? {} : { mac }),
  };
}

function previewStart({ udpPort }: PreviewOptions): StartPath {
  const port = udpPort === USUAL_UDP_PORT ? "" : `?port=${udpPort}`;
  return { path: `${PREVIEW}/start${port}`, stop: `${PREVIEW}/stop` };
}

function webcamStart({ resolution, udpPort }: PreviewOptions): StartPath {
  const query = new URLSearchParams();
  const res = WEBCAM_RESOLUTIONS.get(resolution ?? 0);
  if (res !== undefined) query.set("res", `${res}`);
  if (udpPort !== USUAL_UDP_PORT) query.set("port", `${udpPort}`);
  return { path: `${WEBCAM}/start${query.size > 0 ? `?${query}` : ""}`, stop: `${WEBCAM}/stop` };
}
