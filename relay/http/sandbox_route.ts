/**
 * `GET /api/sandbox`, contract §9: what this process is permitted to touch.
 *
 * @module
 */

import type { SandboxReport } from "../../shared/api.ts";
import type { ApiRoute } from "../api/route.ts";

/** The route; for administrators, since it names paths of the machine. */
export function sandboxRoute(report: () => SandboxReport): ApiRoute {
  return {
    method: "GET",
    path: "/api/sandbox",
    right: "admin",
    summary: "What the relay is permitted to touch, and each stream's source of that.",
    answers: { 200: { description: "The permissions.", content: { schema: "Sandbox" } } },
    handle: (c) => c.json(report()),
  };
}
