/**
 * Which devices a service may open for its cameras, as systemd's `DeviceAllow=` has it (systemd.resource-control(5)).
 * Classes of devices, not single nodes: a camera that is plugged in again may have another number. Pure.
 *
 * @module
 */

import type { SourceSpec } from "../sources/source.ts";
import type { V4l2Spec } from "../sources/v4l2/spec.ts";

/** Cameras, the media controllers that some are made of, and the encoders that look like cameras. */
const CAMERA = ["char-video4linux", "char-media"];
/** Encoding through the graphics card (VAAPI). */
const GRAPHICS = "char-drm";
const SOUND = "char-alsa";
/** libcamera's buffers, and the older firmware's way to the encoder. */
const LIBCAMERA = ["char-dma_heap", "/dev/vchiq", "/dev/vcsm-cma"];

/** Lines of a drop-in for `[Service]`, sorted; empty when no device is needed. */
export function deviceRules(specs: readonly SourceSpec[]): readonly string[] {
  const devices = new Set(specs.flatMap(devicesOf));
  return [...devices].sort().map((each) => `DeviceAllow=${each} rw`);
}

function devicesOf(spec: SourceSpec): readonly string[] {
  switch (spec.scheme) {
    case "v4l2":
      return [
        ...CAMERA,
        GRAPHICS,
        ...((spec as V4l2Spec).microphone?.kind === "alsa" ? [SOUND] : []),
      ];
    case "rpicam":
      return [...CAMERA, ...LIBCAMERA];
    default: // a file may be a device; a program's devices nobody knows
      return (spec.permissions.read ?? []).filter((path) => path.startsWith("/dev/"));
  }
}
