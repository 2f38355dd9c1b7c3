/**
 * What comes of a wish to change what the relay has (contract §9), whatever it is a wish for: made, kept for the next
 * start, or not made, in words.
 *
 * @module
 */

import type { Context } from "hono";
import type { Problem, RestartNeeded } from "../../shared/api.ts";
import { answerProblem } from "../api/problems.ts";

/** What may come of any wish. */
export type Change<Info> =
  | { readonly kind: "added" | "changed"; readonly info: Info }
  | { readonly kind: "removed" }
  /** Kept, and in force at the next start. */
  | { readonly kind: "restart"; readonly needs: readonly string[] }
  /** The configuration names it. */
  | { readonly kind: "configured" }
  | { readonly kind: "unsaved"; readonly sentence: string };

/** Answers with it. @param name of what was to be changed. */
export function answerChange<Info extends object>(
  c: Context,
  name: string,
  change: Change<Info>,
): Response {
  switch (change.kind) {
    case "added":
      return c.json(change.info, 201);
    case "changed":
      return c.json(change.info);
    case "removed":
      return c.body(null, 204);
    case "restart":
      return c.json({ restart: true, needs: change.needs } satisfies RestartNeeded, 202);
    case "configured":
      return answerProblem(c, configured(name));
    case "unsaved":
      return answerProblem(c, unsaved(change.sentence));
  }
}

function configured(name: string): Problem {
  return {
    type: "/problems/configured",
    title: "The configuration names it",
    status: 409,
    detail: `${name} stands in the configuration file or on the command line: change it there.`,
  };
}

/** It is not in force either. */
function unsaved(sentence: string): Problem {
  return {
    type: "/problems/not-kept",
    title: "It cannot be kept",
    status: 500,
    detail: `Nothing was changed: ${sentence}.`,
  };
}
