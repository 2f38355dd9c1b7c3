/**
 * The isolate that has all publishers' peer connections: their cryptography takes no time from viewers, and what a hostile
 * packet breaks in it is not the relay. Sees no stream; its packets go on as they are.
 *
 * @module
 */

/// <reference no-default-lib="true" />
/// <reference lib="deno.worker" />

import "./environment.ts";
import { AsyncLocalStorage } from "node:async_hooks";
import { UdpTransport } from "werift";
import type { PeerCommand, PeerEvent } from "./door.ts";
import { addressesOf } from "./outside.ts";
import { Peer } from "./peer.ts";
import { UdpMux } from "./udp_mux.ts";

/** One connection's faults are said so often at most. */
const MAX_NOTES = 16;
/** Of telling that it does not hang. */
const ALIVE_MS = 1_000;

const peers = new Map<string, Peer>();
/** Offers that are not ended yet. */
const wanted = new Set<string>();
/** Whose socket the package asks for. */
const asking = new AsyncLocalStorage<string>();
const said = new Set<string>();
let mux: UdpMux | undefined;
let outside: string | undefined;

function post(event: PeerEvent): void {
  self.postMessage(event);
}

function note(sentence: string): void {
  if (said.has(sentence) || said.size >= MAX_NOTES) return;
  said.add(sentence);
  post({ type: "note", sentence });
}

function open({ port, orAny }: PeerCommand & { type: "open" }): void {
  try {
    mux = new UdpMux(port, note, { orAny });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    post({ type: "failed", reason: error.message });
    return;
  }
  const shared = mux;
  // The package opens a socket for every address of every connection; here all of them are the one port.
  Object.defineProperty(UdpTransport, "init", {
    value: () => Promise.resolve(shared.open(asking.getStore() ?? "")),
  });
  post({ type: "opened", port: mux.port });
  setInterval(() => post({ type: "alive" }), ALIVE_MS);
}

async function offer({ id, sdp, accepted, echo }: PeerCommand & { type: "offer" }): Promise<void> {
  wanted.add(id);
  const hosts = outside === undefined ? [] : await addressesOf(outside, note);
  if (!wanted.has(id)) return; // ended meanwhile
  const peer = new Peer({
    ...{ sdp, accepted, hosts, echo },
    media: (bytes) => self.postMessage({ type: "media", id, bytes }, [bytes.buffer]),
    ended: (reason, clean) => {
      post({ type: "ended", id, reason, clean });
      end(id);
    },
  });
  peers.set(id, peer);
  try {
    post({
      type: "answer",
      id,
      sdp: await peer.answer((ufrag, gather) => asking.run(ufrag, gather)),
    });
  } catch (error) {
    // The package says what it cannot read of an offer by throwing; anything else it throws is the offer's end as well.
    post({ type: "refused", id, reason: error instanceof Error ? error.message : String(error) });
    end(id);
  }
}

function end(id: string): void {
  wanted.delete(id);
  const peer = peers.get(id);
  peers.delete(id);
  peer?.close().catch((error: unknown) => note(`a connection did not close: ${error}`));
}

// A promise that the package leaves alone is one connection's trouble: the others go on.
self.addEventListener("unhandledrejection", (event) => {
  event.preventDefault();
  note(`a peer connection failed: ${event.reason}`);
});

self.onmessage = ({ data }: MessageEvent<PeerCommand>): void => {
  switch (data.type) {
    case "open":
      outside = data.outside;
      open(data);
      return;
    case "offer":
      void offer(data);
      return;
    case "keyPicture":
      peers.get(data.id)?.keyPicture();
      return;
    case "end":
      end(data.id);
  }
};
