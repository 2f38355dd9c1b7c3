/**
 * How far a pull has come that falls silent, in words: where nothing was answered at all, connection and TLS are tried once
 * more by themselves, so that the sentence names the step that fails. Sends and reads nothing else.
 *
 * @module
 */

import { SourceError } from "../source.ts";
import { inWords } from "./failures.ts";

/** A host that is there takes a connection, and finishes a handshake, sooner. */
const STEP_MS = 2_000;

/** The newest that the other side did. */
export type Step = "asked" | "answered" | "sent";

/** A silence. */
export interface Silence {
  /** Who is silent, in words. */
  readonly place: string;
  readonly url: string;
  readonly step: Step;
  readonly ms: number;
  /** The relay stops: nothing is tried any more. */
  readonly signal: AbortSignal;
}

/** How the other side is reached; tests bring their own. */
export interface Reach {
  connect(to: { readonly hostname: string; readonly port: number }): Promise<Deno.TcpConn>;
  readonly stepMs: number;
}

const REACH: Reach = { connect: (to) => Deno.connect(to), stepMs: STEP_MS };

/** Why nothing comes. Never rejects. */
export async function silent(
  { place, url, step, ms, signal }: Silence,
  reach: Reach = REACH,
): Promise<SourceError> {
  const seconds = `${Math.round(ms / 1000)} s`;
  switch (step) {
    case "sent":
      return new SourceError(`${place} has sent nothing more for ${seconds}`);
    case "answered":
      return new SourceError(`${place} has answered, and no media has followed for ${seconds}`);
    case "asked":
      return await tryAnew({ place, url, seconds, signal }, reach);
  }
}

async function tryAnew(
  { place, url, seconds, signal }: Pick<Silence, "place" | "url" | "signal"> & { seconds: string },
  { connect, stepMs }: Reach,
): Promise<SourceError> {
  const { hostname: host, port, protocol } = new URL(url);
  const isSafe = protocol === "https:" || protocol === "wss:";
  const hostname = host.replace(/^\[|\]$/g, "");
  const inTime = <Each extends Disposable>(work: Promise<Each>): Promise<Each | undefined> =>
    within(stepMs, work, signal);
  try {
    const connection = await inTime(
      connect({ hostname, port: Number(port) || (isSafe ? 443 : 80) }),
    );
    if (!connection) {
      return new SourceError(
        `${place} takes no connection: is it on, in this network, and no firewall between?`,
      );
    }
    const reached = isSafe ? await inTime(shakeHands(connection, hostname)) : connection;
    if (!reached) {
      return new SourceError(
        `${place} takes the connection and does not finish the TLS handshake: is the port right?`,
      );
    }
    reached[Symbol.dispose]();
  } catch (error) {
    return inWords(place, error);
  }
  return new SourceError(`${place} takes the connection and has not answered for ${seconds}`);
}

/** A certificate that is not trusted here is an answer, too. */
async function shakeHands(connection: Deno.TcpConn, hostname: string): Promise<Disposable> {
  const safe = await Deno.startTls(connection, { hostname });
  try {
    await safe.handshake();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
  }
  return safe;
}

/** What came in time; what comes too late is let go of. */
async function within<Each extends Disposable>(
  ms: number,
  work: Promise<Each>,
  signal: AbortSignal,
): Promise<Each | undefined> {
  const late = Promise.withResolvers<undefined>();
  const giveUp = (): void => late.resolve(undefined);
  const timer = setTimeout(giveUp, ms);
  signal.addEventListener("abort", giveUp);
  const found = await Promise.race([work, late.promise]);
  clearTimeout(timer);
  signal.removeEventListener("abort", giveUp);
  if (!found) void work.then((each) => each[Symbol.dispose](), () => undefined);
  return found;
}
