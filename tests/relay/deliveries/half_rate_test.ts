/**
 * Viewers that take half of what their stream brings, on each way out over HTTP and over real sockets: what is kept for
 * them is bounded, what they get decodes without a word, and another viewer gets every byte. Paced by bytes, not by time.
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { concatBytes, equalBytes } from "../../../shared/bytes.ts";
import { MAX_BACKLOG_BYTES } from "../../../relay/hub/catch_up.ts";
import { makeTransportStream } from "../../support/clips.ts";
import { DeliveryServer } from "../../support/delivery_server.ts";
import { hasFfprobe } from "../../support/ffprobe.ts";
import { readPlaylist } from "../../support/hls/playlist_reader.ts";
import { Ingested } from "../../support/ingested.ts";
import { decodedHashes, hashColumn } from "../../support/judges.ts";
import { RawClient } from "../../support/raw_client.ts";
import { until } from "../../support/relay.ts";
import { run } from "../../support/run.ts";

const SECONDS = 12;
const RATE = 25;
/** More than the kernel's buffers and the relay's limit hold between them, when half of it is taken. */
const BITRATE = 50_000_000;

/** The kernel's buffers of a connection at both of its ends, bytes at most. */
async function kernelBytes(): Promise<number> {
  let bytes = 0;
  for (const name of ["tcp_rmem", "tcp_wmem"]) {
    const text = await Deno.readTextFile(`/proc/sys/net/ipv4/${name}`);
    bytes += Number(text.trim().split(/\s+/)[2]);
  }
  return bytes;
}

function bodyOf(client: RawClient): Uint8Array {
  const { received } = client;
  const head = new TextDecoder("latin1").decode(received.subarray(0, 4096)).indexOf("\r\n\r\n");
  return received.subarray(head + 4);
}

/** How many pictures ffmpeg decodes: it must have nothing to say, and each must be one of `whole`, unharmed. */
async function decodes(
  path: string,
  bytes: Uint8Array,
  whole: ReadonlySet<string>,
): Promise<number> {
  await Deno.writeFile(path, bytes);
  const { stdout, stderr } = await run("ffmpeg", [
    ...["-v", "error", "-threads", "1", "-i", path, "-map", "0:v:0"],
    ...["-vsync", "0", "-f", "framemd5", "-"],
  ]);
  assert.equal(stderr, "", path);
  const hashes = hashColumn(stdout);
  assert.equal(hashes.filter((hash) => !whole.has(hash)).length, 0, `${path}: harmed pictures`);
  return hashes.length;
}

Deno.test({
  name:
    "half the bit rate on stream.mp4, stream.ts and HLS: bounded, clean, and nobody else's matter",
  ignore: !hasFfprobe(),
  fn: async () => {
    const folder = await Deno.makeTempDir({ prefix: "rill-half-rate-" });
    try {
      const clip = join(folder, "clip.ts");
      await makeTransportStream(clip, {
        seconds: SECONDS,
        rate: RATE,
        group: RATE,
        size: "640x360",
        bitrate: BITRATE,
      });
      const { segments: [init], batches } = await ingested(clip);
      assert.ok(init);
      await using server = await DeliveryServer.start(["cam"]);
      const cam = server.stream("cam");
      cam.hub.init(init);
      const open = (file: string): Promise<RawClient> =>
        RawClient.request(server.port, `GET /live/cam/${file} HTTP/1.0`); // 1.0: no chunks
      using mp4 = await open("stream.mp4");
      await until(() => cam.sinks.length === 1, { what: "the slow viewer" });
      const [slow] = cam.sinks;
      using ts = await open("stream.ts");
      using fast = await open("stream.mp4");
      await until(() => cam.sinks.length === 3, { what: "the others" });
      const hls = fetch(`${server.url}/live/cam/index.m3u8`);
      await until(() => cam.sinks.length === 4, { what: "the window" });

      const slowly = [new SlowReader(mp4), new SlowReader(ts)];
      let published = 0;
      let most = 0;
      let segment: RawClient | undefined;
      for (const [at, batch] of batches.entries()) {
        cam.hub.publish(batch);
        published += batch.bytes.length;
        most = Math.max(most, slow?.backlog ?? 0);
        if (at === 2 * RATE) {
          await (await hls).body?.cancel();
          const text = await (await fetch(`${server.url}/live/cam/hls/live.m3u8`)).text();
          const segmentName = readPlaylist(text).segments.find(({ uri }) => uri)?.uri ?? "";
          segment = await open(`hls/${segmentName}`);
        }
        while (bodyLength(fast) < init.bytes.length + published) assert.ok(await fast.read());
        for (const reader of slowly) reader.upTo(published / 2);
        if (segment && at % 2 === 0) await segment.read(); // one picture's worth, or less
      }
      assert.ok(cam.hub.stats.skips > 0, "it did fall behind");
      assert.ok(most <= MAX_BACKLOG_BYTES + 1_000_000, `${most} bytes were kept`);
      const before = { mp4: mp4.length, ts: ts.length };
      await segment?.rest();
      cam.hub.close("over");
      await Promise.all(slowly.map((reader) => reader.rest()));
      const owed = MAX_BACKLOG_BYTES + await kernelBytes() + 1_000_000;
      assert.ok(mp4.length - before.mp4 <= owed, `${mp4.length - before.mp4} bytes late`);
      assert.ok(ts.length - before.ts <= owed, `${ts.length - before.ts} bytes late`);

      const all = concatBytes([init.bytes, ...batches.map(({ bytes }) => bytes)]);
      assert.ok(equalBytes(bodyOf(fast).subarray(0, all.length), all), "the other got every byte");
      const whole = new Set(await decodedHashes(clip));
      for (const [name, client] of [["slow.mp4", mp4], ["slow.ts", ts]] as const) {
        const pictures = await decodes(join(folder, name), bodyOf(client), whole);
        assert.ok(pictures > RATE && pictures < batches.length, `${name}: ${pictures} pictures`);
      }
      assert.ok(segment);
      const body = concatBytes([init.bytes, bodyOf(segment)]);
      assert.equal(await decodes(join(folder, "slow-hls.mp4"), body, whole), RATE);
      segment[Symbol.dispose]();
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

/**
 * Reads no more than it may, and never waits for it: when the relay goes on at the next key picture there may be
 * less on the way than a slow viewer would take.
 */
class SlowReader {
  readonly #client: RawClient;
  #allowed = 0;
  #reading: Promise<void> = Promise.resolve();
  #busy = false;

  constructor(client: RawClient) {
    this.#client = client;
  }

  /** It may have read so many bytes in all. */
  upTo(bytes: number): void {
    this.#allowed = bytes;
    if (!this.#busy) this.#reading = this.#read();
  }

  /** Reads to the end. */
  async rest(): Promise<void> {
    this.#allowed = Infinity;
    await this.#reading;
    await this.#client.rest();
  }

  async #read(): Promise<void> {
    this.#busy = true;
    while (this.#client.length < this.#allowed && await this.#client.read());
    this.#busy = false;
  }
}

/** Bytes of the body that have come. */
function bodyLength(client: RawClient): number {
  return client.length - headLength(client);
}

const heads = new WeakMap<RawClient, number>();
function headLength(client: RawClient): number {
  const known = heads.get(client);
  if (known !== undefined || client.length === 0) return known ?? 0;
  const length = client.length - bodyOf(client).length;
  heads.set(client, length);
  return length;
}

async function ingested(clip: string): Promise<Ingested> {
  const all = new Ingested();
  all.push(await Deno.readFile(clip));
  all.ingest.end();
  return all;
}
