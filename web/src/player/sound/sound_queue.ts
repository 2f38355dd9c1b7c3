/**
 * Decoded sound on its way to the loudspeaker: pieces with their media times, read at a rate that may differ
 * from 1 by a little. What is missing is silence, and every edge of a silence is faded, because a step is a
 * click. Knows neither AudioContext nor decoder; runs on the audio thread.
 *
 * @module
 */

/** Samples of one piece of sound, a plane a channel. */
export interface Piece {
  readonly planes: readonly Float32Array[];
  /** Hz. */
  readonly sampleRate: number;
  /** Media time of the first sample, s. */
  readonly start: number;
}

/** Most that is kept; past it the oldest goes, s. */
export const MAX_QUEUE_S = 2;
/** A hole between two pieces no longer than this is none: time stamps round, s. */
const SEAM_S = 0.002;
/** How long a fade lasts, s. */
const FADE_S = 0.004;
/** A fade to silence is an exponential that is as good as over after that time. */
const FADE_STEEPNESS = 4;

/** A queue of sound for an output of one sample rate. */
export class SoundQueue {
  readonly #outputRate: number;
  readonly #fadeStep: number;
  #pieces: Piece[] = [];
  /** Of the next sample to be read, s; undefined before the first piece after a start. */
  #position: number | undefined;
  /** Loudness, for fading: 0 silent, 1 full. */
  #level = 0;
  #last: number[] = [];
  #gaps = 0;
  #flowing = false;

  /** @param outputRate of what is read, Hz; pieces have rates of their own. */
  constructor(outputRate: number) {
    this.#outputRate = outputRate;
    this.#fadeStep = 1 / (FADE_S * outputRate);
  }

  /** Media time of what is read next, s; undefined while there is nothing to go by. */
  get position(): number | undefined {
    return this.#position;
  }

  /** End of what has been queued, s; undefined when there is nothing. */
  get end(): number | undefined {
    const last = this.#pieces.at(-1);
    return last === undefined ? undefined : endOf(last);
  }

  /** Times it ran dry while it flowed. */
  get gaps(): number {
    return this.#gaps;
  }

  /** Takes another piece. One that overlaps what is there or lies before it is left out. */
  push(piece: Piece): void {
    const end = this.end;
    if (end !== undefined && piece.start < end - SEAM_S) return;
    this.#pieces.push(piece);
    this.#position ??= piece.start;
    while (
      this.#pieces.length > 1 && endOf(piece) - (this.#pieces[0]?.start ?? 0) > MAX_QUEUE_S
    ) this.#pieces.shift();
  }

  /** Goes on at media time `position`, s. */
  jump(position: number): void {
    this.#position = position;
    this.#level = 0;
  }

  /** Forgets all. */
  clear(): void {
    this.#pieces = [];
    this.#position = undefined;
    this.#level = 0;
    this.#flowing = false;
  }

  /** Fills `planes` with what comes next, played at `rate`; where nothing has come yet it waits, silent. */
  read(planes: readonly Float32Array[], rate: number): void {
    const length = planes[0]?.length ?? 0;
    const step = rate / this.#outputRate;
    for (let i = 0; i < length; i++) {
      const piece = this.#current();
      const position = this.#position;
      if (piece === undefined || position === undefined) {
        if (this.#flowing) this.#gaps += 1;
        this.#flowing = false;
        this.#fadeOut(planes, i);
      } else if (position < piece.start) {
        // Sound that is missing for good: the time passes all the same, or it would run ahead of the picture.
        this.#fadeOut(planes, i);
        this.#position = position + step;
      } else {
        this.#flowing = true;
        this.#sample(planes, { i, piece, at: (position - piece.start) * piece.sampleRate });
        this.#position = position + step;
      }
    }
  }

  /** The piece that holds the position, or the next one; those before it are let go. */
  #current(): Piece | undefined {
    for (;;) {
      const piece = this.#pieces[0];
      const position = this.#position;
      if (piece === undefined || position === undefined) return undefined;
      if (position < piece.start && position > piece.start - SEAM_S) this.#position = piece.start;
      if (position < endOf(piece)) return piece;
      this.#pieces.shift();
    }
  }

  /** One moment of `piece`, between two samples if need be. */
  #sample(
    planes: readonly Float32Array[],
    { i, piece, at }: { readonly i: number; readonly piece: Piece; readonly at: number },
  ): void {
    this.#level = Math.min(1, this.#level + this.#fadeStep);
    const whole = Math.floor(at);
    const part = at - whole;
    for (let channel = 0; channel < planes.length; channel++) {
      const samples = planeOf(piece, channel);
      const here = samples?.[whole] ?? 0;
      const next = samples?.[whole + 1] ?? planeOf(this.#pieces[1], channel)?.[0] ?? here;
      const value = (here + (next - here) * part) * this.#level;
      this.#last[channel] = value;
      const plane = planes[channel];
      if (plane !== undefined) plane[i] = value;
    }
  }

  #fadeOut(planes: readonly Float32Array[], i: number): void {
    this.#level = 0;
    for (let channel = 0; channel < planes.length; channel++) {
      const value = (this.#last[channel] ?? 0) * (1 - this.#fadeStep * FADE_STEEPNESS);
      this.#last[channel] = value;
      const plane = planes[channel];
      if (plane !== undefined) plane[i] = value;
    }
  }
}

/** One channel of a piece; a piece with fewer channels than the output gives its last to the rest. */
function planeOf(piece: Piece | undefined, channel: number): Float32Array | undefined {
  return piece?.planes[Math.min(channel, piece.planes.length - 1)];
}

function endOf({ planes, start, sampleRate }: Piece): number {
  return start + (planes[0]?.length ?? 0) / sampleRate;
}
