/**
 * This device's cameras and microphones: opened, listed, and why not, in words. Shows and sends nothing.
 *
 * @module
 */

/** What is asked for; what a device cannot do it does as well as it can. */
const PICTURE: MediaTrackConstraints = {
  width: { ideal: 1280 },
  height: { ideal: 720 },
  frameRate: { ideal: 30 },
};
/** A camera's sound as it is in the room, not as a telephone makes it. */
const SOUND: MediaTrackConstraints = { echoCancellation: false };

/** Which devices; empty: the browser's choice, and no sound where there is no microphone. */
export interface Wish {
  /** Device id. */
  readonly camera: string;
  /** Device id, or {@link NO_SOUND}. */
  readonly microphone: string;
}

/** Pictures alone. */
export const NO_SOUND = "none";

/** A camera or microphone as a person chooses it. */
export interface Device {
  readonly id: string;
  readonly label: string;
}

/** What the browser does not give, as a sentence. */
export class CaptureError extends Error {
  override readonly name = "CaptureError";
}

/** Opens them. @throws {CaptureError} with a sentence. */
export async function capture({ camera, microphone }: Wish): Promise<MediaStream> {
  try {
    const silent = microphone === NO_SOUND || (microphone === "" && !(await hasMicrophone()));
    return await navigator.mediaDevices.getUserMedia({
      // A phone's back, until somebody chooses.
      video: {
        ...PICTURE,
        ...(camera ? { deviceId: { exact: camera } } : { facingMode: "environment" }),
      },
      audio: silent
        ? false
        : { ...SOUND, ...(microphone ? { deviceId: { exact: microphone } } : {}) },
    });
  } catch (error) {
    throw new CaptureError(explainCapture(error), { cause: error });
  }
}

/** Whether there is one is known before its name is. */
async function hasMicrophone(): Promise<boolean> {
  const devices = await navigator.mediaDevices.enumerateDevices();
  return devices.some(({ kind }) => kind === "audioinput");
}

/** Cameras and microphones there are; their names are known once one was opened. */
export async function listDevices(): Promise<{ cameras: Device[]; microphones: Device[] }> {
  const devices = await navigator.mediaDevices.enumerateDevices();
  const ofKind = (kind: MediaDeviceKind, word: string): Device[] =>
    devices.filter((device) => device.kind === kind && device.deviceId !== "")
      .map(({ deviceId, label }, i) => ({ id: deviceId, label: label || `${word} ${i + 1}` }));
  return {
    cameras: ofKind("videoinput", "Camera"),
    microphones: ofKind("audioinput", "Microphone"),
  };
}

/** Why there is no camera (Media Capture and Streams §10.2). */
export function explainCapture(error: unknown): string {
  const name = error instanceof Error ? error.name : "";
  switch (name) {
    case "NotAllowedError":
      return "The browser may not use the camera and microphone here: allow both in its settings for this page, then try again.";
    case "NotFoundError":
      return "This device has no camera that the browser finds.";
    case "NotReadableError":
      return "Another program uses the camera or the microphone; close it and try again.";
    case "OverconstrainedError":
      return "That camera or microphone is gone; choose another.";
    default:
      return `The camera does not start${error instanceof Error ? `: ${error.message}` : ""}.`;
  }
}
