/**
 * The endless body of an HTTP answer: asked for, followed to where it is, read until it ends. What it holds is the
 * pipeline's to find out.
 *
 * @module
 */

import { withoutKeys } from "../../../shared/credentials.ts";
import { SourceError, type SourceOutput } from "../source.ts";
import type { PullSpec } from "./address.ts";
import { Deadline } from "./deadline.ts";
import { answered, inWords } from "./failures.ts";
import { silent, type Step } from "./steps.ts";

/** Most addresses that one leads to the next. */
const MAX_REDIRECTS = 5;
/** Answers that lead elsewhere: RFC 9110 §15.4. */
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** How the other side is asked. */
export interface Asking {
  readonly out: SourceOutput;
  readonly signal: AbortSignal;
  readonly client: Deno.HttpClient | undefined;
  /** Silence that ends it. */
  readonly silenceMs: number;
}

/** Reads until `signal` aborts; @throws {SourceError} when it ends, breaks or never begins. */
export async function pullBody(spec: PullSpec, asking: Asking): Promise<void> {
  const { out, signal, silenceMs } = asking;
  const late = new AbortController();
  using deadline = new Deadline(silenceMs, () => late.abort());
  const either = AbortSignal.any([signal, late.signal]);
  let step: Step = "asked";
  try {
    const body = await request(spec, { ...asking, signal: either });
    step = "answered";
    for await (const bytes of body) {
      if (signal.aborted) return;
      if (bytes.length > 0) step = "sent";
      deadline.putOff();
      out.data(bytes, out.now());
    }
  } catch (error) {
    if (signal.aborted) return;
    if (!late.signal.aborted) throw inWords(spec.place, error);
    const { place, url } = spec;
    throw await silent({ place, url, step, ms: silenceMs, signal });
  }
  if (signal.aborted) return;
  throw new SourceError(`${spec.place} has ended the stream`);
}

async function request(
  { url, authorization, place }: PullSpec,
  { signal, client }: Asking,
): Promise<ReadableStream<Uint8Array>> {
  let address = new URL(url);
  for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
    const response = await fetch(address, {
      signal,
      redirect: "manual",
      headers: authorization === undefined ? {} : { authorization },
      ...(client ? { client } : {}),
    });
    if (!REDIRECTS.has(response.status)) return bodyOf(place, response);
    await response.body?.cancel();
    address = follow(place, { from: address, to: response.headers.get("location") });
  }
  throw new SourceError(`${place} leads from address to address without end`);
}

/** Elsewhere on the same host; this source may reach no other, and its password is for nobody else. */
function follow(
  place: string,
  { from, to }: { readonly from: URL; readonly to: string | null },
): URL {
  if (to === null || !URL.canParse(to, from.href)) {
    throw new SourceError(`${place} leads elsewhere, and does not say where`);
  }
  const next = new URL(to, from.href);
  if (next.origin === from.origin) return next;
  const shown = withoutKeys(`${next.origin}${next.pathname}`);
  throw new SourceError(`${place} leads to ${shown}: write that address instead`);
}

async function bodyOf(place: string, response: Response): Promise<ReadableStream<Uint8Array>> {
  const { status, body, headers } = response;
  const type = headers.get("content-type") ?? "";
  const problem = status !== 200
    ? answered(place, status)
    : body === null
    ? `${place} has answered with nothing`
    : /^(text\/html|application\/json)/.test(type)
    ? `${place} has a page at this address, and no video`
    : /^(application|audio)\/(vnd\.apple\.|x-)?mpegurl/i.test(type)
    ? `${place} has an HLS playlist at this address; ffmpeg reads it: exec:ffmpeg -i URL -c copy -f mpegts -`
    : /^multipart\//.test(type)
    ? `${place} sends JPEG pictures one by one; ffmpeg makes video of them: exec:ffmpeg -i URL …`
    : undefined;
  if (problem === undefined && body !== null) return body;
  await body?.cancel();
  throw new SourceError(problem ?? `${place} has answered with nothing`);
}
