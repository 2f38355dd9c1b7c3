/**
 * The imports of a TypeScript file as `deno fmt` lays it out, and the cycles they make. Resolves nothing but
 * relative paths.
 *
 * @module
 */

import { posix } from "node:path";
import { withoutComments } from "./text.ts";

/** One import. */
export interface Import {
  /** As written. */
  readonly specifier: string;
  /** Path from the top of the repository, where the specifier is relative. */
  readonly target?: string;
  /** `type`: gone at run time. `static`: loaded first. `late`: `import()`, or a worker's URL. */
  readonly kind: "type" | "static" | "late";
}

const STATIC = /^(?:import|export)\s+(type\s+)?(?:[^"';]*?\sfrom\s+)?"([^"\n]+)"/gm;
const LATE = /\b(?:import\(\s*|new URL\(\s*(?="\.[^"\n]+\.ts"))"([^"\n]+)"/g;

/** All imports of the file at `path`. */
export function importsOf(path: string, text: string): Import[] {
  const code = withoutComments(text);
  const found: Import[] = [];
  const add = (specifier: string, kind: Import["kind"]): void => {
    const target = specifier.startsWith(".")
      ? posix.normalize(posix.join(posix.dirname(path), specifier)).replace(/\?.*$/, "")
      : undefined;
    found.push({ specifier, kind, ...(target === undefined ? {} : { target }) });
  };
  for (const [, type, specifier] of code.matchAll(STATIC)) {
    if (specifier !== undefined) add(specifier, type === undefined ? "static" : "type");
  }
  for (const [, specifier] of code.matchAll(LATE)) {
    if (specifier !== undefined) add(specifier, "late");
  }
  return found;
}

/** Cycles of static imports, each as the path walked, first file repeated at its end. */
export function findCycles(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const cycles: string[][] = [];
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (file: string): void => {
    const at = path.indexOf(file);
    if (at >= 0) {
      cycles.push([...path.slice(at), file]);
      return;
    }
    if (done.has(file)) return;
    path.push(file);
    for (const next of graph.get(file) ?? []) visit(next);
    path.pop();
    done.add(file);
  };
  for (const file of graph.keys()) visit(file);
  return cycles;
}
