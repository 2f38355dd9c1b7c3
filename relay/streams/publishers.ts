/**
 * The publishers of one stream, one at a time: the newest, and the one whose bytes the run at hand reads, which may be the
 * one before it. Starts and ends no run.
 *
 * @module
 */

import { Publication, type PublicationOptions, type PublicationPort } from "./publication.ts";

/** One stream's. */
export class Publishers {
  #newest: Publication | undefined;
  #feeding: Publication | undefined;
  #wantsKeyPicture: (() => void) | undefined;
  /** What the newest came through (`shared/via.ts`); also when that is over. */
  via: readonly string[] = [];

  /** Whether there is one now. */
  get isPublished(): boolean {
    return this.#newest?.isOver === false;
  }

  /** Whether the newest brought something that no run reads yet; it may have said all of it, and be gone. */
  get hasUnread(): boolean {
    if (!this.#newest || this.#newest === this.#feeding) return false;
    return !this.#newest.isOver || this.#newest.kind === "ended";
  }

  /** Lets one in; `undefined` when there is another, which is not to be replaced. */
  admit(options: PublicationOptions): Publication | undefined {
    if (this.isPublished && !options.replace) return undefined;
    this.#newest?.close("another publisher took its place", "replaced");
    if (this.#newest !== this.#feeding) this.#newest?.settle(undefined); // no run reads it any more
    const publication = new Publication(options);
    this.#newest = publication;
    this.#wantsKeyPicture = options.wantsKeyPicture;
    this.via = options.via ?? [];
    return publication;
  }

  /** A run begins: it reads what the newest brings. */
  begin(): void {
    this.#feeding = this.#newest;
  }

  /** The run's worker is ready. */
  connect(port: PublicationPort): void {
    this.#feeding?.connect(port);
  }

  /** The worker has read so much, as `feedCost` counts. */
  fed(cost: number): void {
    this.#feeding?.fed(cost);
  }

  /** A viewer waits for a key picture. */
  wantKeyPicture(): void {
    this.#wantsKeyPicture?.();
  }

  /**
   * The run is over. @param problem why, where it failed.
   * @returns the publication that it read.
   */
  end(problem: string | undefined): Publication | undefined {
    const fed = this.#feeding;
    if (problem === undefined) fed?.end();
    else fed?.close(problem);
    fed?.settle(problem);
    if (!this.hasUnread) this.#forget();
    this.#feeding = undefined;
    return fed;
  }

  /** Ends whoever publishes. @param reason a sentence without its full stop. */
  close(reason: string): void {
    this.#newest?.close(reason, "stopped");
    this.#forget();
  }

  #forget(): void {
    if (this.#newest !== this.#feeding) this.#newest?.settle(undefined);
    this.#newest = undefined;
    this.#wantsKeyPicture = undefined;
  }
}
