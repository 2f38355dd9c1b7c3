/**
 * `GET /api/openapi.json`: what the relay answers, as a document that programs read (contract §9).
 *
 * @module
 */

import type { ApiRoute, RouteDescription } from "../api/route.ts";

/** What the document is of. */
export interface OpenApiContext {
  /** All that the relay answers, this route among them. */
  readonly routes: () => readonly RouteDescription[];
  readonly version: string;
  /** Path below which the relay is reached; begins and ends with a slash. */
  readonly base: string;
}

/** The route. */
export function openApiRoute({ routes, version, base }: OpenApiContext): ApiRoute {
  let document: Record<string, unknown> | undefined;
  return {
    method: "GET",
    path: "/api/openapi.json",
    right: "none",
    summary: "This document.",
    answers: { 200: { description: "OpenAPI 3.1.", content: { schema: "Object" } } },
    handle: async (c) => {
      // Only here: a relay that nobody asks does without the packages that make it.
      const { openApiDocument } = await import("../api/openapi.ts");
      document ??= openApiDocument({ routes: routes(), version, base });
      return c.json(document, 200, { "access-control-allow-origin": "*" });
    },
  };
}
