/**
 * Loaded before each test file (`deno test --preload`): a test that hangs fails by its name, and those after it
 * still run; one that fails twice tells both.
 *
 * @module
 */

import { PATIENCE_MS } from "../support/patience.ts";
import { telling } from "./failure_words.ts";

/** Several times what the slowest test takes on a slow machine, and what may be waited for in it: what works never comes near. */
const TEST_LIMIT_MS = Number(Deno.env.get("RILL_TEST_LIMIT_MS") ?? 3 * PATIENCE_MS);

type Fn = Deno.TestDefinition["fn"];
type Options = Partial<Deno.TestDefinition>;

/** Where Deno, which otherwise takes the caller of `Deno.test`, looks for the place of a test. */
const LOCATION = Symbol.for("Deno.test.location");

const register = Deno.test;

/** What `Deno.test` takes, in whichever of its forms, as one definition with a limit. */
function limited(...args: readonly (string | Options | Fn)[]): void {
  const given: Options = {};
  for (const arg of args) {
    if (typeof arg === "string") given.name = arg;
    else if (typeof arg === "function") given.fn = arg;
    else Object.assign(given, arg);
  }
  const { name = given.fn?.name ?? "" } = given;
  if (given.fn === undefined) throw new TypeError(`The test "${name}" has no function.`);
  const fn = Object.assign(telling(given.fn), { [LOCATION]: callerOf(limited) });
  register({ timeout: TEST_LIMIT_MS, ...given, name, fn });
}

/** `file:line:column` of who called `callee`. */
function callerOf(callee: unknown): string | undefined {
  const at: { stack?: string } = {};
  Error.captureStackTrace(at, callee as () => void);
  return /(?:\(|at )(\S+:\d+:\d+)\)?$/m.exec(at.stack ?? "")?.[1];
}

Object.defineProperty(Deno, "test", { value: Object.assign(limited, register) });
