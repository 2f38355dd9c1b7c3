/**
 * Which Deno Rill runs on. Pure.
 *
 * @module
 */

/** Oldest that has what is used: the "unstable" features of deno.json, and permissions that can be given up. */
const LEAST = [2, 9] as const;

/** A sentence that says what to do, when `version` is too old for `task`. */
export function explainOldDeno(version: string, task: string): string | undefined {
  const [major = 0, minor = 0] = version.split(".").map((part) => Number.parseInt(part, 10));
  if (major > LEAST[0] || (major === LEAST[0] && minor >= LEAST[1])) return undefined;
  return `this is Deno ${version}, and ${
    LEAST.join(".")
  } or newer is needed: run \`deno upgrade\`, ` +
    `or use \`npx -y deno task ${task}\``;
}
