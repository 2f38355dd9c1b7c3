/**
 * An isolate for WebRTC publishers that answers its first offer and says no more from then on: it stands still, with its UDP
 * port open.
 *
 * @module
 */

/// <reference no-default-lib="true" />
/// <reference lib="deno.worker" />

import type { PeerCommand, PeerEvent } from "../../relay/publish/whip/door.ts";
import { UdpMux } from "../../relay/publish/whip/udp_mux.ts";

const opened: UdpMux[] = [];

function post(event: PeerEvent): void {
  self.postMessage(event);
}

self.onmessage = ({ data }: MessageEvent<PeerCommand>): void => {
  if (data.type === "open") {
    try {
      const mux = new UdpMux(data.port, () => undefined, data);
      opened.push(mux);
      post({ type: "opened", port: mux.port });
    } catch (error) {
      post({ type: "failed", reason: String(error) });
    }
  }
  if (data.type !== "offer") return;
  post({ type: "answer", id: data.id, sdp: "v=0" });
  const forever = new Int32Array(new SharedArrayBuffer(4));
  Atomics.wait(forever, 0, 0);
};
