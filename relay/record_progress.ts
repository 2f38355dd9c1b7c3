/**
 * What `deno task record` tells on stderr: sentences, a line of progress a second, a summary. On a terminal
 * the progress is one line that is drawn again and again.
 *
 * @module
 */

import type { StreamCounters } from "../shared/api.ts";
import type { SupervisorCounter } from "./ingest/counters.ts";
import type { RecordedFile } from "./recordings/recorder.ts";

/** Where the text goes. */
export interface ProgressOptions {
  readonly write: (text: string) => void;
  /** A person sees it as it is written: lines may be drawn over. */
  readonly terminal: boolean;
}

/** The losses that a recording tells of. */
export type Losses = Omit<StreamCounters, SupervisorCounter>;

/** Clears from the cursor to the line's end, ECMA-48 §8.3.41. */
const CLEAR = "\x1b[K";

/** Writes the text. */
export class Progress {
  readonly #options: ProgressOptions;
  #drawn = false;
  #last = "";

  constructor(options: ProgressOptions) {
    this.#options = options;
  }

  /** A sentence, once even if it is said several times in a row. */
  say(sentence: string): void {
    if (sentence === this.#last) return;
    this.#last = sentence;
    this.#clear();
    this.#options.write(`rill: ${sentence}\n`);
  }

  /** How far the recording is. */
  show(files: readonly RecordedFile[], losses: Losses): void {
    const line = [...amounts(files), describeLosses(losses)].join("  ");
    if (this.#options.terminal) {
      this.#options.write(`\r${line}${CLEAR}`);
      this.#drawn = true;
    } else {
      this.#options.write(`${line}\n`);
    }
  }

  /** What was recorded: a line a file. */
  summarise(files: readonly RecordedFile[], losses: Losses): void {
    this.#clear();
    for (const file of files) {
      const isLast = file === files.at(-1);
      const facts = [...amounts([file]), ...(isLast ? [describeLosses(losses)] : [])];
      this.#options.write(`${file.path}: ${facts.join(", ")}\n`);
    }
  }

  #clear(): void {
    if (this.#drawn) this.#options.write(`\r${CLEAR}`);
    this.#drawn = false;
  }
}

/** Time, size and frames of some files together. */
function amounts(files: readonly RecordedFile[]): string[] {
  let seconds = 0;
  let bytes = 0;
  let pictures = 0;
  let sounds = 0;
  for (const { totals } of files) {
    seconds += totals.seconds;
    bytes += totals.bytes;
    pictures += totals.pictures;
    sounds += totals.sounds;
  }
  const frames = pictures === 0 && sounds > 0 ? count(sounds, "sound") : count(pictures, "frame");
  return [formatTime(seconds), formatBytes(bytes), frames];
}

/** Losses in words, the exact ones first. */
export function describeLosses(losses: Losses): string {
  const { datagramsLost, damagedAccessUnits, heldAccessUnits, unreadable, continuityGaps } = losses;
  const frames = damagedAccessUnits + heldAccessUnits + unreadable;
  const parts = [
    ...(datagramsLost > 0 ? [`${count(datagramsLost, "datagram")} lost`] : []),
    ...(frames > 0 ? [`${count(frames, "frame")} lost`] : []),
  ];
  if (parts.length > 0) return parts.join(", ");
  return continuityGaps > 0 ? count(continuityGaps, "gap") : "no losses";
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

/** `0:07`, `12:34`, `1:02:03`. */
export function formatTime(seconds: number): string {
  const whole = Math.floor(seconds);
  const pad = (value: number): string => String(value).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  return hours > 0
    ? `${hours}:${pad(minutes)}:${pad(whole % 60)}`
    : `${minutes}:${pad(whole % 60)}`;
}

/** Decimal units, three digits. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  let value = bytes;
  for (const unit of ["kB", "MB", "GB"]) {
    value /= 1000;
    if (value < 999.5) return `${value.toFixed(value < 9.995 ? 2 : value < 99.95 ? 1 : 0)} ${unit}`;
  }
  return `${(value / 1000).toFixed(2)} TB`;
}
