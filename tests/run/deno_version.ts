/**
 * Which Deno the tests need. Pure.
 *
 * @module
 */

const LEAST_MAJOR = 2;
const LEAST_MINOR = 9;

/** A sentence that says what to do, when `version` is too old. */
export function explainOldDeno(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split(".").map((part) => Number.parseInt(part, 10));
  if (major > LEAST_MAJOR || (major === LEAST_MAJOR && minor >= LEAST_MINOR)) return undefined;
  return `This is Deno ${version}; the tests need ${LEAST_MAJOR}.${LEAST_MINOR} or newer. ` +
    `"npx -y deno task test" fetches the newest, "deno upgrade" renews the installed one.`;
}
