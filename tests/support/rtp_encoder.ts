/**
 * An encoder that sends RTP to a port of this machine, with its session description: ffmpeg's moving picture, a key
 * picture each half second.
 *
 * @module
 */

import { join } from "node:path";
import { evenUdpPort } from "./ports.ts";
import { PATIENCE_MS } from "./patience.ts";

/** Sends until it is disposed of. */
export class RtpEncoder implements AsyncDisposable {
  readonly port: number;
  /** The session description. */
  readonly sdp: string;
  /** The file that it stands in. */
  readonly sdpFile: string;
  readonly #child: Deno.ChildProcess;
  readonly #folder: string;

  private constructor(
    child: Deno.ChildProcess,
    what: { readonly port: number; readonly sdp: string; readonly folder: string },
  ) {
    this.#child = child;
    this.port = what.port;
    this.sdp = what.sdp;
    this.#folder = what.folder;
    this.sdpFile = join(what.folder, SDP_NAME);
  }

  /** @param rate pictures a second. */
  static async start(
    { rate = 30 }: { readonly rate?: number } = {},
  ): Promise<RtpEncoder> {
    const port = evenUdpPort();
    const folder = await Deno.makeTempDir({ prefix: "rill-rtp-" });
    const file = join(folder, SDP_NAME);
    const child = new Deno.Command("ffmpeg", {
      args: [
        ...["-hide_banner", "-loglevel", "error", "-nostdin", "-re"],
        ...["-f", "lavfi", "-i", `testsrc2=size=320x240:rate=${rate}`],
        ...["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency"],
        ...["-pix_fmt", "yuv420p", "-g", String(rate / 2), "-flags", "+global_header"],
        ...["-sdp_file", file, "-f", "rtp", `rtp://127.0.0.1:${port}?pkt_size=1200`],
      ],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    const end = performance.now() + PATIENCE_MS;
    for (;;) {
      const sdp = await Deno.readTextFile(file).catch(() => ""); // not written yet
      if (sdp.includes("m=video")) return new RtpEncoder(child, { port, sdp, folder });
      if (performance.now() > end) throw new Error("The encoder has not begun to send.");
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#child.status;
    await Deno.remove(this.#folder, { recursive: true });
  }
}

const SDP_NAME = "session.sdp";
