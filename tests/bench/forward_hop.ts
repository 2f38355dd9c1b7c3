/**
 * What a hop costs: a stream carried from relay to relay over loopback, viewers at each, and how much later each picture
 * is at the next one. A picture is known everywhere by its capture time, which passes on as it is.
 *
 * @module
 */

import { join } from "node:path";
import { readFragments } from "../../shared/mp4/fragment_reader.ts";
import { makeTransportStream } from "../support/clips.ts";
import { freePort } from "../support/ports.ts";
import { RelayProcess } from "../support/relay_process.ts";
import { type Bench, type Figure, percentile } from "./bench.ts";

const SECONDS = 20;
const RATE = 30;
const BITRATE = 4_000_000;
/** Until all code is compiled, everywhere. */
const WARM_UP_PICTURES = 150;
const LATE_MS = 20_000;

/** When each picture came, ms, by its capture time. */
class Arrivals implements Disposable {
  readonly at = new Map<number, number>();
  readonly #socket: WebSocket;

  /** @param url of the stream's page. */
  constructor(url: string) {
    this.#socket = new WebSocket(`${url.replace(/^http/, "ws")}/ws`);
    this.#socket.binaryType = "arraybuffer";
    this.#socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
      const now = performance.now();
      if (typeof data === "string") return;
      for (const { capture } of readFragments(new Uint8Array(data))) {
        if (capture !== undefined) this.at.set(capture.time, now);
      }
    };
  }

  [Symbol.dispose](): void {
    this.#socket.close();
  }
}

/** How much later each picture was, ms. */
function later(here: Arrivals, there: Arrivals): number[] {
  const delays: number[] = [];
  for (const [capture, at] of here.at) {
    const then = there.at.get(capture);
    if (then !== undefined) delays.push(then - at);
  }
  return delays.slice(WARM_UP_PICTURES);
}

async function live(url: string): Promise<void> {
  const end = performance.now() + LATE_MS;
  for (;;) {
    const answer = await fetch(`${url}/api/streams/cam`);
    if ((await answer.json()).state.kind === "live") return;
    if (performance.now() > end) throw new Error(`${url} has no picture.`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function run(folder: string): Promise<readonly Figure[]> {
  const clip = join(folder, "clip.ts");
  await makeTransportStream(clip, {
    seconds: SECONDS,
    rate: RATE,
    size: "1280x720",
    bitrate: BITRATE,
  });
  const [second, third, body] = [freePort(), freePort(), freePort()];
  const to = (scheme: string, port: number): string => `${scheme}://127.0.0.1:${port}/publish/cam`;
  const takes = ["--open", "publish", "cam=push"];
  await using last = await RelayProcess.start({ port: third, args: takes });
  await using byBody = await RelayProcess.start({ port: body, args: takes });
  await using middle = await RelayProcess.start({
    port: second,
    args: ["--forward", to("ws", third), ...takes],
  });
  await using first = await RelayProcess.start({
    args: [
      ...["--forward", to("ws", second), "--forward", to("http", body)],
      `cam=file:${clip}?loop`,
    ],
  });
  for (const { url } of [first, middle, last, byBody]) await live(url);
  using atFirst = new Arrivals(`${first.url}/live/cam`);
  using atMiddle = new Arrivals(`${middle.url}/live/cam`);
  using atLast = new Arrivals(`${last.url}/live/cam`);
  using atBody = new Arrivals(`${byBody.url}/live/cam`);
  await new Promise((resolve) => setTimeout(resolve, SECONDS * 1000));
  return [
    ...figures("first hop, WebSocket", later(atFirst, atMiddle)),
    ...figures("second hop, WebSocket", later(atMiddle, atLast)),
    ...figures("one hop, HTTP PUT", later(atFirst, atBody)),
  ];
}

function figures(name: string, delays: readonly number[]): Figure[] {
  return [
    { name: `${name}: pictures`, value: delays.length, unit: "" },
    { name: `${name}: p50`, value: percentile(delays, 0.5), unit: "ms", target: "≤ 5 ms" },
    { name: `${name}: p95`, value: percentile(delays, 0.95), unit: "ms" },
    { name: `${name}: p99`, value: percentile(delays, 0.99), unit: "ms" },
  ];
}

/** The bench. */
export const forwardHop: Bench = {
  name: "forward-hop",
  about: `a picture at one relay's viewer → at the next one's, loopback, 720p${RATE}, 4 Mb/s`,
  run,
};
