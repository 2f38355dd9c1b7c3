/**
 * What is wrong with a command line or a configuration: the one kind of error that ends the relay with exit code 2.
 *
 * @module
 */

/** Bad usage: `message` is a sentence that says what was expected. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
