/**
 * Finding out which dialect the camera at an address speaks, each asked on its own port; a camera that sleeps with
 * its Wi-Fi on is woken first, where its hardware address is known.
 *
 * @module
 */

import { sleep } from "../../../shared/sleep.ts";
import { type Answer, type CameraAddress, cameraGet, type Get } from "./camera_http.ts";
import type { PreviewOptions } from "./dialect.ts";
import { type DialectName, DIALECTS, recognise, type Recognised } from "./dialects.ts";
import { unanswered } from "./failures.ts";
import { magicPacket } from "./wake.ts";

/** Wi-Fi loses datagrams, and one that arrives is enough. */
const WAKE_PACKETS = 10;

/** Whom to ask, and for what. */
export interface RecognitionOptions {
  readonly host: string;
  /** Instead of every dialect's own. */
  readonly httpPort: number | undefined;
  readonly secure: CameraAddress["secure"];
  /** Dialects to try, in order. */
  readonly dialects: readonly DialectName[];
  readonly preview: PreviewOptions;
}

/** A camera, and the way to ask it. */
export interface FoundCamera extends Recognised {
  readonly get: Get;
}

/** Asks; @throws {SourceError} when nothing answers. */
export async function findCamera(
  options: RecognitionOptions,
  limits: { readonly signal: AbortSignal; readonly timeoutMs: number },
): Promise<FoundCamera> {
  const { host, secure, dialects, preview } = options;
  let last: Answer = { kind: "failed", why: "unreachable" };
  /** Ports that nothing answers on are not waited for a second time. */
  const dead = new Map<number, Answer>();
  const portOf = (usual: number): number => options.httpPort ?? usual;
  const getOn = (httpPort: number): Get =>
    cameraGet({ host, httpPort, ...(secure === undefined ? {} : { secure }) }, limits);
  const found = await recognise(dialects, ({ port }) => {
    const get = getOn(portOf(port));
    return async (path) => {
      const known = dead.get(portOf(port));
      if (known !== undefined) return known;
      last = await get(path);
      if (last.kind === "failed" && last.why !== "closed") dead.set(portOf(port), last);
      return last;
    };
  }, preview);
  if (found === undefined) throw unanswered(host, last);
  return { ...found, get: getOn(portOf(DIALECTS[found.name].port)) };
}

/** Sends magic packets and gives the camera time to wake. */
export async function wakeCamera(
  socket: Deno.DatagramConn,
  address: Deno.NetAddr,
  { mac, waitMs, signal }: {
    readonly mac: Uint8Array;
    readonly waitMs: number;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const packet = magicPacket(mac);
  for (let i = 0; i < WAKE_PACKETS; i++) {
    try {
      await socket.send(packet, address);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      break; // there is no way to it: what follows says so in words
    }
  }
  await sleep(waitMs, signal);
}
