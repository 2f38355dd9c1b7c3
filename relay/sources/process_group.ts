/**
 * A program that may start others: run so that all of them end together, whatever becomes of the relay. Only builds the
 * command; who starts and ends it is `process.ts`.
 *
 * @module
 */

/**
 * The guard leads a process group. Its standard input is a lifeline: when that closes, because the source ends or the
 * relay is no more (killed, even), everything in the group is asked to end, and made to after two seconds. Deno lets a
 * worker signal its child alone, not a group, without leave to run anything at all. What the shell itself says of a program
 * that was ended is not that program's word.
 */
const GUARD = `exec 3<&0 4>&2
"$@" </dev/null 2>&4 3<&- 4>&- &
program=$!
exec 2>/dev/null 4>&-
trap "" TERM HUP INT
{ read -r _ <&3; kill -TERM 0; sleep 2; kill -KILL 0; } >/dev/null 2>&1 &
exec 3<&-
wait "$program"
exit $?`;

/** The program that runs {@link guarded} commands. */
export const GUARD_PROGRAM = "sh";

/** A command whose whole group ends when its standard input closes; exit codes are the command's, as a shell has them. */
export function guarded(command: readonly string[]): [string, ...string[]] {
  return [GUARD_PROGRAM, "-c", GUARD, GUARD_PROGRAM, ...command];
}
