/**
 * Tickets for WebTransport sessions: a browser sends no cookie with one, so whoever may watch is given a word for one
 * session, soon. Never written to a log.
 *
 * @module
 */

/** A ticket is good for so long. */
export const TICKET_MS = 30_000;
/** Tickets outstanding at once; one more is refused. */
export const MAX_TICKETS = 4096;
const TICKET_BYTES = 32;

/** What is outstanding. */
export class Tickets {
  readonly #open = new Map<string, { readonly stream: string; readonly until: number }>();

  /** A ticket for one session of this stream; `undefined` while there are too many. */
  issue(stream: string): string | undefined {
    this.#drop();
    if (this.#open.size >= MAX_TICKETS) return undefined;
    const ticket = crypto.getRandomValues(new Uint8Array(TICKET_BYTES)).toBase64({
      alphabet: "base64url",
      omitPadding: true,
    });
    this.#open.set(ticket, { stream, until: performance.now() + TICKET_MS });
    return ticket;
  }

  /** The stream that a ticket is for, once; `undefined` for one that is spent, too old or never was. */
  redeem(ticket: string): string | undefined {
    this.#drop();
    const known = this.#open.get(ticket);
    this.#open.delete(ticket);
    return known?.stream;
  }

  /** Oldest first, so the first that is still good ends the search. */
  #drop(): void {
    const now = performance.now();
    for (const [ticket, { until }] of this.#open) {
      if (until > now) return;
      this.#open.delete(ticket);
    }
  }
}
