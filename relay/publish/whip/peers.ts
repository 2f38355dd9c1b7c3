/**
 * The relay's side of the isolate with the peer connections: starts it when the first publisher comes, knows who waits
 * for what, and starts another where one broke. Touches no media.
 *
 * @module
 */

import type { Bytes } from "../../../shared/bytes.ts";
import type { Log } from "../../log.ts";
import type { PeerCommand, PeerEvent } from "./door.ts";
import type { AcceptedOffer } from "./offer.ts";
import { HangWatch } from "../../streams/hang_watch.ts";

/** A publisher that takes longer to answer is not answered. */
const ANSWER_MS = 8_000;
/** A small board takes tens of seconds to read the isolate's packages; one that takes longer hangs. */
const BEGIN_MS = 90_000;
/** Of looking whether the isolate hangs: found out before its publishers, from whom nothing comes then, count as silent. */
const LOOK_MS = 2_000;

/** What peers are opened with. */
export interface PeersOptions {
  /** Of UDP; 0 for any. */
  readonly port: number;
  /** Host name of `--url`: publishers outside find the relay by it. */
  readonly outside: string | undefined;
  readonly log: Log;
  /** How often it is looked whether the isolate is still there; tests look more often. */
  readonly lookMs?: number;
  /** How long it may take to begin; tests wait less. */
  readonly beginMs?: number;
  /** The isolate's code; tests bring one that hangs. */
  readonly code?: URL;
}

/** What one publisher's owner wants to hear. */
export interface PeerOwner {
  media(bytes: Bytes): void;
  ended(reason: string, clean: boolean): void;
}

interface Waiting {
  readonly owner: PeerOwner;
  answered(answer: Answer): void;
}

/** An answer, or why there is none. */
export type Answer =
  | { readonly sdp: string }
  /** `offer`: it is the offer's fault. */
  | { readonly problem: string; readonly offer?: true };

const NONSENSE =
  "The offer cannot be answered: something in it is missing, or contradicts another part of it.";
const STOPPING = "The relay stops.";
const ENDED = "The publication was ended before its offer was answered.";

/** All publishers that come by WebRTC. */
export class Peers {
  readonly #options: PeersOptions;
  readonly #peers = new Map<string, Waiting>();
  #worker: Worker | undefined;
  #watch: HangWatch | undefined;
  #beginning: ReturnType<typeof setTimeout> | undefined;
  /** One of its isolates hangs, and may keep the port. */
  #hung = false;
  readonly #stop = new AbortController();

  constructor(options: PeersOptions) {
    this.#options = options;
  }

  /** Publishers there are. */
  get size(): number {
    return this.#peers.size;
  }

  /** Answers an offer. @param id of the publisher, from here on. */
  answer(
    { id, sdp, accepted, echo = false }: {
      readonly id: string;
      readonly sdp: string;
      readonly accepted: AcceptedOffer;
      /** What comes goes back to the publisher too. */
      readonly echo?: boolean;
    },
    owner: PeerOwner,
  ): Promise<Answer> {
    if (this.#stop.signal.aborted) return Promise.resolve({ problem: STOPPING });
    const { promise, resolve } = Promise.withResolvers<Answer>();
    const patience = setTimeout(() => {
      resolve({ problem: "The relay could not answer in time; try again." });
      this.end(id);
    }, ANSWER_MS);
    const answered = (answer: Answer): void => {
      clearTimeout(patience);
      resolve(answer);
    };
    this.#peers.set(id, { owner, answered });
    this.#command({ type: "offer", id, sdp, accepted, echo });
    return promise;
  }

  /** Asks a publisher for a key picture. */
  keyPicture(id: string): void {
    if (this.#peers.has(id)) this.#command({ type: "keyPicture", id });
  }

  /** Ends a publisher's connection. */
  end(id: string): void {
    const peer = this.#peers.get(id);
    if (!peer) return;
    this.#peers.delete(id);
    peer.answered({ problem: ENDED }); // whoever waits for an answer waits no more
    this.#command({ type: "end", id });
  }

  /** Ends all, because the relay stops. */
  close(): void {
    this.#stop.abort();
    this.#end();
    this.#over("the relay stops");
  }

  #command(command: PeerCommand): void {
    this.#worker ??= this.#start();
    this.#worker.postMessage(command);
  }

  #start(): Worker {
    const { port, outside, beginMs = BEGIN_MS } = this.#options;
    this.#beginning = setTimeout(() => this.#hangs(), beginMs);
    const code = this.#options.code ?? new URL("./worker.ts", import.meta.url);
    const worker = new Worker(code.href, {
      type: "module",
      name: "webrtc",
      // What it is sent to, publishers' addresses, is whatever the relay itself may reach.
      deno: {
        permissions: {
          ...{ net: "inherit", sys: ["networkInterfaces"] },
          ...{ read: false, write: false, env: false, run: false, ffi: false, import: false },
        },
      },
    });
    worker.onmessage = ({ data }: MessageEvent<PeerEvent>) => this.#take(data);
    worker.onerror = (event) => {
      event.preventDefault(); // it is the publishers' end, not the relay's
      this.#broke(`the WebRTC part of the relay failed: ${event.message}`);
    };
    worker.postMessage({ type: "open", port, outside, orAny: this.#hung } satisfies PeerCommand);
    return worker;
  }

  #take(event: PeerEvent): void {
    const { log, lookMs = LOOK_MS } = this.#options;
    this.#watch?.heard();
    switch (event.type) {
      case "opened":
        clearTimeout(this.#beginning);
        this.#watch ??= new HangWatch({ lookMs, hangs: () => this.#hangs() });
        log.info(`WebRTC publishers come in on UDP port ${event.port}`);
        this.#complain(event.port);
        return;
      case "failed":
        this.#broke(
          `UDP port ${this.#options.port} cannot be had (${event.reason}); choose another with --webrtc-port`,
        );
        return;
      case "alive":
        return;
      case "note":
        log.warn(`WebRTC: ${event.sentence}`);
        return;
      case "answer":
        this.#peers.get(event.id)?.answered({ sdp: event.sdp });
        return;
      case "refused":
        log.info(`an offer cannot be answered: ${event.reason}`);
        this.#peers.get(event.id)?.answered({ problem: NONSENSE, offer: true });
        this.#peers.delete(event.id);
        return;
      case "media":
        this.#peers.get(event.id)?.owner.media(event.bytes);
        return;
      case "ended": {
        const peer = this.#peers.get(event.id);
        this.#peers.delete(event.id);
        peer?.owner.ended(event.reason, event.clean);
      }
    }
  }

  /** What is written in a firewall holds no more. */
  #complain(port: number): void {
    const wanted = this.#options.port;
    if (wanted === 0 || wanted === port) return;
    this.#options.log.warn(
      `what hangs keeps UDP port ${wanted} until the relay is started anew: publishers come in on ${port} meanwhile`,
    );
  }

  #hangs(): void {
    this.#hung = true;
    this.#broke("the WebRTC part of the relay hangs and is started anew; publish again");
  }

  #broke(sentence: string): void {
    this.#options.log.error(sentence);
    this.#end();
    this.#over(sentence);
  }

  /** The next command starts another. */
  #end(): void {
    clearTimeout(this.#beginning);
    this.#watch?.[Symbol.dispose]();
    this.#watch = undefined;
    this.#worker?.terminate();
    this.#worker = undefined;
  }

  #over(reason: string): void {
    const peers = [...this.#peers.values()];
    this.#peers.clear();
    for (const { owner, answered } of peers) {
      answered({ problem: `${reason.charAt(0).toUpperCase()}${reason.slice(1)}.` });
      owner.ended(reason, false);
    }
  }
}
