/**
 * How long a session with a GoPro waits for what: as cameras need it; tests bring shorter times.
 *
 * @module
 */

import { HTTP_TIMEOUT_MS } from "./camera_http.ts";
import { PLAYLIST_POLL_MS } from "./hls_preview.ts";

/** Milliseconds. */
export interface SessionTimings {
  readonly httpTimeoutMs: number;
  /** For the first datagram after a start the camera accepted. */
  readonly acceptedMs: number;
  /** The same after one it refused: some firmware refuses and streams. */
  readonly refusedMs: number;
  /** Longest wait for a camera that is to take this machine for an application. */
  readonly attendMs: number;
  /** Between two tries to have a camera confirm that it is paired. */
  readonly pairPollMs: number;
  /** Without a datagram: the preview is started again. */
  readonly silenceMs: number;
  /** Before the second start in a row; doubles with each further one. */
  readonly restartMs: number;
  readonly maxRestartMs: number;
  /** Flowing for so long, earlier silences are forgotten. */
  readonly steadyMs: number;
  /** Longest wait for a busy camera before it is sent settings or started. */
  readonly busyMs: number;
  /** How often it is asked whether it still is; its own floor is 500 ms. */
  readonly busyPollMs: number;
  /** For the first media of a preview as HLS, whose segments last a second, and for the next. */
  readonly hlsSilenceMs: number;
  /** From the beginning of the talk until HLS is looked for, where no datagrams have come. */
  readonly playlistAfterMs: number;
  readonly hlsPollMs: number;
  /** Between the stop and the second start of a camera that answered 409. */
  readonly conflictMs: number;
  /** From a magic packet until the camera may answer. */
  readonly wakeMs: number;
  /** Instead of the camera's own intervals. */
  readonly keepAliveMs?: number;
  readonly statusMs?: number;
}

/** As cameras need them. */
export const SESSION_TIMINGS: SessionTimings = {
  httpTimeoutMs: HTTP_TIMEOUT_MS,
  acceptedMs: 3_000,
  refusedMs: 1_000,
  silenceMs: 2_000,
  restartMs: 500,
  maxRestartMs: 8_000,
  steadyMs: 30_000,
  busyMs: 5_000,
  busyPollMs: 500,
  attendMs: 10_000,
  pairPollMs: 1_000,
  hlsSilenceMs: 6_000,
  playlistAfterMs: 1_500,
  hlsPollMs: PLAYLIST_POLL_MS,
  conflictMs: 1_000,
  wakeMs: 4_000,
};
