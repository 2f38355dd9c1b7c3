/** A way that is too slow for a while: whole groups are left out, what follows begins at a key picture, nobody else notices. */

import assert from "node:assert/strict";
import type { Buffer } from "node:buffer";
import { createServer } from "node:http";
import { join } from "node:path";
import { type WebSocket, WebSocketServer } from "ws";
import type { DestinationInfo } from "../../../shared/api.ts";
import { readFragments, readSampleDefaults } from "../../../shared/mp4/fragment_reader.ts";
import { makeTransportStream } from "../../support/clips.ts";
import { TestRelay, until } from "../../support/relay.ts";
import { Viewer } from "../../support/viewer.ts";

/** More than a loopback's buffers hold, within the time that a way may stand still. */
const BITRATE = 40_000_000;
const PICTURE_TRACK = 1;

interface Picture {
  readonly dts: number;
  readonly duration: number;
  readonly key: boolean;
}

/** A WebSocket that takes fragments, and stops reading when it is told to. */
class Taker implements AsyncDisposable {
  readonly pictures: Picture[] = [];
  readonly #http = createServer();
  readonly #server = new WebSocketServer({ server: this.#http, perMessageDeflate: false });
  #socket: WebSocket | undefined;
  #defaults: ReturnType<typeof readSampleDefaults> = new Map();

  private constructor() {
    this.#server.on("connection", (socket) => {
      this.#socket = socket;
      socket.on("message", (data: Buffer, isBinary: boolean) => {
        if (isBinary) this.#take(new Uint8Array(data));
      });
    });
  }

  static async start(): Promise<Taker> {
    const taker = new Taker();
    await new Promise<void>((resolve) => taker.#http.listen(0, "127.0.0.1", resolve));
    return taker;
  }

  get port(): number {
    const address = this.#http.address();
    return typeof address === "object" ? address?.port ?? 0 : 0;
  }

  pause(): void {
    this.#socket?.pause();
  }

  resume(): void {
    this.#socket?.resume();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#server.clients) socket.terminate();
    this.#http.closeAllConnections();
    await new Promise((resolve) => this.#http.close(resolve));
  }

  #take(bytes: Uint8Array<ArrayBuffer>): void {
    if (bytes[4] === 0x66) this.#defaults = readSampleDefaults(bytes); // ftyp
    for (const { tracks: [run] } of readFragments(bytes, { defaults: this.#defaults })) {
      if (run?.track !== PICTURE_TRACK) continue;
      this.pictures.push({ dts: run.dts ?? 0, duration: run.duration, key: run.key });
    }
  }
}

async function destination(relay: TestRelay): Promise<DestinationInfo> {
  return await (await fetch(`${relay.url}/api/destinations/forward`)).json();
}

Deno.test("a way that stands still for a moment: groups are left out, and it goes on at a key picture", async () => {
  const folder = await Deno.makeTempDir({ prefix: "rill-slow-way-" });
  try {
    const clip = join(folder, "clip.ts");
    await makeTransportStream(clip, { seconds: 2, group: 10, size: "1280x720", bitrate: BITRATE });
    await using taker = await Taker.start();
    await using relay = await TestRelay.start([
      ...["--open", "all", "--forward", `ws://127.0.0.1:${taker.port}/x`],
      `cam=file:${clip}?loop`,
    ]);
    await using viewer = await Viewer.open(`${relay.url}/live/cam`);
    await until(() => taker.pictures.length > 10, { what: "pictures" });
    taker.pause();
    const skips = (): number => relay.hub("cam").stats.skippedFragments;
    // Told when it goes on; until then the camera's pictures pile up, go, or are left out.
    const from = viewer.media.length;
    await until(() => viewer.media.length > from + 90, { what: "pictures meanwhile" });
    taker.resume();
    await until(() => skips() > 0, { what: "the end of what was left out" });
    const before = taker.pictures.length;
    await until(() => taker.pictures.length > before + 20, { what: "pictures after" });
    const holes = taker.pictures.filter(({ dts }, at) => {
      const last = taker.pictures[at - 1];
      return last !== undefined && dts - last.dts > 5 * last.duration;
    });
    assert.ok(holes.length > 0, "a hole");
    assert.ok(holes.every(({ key }) => key), "what follows a hole begins at a key picture");
    const { connections, skipped, state } = await destination(relay);
    assert.deepEqual([connections, state.kind], [1, "sending"]);
    assert.ok(skipped.fragments >= 10, `${skipped.fragments} fragments`);
    assert.equal(viewer.control.filter(({ type }) => type === "skip").length, 0);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
