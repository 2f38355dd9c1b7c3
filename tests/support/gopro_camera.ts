/**
 * A GoPro on this machine: its HTTP over TCP, a captured preview over UDP, and a camera's demands: no
 * datagram before its HTTP start, none after its keep-alives cease. Header and padding of the capture are
 * kept. How it answers is the firmware's.
 *
 * @module
 */

import { concatBytes } from "../../shared/bytes.ts";
import type { Firmware, FirmwareAnswer } from "./gopro_firmware.ts";
import { listenAgain } from "./ports.ts";
import { randomFrom } from "./random.ts";

/** One captured datagram, bytes. */
export const SLOT_BYTES = 1328;
const FLAG_PICTURE_END = 0x06;
/** The capture's frame period, milliseconds. */
const FRAME_MS = 1001 / 30;
/** The kernel's buffer holds about 92 such datagrams: never send more than this without a pause. */
const MAX_BURST = 40;
const KEEP_ALIVE = /^_GPHD_:\d+:\d+:2:\d+\.\d+\n$/;

/** What happens to datagrams on the way; shares of 1. */
export interface Faults {
  readonly seed: number;
  readonly loss?: number;
  readonly duplication?: number;
  /** A datagram changes places with the next. */
  readonly reordering?: number;
}

export interface CameraOptions {
  readonly firmware: Firmware;
  /** Datagrams of {@link SLOT_BYTES}. */
  readonly capture: Uint8Array;
  /** Where it sends; a real one knows 8554 alone. */
  readonly streamPort: number;
  readonly host?: string;
  /** 0 for any. */
  readonly httpPort?: number;
  /** Where it takes keep-alives; a real one 8554. 0 for any. */
  readonly udpPort?: number;
  /** Times real speed. */
  readonly speed?: number;
  /** Begins the capture again at its end. */
  readonly repeat?: boolean;
  /** From the start request to the first datagram. */
  readonly startDelayMs?: number;
  /** Without a keep-alive for so long it stops sending; a HERO5: 24.75 s. */
  readonly keepAliveLimitMs?: number;
  /** Without an HTTP request for so long it stops sending; a HERO4: about 50 s. */
  readonly httpLimitMs?: number;
  /** It takes keep-alives by request alone: datagrams do not keep it sending. */
  readonly keptByRequest?: RegExp;
  readonly faults?: Faults;
}

/** A camera that is on; `await using` turns it off. */
export class GoProCamera implements AsyncDisposable {
  /** Paths asked for, in order. */
  readonly requests: string[] = [];
  /** What `/gp/gpControl/status` shows; a test may change it. */
  readonly status: Record<string, number> = { "1": 1, "2": 3, "8": 0, "10": 0, "33": 0 };
  keepAlives = 0;
  /** Datagrams on the keep-alive port that were none: magic packets, where a test aims them here. */
  readonly otherDatagrams: Uint8Array[] = [];
  /** Times the capture was begun. */
  starts = 0;
  sent = 0;
  /** Slots left out by {@link Faults.loss}, of all rounds. */
  dropped: number[] = [];
  /** The capture has been sent to its end. */
  finished = false;

  readonly #options:
    & Required<Omit<CameraOptions, "faults" | "keptByRequest">>
    & Pick<CameraOptions, "faults" | "keptByRequest">;
  #httpPort: number;
  #udpPort: number;
  readonly #slots: readonly Uint8Array[];
  readonly #waiting = new Set<() => void>();
  #http: Deno.TcpListener | undefined;
  #udp: Deno.DatagramConn | undefined;
  #round: AbortController | undefined;
  #hung = false;
  #lastKeepAlive = 0;
  #lastRequest = 0;
  readonly #tasks = new Set<Promise<void>>();

  private constructor(options: CameraOptions) {
    this.#options = {
      host: "127.0.0.1",
      httpPort: 0,
      udpPort: 0,
      speed: 1,
      repeat: false,
      startDelayMs: 0,
      keepAliveLimitMs: 25_000,
      httpLimitMs: 50_000,
      ...options,
    };
    this.#httpPort = this.#options.httpPort;
    this.#udpPort = this.#options.udpPort;
    const { capture } = options;
    this.#slots = Array.from(
      { length: Math.floor(capture.length / SLOT_BYTES) },
      (_, i) => capture.subarray(i * SLOT_BYTES, (i + 1) * SLOT_BYTES),
    );
  }

  /** Turns a camera on. */
  static on(options: CameraOptions): GoProCamera {
    const camera = new GoProCamera(options);
    camera.#listen();
    return camera;
  }

  get httpPort(): number {
    return this.#httpPort;
  }

  get udpPort(): number {
    return this.#udpPort;
  }

  /** A source that finds this camera. */
  get source(): string {
    const { host, streamPort } = this.#options;
    return `gopro://${host}:${this.#httpPort}?udp=${streamPort}:${this.#udpPort}`;
  }

  /** Resolves when `met` holds; looked at after every request, keep-alive, datagram and end. */
  until(met: (camera: GoProCamera) => boolean): Promise<void> {
    if (met(this)) return Promise.resolve();
    return new Promise((resolve) => {
      const look = (): void => {
        if (!met(this)) return;
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
    });
  }

  /** Stops sending, as firmware does at the press of the shutter; the next start revives it. */
  freeze(): void {
    this.#round?.abort();
  }

  /** As a Wi-Fi that is lost: requests are taken and never answered, no datagrams. */
  hang(): void {
    this.#hung = true;
    this.#round?.abort();
  }

  /** Answers again. */
  unhang(): void {
    this.#hung = false;
  }

  /** Turns it off: connections are refused. */
  async goAway(): Promise<void> {
    this.#round?.abort();
    this.#http?.close();
    this.#udp?.close();
    this.#http = undefined;
    this.#udp = undefined;
    while (this.#tasks.size > 0) await Promise.all(this.#tasks);
  }

  /** Turns it on, on the ports it had. */
  async comeBack(): Promise<void> {
    await listenAgain(() => this.#listen());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.goAway();
  }

  #listen(): void {
    const { host } = this.#options;
    this.#http ??= Deno.listen({ hostname: host, port: this.#httpPort });
    this.#udp = Deno.listenDatagram({
      transport: "udp",
      hostname: host,
      port: this.#udpPort,
    });
    this.#httpPort = (this.#http.addr as Deno.NetAddr).port;
    this.#udpPort = (this.#udp.addr as Deno.NetAddr).port;
    this.#run(this.#serve(this.#http));
    this.#run(this.#hear(this.#udp));
  }

  #run(task: Promise<void>): void {
    const tracked = task.finally(() => this.#tasks.delete(tracked));
    this.#tasks.add(tracked);
  }

  #changed(): void {
    for (const look of this.#waiting) look();
  }

  async #serve(listener: Deno.TcpListener): Promise<void> {
    const open = new Set<Deno.TcpConn>();
    const answering = new Set<Promise<void>>();
    try {
      for await (const connection of listener) {
        open.add(connection);
        const task = this.#answer(connection).finally(() => {
          open.delete(connection);
          answering.delete(task);
        });
        answering.add(task);
      }
    } finally {
      for (const connection of open) connection.close();
      await Promise.all(answering);
    }
  }

  async #answer(connection: Deno.TcpConn): Promise<void> {
    try {
      const buffer = new Uint8Array(4096);
      const length = await connection.read(buffer) ?? 0;
      const [, path] =
        /^GET (\S+) HTTP/.exec(new TextDecoder().decode(buffer.subarray(0, length))) ??
          [];
      if (path === undefined) return connection.close();
      this.requests.push(path);
      this.#lastRequest = performance.now();
      if (this.#options.keptByRequest?.test(path)) this.#lastKeepAlive = performance.now();
      this.#changed();
      if (this.#hung) {
        await connection.read(buffer); // until the other side gives up
        return connection.close();
      }
      const answer = this.#options.firmware(path, this.status);
      if (answer.hangs) {
        await connection.read(buffer);
        return connection.close();
      }
      Object.assign(this.status, answer.sets);
      if (answer.stops) this.#round?.abort();
      if (answer.starts) this.#begin((connection.remoteAddr as Deno.NetAddr).hostname);
      const bytes = encodeAnswer(answer);
      for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
      connection.close();
    } catch (error) {
      if (!isClosed(error)) throw error;
    }
  }

  async #hear(socket: Deno.DatagramConn): Promise<void> {
    for await (const [datagram] of socket) {
      if (!KEEP_ALIVE.test(new TextDecoder().decode(datagram))) {
        this.otherDatagrams.push(datagram);
        this.#changed();
        continue;
      }
      this.keepAlives++;
      if (this.#options.keptByRequest === undefined) this.#lastKeepAlive = performance.now();
      this.#changed();
    }
  }

  #begin(hostname: string): void {
    this.#round?.abort();
    const round = new AbortController();
    this.#round = round;
    this.#lastKeepAlive = performance.now();
    this.starts++;
    this.finished = false;
    this.#run(this.#stream(hostname, round.signal));
  }

  async #stream(hostname: string, signal: AbortSignal): Promise<void> {
    const { speed, streamPort, repeat, startDelayMs } = this.#options;
    const address = { transport: "udp", hostname, port: streamPort } as const;
    if (startDelayMs > 0) await new Promise((resolve) => setTimeout(resolve, startDelayMs));
    const beganAt = performance.now();
    let frames = 0;
    let burst = 0;
    do {
      for (const slot of this.#plan()) {
        if (signal.aborted || this.#udp === undefined) return;
        if (!this.#isNeglected()) await this.#send(slot, address); // else what it films is gone
        const endsPicture = ((slot[0] ?? 0) & FLAG_PICTURE_END) === FLAG_PICTURE_END;
        if (endsPicture) frames++;
        if (!endsPicture && ++burst < MAX_BURST) continue;
        burst = 0;
        const ahead = frames * FRAME_MS / speed - (performance.now() - beganAt);
        await new Promise((resolve) => setTimeout(resolve, Math.max(1, ahead)));
      }
    } while (repeat && !signal.aborted);
    if (signal.aborted) return;
    this.finished = true;
    this.#changed();
  }

  async #send(slot: Uint8Array, address: Deno.NetAddr): Promise<void> {
    await this.#udp?.send(slot, address).catch((error) => {
      if (!isClosed(error)) throw error;
    });
    this.sent++;
    this.#changed();
  }

  #isNeglected(): boolean {
    const now = performance.now();
    return now - this.#lastKeepAlive > this.#options.keepAliveLimitMs ||
      now - this.#lastRequest > this.#options.httpLimitMs;
  }

  /** The slots of one round in the order they go out. */
  #plan(): readonly Uint8Array[] {
    const { faults } = this.#options;
    if (faults === undefined) return this.#slots;
    const { seed, loss = 0, duplication = 0, reordering = 0 } = faults;
    const draw = randomFrom(seed + this.starts);
    const happens = (share: number): boolean => draw(1_000_000) < share * 1_000_000;
    const plan: Uint8Array[] = [];
    for (const [i, slot] of this.#slots.entries()) {
      if (happens(loss)) {
        this.dropped.push(i);
        continue;
      }
      plan.push(slot);
      if (happens(duplication)) plan.push(slot);
    }
    for (let i = 0; i + 1 < plan.length; i++) {
      if (!happens(reordering)) continue;
      plan.splice(i, 2, ...plan.slice(i, i + 2).reverse());
      i++;
    }
    return plan;
  }
}

function encodeAnswer({ status, body, malformed }: FirmwareAnswer): Uint8Array {
  const line = malformed
    ? `HTTP/1.1 \r\n`
    : `HTTP/1.1 ${status} ${status < 400 ? "OK" : "Error"}\r\n`;
  const content = typeof body === "string" ? new TextEncoder().encode(body) : body;
  const head = `${line}Content-Type: application/json\r\nContent-Length: ${content.length}\r\n` +
    "Connection: close\r\n\r\n";
  return concatBytes([new TextEncoder().encode(head), Uint8Array.from(content)]);
}

function isClosed(error: unknown): boolean {
  return error instanceof Deno.errors.BadResource || error instanceof Deno.errors.Interrupted ||
    error instanceof Deno.errors.ConnectionReset || error instanceof Deno.errors.BrokenPipe ||
    error instanceof Deno.errors.NotConnected;
}
