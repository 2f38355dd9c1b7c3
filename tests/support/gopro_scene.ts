/**
 * A GoPro source beside the camera it watches, for as long as a play lasts: what tests of one generation or another
 * have in common.
 *
 * @module
 */

import { gopro, type GoProSpec, openGoPro } from "../../relay/sources/gopro/gopro.ts";
import { SESSION_TIMINGS, type SessionTimings } from "../../relay/sources/gopro/timings.ts";
import type { Source } from "../../relay/sources/source.ts";
import { concatBytes } from "../../shared/bytes.ts";
import { type CameraOptions, GoProCamera } from "./gopro_camera.ts";
import { goProGroups } from "./gopro_datagrams.ts";
import { hero4 } from "./gopro_firmware.ts";
import { RecordingOutput } from "./source_output.ts";
import { freeUdpPort } from "./ports.ts";

/** As in life, ten to fifty times faster. */
export const TIMINGS: SessionTimings = {
  ...SESSION_TIMINGS,
  httpTimeoutMs: 1_500, // a busy machine answers late
  acceptedMs: 300,
  refusedMs: 300,
  silenceMs: 1000,
  restartMs: 20,
  maxRestartMs: 80,
  busyMs: 2000,
  busyPollMs: 10,
  pairPollMs: 10,
  hlsSilenceMs: 1000,
  hlsPollMs: 10,
  playlistAfterMs: 100,
  conflictMs: 20,
  wakeMs: 50,
  keepAliveMs: 30,
  statusMs: 30,
};

/** Where a test is about silence. */
export const IMPATIENT: SessionTimings = { ...TIMINGS, silenceMs: 150 };

/** What the camera sends, and what of it is MPEG-TS. */
export const DATAGRAMS = goProGroups(12, 33);
const CAPTURE = concatBytes(DATAGRAMS);
export const PAYLOAD = concatBytes(DATAGRAMS.map((datagram) => datagram.subarray(12)));

/** Everything a play may look at. */
export interface Scene {
  readonly camera: GoProCamera;
  readonly source: Source;
  readonly out: RecordingOutput;
  readonly running: Promise<void>;
  readonly controller: AbortController;
}

/** How a scene differs from the usual. */
export interface SceneOptions {
  /** Options of the source, each with its `&`. */
  readonly query?: string;
  readonly timings?: SessionTimings;
  /** The run is expected to fail. */
  readonly fails?: boolean;
  /** What the parsed source is changed to. */
  readonly spec?: (spec: GoProSpec, camera: GoProCamera) => GoProSpec;
}

/** Turns a camera on, runs a source on it, and lets `play` look. */
export async function scene(
  options: Partial<CameraOptions>,
  play: (scene: Scene) => Promise<void>,
  { query = "", timings = TIMINGS, fails = false, spec = (same) => same }: SceneOptions = {},
): Promise<void> {
  await using camera = GoProCamera.on({
    firmware: hero4,
    capture: CAPTURE,
    streamPort: freeUdpPort(),
    speed: 20,
    keepAliveLimitMs: 5_000, // a busy machine holds up what keeps it
    httpLimitMs: 5_000,
    ...options,
  });
  const out = new RecordingOutput();
  const controller = new AbortController();
  const source = openGoPro(spec(gopro.parse(camera.source + query), camera), timings);
  const running = source.run(out, controller.signal);
  const playing = play({ camera, source, out, running, controller });
  try {
    // A run that fails unexpectedly must not leave the play waiting for ever.
    await (fails ? playing : Promise.race([playing, running.then(() => playing)]));
  } finally {
    controller.abort();
    await running.catch(() => undefined);
  }
}

/** The picture comes. */
export function streaming(out: RecordingOutput): Promise<void> {
  return out.until((seen) => seen.all("data").length > 20);
}
