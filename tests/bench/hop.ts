/**
 * What a second relay adds on one machine: each picture's age at a viewer of the relay that pulls, minus its age at a
 * viewer of the one that has the camera. Relays are processes of their own; both viewers share a third.
 *
 * @module
 */

import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { makeTransportStream } from "../support/clips.ts";
import { RelayProcess } from "../support/relay_process.ts";
import { readFragments, readSampleDefaults } from "../../shared/mp4/fragment_reader.ts";
import { type Bench, CannotRun, type Figure, percentile } from "./bench.ts";

const SECONDS = 20;
/** Until all code is compiled. */
const WARM_UP_SECONDS = 5;
const RATE = 30;
const BITRATE = 8_000_000;
const START_LIMIT_MS = 20_000;

/** By capture time, µs: when a picture was here, ms. */
type Arrivals = Map<number, number>;

/** Notes when each picture comes. */
function watch(page: string): { readonly arrivals: Arrivals; close(): Promise<void> } {
  const arrivals: Arrivals = new Map();
  const socket = new WebSocket(`${page.replace(/^http/, "ws")}/ws`);
  const closed = new Promise<void>((resolve) => socket.onclose = () => resolve());
  let defaults: ReturnType<typeof readSampleDefaults> = new Map();
  socket.binaryType = "arraybuffer";
  socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
    const now = performance.now();
    if (typeof data === "string") return;
    const bytes = new Uint8Array(data);
    if (bytes[4] === 0x66) defaults = readSampleDefaults(bytes); // ftyp
    for (const { capture } of readFragments(bytes, { defaults })) {
      if (capture) arrivals.set(capture.time, now);
    }
  };
  return {
    arrivals,
    close: async () => {
      socket.close();
      await closed;
    },
  };
}

async function run(folder: string): Promise<readonly Figure[]> {
  const clip = join(folder, "clip.ts");
  await makeTransportStream(clip, {
    seconds: 10,
    rate: RATE,
    size: "1920x1080",
    bitrate: BITRATE,
    sound: true,
  });
  await using near = await RelayProcess.start({ args: [`cam=file:${clip}?loop`] });
  await using far = await RelayProcess.start({ args: [`cam=${near.url}/live/cam`] });
  const here = watch(`${near.url}/live/cam`);
  const there = watch(`${far.url}/live/cam`);
  await untilPictures(there.arrivals);
  await sleep(WARM_UP_SECONDS * 1000);
  const from = performance.now();
  await sleep(SECONDS * 1000);
  await Promise.all([here.close(), there.close()]);
  const added: number[] = [];
  let missing = 0;
  for (const [time, at] of here.arrivals) {
    if (at < from || at > from + (SECONDS - 1) * 1000) continue;
    const later = there.arrivals.get(time);
    if (later === undefined) missing++;
    else added.push(later - at);
  }
  const figure = (name: string, share: number, target?: string): Figure => ({
    name,
    value: percentile(added, share),
    unit: "ms",
    ...(target === undefined ? {} : { target }),
  });
  return [
    { name: "pictures", value: added.length, unit: "" },
    { name: "missing behind the hop", value: missing, unit: "", target: "0" },
    figure("added, p50", 0.5, "≤ 5 ms"),
    figure("added, p95", 0.95, "≤ 5 ms"),
    figure("added, p99", 0.99),
  ];
}

async function untilPictures(arrivals: Arrivals): Promise<void> {
  const end = performance.now() + START_LIMIT_MS;
  while (arrivals.size === 0) {
    if (performance.now() > end) throw new CannotRun("no picture came through both relays");
    await sleep(20);
  }
}

/** The bench. */
export const hop: Bench = {
  name: "hop",
  about: "what a relay that pulls from another adds on loopback, 1080p30, 8 Mb/s, with sound",
  run,
};
