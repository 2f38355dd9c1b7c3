/**
 * `${VAR}` in a configuration's text values (contract §3): exchanged for the variable, which must be set. `$${` stands for
 * the signs themselves.
 *
 * @module
 */

/** A variable cannot be had; `message` is a sentence without its place. */
export class VariableError extends Error {
  override readonly name = "VariableError";
}

/**
 * Exchanges every variable in `text`.
 * @throws {VariableError} for one that is not set, or has no name.
 */
export function expandVariables(
  text: string,
  env: (name: string) => string | undefined,
): string {
  return text.replace(
    /(\$?)\$\{([^}]*)(\}?)/g,
    (whole, escape: string, name: string, end: string) => {
      if (escape !== "") return whole.slice(1);
      if (end === "" || !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
        // What follows may be the rest of a password.
        const shown = /^\w*/.exec(name)?.[0] ?? "";
        throw new VariableError(
          `"\${${shown}${
            shown === name ? end : "…"
          }" names no variable: write \${NAME}, or $\${ for the signs themselves`,
        );
      }
      const value = env(name);
      if (value === undefined) {
        throw new VariableError(`the variable ${name} is not set: set it, or write the value here`);
      }
      return value;
    },
  );
}
