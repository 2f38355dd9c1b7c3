/**
 * Stand-ins for programs, found by the test's own process before any other. The environment is the process's, so all test
 * files that run side by side share it: whoever uses this runs alone (`run/test_files.ts`).
 *
 * @module
 */

import { delimiter } from "node:path";

/** Puts a folder first on PATH until it is disposed of; another may be put before it meanwhile, and stay longer. */
export function putOnPath(folder: string): Disposable {
  Deno.env.set("PATH", [folder, ...foldersOnPath()].join(delimiter));
  return {
    [Symbol.dispose]: () =>
      Deno.env.set("PATH", foldersOnPath().filter((each) => each !== folder).join(delimiter)),
  };
}

/** Nothing but this folder is searched until it is disposed of. */
export function searchOnly(folder: string): Disposable {
  return setPath(folder);
}

function setPath(path: string): Disposable {
  const before = foldersOnPath().join(delimiter);
  Deno.env.set("PATH", path);
  return { [Symbol.dispose]: () => Deno.env.set("PATH", before) };
}

function foldersOnPath(): string[] {
  return (Deno.env.get("PATH") ?? "").split(delimiter);
}
