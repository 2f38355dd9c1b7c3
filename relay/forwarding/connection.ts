/**
 * A connection outward: TCP, through a proxy where there is one, TLS where the address wants it; each step with a limit
 * and a sentence for its failure. What travels on it is not its business.
 *
 * @module
 */

import { connect, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { bare, type Proxy, proxyFor, type ProxySettings } from "./proxy.ts";

/** A host that is there answers sooner; one that is not is asked again soon. */
const TCP_MS = 2_000;
/** A proxy's answer, and a handshake, over a slow line. */
const STEP_MS = 10_000;
/** Head of a proxy's answer. */
const MAX_HEAD_CHARS = 16_384;

/** It cannot be had; `message` is a sentence. */
export class ConnectionError extends Error {
  override readonly name = "ConnectionError";
}

/**
 * Opens a connection to the host of `url`.
 * @throws {ConnectionError}
 */
export async function openConnection(
  url: URL,
  { proxies, signal }: { readonly proxies: ProxySettings; readonly signal: AbortSignal },
): Promise<Socket> {
  const secure = url.protocol === "wss:" || url.protocol === "https:";
  const host = bare(url.hostname);
  const port = Number(url.port || (secure ? 443 : 80));
  const proxy = proxyOf(url, proxies);
  let socket = await openTcp(proxy ?? { hostname: host, port }, signal);
  try {
    if (proxy) await tunnel(socket, { proxy, host, port, signal });
    if (secure) socket = await openTls(socket, { host, signal });
    socket.setNoDelay(true);
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

function proxyOf(url: URL, proxies: ProxySettings): Proxy | undefined {
  try {
    return proxyFor(url, proxies);
  } catch (error) {
    if (error instanceof RangeError) throw new ConnectionError(error.message);
    throw error;
  }
}

async function openTcp(
  { hostname, port }: { readonly hostname: string; readonly port: number },
  signal: AbortSignal,
): Promise<Socket> {
  const socket = connect({ host: hostname, port });
  // Between two that listen to it, an error must not be nobody's: it would be the relay's end. A `close` follows.
  socket.on("error", () => {});
  const where = `${hostname}:${port}`;
  const step = new Step(socket, { signal, limitMs: TCP_MS, late: `${where} does not answer` });
  socket.once("connect", () => step.done());
  await step.run((error) => explain(error, where));
  return socket;
}

/** RFC 9110 §9.3.6. */
async function tunnel(
  socket: Socket,
  { proxy, host, port, signal }: {
    readonly proxy: Proxy;
    readonly host: string;
    readonly port: number;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const name = `the proxy ${proxy.hostname}:${proxy.port}`;
  const step = new Step(socket, { signal, limitMs: STEP_MS, late: `${name} does not answer` });
  const target = `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
  let head = "";
  const read = (bytes: Uint8Array): void => {
    head += String.fromCharCode(...bytes.subarray(0, MAX_HEAD_CHARS));
    if (head.length > MAX_HEAD_CHARS) return step.fail(`${name} answers without an end`);
    if (!head.includes("\r\n\r\n")) return;
    const [status = ""] = head.split("\r\n");
    if (/^HTTP\/1\.[01] 2\d\d\b/.test(status)) return step.done();
    step.fail(`${name} refuses ${target}: ${status.replace(/^HTTP\/1\.[01] /, "").slice(0, 100)}`);
  };
  socket.on("data", read);
  const authorization = proxy.authorization
    ? `Proxy-Authorization: ${proxy.authorization}\r\n`
    : "";
  socket.write(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n${authorization}\r\n`);
  try {
    await step.run((error) => explain(error, name));
  } finally {
    socket.off("data", read);
  }
}

async function openTls(
  socket: Socket,
  { host, signal }: { readonly host: string; readonly signal: AbortSignal },
): Promise<Socket> {
  const secure = connectTls({ socket, ...(isIP(host) ? { host } : { servername: host, host }) });
  secure.on("error", () => {}); // as above
  const step = new Step(secure, {
    signal,
    limitMs: STEP_MS,
    late: `${host} does not finish its TLS handshake`,
  });
  secure.once("secureConnect", () => step.done());
  try {
    await step.run((error) => `no TLS with ${host}: ${firstLine(error.message)}${remedy(error)}`);
  } catch (error) {
    secure.destroy();
    throw error;
  }
  return secure;
}

/** A certificate that no public authority stands for: of a relay's own making, mostly. */
function remedy({ message, code = "" }: NodeJS.ErrnoException): string {
  return /verif|self.signed|unknown ?issuer|issuer certificate/i.test(`${code} ${message}`)
    ? "; start this relay with DENO_CERT=FILE, the authority that the other one's trust page hands out"
    : "";
}

/** Something a socket is waited for. */
class Step {
  readonly #outcome = Promise.withResolvers<string | undefined>();
  readonly #socket: Socket;
  readonly #late: string;
  readonly #limitMs: number;
  readonly #signal: AbortSignal;

  constructor(
    socket: Socket,
    { signal, limitMs, late }: {
      readonly signal: AbortSignal;
      readonly limitMs: number;
      readonly late: string;
    },
  ) {
    this.#socket = socket;
    this.#signal = signal;
    this.#limitMs = limitMs;
    this.#late = `${late} within ${limitMs / 1000} s`;
  }

  done(): void {
    this.#outcome.resolve(undefined);
  }

  fail(sentence: string): void {
    this.#outcome.resolve(sentence);
  }

  /** @throws {ConnectionError} unless it was done; the socket is destroyed then. */
  async run(explained: (error: NodeJS.ErrnoException) => string): Promise<void> {
    const failed = (error: Error): void => this.fail(explained(error));
    const closed = (): void => this.fail("the connection was closed before it was ready");
    const aborted = (): void => this.fail("it was given up");
    this.#socket.on("error", failed);
    this.#socket.on("close", closed);
    this.#signal.addEventListener("abort", aborted);
    if (this.#signal.aborted) aborted();
    const timer = setTimeout(() => this.fail(this.#late), this.#limitMs);
    const problem = await this.#outcome.promise;
    clearTimeout(timer);
    this.#signal.removeEventListener("abort", aborted);
    this.#socket.off("close", closed);
    if (problem === undefined) {
      this.#socket.off("error", failed);
      return;
    }
    // What it still says is nobody's concern.
    this.#socket.destroy();
    throw new ConnectionError(problem);
  }
}

function explain(error: NodeJS.ErrnoException, where: string): string {
  switch (error.code) {
    case "ECONNREFUSED":
      return `nothing listens at ${where}`;
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `there is no host by the name of ${where}, or no name server to ask`;
    case "ENETUNREACH":
    case "EHOSTUNREACH":
      return `no way leads to ${where}: is the network there?`;
    case "ECONNRESET":
      return `${where} closed the connection`;
    case "ETIMEDOUT":
      return `${where} does not answer`;
    default:
      return /NotCapable|--allow-net/.test(`${error.name} ${error.message}`)
        ? `the relay was started without leave to reach ${where}: start it again`
        : `${where}: ${firstLine(error.message)}`;
  }
}

function firstLine(text: string): string {
  return (text.split("\n")[0] ?? text).slice(0, 200);
}
