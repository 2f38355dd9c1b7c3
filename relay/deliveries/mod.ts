/**
 * The table of deliveries. To add a way out, write its file and add its line.
 *
 * @module
 */

import type { Delivery } from "./delivery.ts";
import { openFrame } from "./frame.ts";
import { openFrameJpg } from "./frame_jpg.ts";
import { openHls } from "./hls/hls.ts";
import { openStreamTs } from "./mpegts/stream_ts.ts";
import { openMseWebSocket } from "./mse_websocket.ts";
import { openProgressive } from "./progressive.ts";
import { openWebSocket } from "./websocket.ts";

/** One line a delivery; each call opens a fresh one for one relay. */
export const DELIVERIES = [
  openWebSocket,
  openProgressive,
  openStreamTs,
  openHls,
  openFrame,
  openFrameJpg,
  openMseWebSocket,
] as const satisfies readonly (() => Delivery)[];
