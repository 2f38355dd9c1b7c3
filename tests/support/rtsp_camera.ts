/**
 * A camera that speaks RTSP 1.0 (RFC 2326), as much of it as players use: OPTIONS, DESCRIBE, SETUP over TCP (§10.12)
 * and UDP, PLAY. Its pictures are an {@link RtpEncoder}'s.
 *
 * @module
 */

import { loopbackIdentity } from "./loopback_identity.ts";
import { RtpEncoder } from "./rtp_encoder.ts";

/** What kind of camera it is. */
export interface RtspCameraOptions {
  /** Asked for by Basic authentication where given: `name:password`. */
  readonly credentials?: string;
  /** Any other is not found. */
  readonly path?: string;
  /** It speaks TLS, with a certificate of its own making. */
  readonly tls?: boolean;
}

/** Serves until it is disposed of. */
export class RtspCamera implements AsyncDisposable {
  /** Without credentials. */
  readonly host: string;
  /** Requests as they came: method and target. */
  readonly requests: string[] = [];
  /** Transports that were set up. */
  readonly transports: string[] = [];
  readonly #options: RtspCameraOptions;
  readonly #encoder: RtpEncoder;
  readonly #listener: Deno.Listener<Deno.Conn>;
  readonly #rtp: Deno.DatagramConn;
  readonly #connections = new Set<Deno.Conn>();
  /** Who plays. */
  readonly #players = new Set<(packet: Uint8Array) => void>();

  private constructor(
    encoder: RtpEncoder,
    { listener, options }: {
      readonly listener: Deno.Listener<Deno.Conn>;
      readonly options: RtspCameraOptions;
    },
  ) {
    this.#encoder = encoder;
    this.#listener = listener;
    this.#options = options;
    this.host = `127.0.0.1:${(this.#listener.addr as Deno.NetAddr).port}`;
    this.#rtp = Deno.listenDatagram({
      transport: "udp",
      hostname: "127.0.0.1",
      port: encoder.port,
    });
    void this.#relayPackets();
    void this.#accept();
  }

  static async start(options: RtspCameraOptions = {}): Promise<RtspCamera> {
    const address = { hostname: "127.0.0.1", port: 0 };
    const { certificate: cert, key } = (await loopbackIdentity()).server;
    const listener = options.tls ? Deno.listenTls({ ...address, cert, key }) : Deno.listen(address);
    return new RtspCamera(await RtpEncoder.start(), { listener, options });
  }

  /** Connections that are open. */
  get connections(): number {
    return this.#connections.size;
  }

  /** Ends all of them: the camera was switched off and on. */
  hangUp(): void {
    for (const connection of this.#connections) connection.close();
    this.#connections.clear();
    this.#players.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    this.hangUp();
    this.#rtp.close();
    await this.#encoder[Symbol.asyncDispose]();
  }

  async #relayPackets(): Promise<void> {
    for await (const [packet] of this.#rtp) {
      for (const play of this.#players) play(packet);
    }
  }

  async #accept(): Promise<void> {
    for await (const connection of this.#listener) {
      this.#connections.add(connection);
      void this.#serve(connection).finally(() => {
        if (this.#connections.delete(connection)) connection.close();
      });
    }
  }

  async #serve(connection: Deno.Conn): Promise<void> {
    let text = "";
    let play: ((packet: Uint8Array) => void) | undefined;
    try {
      const buffer = new Uint8Array(4096);
      for (;;) {
        const count = await connection.read(buffer).catch(() => null); // hung up
        if (count === null) return;
        const bytes = buffer.subarray(0, count);
        if (bytes[0] === 0x24) continue; // a receiver's report
        text += new TextDecoder().decode(bytes);
        for (let end = text.indexOf("\r\n\r\n"); end >= 0; end = text.indexOf("\r\n\r\n")) {
          const request = text.slice(0, end);
          text = text.slice(end + 4);
          const { answer, plays } = this.#answer(request);
          await send(connection, new TextEncoder().encode(answer));
          if (plays) play = this.#player(plays, connection);
          if (play && request.startsWith("PLAY")) this.#players.add(play);
        }
      }
    } finally {
      if (play) this.#players.delete(play);
    }
  }

  #answer(request: string): { readonly answer: string; readonly plays?: string } {
    const [line = ""] = request.split("\r\n");
    const [method = "", target = ""] = line.split(" ");
    this.requests.push(`${method} ${target}`);
    const header = (name: string): string =>
      new RegExp(`^${name}: *(.*)$`, "im").exec(request)?.[1] ?? "";
    const reply = (status: string, lines: readonly string[] = [], body = ""): string =>
      [
        `RTSP/1.0 ${status}`,
        `CSeq: ${header("CSeq")}`,
        ...lines,
        ...(body === "" ? [] : [`Content-Length: ${body.length}`]),
        "",
        body,
      ].join("\r\n");
    const { credentials, path = "/live" } = this.#options;
    const wanted = credentials && `Basic ${btoa(credentials)}`;
    if (wanted && method !== "OPTIONS" && header("Authorization") !== wanted) {
      return { answer: reply("401 Unauthorized", ['WWW-Authenticate: Basic realm="camera"']) };
    }
    switch (method) {
      case "OPTIONS":
        return { answer: reply("200 OK", ["Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN"]) };
      case "DESCRIBE":
        if (new URL(target).pathname !== path) return { answer: reply("404 Not Found") };
        return {
          answer: reply("200 OK", ["Content-Type: application/sdp"], describe(this.#encoder.sdp)),
        };
      case "SETUP": {
        const transport = header("Transport");
        this.transports.push(transport);
        return {
          answer: reply("200 OK", [
            `Transport: ${transport}${transport.includes("TCP") ? "" : ";server_port=6000-6001"}`,
            "Session: 1",
          ]),
          plays: transport,
        };
      }
      default:
        return { answer: reply("200 OK", ["Session: 1"]) };
    }
  }

  #player(transport: string, connection: Deno.Conn): (packet: Uint8Array) => void {
    const port = Number(/client_port=(\d+)/.exec(transport)?.[1]);
    if (port > 0) {
      return (packet) =>
        void this.#rtp.send(packet, { transport: "udp", hostname: "127.0.0.1", port });
    }
    let busy = Promise.resolve();
    return (packet) => {
      const framed = new Uint8Array(4 + packet.length); // §10.12: $, channel, length
      framed.set([0x24, 0, packet.length >> 8, packet.length & 0xff]);
      framed.set(packet, 4);
      busy = busy.then(() => send(connection, framed));
    };
  }
}

async function send(connection: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    const count = await connection.write(bytes.subarray(at)).catch(() => undefined);
    if (count === undefined) return; // it has left
    at += count;
  }
}

/** As a camera would describe what the encoder sends: no port, a control address. */
function describe(sdp: string): string {
  return sdp.replace(/^SDP:\r?\n/, "").replace(/m=video \d+/, "m=video 0").trim()
    .replaceAll(/\r?\n/g, "\r\n") + "\r\na=control:track1\r\n";
}
