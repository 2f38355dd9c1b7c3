/**
 * The options of `deno task test`. Reads words, runs nothing.
 *
 * @module
 */

/** What was asked for. */
export interface RunOptions {
  readonly action: "run" | "list" | "help";
  /** Names of the groups to run; absent: all. */
  readonly only?: readonly string[];
  /** What cannot run has failed. */
  readonly strict: boolean;
  /** Pages are watched for a minute each, not for some seconds. */
  readonly long: boolean;
  /** Everything the groups print is shown, not only what failed. */
  readonly verbose: boolean;
}

/** The command line cannot be understood; `message` is a sentence for the user. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

export const HELP = `deno task test [options]: everything that CI checks

  --only GROUP     run this group alone; may be repeated, or a list with commas;
                   "browser" means all that begin with "browser/"
  --strict         a group or test that cannot run here is a failure
  --long           watch each page for 60 s instead of 15
  --list           name the groups, then exit
  --verbose        show what every test prints
  -h, --help       this text

RILL_MEDIA names a folder of captures; unset, the tests that need them do not exist.
The last line is "N passed, N failed, N skipped"; exit 0 when nothing failed, 2 on bad usage.`;

/** Reads the command line. @throws {UsageError} */
export function parseOptions(args: readonly string[], groups: readonly string[]): RunOptions {
  let action: RunOptions["action"] = "run";
  const only: string[] = [];
  const flags = { strict: false, long: false, verbose: false };
  for (let i = 0; i < args.length; i++) {
    const [word, attached] = splitValue(args[i] ?? "");
    switch (word) {
      case "--only": {
        const value = attached ?? args[++i];
        if (value === undefined) throw new UsageError("--only needs the name of a group.");
        for (const name of value.split(",")) only.push(...expand(name, groups));
        continue;
      }
      case "--strict":
        flags.strict = true;
        break;
      case "--long":
        flags.long = true;
        break;
      case "--verbose":
        flags.verbose = true;
        break;
      case "--list":
        action = "list";
        break;
      case "-h":
      case "--help":
        action = "help";
        break;
      default:
        throw new UsageError(`Unknown option "${args[i]}"; --help shows those there are.`);
    }
    if (attached !== undefined) throw new UsageError(`${word} takes no value.`);
  }
  return { action, ...flags, ...(only.length > 0 ? { only } : {}) };
}

function splitValue(word: string): [string, string | undefined] {
  const at = word.startsWith("--") ? word.indexOf("=") : -1;
  return at < 0 ? [word, undefined] : [word.slice(0, at), word.slice(at + 1)];
}

function expand(name: string, groups: readonly string[]): readonly string[] {
  const found = groups.filter((group) => group === name || group.startsWith(`${name}/`));
  if (found.length > 0) return found;
  throw new UsageError(`There is no group "${name}"; there are ${groups.join(", ")}.`);
}
