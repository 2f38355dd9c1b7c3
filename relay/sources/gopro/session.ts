/**
 * One session with a GoPro: recognise it, start its preview, keep it alive, start it again when it falls
 * silent. Ends with a {@link SourceError} when the camera is gone, and is begun anew from outside.
 *
 * The camera sends to the address the start request came from, so the socket is bound before it asks.
 * Success is judged by datagrams alone: some firmware says 500 and streams, some says 200 and does not.
 * The preview is not stopped at the end: without keep-alives the camera does that by itself.
 * @module
 */

import { isIP } from "node:net";
import { DatagramReader, passOn } from "../datagram.ts";
import { bindDatagrams, receiveDatagrams } from "../datagram_socket.ts";
import { sleep } from "../sleep.ts";
import type { CameraStatus } from "../../../shared/api.ts";
import type { SourceOutput } from "../source.ts";
import { together } from "../together.ts";
import { type Answer, cameraGet, type Get, HTTP_TIMEOUT_MS, isSuccess } from "./camera_http.ts";
import type { CameraIdentity, Dialect, PreviewOptions } from "./dialect.ts";
import { type DialectName, recognise } from "./dialects.ts";
import { notStarted, unanswered } from "./failures.ts";
import { Flow } from "./flow.ts";

/** Which camera, and what of it. */
export interface SessionOptions {
  readonly host: string;
  readonly httpPort: number;
  /** Where this machine listens. */
  readonly udpPort: number;
  /** Where the camera listens for keep-alives. */
  readonly cameraUdpPort: number;
  /** Dialects to try, in order. */
  readonly dialects: readonly DialectName[];
  readonly preview: PreviewOptions;
}

/** Milliseconds. */
export interface SessionTimings {
  readonly httpTimeoutMs: number;
  /** For the first datagram after a start the camera accepted. */
  readonly acceptedMs: number;
  /** The same after one it refused: some firmware refuses and streams. */
  readonly refusedMs: number;
  /** Without a datagram: the preview is started again. */
  readonly silenceMs: number;
  /** Before the second start in a row; doubles with each further one. */
  readonly restartMs: number;
  readonly maxRestartMs: number;
  /** Flowing for so long, earlier silences are forgotten. */
  readonly steadyMs: number;
  /** Longest wait for a busy camera before it is sent settings. */
  readonly busyMs: number;
  /** How often it is asked whether it still is; its own floor is 500 ms. */
  readonly busyPollMs: number;
  /** Instead of the dialect's own intervals. */
  readonly keepAliveMs?: number;
  readonly statusMs?: number;
}

/** As cameras need them; tests bring shorter ones. */
export const SESSION_TIMINGS: SessionTimings = {
  httpTimeoutMs: HTTP_TIMEOUT_MS,
  acceptedMs: 3_000,
  refusedMs: 1_000,
  silenceMs: 2_000,
  restartMs: 500,
  maxRestartMs: 8_000,
  steadyMs: 30_000,
  busyMs: 5_000,
  busyPollMs: 500,
};

const ALL_ADDRESSES = "0.0.0.0";

/** Runs a session until `signal` aborts; @throws {SourceError} when the camera is gone. */
export async function runSession(
  options: SessionOptions,
  { out, signal, timings }: {
    readonly out: SourceOutput;
    readonly signal: AbortSignal;
    readonly timings: SessionTimings;
  },
): Promise<void> {
  if (signal.aborted) return;
  await new Session(options, { out, timings }).run(signal);
}

class Session {
  readonly #options: SessionOptions;
  readonly #out: SourceOutput;
  readonly #timings: SessionTimings;
  readonly #flow = new Flow();
  #reader = new DatagramReader();
  #anew = false;
  #status: CameraStatus = {};
  #reported = "{}";
  #lastAnswer: Answer = { kind: "unreadable" };
  #workingPath: string | undefined;

  constructor(
    options: SessionOptions,
    { out, timings }: { readonly out: SourceOutput; readonly timings: SessionTimings },
  ) {
    this.#options = options;
    this.#out = out;
    this.#timings = timings;
  }

  async run(signal: AbortSignal): Promise<void> {
    const socket = await bindDatagrams({ host: ALL_ADDRESSES, port: this.#options.udpPort });
    await together(signal, [
      (either) => this.#receive(socket, either),
      (either) => this.#converse(socket, either),
    ]);
  }

  #receive(socket: Deno.DatagramConn, signal: AbortSignal): Promise<void> {
    const out = this.#out;
    const only = isIP(this.#options.host) === 0 ? undefined : this.#options.host;
    return receiveDatagrams(socket, {
      signal,
      now: () => out.now(),
      take: (datagram, from, arrival) => {
        if (only !== undefined && from.hostname !== only) return;
        if (this.#anew) {
          this.#anew = false;
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

  async #converse(socket: Deno.DatagramConn, signal: AbortSignal): Promise<void> {
    const { host, httpPort, dialects } = this.#options;
    const ask = cameraGet({ host, httpPort }, { signal, timeoutMs: this.#timings.httpTimeoutMs });
    const get: Get = async (path) => this.#lastAnswer = await ask(path);
    const found = await recognise(dialects, get);
    if (found === undefined) throw unanswered(host, this.#lastAnswer);
    const { dialect, identity } = found;
    this.#report(identity?.status ?? {});
    await this.#pollStatus(dialect, get);
    await this.#applySettings(dialect, { get, signal });
    await together(signal, [
      (either) => this.#keepAlive(socket, { dialect, signal: either }),
      (either) => this.#keepFlowing({ dialect, identity, get, signal: either }),
      (either) => this.#followStatus({ dialect, get, signal: either }),
    ]);
  }

  /** A setting the camera does not take is no reason to go without a picture. */
  async #applySettings(
    dialect: Dialect,
    { get, signal }: { readonly get: Get; readonly signal: AbortSignal },
  ): Promise<void> {
    const settings = dialect.settings(this.#options.preview);
    if (settings.length === 0) return;
    const { busyMs, busyPollMs } = this.#timings;
    for (let waited = 0; this.#status.busy === true && waited < busyMs; waited += busyPollMs) {
      await sleep(busyPollMs, signal);
      await this.#pollStatus(dialect, get);
    }
    for (const { name, path } of settings) {
      const answer = await get(path);
      if (isSuccess(answer)) continue;
      const what = answer.kind === "answered" ? `answered ${answer.status}` : "did not answer";
      this.#out.note(`the GoPro at ${this.#options.host} does not take ${name}: it ${what}`);
    }
  }

  async #keepAlive(
    socket: Deno.DatagramConn,
    { dialect, signal }: { readonly dialect: Dialect; readonly signal: AbortSignal },
  ): Promise<void> {
    const { host, cameraUdpPort } = this.#options;
    const { datagram, everyMs } = dialect.keepAlive;
    const bytes = new TextEncoder().encode(datagram);
    const address = { transport: "udp", hostname: host, port: cameraUdpPort } as const;
    let failing = false;
    while (!signal.aborted) {
      // Where the camera has gone, so has the way to it: silence is what ends the session, not this.
      const reason = await socket.send(bytes, address).then(() => undefined, (error) => `${error}`);
      if (reason !== undefined && !failing && !signal.aborted) {
        this.#out.note(`no keep-alive can be sent to the GoPro at ${host}: ${reason}`);
      }
      failing = reason !== undefined;
      await sleep(this.#timings.keepAliveMs ?? everyMs, signal);
    }
  }

  async #keepFlowing(start: Start): Promise<void> {
    const { host } = this.#options;
    const { silenceMs, restartMs, maxRestartMs, steadyMs } = this.#timings;
    const { signal } = start;
    await this.#start(start);
    this.#out.note(`the preview of the ${this.#status.model ?? "GoPro"} at ${host} runs`);
    let startedAt = performance.now();
    let restarts = 0;
    while (!signal.aborted) {
      await this.#flow.silence(silenceMs, signal);
      signal.throwIfAborted();
      if (performance.now() - startedAt > steadyMs) restarts = 0;
      const seconds = silenceMs / 1000;
      this.#out.note(
        `nothing from the GoPro at ${host} for ${seconds} s: its preview is restarted`,
      );
      if (restarts > 0) {
        const wait = Math.min(maxRestartMs, restartMs * 2 ** (restarts - 1));
        const back = await this.#flow.next(wait * (0.5 + 0.5 * Math.random()), signal);
        if (back) continue;
      }
      restarts++;
      await start.get(start.dialect.stopPath);
      this.#anew = true;
      await this.#start(start);
      startedAt = performance.now();
    }
  }

  /** Tries the ways to start until datagrams come, the one that last worked first. */
  async #start({ dialect, identity, get, signal }: Start): Promise<void> {
    const { host, udpPort } = this.#options;
    const { acceptedMs, refusedMs } = this.#timings;
    const paths = dialect.startPaths(identity);
    const last = this.#workingPath;
    const ordered = last === undefined ? paths : [last, ...paths.filter((path) => path !== last)];
    const answers: Answer[] = [];
    for (const path of ordered) {
      const before = this.#flow.silentFor();
      const answer = await get(path);
      answers.push(answer);
      const came = this.#flow.silentFor() < before ||
        await this.#flow.next(isSuccess(answer) ? acceptedMs : refusedMs, signal);
      signal.throwIfAborted();
      if (came) {
        this.#workingPath = path;
        return;
      }
      if (answer.kind === "failed" && answer.why !== "closed") break;
    }
    const recognised = identity !== undefined;
    throw notStarted({ host, udpPort, answers, recognised, foreign: this.#reader.foreign > 0 });
  }

  async #followStatus(following: Omit<Start, "identity">): Promise<void> {
    const { dialect, get, signal } = following;
    let failing = false;
    while (!signal.aborted) {
      await sleep(this.#timings.statusMs ?? dialect.statusEveryMs, signal);
      if (signal.aborted) return;
      const answered = await this.#pollStatus(dialect, get);
      if (!answered && !failing) {
        this.#out.note(`the GoPro at ${this.#options.host} does not tell its status`);
      }
      failing = !answered;
    }
  }

  async #pollStatus(dialect: Dialect, get: Get): Promise<boolean> {
    const answer = await get(dialect.statusPath);
    const status = answer.kind === "answered" && isSuccess(answer)
      ? dialect.parseStatus(answer.body)
      : undefined;
    if (status === undefined) return false;
    const { model, firmware } = this.#status;
    this.#report({
      ...(model === undefined ? {} : { model }),
      ...(firmware === undefined ? {} : { firmware }),
      ...status,
    });
    return true;
  }

  #report(status: CameraStatus): void {
    this.#status = status;
    const text = JSON.stringify(status);
    if (text === this.#reported) return;
    this.#reported = text;
    this.#out.status(status);
  }
}

interface Start {
  readonly dialect: Dialect;
  readonly identity: CameraIdentity | undefined;
  readonly get: Get;
  readonly signal: AbortSignal;
}
