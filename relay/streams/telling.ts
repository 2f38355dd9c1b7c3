/**
 * Commands on their way to a camera: each is answered, or given up when its worker is gone or says nothing. Knows no
 * worker.
 *
 * @module
 */

import type { SourceCommand } from "../sources/source.ts";

/** A camera that is asked over Wi-Fi answers within its own 5 s, twice. */
const PATIENCE_MS = 12_000;

interface Waiting {
  readonly resolve: (problem: string | undefined) => void;
  readonly patience: ReturnType<typeof setTimeout>;
}

/** The commands of one stream. */
export class Telling {
  readonly #waiting = new Map<number, Waiting>();
  #next = 1;

  /** Hands a command on by `post`; answers with a sentence when the camera does not do it. */
  tell(
    command: SourceCommand,
    post: (id: number, command: SourceCommand) => void,
  ): Promise<string | undefined> {
    const id = this.#next++;
    const { promise, resolve } = Promise.withResolvers<string | undefined>();
    const patience = setTimeout(
      () => this.answered(id, "the camera did not answer in time"),
      PATIENCE_MS,
    );
    this.#waiting.set(id, { resolve, patience });
    post(id, command);
    return promise;
  }

  /** What came of a command; `problem` is a sentence. */
  answered(id: number, problem: string | undefined): void {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    this.#waiting.delete(id);
    clearTimeout(waiting.patience);
    waiting.resolve(problem);
  }

  /** Nobody will answer any more. */
  giveUp(): void {
    for (const id of [...this.#waiting.keys()]) this.answered(id, "the camera is gone");
  }
}
