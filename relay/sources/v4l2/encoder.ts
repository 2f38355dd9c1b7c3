/**
 * Which of ffmpeg's encoders makes H.264 of a camera's pictures, and with which options: the hardware's where there is
 * one. Pure; what is there is asked by who runs it.
 *
 * @module
 */

/** Encoders by the names people write, the best first. */
export const ENCODERS = ["v4l2m2m", "vaapi", "x264"] as const;
export type Encoder = (typeof ENCODERS)[number];

/** Devices that the hardware's encoders need: a Raspberry Pi's, and a graphics card's. */
export const ENCODER_DEVICES = { v4l2m2m: "/dev/video11", vaapi: "/dev/dri/renderD128" } as const;

/** What is encoded. */
export interface Encoding {
  readonly fps: number;
  /** Bit/s. */
  readonly bitrate: number;
}

/** ffmpeg's options for the picture. A key picture a second; none waits for a later one. */
export function encoderOptions(encoder: Encoder, { fps, bitrate }: Encoding): string[] {
  const rate = [
    ...["-b:v", String(bitrate), "-maxrate", String(bitrate), "-bufsize", String(bitrate / 2)],
    ...["-g", String(Math.max(1, Math.round(fps))), "-bf", "0"],
  ];
  switch (encoder) {
    case "v4l2m2m":
      return [
        ...["-pix_fmt", "yuv420p", "-c:v", "h264_v4l2m2m", ...rate],
        ...["-num_output_buffers", "16", "-num_capture_buffers", "8"],
      ];
    case "vaapi":
      return ["-vf", "format=nv12,hwupload", "-c:v", "h264_vaapi", ...rate];
    case "x264":
      return [
        ...["-pix_fmt", "yuv420p", "-c:v", "libx264", "-preset", "ultrafast"],
        ...["-tune", "zerolatency", "-profile:v", "baseline", ...rate],
      ];
  }
}

/** What stands before the inputs. */
export function encoderDevice(encoder: Encoder): string[] {
  return encoder === "vaapi" ? ["-vaapi_device", ENCODER_DEVICES.vaapi] : [];
}

/** The encoder, not the camera, is what failed: another may do. */
export function isEncoderFault(lines: readonly string[]): boolean {
  return lines.some((line) =>
    /Could not find a valid device|can't configure encoder|No VA display found|Device creation failed|Unknown encoder|Error initializing output stream|Error while opening encoder/i
      .test(line)
  );
}
