/**
 * The port of one compatibility system, and what each asks of a visitor before anything else. What is answered then is the
 * system's own file's.
 *
 * @module
 */

import type { ListenAddress, RunningListener } from "../http/listener.ts";
import { listenPlain } from "../http/plain_listener.ts";
import type { Routes } from "../http/routing.ts";
import type { CompatKey } from "./keys.ts";
import { type Answers, FOREIGN_NAME, mayAsk, refuseUpgrade, sendText } from "./visitors.ts";

/** What is behind the port. */
export interface CompatRoutes extends Routes {
  readonly answers: Answers;
}

/** Listens for a system's clients; a browser's that come under a foreign name go no further. @throws {ListenError} */
export function listenFor(
  system: CompatKey,
  address: ListenAddress,
  { answers, ...routes }: CompatRoutes,
): Promise<RunningListener> {
  return listenPlain(
    {
      request(request, response): void {
        if (!mayAsk(request, answers)) return sendText(response, 421, FOREIGN_NAME);
        routes.request(request, response);
      },
      upgrade(request, socket, head): void {
        if (!mayAsk(request, answers)) {
          return refuseUpgrade(socket, "421 Misdirected Request", FOREIGN_NAME);
        }
        routes.upgrade(request, socket, head);
      },
    },
    address,
    { option: `compat: ${system}:` },
  );
}
