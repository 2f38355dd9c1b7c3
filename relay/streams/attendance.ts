/**
 * Who takes a stream, as far as its camera is concerned: whether anybody does, whether nobody has for a while, and whether
 * a joiner would be helped by a key picture. Wakes and tells no camera itself.
 *
 * @module
 */

/** A camera on demand is kept awake so long after its last taker: people come back. */
const REST_MS = 10_000;
/** A joiner's wish for a key picture is passed on no more often. */
const KEY_PICTURE_MS = 1_000;

/** What follows from the takers' coming and going. */
export interface AttendanceOptions {
  /** How long nobody must be there; {@link REST_MS} if not given. */
  readonly restMs?: number | undefined;
  /** Somebody is there. */
  attended(): void;
  /** Nobody has been there for a while. */
  deserted(): void;
  /** Somebody joined: what is live begins at a key picture. */
  joined(): void;
}

/** One stream's takers. */
export class Attendance implements Disposable {
  readonly #options: AttendanceOptions;
  readonly #restMs: number;
  #takers = 0;
  #joinedAt = -Infinity;
  #rest: ReturnType<typeof setTimeout> | undefined;

  constructor(options: AttendanceOptions) {
    this.#options = options;
    this.#restMs = options.restMs ?? REST_MS;
  }

  /** Nobody takes the stream. */
  get isNone(): boolean {
    return this.#takers === 0;
  }

  /** So many take it now. */
  take(takers: number): void {
    const joined = takers > this.#takers;
    this.#takers = takers;
    if (joined) this.#join();
    this.wait();
    if (takers > 0) this.#options.attended();
  }

  /** Where nobody is there now, the while begins anew. */
  wait(): void {
    clearTimeout(this.#rest);
    if (this.isNone) this.#rest = setTimeout(() => this.#options.deserted(), this.#restMs);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#rest);
  }

  #join(): void {
    const now = performance.now();
    if (now - this.#joinedAt < KEY_PICTURE_MS) return;
    this.#joinedAt = now;
    this.#options.joined();
  }
}
