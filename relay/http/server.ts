/**
 * The relay's ports, one set of routes behind all of them, opened and closed together.
 *
 * @module
 */

import type { ListenAddress, RunningListener } from "./listener.ts";
import { listenPlain } from "./plain_listener.ts";
import { routing, type RoutingOptions } from "./routing.ts";

/** A running server. */
export type RunningServer = RunningListener;

/**
 * Listens.
 * @throws {ListenError} when the address cannot be had.
 */
export async function listen(
  options: RoutingOptions,
  address: ListenAddress,
): Promise<RunningServer> {
  const plain = await listenPlain(routing(options), address);
  return {
    address: plain.address,
    async [Symbol.asyncDispose](): Promise<void> {
      for (const delivery of options.deliveries) delivery.close?.("the relay stops");
      await plain[Symbol.asyncDispose]();
    },
  };
}
