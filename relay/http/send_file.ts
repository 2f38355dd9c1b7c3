/**
 * A file as an HTTP answer, in parts if a part is asked for (RFC 9110 §14): what a `<video>` seeks in. A file that grows
 * is sent as long as it was when it was asked for.
 *
 * @module
 */

import { type ByteRange, isHeld, isMet, readRange } from "./conditions.ts";

/** Read, and held, at once. */
const CHUNK_BYTES = 256 * 1024;

/** Answers with the file at `path`, or part of it; `undefined` when there is no such file. */
export async function sendFile(
  path: string,
  request: Request,
  type: string,
): Promise<Response | undefined> {
  const file = await openFile(path);
  if (!file) return undefined;
  try {
    return await answer(file, { request, type });
  } catch (error) {
    file.close();
    throw error;
  }
}

/** The file is the answer's: closed when that is read, or has nothing of it. */
async function answer(
  file: Deno.FsFile,
  { request, type }: { readonly request: Request; readonly type: string },
): Promise<Response> {
  const { size, mtime } = await file.stat();
  const etag = `"${size.toString(36)}-${(mtime?.getTime() ?? 0).toString(36)}"`;
  const headers = new Headers({
    "content-type": type,
    "accept-ranges": "bytes",
    "cache-control": "private, no-cache", // it may grow, or be finished anew
    etag,
  });
  const wanted = request.headers.get("if-range") ?? etag;
  const asked = request.headers.get("range");
  const isHead = request.method === "HEAD"; // of which there are no parts (RFC 9110 §14.2)
  const range = asked === null || isHead || wanted !== etag ? undefined : readRange(asked, size);
  if (!isMet(request.headers.get("if-match"), etag)) {
    file.close();
    return new Response(null, { status: 412, headers });
  }
  if (isHeld(request.headers.get("if-none-match"), etag)) {
    file.close();
    return new Response(null, { status: 304, headers });
  }
  if (range === "unsatisfiable") {
    file.close();
    headers.set("content-range", `bytes */${size}`);
    return new Response(null, { status: 416, headers });
  }
  const { first, last } = range ?? { first: 0, last: size - 1 };
  headers.set("content-length", String(last - first + 1));
  if (range) headers.set("content-range", `bytes ${first}-${last}/${size}`);
  const status = range ? 206 : 200;
  if (isHead) {
    file.close();
    return new Response(null, { status, headers });
  }
  return new Response(streamOf(file, { first, last }), { status, headers });
}

async function openFile(path: string): Promise<Deno.FsFile | undefined> {
  try {
    return await Deno.open(path, { read: true });
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Read as it is taken, and closed when it is done or given up. */
function streamOf(
  file: Deno.FsFile,
  { first, last }: ByteRange,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  let left = last - first + 1;
  return new ReadableStream({
    start: async () => void await closingOnError(file, file.seek(first, Deno.SeekMode.Start)),
    pull: async (controller) => {
      const bytes = new Uint8Array(Math.min(CHUNK_BYTES, left));
      const count = left === 0 ? null : await closingOnError(file, file.read(bytes));
      if (count === null) {
        file.close();
        return controller.close();
      }
      left -= count;
      controller.enqueue(bytes.subarray(0, count));
    },
    cancel: () => file.close(),
  });
}

/** A body that breaks is neither read to its end nor cancelled. */
async function closingOnError<Result>(file: Deno.FsFile, work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    file.close();
    throw error;
  }
}
