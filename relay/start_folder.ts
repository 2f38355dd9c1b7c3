/**
 * Where the user stood when the task was started: `deno task` changes into the project's folder, and paths on the
 * command line are meant from where they were typed.
 *
 * @module
 */

/** Goes back there. */
export function enterStartFolder(): void {
  const folder = Deno.env.get("INIT_CWD"); // set by `deno task`
  if (folder !== undefined) Deno.chdir(folder);
}
