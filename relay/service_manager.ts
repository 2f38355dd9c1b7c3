/**
 * What a service manager (systemd) is told: that the relay is ready, that it stops, that it still lives. sd_notify(3):
 * one datagram of `NAME=VALUE` lines to the socket that `NOTIFY_SOCKET` names. Without that variable nothing is here.
 *
 * @module
 */

import { join } from "node:path";
import type { Log } from "./log.ts";

/** Where the manager listens, and what it asks for. */
export interface ManagerAddress {
  /** Absolute path of its datagram socket. */
  readonly socket: string;
  /** Absolute path of the socket we send from; it exists while the relay runs. */
  readonly own: string;
  /** Without a sign of life for so long it starts the relay again; `undefined` when it does not watch. */
  readonly watchdogMs: number | undefined;
}

/** The variables that {@link findManager} reads. */
export const MANAGER_VARIABLES = [
  "NOTIFY_SOCKET",
  "WATCHDOG_USEC",
  "WATCHDOG_PID",
  "RUNTIME_DIRECTORY",
] as const;

/** A socket's path may be no longer (unix(7), `sun_path`). */
const MAX_PATH_BYTES = 107;

/**
 * The manager that started this process; `undefined` where none did.
 * @param pid of this process; a watchdog may be meant for another.
 * @returns a sentence where there is one that cannot be told anything.
 */
export function findManager(
  env: (name: string) => string | undefined,
  pid: number,
): ManagerAddress | string | undefined {
  const socket = env("NOTIFY_SOCKET");
  if (!socket) return undefined;
  const [folder] = (env("RUNTIME_DIRECTORY") ?? "").split(":");
  if (!folder) return "the unit needs RuntimeDirectory=, for the socket that we send from";
  const own = join(folder, "to-manager.socket");
  for (const path of [socket, own]) {
    // Deno gives leave for paths alone, and separates them by commas.
    if (!path.startsWith("/") || path.includes(",")) return `${path} cannot be sent to from Deno`;
    if (new TextEncoder().encode(path).length > MAX_PATH_BYTES) return `${path} is too long a path`;
  }
  const meant = env("WATCHDOG_PID");
  const micros = Number(env("WATCHDOG_USEC") ?? 0);
  const watched = micros > 0 && (meant === undefined || meant === String(pid));
  return { socket, own, watchdogMs: watched ? micros / 1000 : undefined };
}

/** A line to the manager; what cannot be told is said in the log once, and nothing waits for it. */
export class ServiceManager implements Disposable {
  readonly #address: ManagerAddress;
  readonly #log: Log;
  readonly #line: Deno.DatagramConn | undefined;
  #signs: ReturnType<typeof setInterval> | undefined;
  #failed = false;

  private constructor(address: ManagerAddress, log: Log) {
    this.#address = address;
    this.#log = log;
    this.#line = this.#open();
  }

  /** To the manager that started this process; `undefined` where none did, or (the log says why) it cannot be told. */
  static open(
    env: (name: string) => string | undefined,
    { pid, log }: { readonly pid: number; readonly log: Log },
  ): ServiceManager | undefined {
    const found = findManager(env, pid);
    if (typeof found === "object") return new ServiceManager(found, log);
    if (found !== undefined) warn(log, found);
    return undefined;
  }

  /** All is up. From now on signs of life are sent, if they are asked for. */
  ready(status: string): void {
    this.#tell(`READY=1\nSTATUS=${status.replaceAll("\n", " ")}`);
    const { watchdogMs } = this.#address;
    if (watchdogMs === undefined || this.#signs !== undefined) return;
    // Half the time, as sd_watchdog_enabled(3) has it. What serves viewers sends it: one that hangs sends none.
    this.#signs = setInterval(() => this.#tell("WATCHDOG=1"), watchdogMs / 2);
  }

  /** On the way down. */
  stopping(): void {
    clearInterval(this.#signs);
    this.#tell("STOPPING=1");
  }

  [Symbol.dispose](): void {
    clearInterval(this.#signs);
    this.#line?.close();
    if (this.#line) removeSocket(this.#address.own);
  }

  #open(): Deno.DatagramConn | undefined {
    const { own } = this.#address;
    try {
      removeSocket(own); // of a relay that was killed
      return Deno.listenDatagram({ transport: "unixpacket", path: own });
    } catch (error) {
      this.#explain(error);
      return undefined;
    }
  }

  #tell(message: string): void {
    const bytes = new TextEncoder().encode(message);
    this.#line?.send(bytes, { transport: "unixpacket", path: this.#address.socket })
      .catch((error) => this.#explain(error));
  }

  #explain(error: unknown): void {
    if (this.#failed) return;
    this.#failed = true;
    warn(this.#log, error instanceof Error ? error.message : String(error));
  }
}

function warn(log: Log, why: string): void {
  log.warn(
    `the service manager cannot be told how the relay does: ${why}. ` +
      "It may take the relay for hung; Type=exec and no WatchdogSec= in the unit do without",
  );
}

function removeSocket(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
