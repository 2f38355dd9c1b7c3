/**
 * A request's body as one of the API's shapes: bounded, read as JSON, and checked; what is wrong comes as problem details
 * that name the field.
 *
 * @module
 */

import type { Context } from "hono";
import type { z } from "zod";
import type { Problem } from "../../shared/api.ts";
import { answerProblem } from "./problems.ts";
import type { SchemaName, Shape } from "./schemas.ts";

/** No body of the API is longer. */
const MAX_BODY_BYTES = 64 * 1024;
/** A body has come by then: one that trickles in holds nothing for longer. */
const BODY_MS = 10_000;

/** The body, or the answer to a wrong one. */
export type Reading<Value> =
  | { readonly value: Value; readonly refusal?: undefined }
  | { readonly value?: undefined; readonly refusal: Response };

/** Reads a body of that shape. */
export async function readJson<Name extends SchemaName>(
  c: Context,
  name: Name,
  limitMs = BODY_MS,
): Promise<Reading<Shape<Name>>> {
  const text = await readText(c.req.raw, limitMs);
  if (typeof text !== "string") return refuse(c, text);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    json = undefined;
  }
  const { SCHEMAS } = await import("./schemas.ts");
  const { data, error } = SCHEMAS[name].safeParse(json);
  if (error === undefined) return { value: data as Shape<Name> };
  // A field misspelt is missing under its own name too.
  const issue = error.issues.find(({ code }) => code === "unrecognized_keys") ?? error.issues[0];
  return refuse(c, issue ? explain(issue, SCHEMAS[name]) : wrong("Expected something else."));
}

/** What a client is told of a request that cannot be understood. */
export function wrong(detail: string, field?: string): Problem {
  return {
    type: "/problems/bad-request",
    title: "Bad request",
    status: 400,
    detail,
    ...(field === undefined ? {} : { field }),
  };
}

function explain(issue: z.core.$ZodIssue, schema: z.ZodType): Problem {
  if (issue.code === "unrecognized_keys") {
    const [key = ""] = issue.keys;
    const shape = "shape" in schema ? Object.keys(schema.shape as object).join(", ") : "";
    return wrong(`There is no field ${key.slice(0, 100)} here; there is ${shape}.`, key);
  }
  const field = issue.path.join(".");
  return field === ""
    ? wrong(`The body must be ${issue.message}.`)
    : wrong(`${field} must be ${issue.message}.`, field);
}

function refuse(c: Context, problem: Problem): { readonly refusal: Response } {
  return { refusal: answerProblem(c, problem) };
}

/** The text, or why there is none. */
async function readText(request: Request, limitMs: number): Promise<string | Problem> {
  const reader = request.body?.getReader();
  if (!reader) return "";
  const decoder = new TextDecoder();
  const late = Promise.withResolvers<"late">();
  const patience = setTimeout(() => late.resolve("late"), limitMs);
  let text = "";
  let length = 0;
  try {
    for (;;) {
      const part = await Promise.race([reader.read(), late.promise]);
      if (part === "late") return TOO_SLOW;
      if (part.done) return text + decoder.decode();
      length += part.value.length;
      if (length > MAX_BODY_BYTES) return TOO_LONG;
      text += decoder.decode(part.value, { stream: true });
    }
  } finally {
    clearTimeout(patience);
    void reader.cancel().catch(() => undefined); // the rest, if any, is nobody's
  }
}

const TOO_SLOW: Problem = {
  type: "/problems/too-slow",
  title: "The body did not come",
  status: 408,
  detail: "The request's body had not come to its end in time.",
};

const TOO_LONG: Problem = {
  type: "/problems/too-long",
  title: "The body is too long",
  status: 413,
  detail: `The request's body has more than ${MAX_BODY_BYTES / 1024} KiB.`,
};
