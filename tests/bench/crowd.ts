/**
 * Viewers, many of them, in a C program of their own (`crowd.c`).
 *
 * @module
 */

import { LineProcess } from "./line_process.ts";

/** What came in a while. */
export interface Received {
  /** CLOCK_MONOTONIC, µs. */
  readonly atUs: number;
  readonly bytes: number;
  readonly messages: number;
  readonly pictures: number;
  readonly skips: number;
  readonly skippedFragments: number;
  /** Viewers that were sent away. */
  readonly closed: number;
  /** The crowd's own, s. */
  readonly cpu: number;
  /** From a picture's prft to its whole message, ms. */
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  /** Messages later than 33.3 ms, than 100 ms. */
  readonly late33: number;
  readonly late100: number;
}

/** Whom to watch, and how. */
export interface CrowdOptions {
  readonly port: number;
  readonly count: number;
  readonly path?: string;
  readonly tls?: boolean;
  /** A line for each binary message of the first `viewers`: µs, viewer, bytes, pictures. */
  readonly log?: { readonly file: string; readonly viewers: number };
}

/** Connected viewers. */
export class Crowd implements AsyncDisposable {
  readonly #process: LineProcess;

  private constructor(process: LineProcess) {
    this.#process = process;
  }

  /** Resolves when all are connected. */
  static async start(program: string, options: CrowdOptions): Promise<Crowd> {
    const { port, count, path = "/", tls = false, log } = options;
    const process = new LineProcess(program, [
      ...[`${port}`, path, `${count}`],
      ...(tls ? ["tls"] : []),
      ...(log ? ["log", log.file, `${log.viewers}`] : []),
    ]);
    await process.line();
    return new Crowd(process);
  }

  /** What came since the last call. */
  received(): Promise<Received> {
    return this.#process.ask<Received>();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
  }
}
