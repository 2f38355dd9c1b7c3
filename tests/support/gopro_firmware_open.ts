/**
 * How GoPros from HERO9 on answer Open GoPro requests, for the simulated camera. Answers only; the camera sends them.
 *
 * @module
 */

import type { Firmware, FirmwareAnswer } from "./gopro_firmware.ts";

/** One model and its faults. */
export interface OpenModel {
  readonly model: string;
  readonly firmware: string;
  /** Has no `info`, as early firmware. */
  readonly silent?: boolean;
  /** Answers 409 to a start until it has been stopped. */
  readonly conflict?: boolean;
  /** Answers 409 and streams all the same: it did already. */
  readonly conflictAndStreams?: boolean;
  /** Answers so to every webcam request. */
  readonly webcamStatus?: number;
}

const OK: FirmwareAnswer = { status: 200, body: "{}" };

/** A camera that speaks Open GoPro. */
export function openGoPro(model: OpenModel): Firmware {
  let stopped = 0;
  return (target, status) => {
    const { pathname } = new URL(target, "http://camera/");
    switch (pathname) {
      case "/gopro/version":
        return { status: 200, body: '{"version":"2.0"}' };
      case "/gopro/camera/info":
        return model.silent ? { status: 404, body: "" } : { status: 200, body: infoOf(model) };
      case "/gopro/camera/state":
        return { status: 200, body: JSON.stringify({ status, settings: {} }) };
      case "/gopro/camera/stream/stop":
        stopped++;
        return { ...OK, stops: true };
      case "/gopro/camera/stream/start":
        if (model.conflictAndStreams) return { status: 409, body: "{ }", starts: true };
        // The stop that precedes every start does not count: it was sent before the camera was in conflict.
        if (model.conflict && stopped < 2) return { status: 409, body: "{ }" };
        return { ...OK, starts: true };
      case "/gopro/webcam/start":
        if (model.webcamStatus !== undefined) return { status: model.webcamStatus, body: "{}" };
        return { ...OK, starts: true };
      case "/gopro/webcam/stop":
        return { ...OK, stops: true };
      case "/gopro/camera/shutter/start":
        return { ...OK, stops: true, sets: { "10": 1 } };
      case "/gopro/camera/shutter/stop":
        return { ...OK, sets: { "10": 0 } };
      case "/gopro/camera/keep_alive":
      case "/gopro/camera/control/wired_usb":
        return OK;
      default:
        return { status: 404, body: "" };
    }
  };
}

function infoOf({ model, firmware }: OpenModel): string {
  return JSON.stringify({
    ap_mac_addr: "0641694c3d9d",
    firmware_version: firmware,
    model_name: model,
    serial_number: "C3471324500644",
  });
}
