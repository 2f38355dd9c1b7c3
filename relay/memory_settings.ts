/**
 * How the relay's process goes about memory: what its launchers start it with.
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
 * Options of `deno run`. V8 makes new objects in so many MiB of each heap. Those of a viewer live for one picture: in sixteen
 * times as much, V8's own measure, they take memory that nobody else has then, and no less time.
 */
export const MEMORY_FLAGS: readonly string[] = ["--v8-flags=--max-semi-space-size=1"];

/** The variables that are not set yet. @param read what is set. */
export function unsetMemoryVariables(
  read: (name: string) => string | undefined,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(MEMORY_VARIABLES).filter(([name]) => read(name) === undefined),
  );
}
