/**
 * The relay's ports, one set of routes behind all of them, opened and closed together.
 *
 * @module
 */

import type { CertificateSource } from "../certificates/certificate_source.ts";
import type { ConnectionLimits } from "./connection_limits.ts";
import type { ListenAddress, RunningListener } from "./listener.ts";
import { ListenError } from "./listener.ts";
import { listenPlain } from "./plain_listener.ts";
import { routing, type RoutingOptions } from "./routing.ts";
import { listenTls } from "./tls_listener.ts";

/** Which ports are opened; at least one. */
export interface Ports {
  readonly plain?: ListenAddress;
  readonly limits?: ConnectionLimits;
  readonly tls?: {
    readonly address: ListenAddress;
    readonly certificate: CertificateSource;
    /** Called, instead of failing, when the address cannot be had. */
    readonly onTaken?: (reason: string) => void;
  };
}

/** A running server. */
export interface RunningServer extends AsyncDisposable {
  /** Of the plain port, else of the other. */
  readonly address: ListenAddress;
  readonly plain?: ListenAddress;
  readonly tls?: ListenAddress;
}

/**
 * Listens.
 * @throws {ListenError} when an address cannot be had, or there is none.
 */
export async function listen(options: RoutingOptions, ports: Ports): Promise<RunningServer> {
  await using undo = new AsyncDisposableStack();
  const routes = routing(options);
  const tls = await openTls();
  if (tls) undo.use(tls);
  // Last, so that it answers when all is open.
  const plain = ports.plain && undo.use(await listenPlain(routes, ports.plain, ports.limits));
  const address = plain?.address ?? tls?.address;
  if (!address) throw new ListenError("no port could be opened");
  undo.move(); // they are closed side by side from here on
  return {
    address,
    ...(plain ? { plain: plain.address } : {}),
    ...(tls ? { tls: tls.address } : {}),
    async [Symbol.asyncDispose](): Promise<void> {
      for (const delivery of options.deliveries) delivery.close?.("the relay stops");
      for (const side of options.sides ?? []) side.close?.("the relay stops");
      await Promise.all([plain, tls].map((listener) => listener?.[Symbol.asyncDispose]()));
    },
  };

  async function openTls(): Promise<RunningListener | undefined> {
    if (!ports.tls) return undefined;
    const { address, certificate, onTaken } = ports.tls;
    const limits = ports.limits ? { limits: ports.limits } : {};
    try {
      return await listenTls(routes, address, { certificate, ...limits });
    } catch (error) {
      if (!(error instanceof ListenError) || !onTaken) throw error;
      onTaken(error.message);
      return undefined;
    }
  }
}
