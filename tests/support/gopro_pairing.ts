/**
 * The door at which a HERO4 takes the digits that it shows: HTTPS with a certificate of its own making, open while the
 * camera waits for them. And one whose TLS is too old to be spoken to.
 *
 * @module
 */

import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { loopbackIdentity } from "./loopback_identity.ts";

/** What it asks for. */
export interface PairingDoorOptions {
  readonly pin: string;
  readonly onPaired?: () => void;
}

/** A door; `await using` shuts it. */
export class PairingDoor implements AsyncDisposable {
  readonly port: number;
  /** Paths asked for, in order. */
  readonly requests: readonly string[];
  readonly #close: () => Promise<void>;

  private constructor(
    { port, requests, close }: {
      readonly port: number;
      readonly requests: readonly string[];
      readonly close: () => Promise<void>;
    },
  ) {
    this.port = port;
    this.requests = requests;
    this.#close = close;
  }

  /** Opens one: `start` and then `finish`, both with the digits. */
  static async open({ pin, onPaired }: PairingDoorOptions): Promise<PairingDoor> {
    const { certificate: cert, key } = (await loopbackIdentity()).server;
    const requests: string[] = [];
    let begun = false;
    const server = createServer({ cert, key }, ({ url = "" }, response) => {
      requests.push(url);
      const { pathname, searchParams } = new URL(url, "https://camera/");
      const fits = pathname === "/gpPair" && searchParams.get("pin") === pin &&
        searchParams.get("mode") === "0";
      const step = searchParams.get("c");
      const taken = fits && (step === "start" || (step === "finish" && begun));
      if (fits && step === "start") begun = true;
      if (taken && step === "finish") onPaired?.();
      response.writeHead(taken ? 200 : 400).end(taken ? "{}" : "");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new PairingDoor({
      port: (server.address() as AddressInfo).port,
      requests,
      close: async () => {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      },
    });
  }

  /** Opens one that answers every greeting with `protocol_version`, as TLS 1.0 does (RFC 2246 §7.2). */
  static old(): PairingDoor {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const serving = (async () => {
      for await (const connection of listener) {
        await connection.read(new Uint8Array(4096));
        await connection.write(new Uint8Array([0x15, 3, 1, 0, 2, 2, 70]));
        connection.close();
      }
    })();
    return new PairingDoor({
      port: (listener.addr as Deno.NetAddr).port,
      requests: [],
      close: async () => {
        listener.close();
        await serving;
      },
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#close();
  }
}
