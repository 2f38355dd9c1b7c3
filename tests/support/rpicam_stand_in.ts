/**
 * A program that behaves as `rpicam-vid` does, as far as the relay can see: for tests on machines without that camera.
 * It knows one camera, number 0, and plays `clip` again and again.
 *
 * @module
 */

import { join } from "node:path";
import { putOnPath } from "./search_path.ts";

/** How it behaves. */
export interface StandIn {
  /** `libcamera-vid` on older systems. */
  readonly program?: string;
  /** Options of newer ones are unknown to it. */
  readonly old?: boolean;
  /** With sound it ends so: a line on standard error. */
  readonly deaf?: string;
  /** It ends so: a line on standard error. */
  readonly fails?: string;
}

/** It, first on this process's PATH until it is disposed of; `args` is the file it writes its arguments to. */
export async function putRpicamOnPath(
  { program = "rpicam-vid", old = false, deaf, fails }: StandIn = {},
): Promise<{ readonly args: string } & AsyncDisposable> {
  const folder = await Deno.makeTempDir({ prefix: "rill-rpicam-" });
  const args = join(folder, "args");
  const script = [
    "#!/bin/sh",
    `echo "$*" >> '${args}'`,
    'echo "[0:00:01.000000000] [1] INFO Camera camera_manager.cpp:284 libcamera v0.3.2" >&2',
    ...(old
      ? [
        'case "$*" in *--low-latency*) echo "ERROR: *** unrecognised option \'--low-latency\' ***" >&2; exit 255;; esac',
      ]
      : []),
    'case "$*" in *"--camera 7"*) echo "ERROR: *** no cameras available ***" >&2; exit 255;; esac',
    ...(deaf === undefined
      ? []
      : [`case "$*" in *--libav-audio*) echo "${deaf}" >&2; exit 255;; esac`]),
    ...(fails === undefined ? [] : [`echo "${fails}" >&2; exit 255`]),
    `while :; do cat '${join(folder, "clip.h264")}' || exit 1; sleep 0.02; done`,
  ].join("\n");
  await Deno.writeTextFile(join(folder, program), script, { mode: 0o755 });
  await Deno.writeFile(join(folder, "clip.h264"), new Uint8Array(1000).fill(7));
  const path = putOnPath(folder);
  return {
    args,
    [Symbol.asyncDispose]: async () => {
      path[Symbol.dispose]();
      await Deno.remove(folder, { recursive: true });
    },
  };
}
