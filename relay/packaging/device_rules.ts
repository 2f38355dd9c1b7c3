/**
 * Which devices a service may open for its cameras, as systemd's `DeviceAllow=` has it (systemd.resource-control(5)), and the
 * groups that may (`SupplementaryGroups=`, systemd.exec(5)): a system without such devices may lack the groups, and starts
 * no service that names them. Classes of devices, not single nodes: a camera that is plugged in again may have another
 * number. Pure.
 *
 * @module
 */

import type { RpicamSpec } from "../sources/rpicam.ts";
import type { SourceSpec } from "../sources/source.ts";
import type { V4l2Spec } from "../sources/v4l2/spec.ts";

/** What may be opened, and who may open it; a row a kind of device. */
interface Rule {
  readonly devices: readonly string[];
  readonly groups: readonly string[];
}

/** Cameras, the media controllers that some are made of, and the encoders that look like cameras. */
const CAMERA: Rule = { devices: ["char-video4linux", "char-media"], groups: ["video"] };
/** Encoding through the graphics card (VAAPI). */
const GRAPHICS: Rule = { devices: ["char-drm"], groups: ["render"] };
const SOUND: Rule = { devices: ["char-alsa"], groups: ["audio"] };
/** libcamera's buffers, and the older firmware's way to the encoder. */
const LIBCAMERA: Rule = {
  devices: ["char-dma_heap", "/dev/vchiq", "/dev/vcsm-cma"],
  groups: ["video"],
};

/** Lines of a drop-in for `[Service]`, sorted; empty when no device is needed. */
export function deviceRules(specs: readonly SourceSpec[]): readonly string[] {
  const rules = specs.flatMap(rulesOf);
  const sorted = (names: readonly string[]): readonly string[] => [...new Set(names)].sort();
  const groups = sorted(rules.flatMap((each) => each.groups));
  return [
    ...sorted(rules.flatMap(({ devices }) => devices)).map((each) => `DeviceAllow=${each} rw`),
    ...(groups.length > 0 ? [`SupplementaryGroups=${groups.join(" ")}`] : []),
  ];
}

function rulesOf(spec: SourceSpec): readonly Rule[] {
  switch (spec.scheme) {
    case "v4l2":
      return [
        CAMERA,
        GRAPHICS,
        ...soundOf(spec as V4l2Spec),
      ];
    case "rpicam":
      return [CAMERA, LIBCAMERA, ...soundOf(spec as RpicamSpec)];
    default: { // a file may be a device, most likely a camera; a program's devices nobody knows
      const devices = (spec.permissions.read ?? []).filter((path) => path.startsWith("/dev/"));
      return devices.length > 0 ? [{ devices, groups: CAMERA.groups }] : [];
    }
  }
}

function soundOf({ microphone }: Partial<Pick<V4l2Spec, "microphone">>): readonly Rule[] {
  return microphone?.kind === "alsa" ? [SOUND] : [];
}
