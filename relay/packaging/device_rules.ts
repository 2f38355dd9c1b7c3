/**
 * Which devices a service may open for its cameras, as systemd's `DeviceAllow=` has it (systemd.resource-control(5)).
 * Classes of devices, not single nodes: a camera that is plugged in again may have another number. Pure.
 *
 * @module
 */

import type { SourceSpec } from "../sources/source.ts";

/** Cameras, the media controllers that some are made of, and the encoders that look like cameras. */
const CAMERA = ["char-video4linux", "char-media"];

/** What the drivers' programs open, by scheme; what is not listed opens none. */
const CLASSES: Readonly<Record<string, readonly string[]>> = {
  // Encoding through the graphics card (VAAPI).
  v4l2: [...CAMERA, "char-drm"],
  // libcamera's buffers, and the older firmware's way to the encoder.
  rpicam: [...CAMERA, "char-dma_heap", "/dev/vchiq", "/dev/vcsm-cma"],
};

/** Lines of a drop-in for `[Service]`, sorted; empty when no device is needed. */
export function deviceRules(specs: readonly SourceSpec[]): readonly string[] {
  const classes = new Set<string>();
  for (const { scheme, permissions } of specs) {
    for (const each of CLASSES[scheme] ?? []) classes.add(each);
    for (const path of permissions.read ?? []) if (path.startsWith("/dev/")) classes.add(path);
  }
  return [...classes].sort().map((each) => `DeviceAllow=${each} rw`);
}
