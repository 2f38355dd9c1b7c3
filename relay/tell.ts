/**
 * What a program of Rill's tells whoever started it, on its two standard streams. Whoever read them may be gone, a closed
 * terminal or a pipe's other end: then nothing more is told there, and pictures and recordings go on.
 *
 * @module
 */

type Stream = Pick<typeof Deno.stdout, "writeSync">;

const encoder = new TextEncoder();
const unheard = new Set<Stream>();

/** To the standard output, as it is. */
export function toStdout(text: string): void {
  tell(Deno.stdout, text);
}

/** To the standard error, as it is. */
export function toStderr(text: string): void {
  tell(Deno.stderr, text);
}

function tell(stream: Stream, text: string): void {
  if (unheard.has(stream)) return;
  try {
    stream.writeSync(encoder.encode(text));
  } catch (error) {
    if (!isGone(error)) throw error;
    unheard.add(stream);
  }
}

/** EPIPE of a pipe; EIO of a terminal that was closed. */
function isGone(error: unknown): boolean {
  return error instanceof Deno.errors.BrokenPipe ||
    (error instanceof Error && /EIO|os error 5\b/.test(error.message));
}
