/**
 * What one viewer of a crowd got, as the C floor and other programs replay it: lines of "µs bytes" from the first.
 *
 * @module
 */

/** Writes the messages of a window of `windowMs` that ended `endUs`, from a crowd's log, to `out`. */
export async function recordMessages(
  log: string,
  { endUs, windowMs, out }: {
    readonly endUs: number;
    readonly windowMs: number;
    readonly out: string;
  },
): Promise<void> {
  const lines = (await Deno.readTextFile(log)).trim().split("\n").map((line) => {
    const [at = 0, , bytes = 0] = line.split(" ").map(Number);
    return { at, bytes };
  }).filter(({ at }) => at <= endUs && at > endUs - windowMs * 1000);
  const began = lines[0]?.at;
  if (began === undefined) throw new Error("the relay sent nothing in the window");
  await Deno.writeTextFile(out, lines.map(({ at, bytes }) => `${at - began} ${bytes}\n`).join(""));
}
