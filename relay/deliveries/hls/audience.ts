/**
 * Who asks for a stream's playlist and media, as far as requests without sessions let it be known: clients are told apart
 * by what they come with, kept in memory alone and not for long. Counts them; refuses nobody.
 *
 * @module
 */

/** So many clients are told apart; of more, those that have been silent longest are forgotten. */
export const MAX_CLIENTS = 8192;
/** Longest part of a client's own words that is kept. */
const MAX_WORDS = 200;

/** What tells a client from others: behind one address, browsers of one kind are one. */
export function clientOf(address: string | undefined, userAgent: string | undefined): string {
  return `${address ?? ""} ${(userAgent ?? "").slice(0, MAX_WORDS)}`;
}

/** Clients and when each was last seen. Times in ms, never going back. */
export class Audience {
  /** The longest silent first. */
  readonly #seen = new Map<string, number>();

  /** A client asked for something. */
  saw(client: string, now: number): void {
    this.#seen.delete(client);
    this.#seen.set(client, now);
    if (this.#seen.size <= MAX_CLIENTS) return;
    for (const [oldest] of this.#seen) {
      this.#seen.delete(oldest);
      return;
    }
  }

  /** How many have been seen at `time` or later; the others are forgotten. */
  since(time: number): number {
    for (const [client, at] of this.#seen) {
      if (at >= time) break;
      this.#seen.delete(client);
    }
    return this.#seen.size;
  }
}
