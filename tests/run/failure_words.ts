/**
 * A test's failure in words. A test that fails and then fails to let go of what it used (`await using`) throws a
 * SuppressedError (ECMA-262, explicit resource management), which as it is printed says nothing of either.
 *
 * @module
 */

/** An error that hides another one; TypeScript's helper, where it is used, makes it of a plain Error. */
interface Hiding extends Error {
  /** The later one, of letting go. */
  readonly error: unknown;
  /** The one before, which is what the test failed by. */
  readonly suppressed: unknown;
}

/** `error` as it is; where it hides others, one that tells them all, the first one first. */
export function inWords(error: unknown): unknown {
  if (!isHiding(error)) return error;
  const [first, ...later] = unfold(error);
  const told = [
    describe(first),
    ...later.map((each) => `And then, when what it used was let go of: ${describe(each)}`),
  ];
  return new Error(told.join("\n\n"));
}

/** The same for what a test or a step of one is made of. */
export function telling(fn: Deno.TestDefinition["fn"]): Deno.TestDefinition["fn"] {
  const told = async (context: Deno.TestContext): Promise<void> => {
    try {
      await fn(withSteps(context));
    } catch (error) {
      throw inWords(error);
    }
  };
  return Object.defineProperty(told, "name", { value: fn.name });
}

/** A test's context whose steps tell theirs, too. */
function withSteps(context: Deno.TestContext): Deno.TestContext {
  const step = (...args: readonly unknown[]): Promise<boolean> =>
    Reflect.apply(context.step, context, args.map(tellingPart));
  return { ...context, step };
}

/** One of what `step` takes: a name, a function, or both and more in an object. */
function tellingPart(part: unknown): unknown {
  if (typeof part === "function") return telling(part as Deno.TestDefinition["fn"]);
  if (typeof part !== "object" || part === null) return part;
  const given = part as Deno.TestStepDefinition;
  return { ...given, fn: telling(given.fn) };
}

function isHiding(error: unknown): error is Hiding {
  return error instanceof Error && error.name === "SuppressedError" && "suppressed" in error;
}

/** In the order in which they happened. */
function unfold(error: unknown): readonly unknown[] {
  return isHiding(error) ? [...unfold(error.suppressed), ...unfold(error.error)] : [error];
}

function describe(error: unknown): string {
  return error instanceof Error ? error.stack ?? String(error) : Deno.inspect(error);
}
