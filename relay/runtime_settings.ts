/**
 * How the relay's process goes about memory and compiling: what its launchers start it with.
 *
 * @module
 */

/**
 * Environment of the process, where the user has not set the same; glibc's, other C libraries pay no heed (mallopt(3)).
 * By itself it gives free memory back to the kernel in pieces of 128 KiB and upwards, and has it back with the next key
 * picture, page by page: so many bytes may stay, and only single pieces of so many are the kernel's to give at all.
 */
export const MEMORY_VARIABLES: Readonly<Record<string, string>> = {
  MALLOC_TRIM_THRESHOLD_: String(16 * 1024 * 1024),
  MALLOC_MMAP_THRESHOLD_: String(4 * 1024 * 1024),
};

/**
 * V8 makes new objects in so many MiB of each heap. Those of a viewer live for one picture: in sixteen times as much, V8's own
 * measure, they take memory that nobody else has then, and no less time.
 */
const MEMORY_OPTIONS = ["--max-semi-space-size=1"] as const;

/**
 * When V8 compiles what is hot as well as it can: by itself where it was called 3 000 times, which at a camera's pace is after
 * two minutes and more. So it is done in one; what a picture costs, and how soon hundreds of viewers have it, is a
 * twenty-fifth and a seventh less then (300 viewers of 1 Mb/s). A relay at rest takes 6 MB more.
 */
const COMPILING_OPTIONS = [
  "--no-lazy-feedback-allocation",
  "--invocation-count-for-turbofan=20",
  "--minimum-invocations-after-ic-update=20",
] as const;
/** Deno does not start with an option that its V8 does not know, and these no V8 promises: it has them as they were tried. */
const COMPILING_OPTIONS_OF = "15.0.";

/** Options of `deno run`. @param v8 its V8's version; `undefined`: not known. */
export function runtimeFlags(v8: string | undefined): readonly string[] {
  const compiling = v8?.startsWith(COMPILING_OPTIONS_OF) ? COMPILING_OPTIONS : [];
  return [`--v8-flags=${[...MEMORY_OPTIONS, ...compiling].join(",")}`];
}

/** The variables that are not set yet. @param read what is set. */
export function unsetMemoryVariables(
  read: (name: string) => string | undefined,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(MEMORY_VARIABLES).filter(([name]) => read(name) === undefined),
  );
}
