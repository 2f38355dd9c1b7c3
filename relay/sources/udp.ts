/**
 * `udp://[HOST]:PORT[?group=MULTICAST]`: MPEG-TS in datagrams, bare, behind a GoPro's header or in RTP.
 * Listens and asks nobody for anything.
 *
 * Silence of {@link UDP_LIMITS} ends the run with a {@link SourceError}, so that the stream is shown
 * offline with the reason; being started again is being listened again.
 * @module
 */

import { isIPv4 } from "node:net";
import { withoutLogin } from "../../shared/credentials.ts";
import { DatagramReader, passOn } from "./datagram.ts";
import { bindDatagrams, receiveDatagrams } from "./datagram_socket.ts";
import { parsePort, splitSource } from "./options.ts";
import {
  type Scheme,
  type Source,
  SourceError,
  type SourceOutput,
  type SourceSpec,
} from "./source.ts";

/** What {@link openUdp} needs to know. */
export interface UdpSpec extends SourceSpec {
  readonly host: string;
  readonly port: number;
  readonly group?: string;
}

/** Times after which something is said or done, milliseconds. */
export interface UdpLimits {
  /** Without a usable datagram: the run ends. */
  readonly silenceMs: number;
  /** Without a datagram of the sender listened to: another one may take its place. */
  readonly senderMs: number;
}

/** As networks need them; tests bring shorter ones. */
export const UDP_LIMITS: UdpLimits = { silenceMs: 10_000, senderMs: 1_000 };

const ANY_HOST = "0.0.0.0";

function parse(text: string): UdpSpec {
  const { body, options } = splitSource(text, ["group"]);
  const [, host, port] = /^\/\/(\[[0-9a-f:.]+\]|[a-z0-9._-]*):([0-9]+)\/?$/i.exec(body) ?? [];
  if (host === undefined || port === undefined) {
    const shown = withoutLogin(text);
    throw new SourceError(`cannot read "${shown}": write udp://:PORT or udp://HOST:PORT`);
  }
  // Written as players write it, udp://239.1.2.3:5000, the host is the group.
  const group = options.get("group") ?? (isMulticast(host) ? host : undefined);
  if (group !== undefined && !isMulticast(group)) {
    throw new SourceError(`${text}: group is an address from 224.0.0.0 to 239.255.255.255`);
  }
  const hostname = host === "" || host === group ? ANY_HOST : host.replace(/^\[(.*)\]$/, "$1");
  const portNumber = parsePort(text, port, "the port");
  const bound = group !== undefined ? ANY_HOST : hostname;
  const bracketed = bound.includes(":") ? `[${bound}]` : bound;
  return {
    scheme: "udp",
    label: text,
    finite: false,
    permissions: { net: [`${bracketed}:${portNumber}`] },
    host: hostname,
    port: portNumber,
    ...(group === undefined ? {} : { group }),
  };
}

/** Opens a socket's worth of camera; nothing is bound until it runs. */
export function openUdp(spec: UdpSpec, limits: UdpLimits = UDP_LIMITS): Source {
  return {
    format: "mpegts",
    run: (out, signal) => new Listener(spec, { out, limits }).run(signal),
  };
}

/** The row of the scheme table. */
export const udp: Scheme<UdpSpec> = { byApi: true, parse, open: (spec) => openUdp(spec) };

class Listener {
  readonly #spec: UdpSpec;
  readonly #out: SourceOutput;
  readonly #limits: UdpLimits;
  #reader = new DatagramReader();
  #senderHost = "";
  #senderPort = 0;
  /** On the monotonic clock, milliseconds. */
  #lastUsed = 0;
  #lastOther = 0;

  constructor(
    spec: UdpSpec,
    { out, limits }: { readonly out: SourceOutput; readonly limits: UdpLimits },
  ) {
    this.#spec = spec;
    this.#out = out;
    this.#limits = limits;
  }

  async run(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const socket = await bindDatagrams(this.#spec);
    const silence = new AbortController();
    const either = AbortSignal.any([signal, silence.signal]);
    this.#lastUsed = performance.now();
    const watch = setInterval(() => {
      if (performance.now() - this.#lastUsed >= this.#limits.silenceMs) silence.abort();
    }, this.#limits.silenceMs / 10);
    try {
      await receiveDatagrams(socket, {
        signal: either,
        now: () => this.#out.now(),
        take: (datagram, from, arrival) => {
          if (!this.#isFromSender(from)) return;
          const content = this.#reader.read(datagram);
          if (content === undefined) return;
          this.#lastUsed = performance.now();
          passOn(content, this.#out, arrival);
        },
      });
    } finally {
      clearInterval(watch);
    }
    if (!signal.aborted) throw new SourceError(this.#whySilent());
  }

  /** One camera a port: a second sender is heard only when the first has gone quiet. */
  #isFromSender(from: Deno.NetAddr): boolean {
    if (from.port === this.#senderPort && from.hostname === this.#senderHost) return true;
    const now = performance.now();
    const known = this.#senderPort !== 0;
    if (known && now - this.#lastUsed < this.#limits.senderMs) {
      if (this.#lastOther === 0) {
        this.#out.note(
          `${this.#spec.label}: datagrams of ${from.hostname}:${from.port} are left out while ` +
            `${this.#senderHost}:${this.#senderPort} sends: one camera a port`,
        );
      }
      this.#lastOther = now;
      return false;
    }
    this.#senderHost = from.hostname;
    this.#senderPort = from.port;
    this.#lastOther = 0;
    if (known) {
      this.#reader = new DatagramReader();
      this.#out.discontinuity("restart");
    }
    return true;
  }

  #whySilent(): string {
    const { label, port } = this.#spec;
    const seconds = this.#limits.silenceMs / 1000;
    return this.#reader.foreign > 0
      ? `the datagrams on ${label} hold no MPEG-TS, bare or in RTP: is the sender set to it?`
      : `no datagram for ${seconds} s on ${label}: does the sender run, and does it send to port ` +
        `${port} of this machine?`;
  }
}

function isMulticast(host: string): boolean {
  const first = Number(host.split(".")[0]);
  return isIPv4(host) && first >= 224 && first <= 239;
}
