/**
 * Where a recording is written, and how that fails. The writer knows this interface, not files.
 *
 * @module
 */

/** What goes wrong with a recording: `message` is a sentence that says what, where and what to do. */
export class RecordingError extends Error {
  override readonly name: string = "RecordingError";
}

/**
 * A file in the making. Every call is done when it returns; bytes are **lent** for the duration of the call.
 * Every method throws a {@link RecordingError} when the file cannot be written.
 */
export interface RecordingOutput {
  /** For messages. */
  readonly path: string;
  /** Bytes written so far. */
  readonly length: number;
  append(bytes: Uint8Array): void;
  /** Writes over what is there. */
  overwrite(at: number, bytes: Uint8Array): void;
  /** Forgets everything from `length` on. */
  truncate(length: number): void;
  /** Returns when what was written survives a power cut. */
  sync(): void;
  close(): void;
}

/** After a failed write: forgets what is behind `length` if that can be done. The failure is the news, not this. */
export function takeBack(output: RecordingOutput, length: number): void {
  try {
    output.truncate(length);
  } catch (error) {
    if (!(error instanceof RecordingError)) throw error;
  }
}
