/**
 * A relay inside the test's own process, on a port of its own, with a page of one line instead of the built app.
 * A stream that listens where nobody sends is fed by the test, through its hub.
 *
 * @module
 */

import { pathToFileURL } from "node:url";
import { type Relay, startRelay } from "../../relay/app.ts";
import { readConfigFile } from "../../relay/config_file/read.ts";
import { readCommandLine } from "../../relay/config.ts";
import type { CompatKey } from "../../relay/compat/keys.ts";
import type { Hub } from "../../relay/hub/hub.ts";
import { Log } from "../../relay/log.ts";
import type { Supervisor } from "../../relay/streams/supervisor.ts";
import { freeUdpPort } from "./ports.ts";
import { PATIENCE_MS } from "./patience.ts";

/** The page that stands for the app. */
export const PAGE = "<!doctype html><title>Rill</title><p>A page.</p>\n";

/** A running relay. */
export class TestRelay implements AsyncDisposable {
  /** Without a slash at the end. */
  readonly url: string;
  readonly port: number;
  /** What it logged. */
  readonly log: string[];
  readonly #relay: Relay;
  readonly #folder: string;

  private constructor(relay: Relay, folder: string, log: string[]) {
    this.#relay = relay;
    this.#folder = folder;
    this.log = log;
    this.port = relay.server.address.port;
    this.url = `http://127.0.0.1:${this.port}`;
  }

  /**
   * Starts with these sources, as on the command line, for example `cam=file:a.ts?loop`.
   * @param yaml a configuration file's text, which nobody follows.
   */
  static async start(
    sources: readonly string[],
    env: Readonly<Record<string, string>> = {},
    yaml?: string,
  ): Promise<TestRelay> {
    const folder = await Deno.makeTempDir({ prefix: "rill-app-" });
    await Deno.writeTextFile(`${folder}/index.html`, PAGE);
    const variable = (name: string): string | undefined => env[name];
    const path = `${folder}/rill.yaml`;
    const request = readCommandLine(
      ["--listen", "127.0.0.1:0", "--tls", "off", "--data", `${folder}/data`, ...sources],
      variable,
      yaml === undefined
        ? undefined
        : readConfigFile(yaml, { name: "rill.yaml", path, env: variable }),
    );
    if (request.kind !== "run") throw new Error(`This starts no relay: ${sources.join(" ")}`);
    const lines: string[] = [];
    const log = new Log({ level: "debug", format: "text", write: (line) => void lines.push(line) });
    const relay = await startRelay(request.config, {
      log,
      appFolder: pathToFileURL(`${folder}/`),
    });
    return new TestRelay(relay, folder, lines);
  }

  /** Starts with streams of these names that nothing is sent to. */
  static silent(...names: readonly string[]): Promise<TestRelay> {
    return TestRelay.start(names.map((name) => `${name}=udp://127.0.0.1:${freeUdpPort()}`));
  }

  /** The hub of a stream. @throws when there is no such stream. */
  hub(name: string): Hub {
    return this.stream(name).hub;
  }

  /** A stream. @throws when there is none of that name. */
  stream(name: string): Supervisor {
    const stream = this.#relay.streams.get(name);
    if (!stream) throw new Error(`There is no stream ${name}.`);
    return stream;
  }

  /** Where another system's clients come to, without a slash at the end. @throws when nobody listens there. */
  compatUrl(key: CompatKey): string {
    const listener = this.#relay.compat.listeners.get(key);
    if (!listener) throw new Error(`Nobody listens for ${key}.`);
    return `http://127.0.0.1:${listener.address.port}`;
  }

  /** Folder for recordings and state; removed when the relay stops. */
  get data(): string {
    return `${this.#folder}/data`;
  }

  hasStream(name: string): boolean {
    return this.#relay.streams.get(name) !== undefined;
  }

  /** Of all streams. */
  get names(): string[] {
    return this.#relay.streams.names();
  }

  /** Stops it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#relay[Symbol.asyncDispose]();
    await Deno.remove(this.#folder, { recursive: true });
  }
}

/** Resolves as soon as `met` is true, looked at again and again. @throws after `limitMs`. */
export async function until(
  met: () => boolean,
  { what, limitMs = PATIENCE_MS }: { readonly what: string; readonly limitMs?: number },
): Promise<void> {
  const end = performance.now() + limitMs;
  while (!met()) {
    if (performance.now() > end) throw new Error(`Waited ${limitMs} ms for ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
