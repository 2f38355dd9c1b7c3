/**
 * What a route says of itself, for the API's document and the guard: which right it needs, what it takes, what it
 * answers. Data and types; nothing is answered here.
 *
 * @module
 */

import type { Context } from "hono";
import type { Right } from "../access/guard.ts";
import type { SchemaName } from "./schemas.ts";

/** `GET` answers `HEAD` too. */
export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** A body, or an answer's: JSON of a schema, or another media type. */
export type Content = { readonly schema: SchemaName } | { readonly type: string };

/** How a route stands in the API's document. */
export interface RouteDescription {
  readonly method: Method;
  /** As OpenAPI has it: `/api/streams/{name}/restart`. A parameter may hold slashes. */
  readonly path: string;
  /** `none`: anybody may, because there is nothing to guard. */
  readonly right: Right | "none";
  /** A sentence. */
  readonly summary: string;
  /** Parameters after the `?`, each with a sentence. */
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: Content;
  /** By status, those that are no problems; one without content has none. */
  readonly answers: Readonly<Record<number, Answer>>;
  /** Statuses that come as problem details. */
  readonly problems?: readonly number[];
}

/** One answer. */
export interface Answer {
  /** A sentence or a few words. */
  readonly description: string;
  readonly content?: Content;
}

/** What stands in a path for its parameters, decoded; empty where the path has no such parameter. */
export interface PathParts {
  readonly name: string;
  readonly id: string;
}

/** A route of the table that the relay's app is made of. */
export interface ApiRoute extends RouteDescription {
  handle(c: Context, parts: PathParts): Response | Promise<Response>;
}

/** Media type of problem details, RFC 9457 §3. */
export const PROBLEM_TYPE = { "content-type": "application/problem+json" };
