/**
 * How low the player goes in Chromium over loopback, beside the barest page that can play the same stream: from
 * a picture's last datagram to `expectedDisplayTime`, muted and with sound; how soon after asking the first live
 * picture stands on the screen; how far sound and picture are apart.
 *
 * The picture's media time tells which one it is; that it is the right one is for the e2e tests. Sound is
 * measured at the end of the page's audio graph, by the onset of beeps, on the output's own clock.
 *
 * @module
 */

import { join } from "node:path";
import { readTracks } from "../../shared/mp4/init_reader.ts";
import { type Browser, DESKTOP, type Page } from "../support/browsers/browser.ts";
import { launchChromium } from "../support/browsers/chromium.ts";
import { RelayProcess } from "../support/relay_process.ts";
import { run as runProgram } from "../support/run.ts";
import { freeUdpPort } from "../support/ports.ts";
import { Viewer } from "../support/viewer.ts";
import { type Bench, type Figure, median, percentile } from "./bench.ts";
import { FloorPage } from "./browser/floor_page.ts";
import { BEEP_EVERY_S, GROUP, makeClip, PacedCamera, RATE } from "./browser/paced_camera.ts";
import { clockOffset, install, type Probe, readProbe } from "./browser/page_probe.ts";
import { installStallLog, readStalls, stallInWords } from "./browser/stall_log.ts";
import {
  drift,
  frozen,
  type Known,
  longest,
  picturesShown,
  sentAt,
  type Shown,
  soundLate,
} from "./browser/readings.ts";

/** At 30 pictures a second a picture that stands so long is seen to stand. */
const FREEZE_MS = 100;
/** How long each watch is, s: as a row of the table, and as the proof that nothing stalls or drifts. */
const WATCH_S = 30;
const LONG_WATCH_S = 600;
const FLOOR_S = 20;
const JOINS = 20;
/** Until a player has found its place, s. */
const SETTLE_S = 6;
/** A picture this old on the screen is live, ms. */
const LIVE_MS = 500;
const JOIN_LIMIT_MS = 15_000;

/** A stream that runs, and what is needed to recognise its pictures. */
interface Running extends AsyncDisposable {
  readonly camera: PacedCamera;
  readonly page: string;
  readonly known: Known;
}

async function startStream(clip: Uint8Array): Promise<Running> {
  const port = freeUdpPort();
  const relay = await RelayProcess.start({ args: [`cam=udp://127.0.0.1:${port}`] });
  const page = `${relay.url}/live/cam`;
  const viewer = await Viewer.open(page);
  const camera = new PacedCamera(port, clip);
  await viewer.until(() => viewer.stream && viewer.fragments(viewer.pictures)[0], {
    what: "the first picture",
  });
  const init = viewer.media.find(({ fragments }) => fragments.length === 0);
  const scale = init && readTracks(init.bytes).find(({ id }) => id === viewer.pictures)?.timescale;
  const part = viewer.fragments(viewer.pictures)[0]?.tracks[0];
  if (scale === undefined || part?.dts === undefined) throw new Error("The stream has no times.");
  const mediaS = (part.dts + (part.samples[0]?.compositionOffset ?? 0)) / scale;
  const takenMs = (viewer.fragments(viewer.pictures)[0]?.capture?.time ?? Number.NaN) / 1000;
  await viewer.close();
  return {
    camera,
    page,
    known: { mediaS, index: sentAt(takenMs, camera.pictures) },
    async [Symbol.asyncDispose](): Promise<void> {
      await camera[Symbol.asyncDispose]();
      await relay.stop();
    },
  };
}

/** Both watch the page from within. */
const WATCHERS = `(${install.toString()})(), (${installStallLog.toString()})()`;

const encoder = new TextEncoder();

function say(line: string): void {
  Deno.stdout.writeSync(encoder.encode(`${line}\n`));
}

function pause(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}

/** Looks on for `seconds`, after the player has settled. */
async function watch(
  page: Page,
  { seconds, stream }: { readonly seconds: number; readonly stream: Running },
): Promise<Watched> {
  await page.waitFor("globalThis.rillProbe.frames.length > 10", { what: "pictures" });
  await pause(SETTLE_S);
  const before = await readProbe(page);
  await pause(seconds);
  // First of all: the reading of so much else holds up the page, and may stall it.
  const seen = await readStalls(page);
  const clockMs = await clockOffset(page);
  const after = await readProbe(page);
  const frames = after.frames.slice(before.frames.length);
  const { known, camera } = stream;
  const shown = picturesShown(frames, { sent: camera.pictures, known, clockMs });
  const stalls = seen.filter(({ at }) => at > (before.frames.at(-1)?.[1] ?? 0));
  for (const stall of stalls) say(`  stall: ${stallInWords(stall)}`);
  const beepsAt = after.beeps.slice(before.beeps.length).map((at) => at + clockMs);
  return {
    shown,
    late: soundLate(beepsAt, { shown, pictures: BEEP_EVERY_S * RATE }),
    waits: after.waits - before.waits,
    total: after.total - before.total,
    dropped: after.dropped - before.dropped,
  };
}

interface Watched extends Pick<Probe, "waits" | "total" | "dropped"> {
  readonly shown: readonly Shown[];
  readonly late: readonly number[];
}

/** The figures of one watch, beside those of the bare page if there are any. */
function figuresOf(name: string, { seen, floor }: { seen: Watched; floor?: Watched }): Figure[] {
  const { shown, late, waits, total, dropped } = seen;
  const latencies = shown.map(({ latencyMs }) => latencyMs);
  const share = (part: number): Figure => ({
    name: `${name}, p${part * 100}`,
    value: percentile(latencies, part),
    unit: "ms",
    ...(floor === undefined ? {} : {
      against: {
        name: "bare page",
        value: percentile(floor.shown.map(({ latencyMs }) => latencyMs), part),
      },
    }),
  });
  return [
    share(0.5),
    share(0.95),
    { name: `${name}, dropped`, value: 100 * dropped / Math.max(1, total), unit: "%" },
    { name: `${name}, stalls`, value: waits, unit: "" },
    {
      name: `${name}, pictures that stood > ${FREEZE_MS} ms`,
      value: frozen(shown, FREEZE_MS),
      unit: "",
    },
    { name: `${name}, longest picture`, value: longest(shown), unit: "ms" },
    { name: `${name}, drift`, value: drift(latencies), unit: "ms" },
    ...(late.length === 0 ? [] : [
      { name: `${name}, sound late, p50`, value: median(late), unit: "ms" },
      { name: `${name}, sound late, least`, value: Math.min(...late), unit: "ms" },
      { name: `${name}, sound late, most`, value: Math.max(...late), unit: "ms" },
      { name: `${name}, sound late, drift`, value: drift(late), unit: "ms" },
    ]),
  ];
}

/** One joining: ms from asking, and from opening the page, to the first live picture; and what stood before. */
interface Join {
  readonly fromAsking: number;
  readonly fromOpening: number;
  readonly firstAgeMs: number;
}

async function joinOnce(browser: Browser, stream: Running): Promise<Join> {
  const { known, camera } = stream;
  await using page = await browser.open(`${stream.page}?muted=true`, {
    viewport: DESKTOP,
    before: install,
  });
  const clockMs = await clockOffset(page);
  const end = performance.now() + JOIN_LIMIT_MS;
  while (performance.now() < end) {
    const { asked, frames } = await readProbe(page);
    const shown = picturesShown(frames, { sent: camera.pictures, known, clockMs });
    const live = shown.find(({ ageMs }) => ageMs <= LIVE_MS);
    if (live !== undefined && asked !== null) {
      const fromOpening = live.shownAt - clockMs;
      const firstAgeMs = shown[0]?.ageMs ?? Number.NaN;
      return { fromAsking: fromOpening - asked, fromOpening, firstAgeMs };
    }
    await pause(0.1);
  }
  throw new Error("No live picture came.");
}

async function joins(browser: Browser, stream: Running): Promise<Figure[]> {
  const found: Join[] = [];
  for (let i = 0; i < JOINS; i++) {
    // At all places of the group.
    await pause(((i * 7) % JOINS) / JOINS * GROUP / RATE / 4);
    found.push(await joinOnce(browser, stream));
  }
  const asking = found.map(({ fromAsking }) => fromAsking);
  const opening = found.map(({ fromOpening }) => fromOpening);
  return [
    { name: "asking → first live picture, p50", value: median(asking), unit: "ms" },
    { name: "the same, p95", value: percentile(asking, 0.95), unit: "ms" },
    { name: "the same, most", value: Math.max(...asking), unit: "ms" },
    { name: "opening the page → the same, p50", value: median(opening), unit: "ms" },
    {
      name: "age of the first picture, p50",
      value: median(found.map((j) => j.firstAgeMs)),
      unit: "ms",
    },
  ];
}

/** The same stream without its sound. */
async function withoutSound(clip: string, folder: string): Promise<Uint8Array> {
  const path = join(folder, "silent.ts");
  const copy = ["-an", "-c", "copy", "-muxdelay", "0", "-muxpreload", "0", "-f", "mpegts", path];
  await runProgram("ffmpeg", ["-v", "error", "-i", clip, "-t", `${FLOOR_S + 20}`, ...copy]);
  return await Deno.readFile(path);
}

/** Makes a stream of `clip` and watches it at `address` of it. */
async function watchOn(
  browser: Browser,
  { clip, seconds, address }: {
    readonly clip: Uint8Array;
    readonly seconds: number;
    readonly address: (stream: string) => Address;
  },
): Promise<Watched> {
  await using stream = await startStream(clip);
  await using place = address(stream.page);
  await pause(GROUP / RATE); // warm: a whole group is there
  await using page = await browser.open(place.url, { viewport: DESKTOP, before: WATCHERS });
  return await watch(page, { seconds, stream });
}

interface Address extends AsyncDisposable {
  readonly url: string;
}

function ours(query: string): (stream: string) => Address {
  return (stream) => ({
    url: `${stream}?${query}`,
    [Symbol.asyncDispose]: (): Promise<void> => Promise.resolve(),
  });
}

async function run(folder: string, seconds: number): Promise<readonly Figure[]> {
  const path = join(folder, "clip.ts");
  await makeClip(path, Math.max(seconds, JOINS * 4) + 40);
  const clip = await Deno.readFile(path);
  await using browser = await launchChromium({ autoplay: true });
  const bare = (sound: "" | "?sound") => (stream: string): Address => new FloorPage(stream, sound);
  const silent = { clip: await withoutSound(path, folder), seconds: FLOOR_S, address: bare("") };
  const floor = {
    muted: await watchOn(browser, silent),
    sound: await watchOn(browser, { clip, seconds: FLOOR_S, address: bare("?sound") }),
  };
  const muted = await watchOn(browser, { clip, seconds, address: ours("muted=true") });
  const sound = await watchOn(browser, { clip, seconds, address: ours("muted=false") });
  await using stream = await startStream(clip);
  await pause(GROUP / RATE);
  return [
    ...figuresOf("bare page, no sound", { seen: floor.muted }),
    ...figuresOf("bare page, sound", { seen: floor.sound }),
    ...figuresOf("muted", { seen: muted, floor: floor.muted }),
    ...figuresOf("with sound", { seen: sound, floor: floor.sound }),
    ...await joins(browser, stream),
  ];
}

const ABOUT = `last datagram of a picture → on the screen, Chromium, 720p${RATE}, groups of ${
  GROUP / RATE
} s`;

/** The bench. */
export const browser: Bench = {
  name: "browser",
  about: `${ABOUT}, ${WATCH_S} s each`,
  run: (folder) => run(folder, WATCH_S),
};

/** How soon the first live picture is there, by itself: to compare two versions in minutes, in turns. */
export const joining: Bench = {
  name: "joining",
  about: `asking for a warm stream → its first live picture, Chromium, 720p${RATE}, groups of ${
    GROUP / RATE
  } s`,
  byNameOnly: true,
  run: async (folder) => {
    const path = join(folder, "clip.ts");
    await makeClip(path, JOINS * 4 + 40);
    await using browser = await launchChromium({ autoplay: true });
    await using stream = await startStream(await Deno.readFile(path));
    await pause(GROUP / RATE);
    return await joins(browser, stream);
  },
};

/** The same for ten minutes each: no stall, no drift. */
export const browserLong: Bench = {
  name: "browser-long",
  about: `${ABOUT}, ${LONG_WATCH_S} s each`,
  byNameOnly: true,
  run: (folder) => run(folder, LONG_WATCH_S),
};
