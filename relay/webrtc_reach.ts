/**
 * Which addresses WebRTC may send to: UDP goes to wherever a publisher is, which nobody knows beforehand. Private networks,
 * unless this relay is meant to be reached from elsewhere.
 *
 * @module
 */

import { networkInterfaces } from "node:os";
import type { Config } from "./config.ts";

/** RFC 1918, RFC 6598, RFC 3927, loopback. */
const PRIVATE = [
  "10.0.0.0/8",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "100.64.0.0/10",
  "169.254.0.0/16",
  "127.0.0.0/8",
];
const ANYWHERE = "0.0.0.0/0";

/** What `--allow-net` has to name for publishers by WebRTC; nothing where nobody may publish. */
export function webRtcReach(
  { open, url, webrtcPort, compat }: Pick<Config, "open" | "url" | "webrtcPort" | "compat">,
  own: readonly string[] = ownAddresses(),
): string[] {
  const mayPublish = open === "publish" || open === "all" || compat.medooze !== undefined;
  if (!mayPublish) return [];
  const isOutside = url !== undefined || own.some((address) => !isPrivate(address));
  return [
    `0.0.0.0:${webrtcPort}`,
    ...(webrtcPort === 0 ? [] : ["0.0.0.0:0"]), // where that one is kept by what hangs
    ...(isOutside ? [ANYWHERE] : PRIVATE),
    ...(url ? [url.hostname] : []), // to be looked up
  ];
}

function ownAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((addresses = []) =>
    addresses.filter(({ family }) => family === "IPv4").map(({ address }) => address)
  );
}

function isPrivate(address: string): boolean {
  return PRIVATE.some((network) => {
    const [base = "", bits] = network.split("/");
    const shift = 32 - Number(bits);
    return numberOf(address) >>> shift === numberOf(base) >>> shift;
  });
}

function numberOf(address: string): number {
  return address.split(".").reduce((number, part) => number * 256 + Number(part), 0);
}
