/**
 * A page of another origin that plays a playlist with hls.js, as a site that embeds a camera would; and what it says of
 * itself. The package is for tests only and so stands in no import map.
 */

import type { Browser, Page } from "../browsers/browser.ts";

const PACKAGE = "npm:hls.js@1.7.4/dist/hls.min.js";

/** What the page saw so far. */
export interface HlsState {
  readonly currentTime: number;
  readonly width: number;
  readonly decoded: number;
  readonly dropped: number;
  /** Now minus PROGRAM-DATE-TIME of what is on the screen, ms; null before anything is. */
  readonly latencyMs: number | null;
  /** Parts among what was loaded. */
  readonly parts: number;
  readonly fragments: number;
  readonly stalls: number;
  readonly fatal: readonly string[];
}

/** A page that plays. */
export class HlsPage implements AsyncDisposable {
  readonly page: Page;
  readonly #server: Deno.HttpServer;

  private constructor(page: Page, server: Deno.HttpServer) {
    this.page = page;
    this.#server = server;
  }

  /** @param playlist address of a multivariant playlist. */
  static async open(browser: Browser, playlist: string): Promise<HlsPage> {
    const script = await Deno.readTextFile(new URL(import.meta.resolve(PACKAGE)));
    const server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      (request) =>
        new URL(request.url).pathname === "/hls.js"
          ? new Response(script, { headers: { "content-type": "text/javascript" } })
          : new Response(html(playlist), { headers: { "content-type": "text/html" } }),
    );
    const page = await browser.open(`http://127.0.0.1:${(server.addr as Deno.NetAddr).port}/`);
    return new HlsPage(page, server);
  }

  /** What it saw. */
  state(): Promise<HlsState> {
    return this.page.evaluate<HlsState>("globalThis.state()");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.page.close();
    await this.#server.shutdown();
  }
}

function html(playlist: string): string {
  return `<!doctype html><title>hls.js</title><video muted autoplay playsinline></video>
<script src="/hls.js"></script><script>
const video = document.querySelector("video");
const seen = { parts: 0, fragments: 0, stalls: 0, fatal: [] };
// Without leave to play a little faster it stays as late as its start happened to be.
const hls = new Hls({ lowLatencyMode: true, maxLiveSyncPlaybackRate: 1.5 });
hls.on(Hls.Events.FRAG_LOADED, (_, { part }) => part ? seen.parts++ : seen.fragments++);
hls.on(Hls.Events.ERROR, (_, { fatal, details }) => {
  if (fatal) seen.fatal.push(details);
  if (details === "bufferStalledError") seen.stalls++;
});
hls.loadSource(${JSON.stringify(playlist)});
hls.attachMedia(video);
video.play().catch((error) => error.name === "AbortError" || seen.fatal.push(String(error)));
globalThis.state = () => {
  const quality = video.getVideoPlaybackQuality();
  const date = hls.playingDate;
  return { ...seen, currentTime: video.currentTime, width: video.videoWidth,
    decoded: quality.totalVideoFrames, dropped: quality.droppedVideoFrames,
    latencyMs: date && video.currentTime > 0 ? Date.now() - date.getTime() : null };
};
</script>`;
}
