/**
 * A stream to another program as RTP (contract §7): datagrams to the address of the destination, picture to its port,
 * sound two above, each with its control packets one above that. Nobody answers; whoever wants to listens.
 *
 * @module
 */

import { isIP } from "node:net";
import type { Batch, InitSegment, Track } from "../../shared/media.ts";
import type { Sink, Skipped } from "../hub/sink.ts";
import { writeSdp } from "../rtp_out/sdp.ts";
import { type Channel, RtpSession } from "../rtp_out/session.ts";
import { followAddress, type Following } from "./address.ts";
import { ConnectionError } from "./connection.ts";
import type { Destination } from "./destination.ts";
import type { Outlet, OutletEnd, OutletOptions } from "./outlet.ts";
import { bare } from "./proxy.ts";

/** Media type of a session description. */
export const SDP_TYPE = "application/sdp";
/** RFC 3550 §6.2: what a small session takes. */
const REPORT_MS = 5_000;
/** Of datagrams: more than some ninety at once, a large key picture, overflow what a receiver's socket holds. */
const BURST = 24;
const BURST_MS = 1;

/** What a receiver is told of. */
export interface RtpDescription {
  readonly destination: Destination;
  readonly segment: InitSegment;
  /** That the destination's host was found to have. */
  readonly address: string;
}

/** The session description that a receiver needs; `undefined` where the destination is no RTP. */
export function rtpDescription(
  { destination, segment, address }: RtpDescription,
): string | undefined {
  const { stream: name, url, format } = destination;
  if (format !== "rtp") return undefined;
  const { generation: version, tracks } = segment;
  return writeSdp({ name, version, address, ports: portsOf(new URL(url)), tracks });
}

/** Where the packets of each kind go, contract §7. */
function portsOf(url: URL): Readonly<Record<Track["kind"], number>> {
  const port = Number(url.port);
  return { video: port, audio: port + 2 };
}

/** What RTP is sent with. */
export interface RtpOutletOptions extends Omit<OutletOptions, "socket" | "via"> {
  /** That the destination's host has now. */
  readonly address: string;
  /** Tests look up in tables of their own, more often. */
  readonly following?: Partial<Pick<Following, "lookUp" | "everyMs">>;
}

/** Opens it. @throws {ConnectionError} when there may be no socket. */
export function openRtpOutlet(options: RtpOutletOptions): Outlet {
  const { destination, address: hostname, report, now } = options;
  const url = new URL(destination.url);
  const wayOut = openSocket(hostname, url.host);
  const ports = portsOf(url);
  const ended = Promise.withResolvers<OutletEnd>();
  const queue = new Pace((packet, { kind, control }) => {
    const port = ports[kind] + (control ? 1 : 0);
    return wayOut.send(packet, { transport: "udp", hostname, port });
  }, (error) => ended.resolve({ reason: inWords(error, url.host), refused: false }));
  const session = new RtpSession(`${destination.stream}@rill`, (packet, channel) => {
    queue.push(packet, channel);
  });
  const sink = new RtpSink(session, {
    backlog: () => queue.backlog,
    pushed: (bytes) => report.pushed(bytes),
    skipped: (what) => report.skipped(what),
    end: (reason, refused) => ended.resolve({ reason, refused }),
  });
  const reports = setInterval(() => session.report(now()), REPORT_MS);
  const following = followAddress(bare(url.hostname), {
    ...{ known: hostname, ...options.following },
    moved: () => ended.resolve({ reason: `${url.host} has another address now`, refused: false }),
  });
  void ended.promise.then(async () => {
    clearInterval(reports);
    following[Symbol.dispose]();
    session.close();
    await queue.close();
    wayOut.close();
  });
  return {
    sink,
    ended: ended.promise,
    close: () => ended.resolve({ reason: "it was ended here", refused: false }),
  };
}

function openSocket(hostname: string, where: string): Deno.DatagramConn {
  try {
    return Deno.listenDatagram({
      transport: "udp",
      hostname: isIP(hostname) === 6 ? "::" : "0.0.0.0",
      port: 0,
    });
  } catch (error) {
    throw new ConnectionError(inWords(error, where), { cause: error });
  }
}

/** What a sink tells. */
interface Told {
  backlog(): number;
  pushed(bytes: number): void;
  skipped(what: Skipped): void;
  end(reason: string, refused: boolean): void;
}

/** Sends what is live: the pictures that a joiner is given at once are late, and would upset a receiver's clock. */
class RtpSink implements Sink {
  readonly watched = false;
  readonly #session: RtpSession;
  readonly #told: Told;
  /** What came together with the init segment. */
  #joining: Batch[] | undefined;
  #begun = false;

  constructor(session: RtpSession, told: Told) {
    this.#session = session;
    this.#told = told;
  }

  get backlog(): number {
    return this.#told.backlog();
  }

  init(segment: InitSegment): void {
    if (!this.#session.init(segment)) {
      const codecs = segment.tracks.map(({ codec }) => codec).join(" and ");
      return this.#told.end(
        `${codecs} is not sent by RTP: H.264, H.265, AAC and Opus are`,
        true,
      );
    }
    this.#begun = false;
    this.#joining = [];
    setTimeout(() => this.#joined(), 0);
  }

  push(batch: Batch): void {
    if (this.#joining) this.#joining.push(batch);
    else this.#send(batch);
  }

  skipped(what: Skipped): void {
    this.#told.skipped(what);
  }

  offline(): void {
    // Receivers notice the silence.
  }

  close(_why: "stuck" | "gone", reason: string): void {
    this.#told.end(reason, false);
  }

  #joined(): void {
    const [first, ...later] = this.#joining ?? [];
    this.#joining = undefined;
    if (first && later.length === 0) this.#send(first);
  }

  #send(batch: Batch): void {
    this.#begun ||= batch.key;
    if (this.#begun) this.#told.pushed(this.#session.push(batch));
  }
}

type SendPacket = (packet: Uint8Array, channel: Channel) => Promise<unknown>;

/** Packets on their way, a burst at a time. */
class Pace {
  readonly #send: SendPacket;
  readonly #failed: (error: unknown) => void;
  #waiting: { readonly packet: Uint8Array; readonly channel: Channel }[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** That went out since there was a pause. */
  #burst = 0;
  #underWay = new Set<Promise<unknown>>();
  /** Bytes that wait or are under way. */
  backlog = 0;

  constructor(send: SendPacket, failed: (error: unknown) => void) {
    this.#send = send;
    this.#failed = failed;
  }

  push(packet: Uint8Array, channel: Channel): void {
    this.backlog += packet.length;
    this.#waiting.push({ packet, channel });
    this.#timer ??= setTimeout(() => this.#pause(), BURST_MS);
    this.#flush();
  }

  /** Resolves when what may still go at once has gone. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    this.#burst = 0;
    this.#waiting = this.#waiting.slice(-BURST);
    this.#flush();
    await Promise.all(this.#underWay);
  }

  #flush(): void {
    const now = this.#waiting.splice(0, Math.max(0, BURST - this.#burst));
    this.#burst += now.length;
    for (const { packet, channel } of now) {
      const sending: Promise<unknown> = this.#send(packet, channel)
        .catch((error: unknown) => this.#failed(error))
        .finally(() => {
          this.backlog -= packet.length;
          this.#underWay.delete(sending);
        });
      this.#underWay.add(sending);
    }
  }

  #pause(): void {
    this.#burst = 0;
    this.#timer = this.#waiting.length > 0 ? setTimeout(() => this.#pause(), BURST_MS) : undefined;
    this.#flush();
  }
}

function inWords(error: unknown, where: string): string {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  if (name === "NotCapable") {
    return `the relay was started without leave to reach ${where}: start it again`;
  }
  return /unreachable/i.test(message)
    ? `no way leads to ${where}: is the network there?`
    : `${where}: ${(message.split("\n")[0] ?? "").slice(0, 200)}`;
}
