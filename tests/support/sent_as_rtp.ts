/**
 * A file that a relay sends as RTP to a port of this machine, as if it came from a camera, and the session description that
 * the relay tells of it.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { decodedHashes } from "./judges.ts";
import { TestRelay, until } from "./relay.ts";
import { run } from "./run.ts";
import { evenUdpPort } from "./ports.ts";

/** Sends until it is disposed of. */
export class SentAsRtp implements AsyncDisposable {
  /** Where the session description is. */
  readonly sdp: string;
  readonly #relay: TestRelay;
  readonly #folder: string;
  readonly #file: string;

  private constructor(relay: TestRelay, folder: string, file: string) {
    this.#relay = relay;
    this.#folder = folder;
    this.#file = file;
    this.sdp = join(folder, "cam.sdp");
  }

  /** @param host as it stands in the destination's address. */
  static async start(file: string, host = "127.0.0.1"): Promise<SentAsRtp> {
    const folder = await Deno.makeTempDir({ prefix: "rill-rtp-sent-" });
    const url = `rtp://${host}:${evenUdpPort()}`;
    const relay = await TestRelay.start(["--forward", url, `cam=file:${file}?loop`]);
    await until(() => relay.log.some((line) => line.includes("forward: sending")), {
      what: "the first packet",
    });
    const answer = await fetch(`${relay.url}/api/destinations/forward/sdp`);
    assert.equal(answer.headers.get("content-type"), "application/sdp");
    const sent = new SentAsRtp(relay, folder, file);
    await Deno.writeTextFile(sent.sdp, await answer.text());
    return sent;
  }

  /** So many pictures are received by ffmpeg, decoded, and looked for among those of the file: how many are the same. */
  async receive(pictures: number): Promise<{ readonly same: number; readonly said: string }> {
    const made = new Set(await decodedHashes(this.#file));
    // As they are, since ffmpeg does not know when to decode pictures that it was sent in another order than they are shown.
    const received = join(this.#folder, "received.bin");
    const { stderr } = await run("ffmpeg", [
      ...["-v", "error", "-nostdin", "-protocol_whitelist", "file,udp,rtp", "-i", this.sdp],
      ...["-map", "0:v", "-c", "copy", "-bsf:v", "dump_extra=freq=keyframe"],
      ...["-frames:v", `${pictures}`, "-f", "rawvideo", received],
    ]);
    const read = await decodedHashes(received);
    const same = read.filter((hash) => made.has(hash)).length;
    return { same, said: `${same} of ${read.length} are the same; ${stderr}` };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#relay[Symbol.asyncDispose]();
    await Deno.remove(this.#folder, { recursive: true });
  }
}
