/**
 * Runs this Deno with other arguments, to the end. Leaves nothing running.
 *
 * @module
 */

/** What it wrote to its standard output. @throws {Error} with its last words when it fails. */
export async function runDeno(args: readonly string[], cwd?: string): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    ...(cwd === undefined ? {} : { cwd }),
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    env: { NO_COLOR: "1" },
  }).output();
  const decoder = new TextDecoder();
  if (code === 0) return decoder.decode(stdout);
  throw new Error(`deno ${args.join(" ")} failed:\n${decoder.decode(stderr).trim()}`);
}
