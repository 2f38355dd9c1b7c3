/**
 * What a client is told whose change the relay does not make, whatever it is a change of.
 *
 * @module
 */

import type { Problem } from "../../shared/api.ts";

/** Words as a sentence. */
export function sentenceOf(words: string): string {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}${words.endsWith(".") ? "" : "."}`;
}

/** It is the configuration's alone. */
export function configured(name: string): Problem {
  return {
    type: "/problems/configured",
    title: "The configuration names it",
    status: 409,
    detail: `${name} stands in the configuration file or on the command line: change it there.`,
  };
}

/** It could not be kept, and is not in force either. */
export function unsaved(sentence: string): Problem {
  return {
    type: "/problems/not-kept",
    title: "It cannot be kept",
    status: 500,
    detail: `Nothing was changed: ${sentence}.`,
  };
}
