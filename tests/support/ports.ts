/**
 * Ports for tests: ones that nobody uses, ones that are used again, and datagrams sent to them.
 *
 * @module
 */

import { tmpdir } from "node:os";
import { join } from "node:path";
import { ListenError } from "../../relay/http/listener.ts";
import { PATIENCE_MS } from "./patience.ts";

/** Below those that the system gives to whoever asks for any (Linux: from 32 768), who would get it meanwhile. */
const FIRST_PORT = 10_100; // 10 080 is one that browsers refuse
const PORTS = 20_000;
/** An even port of RTP, its control packets', and the same for sound. */
const RTP_PORTS = 4;
const AGAIN_MS = 10;

/** What was chosen, a file each: of the test files that run side by side no two may choose one before either uses it. */
const CLAIMS = join(tmpdir(), "rill-test-ports");
const claimed: string[] = [];
globalThis.addEventListener("unload", () => claimed.forEach((claim) => Deno.removeSync(claim)));

/** A port that nobody uses, by TCP or UDP, and that no other test has chosen. */
export function freePort(): number {
  for (;;) {
    const port = FIRST_PORT + Math.floor(Math.random() * PORTS);
    if (claim(port) && !isInUse(port)) return port;
  }
}

/** The same, for who sends to it or listens for datagrams. */
export const freeUdpPort = freePort;

/** One that is even, as RTP's is: its control packets have the next (RFC 3550 §11), and sound the two behind those. */
export function evenUdpPort(): number {
  for (;;) {
    const port = freePort();
    const others = Array.from({ length: RTP_PORTS - 1 }, (_, i) => port + 1 + i);
    if (port % 2 === 0 && others.every((other) => claim(other) && !isInUse(other))) return port;
  }
}

/**
 * What `listen` returns at a port that was listened at before. A program that this process starts at that moment, for
 * another test beside this one, has a copy of the old socket until it has become that program: it is asked again so long.
 */
export async function listenAgain<T>(listen: () => T | Promise<T>): Promise<T> {
  const end = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await listen();
    } catch (error) {
      if (!isTaken(error) || performance.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  }
}

/** Sends datagrams to a port of this machine. */
export class UdpSender implements Disposable {
  readonly #socket = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
  readonly #to: Deno.NetAddr;

  constructor(port: number) {
    this.#to = { transport: "udp", hostname: "127.0.0.1", port };
  }

  /** The port it sends from. */
  get port(): number {
    return (this.#socket.addr as Deno.NetAddr).port;
  }

  async send(...datagrams: readonly Uint8Array[]): Promise<void> {
    for (const datagram of datagrams) await this.#socket.send(datagram, this.#to);
  }

  [Symbol.dispose](): void {
    this.#socket.close();
  }
}

/** Whether nobody had claimed it, who has it from now on, until this test file ends. */
function claim(port: number): boolean {
  const path = join(CLAIMS, String(port));
  try {
    Deno.mkdirSync(CLAIMS, { recursive: true });
    Deno.openSync(path, { write: true, createNew: true }).close();
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return false;
    throw error;
  }
  claimed.push(path);
  return true;
}

/** Whether the system has a socket there. Looked up, where that can be done: who tries it out is in its own way. */
function isInUse(port: number): boolean {
  if (Deno.build.os !== "linux") return cannotBind(port);
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  const row = new RegExp(`^ *\\d+: [0-9A-F]+:${hex} `, "m"); // proc_pid_net_tcp(5): sl, local_address
  return ["tcp", "tcp6", "udp", "udp6"].some((table) => row.test(readTable(table)));
}

function readTable(name: string): string {
  try {
    return Deno.readTextFileSync(`/proc/self/net/${name}`);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return ""; // a system without IPv6
    throw error;
  }
}

function cannotBind(port: number): boolean {
  try {
    Deno.listen({ hostname: "0.0.0.0", port }).close();
    Deno.listenDatagram({ transport: "udp", hostname: "0.0.0.0", port }).close();
    return false;
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) return true;
    throw error;
  }
}

/** In Deno's words, or in the relay's. */
function isTaken(error: unknown): boolean {
  return error instanceof Deno.errors.AddrInUse || error instanceof ListenError;
}
