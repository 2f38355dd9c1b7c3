/**
 * `http(s)://…` and `ws(s)://…`: pulls from another Rill (`http://HOST/live/NAME`, or a share link), or anything that
 * answers with MPEG-TS, H.264, H.265, ADTS or fragmented MP4, over HTTP or in a WebSocket's binary messages.
 *
 * @module
 */

import { type Scheme, type Source, SourceError, type SourceOutput } from "../source.ts";
import { type PullScheme, type PullSpec, readAddress } from "./address.ts";
import { pullBody } from "./http_body.ts";
import { NoWebSocket, pullSocket } from "./socket.ts";

const SILENCE_MS = 10_000;

/** Opens a pull; nothing is asked for until it runs. @param options.silenceMs tests wait less. */
export function openPull(
  spec: PullSpec,
  { silenceMs = SILENCE_MS }: { readonly silenceMs?: number } = {},
): Source {
  return {
    format: "sniff",
    reliable: true,
    run: (out, signal) => pull(spec, { out, signal, silenceMs }),
  };
}

interface Running {
  readonly out: SourceOutput;
  readonly signal: AbortSignal;
  readonly silenceMs: number;
}

async function pull(spec: PullSpec, running: Running): Promise<void> {
  if (running.signal.aborted) return;
  using client = await trusting(spec.authority);
  const asking = { ...running, client };
  if (running.signal.aborted) return;
  if (spec.socketUrl !== undefined) {
    try {
      return await pullSocket(spec, { url: spec.socketUrl, asking });
    } catch (error) {
      // Programs other than Rill have streams at /live/NAME too, and answer with the bytes themselves.
      if (!(error instanceof NoWebSocket) || spec.socketUrl === spec.url) throw error;
    }
  }
  if (running.signal.aborted) return;
  await pullBody(spec, asking);
}

async function trusting(authority: string | undefined): Promise<Deno.HttpClient | undefined> {
  if (authority === undefined) return undefined;
  try {
    return Deno.createHttpClient({ caCerts: [await Deno.readTextFile(authority)] });
  } catch (error) {
    const reason = error instanceof Deno.errors.NotFound ? "there is no such file" : "not PEM";
    throw new SourceError(`cannot read the authority's certificate ${authority}: ${reason}`, {
      cause: error,
    });
  }
}

function row(scheme: PullScheme): Scheme<PullSpec> {
  return { byApi: true, parse: readAddress(scheme), open: openPull };
}

/** The rows of the scheme table. */
export const http = row("http");
export const https = row("https");
export const ws = row("ws");
export const wss = row("wss");
