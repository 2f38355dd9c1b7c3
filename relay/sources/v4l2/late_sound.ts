/**
 * Sound that a machine is too slow to encode: left out before it is encoded, rather than heard ever later, and told of. The
 * pipeline puts silence in its place, which costs nothing.
 *
 * @module
 */

import type { SourceOutput } from "../source.ts";

/** So much later than it was heard it is left out, until it is in time again; s. */
const LATE_S = 1;
const IN_TIME_S = 0.5;
/** However late, some is given after so long, lest ffmpeg be taken for one that hangs; s. */
const LONGEST_GAP_S = 5;
/** ffmpeg's AV_LOG_WARNING. */
const WARNING = 24;
/** Once is a hiccup; what comes again within so long is not, and is over when it has not come for so long. */
const OVER_MS = 30_000;

/** How late the sound is (register 1) is printed when some begins to be left out (register 0), and as long as it goes on. */
const LEAVE_OUT = "st(1,time(0)-t-samples_n/sample_rate);" +
  `st(0,if(ld(0),gt(ld(1),${IN_TIME_S}),if(gt(ld(1),${LATE_S}),print(ld(1),${WARNING}))));` +
  `if(ld(0),if(isnan(prev_selected_t)+gt(t-prev_selected_t,${LONGEST_GAP_S}),print(ld(1),${WARNING})),1)`;

/** ffmpeg's filters, for sound whose times are the wall clock's. @param samples that the encoder takes at a time. */
export function leaveOutLate(samples: number): string {
  // Of what follows a gap, an encoder places the first where the gap begins, for its frames overlap: that is made silence.
  // Register 0: when the last was heard.
  const isNext = `st(1,lt(t-ld(0),1.5*${samples}/sample_rate));st(0,t);ld(1)`;
  return `asetnsamples=n=${samples}:p=0,aselect='${LEAVE_OUT}',volume=eval=frame:volume='${isNext}'`;
}

/** As ffmpeg prints it, with the name of its evaluator or none; and what it says of sound that it did not fetch in time. */
const LATE_LINE = /^(\[Eval @ [^\]]*\] )?\d+\.\d{6}$|ALSA buffer xrun/;

const SENTENCE =
  "The sound has gaps: this machine is too slow for it. Pictures that are smaller, or fewer a second, leave it more time";

/** Whether a line of ffmpeg's says that some is left out, or lost: no reason of its end. */
export function tellsOfLateSound(line: string): boolean {
  return LATE_LINE.test(line);
}

/** Tells of one program's, until it is disposed of. */
export class LateSound implements Disposable {
  readonly #out: Pick<SourceOutput, "warn">;
  #over: ReturnType<typeof setTimeout> | undefined;
  #isTold = false;

  constructor(out: Pick<SourceOutput, "warn">) {
    this.#out = out;
  }

  /** A line of ffmpeg's standard error. */
  line(line: string): void {
    if (!tellsOfLateSound(line)) return;
    const isAgain = this.#over !== undefined;
    clearTimeout(this.#over);
    this.#over = setTimeout(() => this[Symbol.dispose](), OVER_MS);
    if (!isAgain) return;
    this.#isTold = true;
    this.#out.warn("sound", SENTENCE);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#over);
    this.#over = undefined;
    if (this.#isTold) this.#out.warn("sound", undefined);
    this.#isTold = false;
  }
}
