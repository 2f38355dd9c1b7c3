/**
 * The API's document, OpenAPI 3.1.1, made of what the routes say of themselves and of the schemas that their bodies are
 * read with. Pure.
 *
 * @module
 */

import { STATUS_CODES } from "node:http";
import { z } from "zod";
import type { Answer, Content, RouteDescription } from "./route.ts";
import { type SchemaName, SCHEMAS } from "./schemas.ts";

const RIGHTS = {
  none: "Anybody may.",
  view: "Needs the right to view.",
  publish: "Needs the right to publish.",
  admin: "Needs the right to administer.",
} as const satisfies Record<RouteDescription["right"], string>;

/** Parameters in paths, each with a sentence. */
const PARAMETERS: Readonly<Record<string, string>> = {
  name: "A stream's name; it may hold slashes.",
  id: "A recording's, or a destination's.",
  file: "A file's name.",
};

/** What the document is of. */
export interface DocumentOptions {
  readonly routes: readonly RouteDescription[];
  readonly version: string;
  /** Path below which the relay is reached; begins and ends with a slash. */
  readonly base: string;
}

/** Makes the document. */
export function openApiDocument(
  { routes, version, base }: DocumentOptions,
): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    (paths[route.path] ??= {})[route.method.toLowerCase()] = operation(route);
  }
  return {
    openapi: "3.1.1",
    info: {
      title: "Rill",
      version,
      license: { name: "MIT", identifier: "MIT" },
      description:
        "A camera's stream, carried to any browser. Every operation states in `x-right` " +
        "which right it needs.",
    },
    servers: [{ url: base === "/" ? base : base.slice(0, -1), description: "This relay." }],
    paths,
    components: { schemas: components() },
  };
}

function operation(route: RouteDescription): Record<string, unknown> {
  const { method, path, right, summary, query = {}, body, answers, problems = [] } = route;
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => ({
    ...{ name, in: "path", required: true, schema: { type: "string" } },
    ...(PARAMETERS[name] === undefined ? {} : { description: PARAMETERS[name] }),
  }));
  const afterMark = Object.entries(query).map(([name, description]) => ({
    ...{ name, in: "query", description, schema: { type: "string" } },
  }));
  const refusals = right === "publish" || right === "admin" ? [403, ...problems] : problems;
  return {
    operationId: `${method.toLowerCase()}${path.replace(/[^A-Za-z0-9]+/g, "_").replace(/_$/, "")}`,
    summary,
    description: RIGHTS[right],
    "x-right": right,
    parameters: [...inPath, ...afterMark],
    ...(body ? { requestBody: { required: true, content: contentOf(body) } } : {}),
    responses: Object.fromEntries([
      ...Object.entries(answers).map(([status, answer]) => [status, response(answer)]),
      ...refusals.filter((status) => !(status in answers)).map((
        status,
      ) => [status, refusal(status)]),
    ]),
  };
}

function response({ description, content }: Answer): Record<string, unknown> {
  return { description, ...(content ? { content: contentOf(content) } : {}) };
}

function refusal(status: number): Record<string, unknown> {
  return {
    description: STATUS_CODES[status] ?? "A problem.",
    content: { "application/problem+json": { schema: reference("Problem") } },
  };
}

function contentOf(content: Content): Record<string, unknown> {
  return "schema" in content
    ? { "application/json": { schema: reference(content.schema) } }
    : { [content.type]: {} };
}

function reference(name: SchemaName): { readonly $ref: string } {
  return { $ref: `#/components/schemas/${name}` };
}

/** The schemas as clients send and read them; those within others by reference. */
function components(): Record<string, unknown> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(SCHEMAS)) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, {
    io: "input",
    uri: (id) => `#/components/schemas/${id}`,
  });
  return Object.fromEntries(
    Object.entries(schemas).map(([name, { $id: _, $schema: __, ...schema }]) => [name, schema]),
  );
}
