/// <reference lib="dom" />
/**
 * What the browser bench learns inside a page, without asking the player: when it asked for the stream, which
 * picture was due on the screen when, and when a beep left the loudspeaker. Runs as text before any script of
 * the page; observes by the platform's own means and changes nothing that the page can see.
 *
 * @module
 */

import type { Page } from "../../support/browsers/browser.ts";
import { wallClock } from "./paced_camera.ts";

/** What was seen so far; times are the page's `performance.now()` unless they say otherwise. */
export interface Probe {
  /** First connection for media begun; null before. */
  readonly asked: number | null;
  /** `mediaTime` (s), `expectedDisplayTime`, `presentedFrames` of each picture told of. */
  readonly frames: readonly (readonly [number, number, number])[];
  /** When each beep was heard. */
  readonly beeps: readonly number[];
  readonly total: number;
  readonly dropped: number;
  /** Times playback ran dry since the first picture. */
  readonly waits: number;
}

/** Runs inside the page, before its own scripts. */
export function install(): void {
  type Mutable = {
    asked: number | null;
    frames: [number, number, number][];
    beeps: number[];
    waits: number;
    video: HTMLVideoElement | null;
  };
  const probe: Mutable = { asked: null, frames: [], beeps: [], waits: 0, video: null };
  Object.assign(globalThis, { rillProbe: probe });
  const ask = (name: "WebSocket" | "WebTransport"): void => {
    const Original = Reflect.get(globalThis, name);
    if (typeof Original !== "function") return;
    Reflect.set(
      globalThis,
      name,
      new Proxy(Original, {
        construct(target, args, base): object {
          probe.asked ??= performance.now();
          return Reflect.construct(target, args, base);
        },
      }),
    );
  };
  ask("WebSocket");
  ask("WebTransport");

  const seek = (scope: Document | ShadowRoot): HTMLVideoElement | null => {
    const found = scope.querySelector("video");
    if (found) return found;
    for (const element of scope.querySelectorAll("*")) {
      const inside = element.shadowRoot && seek(element.shadowRoot);
      if (inside) return inside;
    }
    return null;
  };
  const watch = (): void => {
    const video = seek(document);
    if (!video) {
      requestAnimationFrame(watch);
      return;
    }
    probe.video = video;
    const shown: VideoFrameRequestCallback = (_now, data) => {
      video.requestVideoFrameCallback(shown);
      probe.frames.push([data.mediaTime, data.expectedDisplayTime, data.presentedFrames]);
    };
    video.requestVideoFrameCallback(shown);
    video.addEventListener("waiting", () => {
      if (probe.frames.length > 0 && !video.seeking) probe.waits += 1;
    });
  };
  watch();

  const connect = AudioNode.prototype.connect;
  const listen = (node: AudioNode): void => {
    const { context } = node;
    const analyser = context.createAnalyser();
    analyser.fftSize = 8192;
    Reflect.apply(connect, node, [analyser]);
    const samples = new Float32Array(analyser.fftSize);
    let quietUntil = 0;
    setInterval(() => {
      if (!(context instanceof AudioContext) || context.state !== "running") return;
      const end = context.currentTime;
      analyser.getFloatTimeDomainData(samples);
      const at = samples.findIndex((sample) => Math.abs(sample) > 0.1);
      const began = end - (samples.length - at) / context.sampleRate;
      // In the first samples it may have begun before them; the look before has seen it then.
      if (at < 0 || at < 64 || began < quietUntil) return;
      quietUntil = began + 0.5;
      const { contextTime = 0, performanceTime = 0 } = context.getOutputTimestamp();
      probe.beeps.push(performanceTime + (began - contextTime) * 1000);
    }, 50);
  };
  AudioNode.prototype.connect = function (this: AudioNode, ...args: unknown[]): AudioNode {
    if (args[0] instanceof AudioDestinationNode) listen(this);
    return Reflect.apply(connect, this, args) as AudioNode;
  } as typeof connect;
}

/**
 * Reads what was seen. As text: the driver's own way of taking objects apart holds up the page's thread for ten times
 * as long, and after ten minutes of pictures that is long enough to stall them.
 */
export async function readProbe(page: Page): Promise<Probe> {
  return JSON.parse(
    await page.evaluate<string>(`(() => {
    const { video, ...seen } = globalThis.rillProbe;
    const quality = video?.getVideoPlaybackQuality();
    return JSON.stringify({
      ...seen,
      total: quality?.totalVideoFrames ?? 0,
      dropped: quality?.droppedVideoFrames ?? 0,
    });
  })()`),
  );
}

/** What must be added to the page's `performance.now()` to get this process's {@link wallClock}, ms. */
export async function clockOffset(page: Page): Promise<number> {
  let best = Infinity;
  let offset = 0;
  for (let i = 0; i < 8; i++) {
    const before = wallClock();
    const there = await page.evaluate<number>("performance.now()");
    const after = wallClock();
    if (after - before >= best) continue;
    best = after - before;
    offset = (before + after) / 2 - there;
  }
  return offset;
}
