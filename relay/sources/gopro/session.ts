/**
 * One session with a GoPro: recognise it, start its picture, keep it alive, start it again when it falls
 * silent. Ends with a {@link SourceError} when the camera is gone, and is begun anew from outside.
 *
 * The camera sends to the address the start request came from, so the socket is bound before it asks.
 * The preview is not stopped at the end: without keep-alives the camera does that by itself.
 * @module
 */

import { isIP } from "node:net";
import { sleep } from "../../../shared/sleep.ts";
import type { CameraStatus } from "../../../shared/api.ts";
import { DatagramReader, passOn } from "../datagram.ts";
import { bindDatagrams, receiveDatagrams } from "../datagram_socket.ts";
import { type SourceCommand, SourceError, type SourceOutput } from "../source.ts";
import { together } from "../together.ts";
import { cameraGet, type Get, isSuccess, type Secure } from "./camera_http.ts";
import type { Camera, KeepAlive, PreviewOptions, StartPath } from "./dialect.ts";
import type { DialectName } from "./dialects.ts";
import { notDone, notStarted, notTakingCommands } from "./failures.ts";
import { Flow } from "./flow.ts";
import { followPlaylist } from "./hls_preview.ts";
import { pairCamera } from "./pairing.ts";
import { untilReady } from "./readiness.ts";
import { findCamera, type FoundCamera, wakeCamera } from "./recognition.ts";
import { startPicture } from "./start.ts";
import type { SessionTimings } from "./timings.ts";

/** Which camera, and what of it. */
export interface SessionOptions {
  readonly host: string;
  /** Of every dialect and of HLS; where it is not given, their own. */
  readonly httpPort?: number;
  /** HTTPS, with a name and a password. */
  readonly secure?: Secure;
  /** Where this machine listens. */
  readonly udpPort: number;
  /** Where the camera listens for keep-alives. */
  readonly cameraUdpPort: number;
  /** Where the camera listens to be woken. */
  readonly wakePort: number;
  /** The camera is to be paired first: with these digits, or, where they are none, without. */
  readonly pin?: string;
  /** Where the camera takes digits. */
  readonly pairPort: number;
  /** Of the camera's Wi-Fi, for when it sleeps before it has told it. */
  readonly mac?: Uint8Array;
  /** Dialects to try, in order. */
  readonly dialects: readonly DialectName[];
  readonly preview: PreviewOptions;
}

const ALL_ADDRESSES = "0.0.0.0";
/** Where cameras keep their HLS preview. */
const HLS_PORT = 8080;

/** A conversation under way. */
interface Talk {
  readonly camera: Camera;
  /** It said that it is of a dialect known here. */
  readonly certain: boolean;
  readonly get: Get;
  readonly socket: Deno.DatagramConn;
  readonly signal: AbortSignal;
}

/** One session: made, run once, and told what to do meanwhile. */
export class Session {
  readonly #options: SessionOptions;
  readonly #out: SourceOutput;
  readonly #timings: SessionTimings;
  readonly #flow = new Flow();
  #reader = new DatagramReader();
  /** The next bytes begin anew. */
  #anew = false;
  #byPlaylist = false;
  #status: CameraStatus = {};
  #reported = "{}";
  #working: StartPath | undefined;
  #mac: Uint8Array | undefined;
  #talk: Talk | undefined;

  constructor(
    options: SessionOptions,
    { out, timings }: { readonly out: SourceOutput; readonly timings: SessionTimings },
  ) {
    this.#options = options;
    this.#out = out;
    this.#timings = timings;
    this.#mac = options.mac;
  }

  /** Runs until `signal` aborts; @throws {SourceError} when the camera is gone. */
  async run(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const socket = await bindDatagrams({ host: ALL_ADDRESSES, port: this.#options.udpPort });
    await together(signal, [
      (either) => this.#receive(socket, either),
      (either) => this.#converse(socket, either),
    ]);
  }

  /** Tells the camera; @throws {SourceError} when it does not do it. */
  async command(command: SourceCommand): Promise<void> {
    const { host } = this.#options;
    const talk = this.#talk;
    const shutter = talk?.camera.shutter;
    if (talk === undefined || shutter === undefined) throw notTakingCommands(host);
    try {
      if (command.kind !== "shutter") {
        throw new SourceError("a GoPro is told nothing but its shutter");
      }
      const answer = await talk.get(command.on ? shutter.on : shutter.off);
      if (!isSuccess(answer)) throw notDone(host, answer);
      await this.#pollStatus(talk);
    } catch (error) {
      if (!talk.signal.aborted || error instanceof SourceError) throw error;
      throw notTakingCommands(host); // the session ended meanwhile
    }
  }

  /** Its pictures have ceased although it sends on. */
  frozen(): void {
    this.#flow.frozen();
  }

  #receive(socket: Deno.DatagramConn, signal: AbortSignal): Promise<void> {
    const out = this.#out;
    const only = isIP(this.#options.host) === 0 ? undefined : this.#options.host;
    return receiveDatagrams(socket, {
      signal,
      now: () => out.now(),
      take: (datagram, from, arrival) => {
        if (only !== undefined && from.hostname !== only) return;
        if (this.#byPlaylist) return; // the same pictures a second time
        if (this.#begins()) {
          this.#reader = new DatagramReader();
          out.discontinuity("restart");
        }
        const content = this.#reader.read(datagram);
        if (content === undefined) return;
        this.#flow.seen();
        passOn(content, out, arrival);
      },
    });
  }

  /** Whether the next bytes begin anew; asked once. */
  #begins(): boolean {
    const begins = this.#anew;
    this.#anew = false;
    return begins;
  }

  async #converse(socket: Deno.DatagramConn, signal: AbortSignal): Promise<void> {
    const { camera, certain, get } = await this.#find(socket, signal);
    this.#mac = camera.mac ?? this.#mac;
    const talk: Talk = { camera, certain, get, socket, signal };
    this.#report(camera, {});
    await this.#pair(talk);
    for (const path of camera.prepare) await get(path);
    await this.#untilReady(talk);
    await this.#applySettings(talk);
    this.#talk = talk;
    try {
      await together(signal, [
        ...camera.keepAlives.map((keepAlive) => (either: AbortSignal) =>
          this.#keepAlive(keepAlive, { ...talk, signal: either })
        ),
        (either) => this.#keepFlowing({ ...talk, signal: either }),
        (either) => this.#followStatus({ ...talk, signal: either }),
        (either) =>
          camera.playlistPath === undefined
            ? aborted(either)
            : this.#orByPlaylist(camera.playlistPath, { ...talk, signal: either }),
      ]);
    } finally {
      this.#talk = undefined;
    }
  }

  async #find(socket: Deno.DatagramConn, signal: AbortSignal): Promise<FoundCamera> {
    const { host, httpPort, secure, dialects, preview } = this.#options;
    const asking = { host, httpPort, secure, dialects, preview };
    const limits = { signal, timeoutMs: this.#timings.httpTimeoutMs };
    if (this.#mac === undefined) return await findCamera(asking, limits);
    try {
      return await findCamera(asking, limits);
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      await this.#wake(socket, signal);
      return await findCamera(asking, limits);
    }
  }

  async #wake(socket: Deno.DatagramConn, signal: AbortSignal): Promise<void> {
    if (this.#mac === undefined) return;
    this.#out.note(`the GoPro at ${this.#options.host} does not answer: it is woken`);
    await this.#sendWake(socket, { waitMs: this.#timings.wakeMs, signal });
  }

  async #sendWake(
    socket: Deno.DatagramConn,
    { waitMs, signal }: { readonly waitMs: number; readonly signal: AbortSignal },
  ): Promise<void> {
    const mac = this.#mac;
    if (mac === undefined) return;
    const { host, wakePort } = this.#options;
    const address = { transport: "udp", hostname: host, port: wakePort } as const;
    await wakeCamera(socket, address, { mac, waitMs, signal });
    signal.throwIfAborted();
  }

  /** Where the user asked for it; the picture is tried for whatever comes of it. */
  async #pair({ camera, get, signal }: Talk): Promise<void> {
    const { host, pin, pairPort } = this.#options;
    if (pin === undefined) return;
    const address = { host, httpPort: pairPort, secure: "unproven" } as const;
    const getByTls = cameraGet(address, { signal, timeoutMs: this.#timings.httpTimeoutMs });
    const timings = this.#timings;
    this.#out.note(await pairCamera(camera.pairing, { host, pin, get, getByTls, signal, timings }));
  }

  /** A busy camera refuses what it is sent; one that stays busy is asked all the same. */
  async #untilReady(talk: Talk): Promise<void> {
    const missed = await untilReady({
      ...talk,
      timings: this.#timings,
      stillBusy: async () => {
        await this.#pollStatus(talk);
        const { busy, recording } = this.#status;
        return busy === true || (talk.camera.startsNothingWhileRecording && recording) === true;
      },
      wake: () => this.#sendWake(talk.socket, { waitMs: 0, signal: talk.signal }),
    });
    if (missed.includes("inattentive")) {
      this.#out.note(
        `the ${this.#name} at ${this.#options.host} does not say that it listens to this machine: ` +
          "it is started all the same",
      );
    }
  }

  /** A setting the camera does not take is no reason to go without a picture. */
  async #applySettings({ camera, get }: Talk): Promise<void> {
    const { host } = this.#options;
    for (const option of camera.untaken) {
      this.#out.note(`the ${this.#name} at ${host} has no way to set ${option}`);
    }
    if (camera.settings.length > 0 && this.#status.recording === true) {
      this.#out.note(`the ${this.#name} at ${host} records: its settings stay as they are`);
      return;
    }
    for (const { name, path } of camera.settings) {
      const answer = await get(path);
      if (isSuccess(answer)) continue;
      const what = answer.kind === "answered" ? `answered ${answer.status}` : "did not answer";
      this.#out.note(`the GoPro at ${host} does not take ${name}: it ${what}`);
    }
  }

  get #name(): string {
    return this.#status.model ?? "GoPro";
  }

  async #keepAlive(keepAlive: KeepAlive, { get, socket, signal }: Talk): Promise<void> {
    const { host, cameraUdpPort } = this.#options;
    const address = { transport: "udp", hostname: host, port: cameraUdpPort } as const;
    const send = async (): Promise<string | undefined> => {
      if (keepAlive.kind === "datagram") {
        const bytes = new TextEncoder().encode(keepAlive.text);
        return await socket.send(bytes, address).then(() => undefined, (error) => `${error}`);
      }
      const answer = await get(keepAlive.path);
      return answer.kind === "failed" ? `it does not answer (${answer.why})` : undefined;
    };
    let failing = false;
    while (!signal.aborted) {
      // Where the camera has gone, so has the way to it: silence is what ends the session, not this.
      const reason = await send();
      if (reason !== undefined && !failing && !signal.aborted) {
        this.#out.note(`no keep-alive can be sent to the GoPro at ${host}: ${reason}`);
      }
      failing = reason !== undefined;
      await sleep(this.#timings.keepAliveMs ?? keepAlive.everyMs, signal);
    }
  }

  /** Where no datagrams come the preview may come as HLS: looked for once, and then gone on with. */
  async #orByPlaylist(path: string, { get, signal }: Talk): Promise<void> {
    const { playlistAfterMs, hlsPollMs } = this.#timings;
    await sleep(playlistAfterMs, signal);
    if (this.#flow.any) return await aborted(signal);
    this.#byPlaylist = true;
    await followPlaylist({
      path,
      port: this.#options.httpPort ?? HLS_PORT,
      get,
      out: this.#out,
      signal,
      pollMs: hlsPollMs,
      seen: () => this.#flow.seen(),
      begins: () => this.#begins(),
    });
  }

  /** How long no media may come; segments of HLS last a second each. */
  get #silenceMs(): number {
    return this.#byPlaylist ? this.#timings.hlsSilenceMs : this.#timings.silenceMs;
  }

  async #keepFlowing(talk: Talk): Promise<void> {
    const { host } = this.#options;
    const { restartMs, maxRestartMs, steadyMs } = this.#timings;
    const { signal } = talk;
    await this.#start(talk);
    this.#out.note(`the preview of the ${this.#name} at ${host} runs`);
    let startedAt = performance.now();
    let restarts = 0;
    while (!signal.aborted) {
      const silenceMs = this.#silenceMs;
      const end = await this.#flow.end(silenceMs, signal);
      signal.throwIfAborted();
      if (performance.now() - startedAt > steadyMs) restarts = 0;
      const what = end === "frozen"
        ? `no more pictures from the GoPro at ${host}, though it sends`
        : `nothing from the GoPro at ${host} for ${silenceMs / 1000} s`;
      this.#out.note(`${what}: its preview is restarted`);
      if (restarts > 0) {
        const longest = Math.min(maxRestartMs, restartMs * 2 ** (restarts - 1));
        const wait = longest * (0.5 + 0.5 * Math.random());
        if (end === "frozen") await sleep(wait, signal);
        else if (await this.#flow.next(wait, signal)) continue;
        signal.throwIfAborted();
      }
      restarts++;
      if (this.#working !== undefined) await talk.get(this.#working.stop);
      this.#anew = true;
      await this.#startAwake(talk);
      startedAt = performance.now();
    }
  }

  /** Starts; a camera that has gone to sleep is woken once. */
  async #startAwake(talk: Talk): Promise<void> {
    try {
      await this.#start(talk);
    } catch (error) {
      if (!(error instanceof SourceError) || this.#mac === undefined) throw error;
      await this.#wake(talk.socket, talk.signal);
      await this.#start(talk);
    }
  }

  /** Tries the ways to start until media comes, the one that last worked first. */
  async #start({ camera, certain, get, signal }: Talk): Promise<void> {
    const { host, udpPort } = this.#options;
    const last = this.#working;
    const starts = last === undefined
      ? camera.starts
      : [last, ...camera.starts.filter(({ path }) => path !== last.path)];
    const { acceptedMs, hlsSilenceMs } = this.#timings;
    const outcome = await startPicture({
      starts,
      get,
      flow: this.#flow,
      signal,
      timings: {
        ...this.#timings,
        acceptedMs: camera.playlistPath === undefined ? acceptedMs : hlsSilenceMs,
      },
    });
    if (outcome.kind === "flows") {
      this.#working = outcome.by;
      return;
    }
    const { answers } = outcome;
    const foreign = this.#reader.foreign > 0;
    const pairs = camera.pairing !== undefined;
    throw notStarted({ host, udpPort, answers, recognised: certain, foreign, pairs });
  }

  async #followStatus(talk: Talk): Promise<void> {
    const { camera, signal } = talk;
    let failing = false;
    while (!signal.aborted) {
      await sleep(this.#timings.statusMs ?? camera.statusEveryMs, signal);
      if (signal.aborted) return;
      const answered = await this.#pollStatus(talk);
      if (!answered && !failing && talk.certain) {
        this.#out.note(`the GoPro at ${this.#options.host} does not tell its status`);
      }
      failing = !answered;
    }
  }

  async #pollStatus({ camera, get }: Pick<Talk, "camera" | "get">): Promise<boolean> {
    const answer = await get(camera.statusPath);
    const status = answer.kind === "answered" && isSuccess(answer)
      ? camera.parseStatus(answer.body)
      : undefined;
    if (status === undefined) return false;
    this.#report(camera, status);
    return true;
  }

  #report(camera: Camera, polled: CameraStatus): void {
    const shutter = camera.shutter ? { shutter: true } : {};
    const status = { ...camera.status, ...shutter, ...polled };
    this.#status = status;
    const text = JSON.stringify(status);
    if (text === this.#reported) return;
    this.#reported = text;
    this.#out.status(status);
  }
}

/** Resolves when `signal` aborts. */
function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
