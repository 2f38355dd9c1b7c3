/**
 * Puts a table of routes to work: the guard is asked for each one's right before it is reached, and a route that says in
 * no table which right it needs keeps the relay from starting.
 *
 * @module
 */

import { type Context, Hono, type Next } from "hono";
import { decodePart } from "../../shared/credentials.ts";
import {
  allowed,
  FROM_ELSEWHERE,
  isFromElsewhere,
  notAllowed,
  type Open,
} from "../access/guard.ts";
import { answerProblem, wrongMethod } from "./problems.ts";
import type { ApiRoute, RouteDescription } from "./route.ts";

/**
 * Puts routes to work, each behind the guard. Parameters are matched here and not by hono: its router takes no pattern
 * with more behind a parameter that holds slashes.
 * @param outside origin of `--url`.
 */
export function mount(routes: readonly ApiRoute[], open: Open, outside?: string): Hono {
  const app = new Hono();
  const table = [...routes].sort(closerFirst).map((route) => ({
    route,
    pattern: patternOf(route.path),
  }));
  for (const path of ["/api/*", "/healthz"]) app.use(path, neverStored);
  app.use("*", async (c, next) => {
    const method = c.req.method === "HEAD" ? "GET" : c.req.method;
    for (const { route, pattern } of table) {
      const match = route.method === method ? pattern.exec(c.req.path) : null;
      if (!match) continue;
      const { name = "", id = "" } = match.groups ?? {};
      return refusal(c, { route, open, outside }) ??
        await route.handle(c, { name: decodePart(name), id: decodePart(id) });
    }
    const closest = table.find(({ pattern }) => pattern.test(c.req.path));
    if (!closest) return await next();
    const allow = methodsAt(closest.route.path, routes);
    return answerProblem(c, wrongMethod(c.req.method, allow), { allow });
  });
  return app;
}

/**
 * Sees to it that nothing answers without a right.
 * @param app everything that hono answers.
 * @param described what the API's document has.
 * @throws {Error} naming the routes that are not in it; the relay does not start then.
 */
export function refuseUndescribed(app: Hono, described: readonly RouteDescription[]): void {
  const known = new Set(described.map(({ method, path }) => `${method} ${honoPath(path)}`));
  const unknown = app.routes
    .filter(({ method, path }) => method !== "ALL" && !known.has(`${method} ${path}`))
    .map(({ method, path }) => `${method} ${path}`);
  if (unknown.length > 0) {
    throw new Error(`these routes say in no table which right they need: ${unknown.join(", ")}`);
  }
}

function refusal(
  c: Context,
  { route: { right }, open, outside }: {
    readonly route: RouteDescription;
    readonly open: Open;
    readonly outside: string | undefined;
  },
): Response | undefined {
  if (right === "none") return undefined;
  if (right !== "view" && isFromElsewhere(c.req.raw.headers, { host: hostOf(c), outside })) {
    return answerProblem(c, FROM_ELSEWHERE);
  }
  return allowed(open, right) ? undefined : answerProblem(c, notAllowed(right));
}

/** What was asked for, whatever version of HTTP says it how. */
function hostOf(c: Context): string {
  return c.req.header("host") ?? new URL(c.req.url).host;
}

function patternOf(path: string): RegExp {
  const parts = path.split(/\{(\w+)\}/);
  const pattern = parts.map((part, at) => at % 2 === 0 ? RegExp.escape(part) : `(?<${part}>.+)`);
  return new RegExp(`^${pattern.join("")}$`);
}

/** What may be asked of a path, as `Allow` has it. */
function methodsAt(path: string, routes: readonly ApiRoute[]): string {
  const methods = routes.flatMap((route) => route.path === path ? [route.method] : []);
  return methods.flatMap((method) => method === "GET" ? [method, "HEAD"] : [method]).join(", ");
}

/** hono's spelling of the paths that it answers itself: a file is whatever is left. */
function honoPath(path: string): string {
  return path.replace("{file}", "*");
}

/** `…/{name}/restart` before `…/{name}`, which would take it for a name. */
function closerFirst(a: RouteDescription, b: RouteDescription): number {
  return b.path.split("/").length - a.path.split("/").length;
}

/** Unless the route says otherwise. */
async function neverStored(c: Context, next: Next): Promise<void> {
  await next();
  if (!c.res.headers.has("cache-control")) c.header("cache-control", "no-store");
}
