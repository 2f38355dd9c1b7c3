/**
 * A program that may start others: run so that all of them end together, whatever becomes of the relay. Only builds the
 * command; who starts and ends it is `process.ts`.
 *
 * @module
 */

/** A line that no text has (ASCII: end of transmission). */
const END_OF_INPUT = "\u0004";

/**
 * The guard leads a process group. Its standard input is a lifeline: when that closes, because the source ends or the
 * relay is no more (killed, even), everything in the group is asked to end, and made to after two seconds. Deno lets a
 * worker signal its child alone, not a group, without leave to run anything at all. What the shell itself says of a program
 * that was ended is not that program's word.
 */
function guard(run: string): string {
  return `exec 3<&0 4>&2
${run} 2>&4 3<&- 4>&- &
program=$!
exec 2>/dev/null 4>&-
trap "" TERM HUP INT
{ read -r _ <&3; kill -TERM 0; sleep 2; kill -KILL 0; } >/dev/null 2>&1 &
exec 3<&-
wait "$program"
exit $?`;
}

const WITHOUT_INPUT = guard(`"$@" </dev/null`);
/** Kept from arguments and environment, which others may read: the shell does this by itself, and reads no byte too many. */
const WITH_INPUT = guard(`text=
until IFS= read -r line || exit 0; [ "$line" = "${END_OF_INPUT}" ]; do
text="$text$line
"
done
printf %s "$text" | "$@"`);

/** The program that runs {@link guarded} commands. */
export const GUARD_PROGRAM = "sh";

/**
 * A command whose whole group ends when its standard input closes; exit codes are the command's, as a shell has them.
 * @param options.input the command is to read something itself: what {@link asInput} makes of that is written first.
 */
export function guarded(
  command: readonly string[],
  { input }: { readonly input: boolean },
): [string, ...string[]] {
  const script = input ? WITH_INPUT : WITHOUT_INPUT;
  return [GUARD_PROGRAM, "-c", script, GUARD_PROGRAM, ...command];
}

/** A text as a guarded command is given it: lines, and a sign that these were all. */
export function asInput(text: string): string {
  return `${text.replace(/\n?$/, "\n")}${END_OF_INPUT}\n`;
}
