/**
 * An ffmpeg that makes sound slower than it is heard, as on a machine that is too slow: the real one, whose encoder gets what
 * it encodes at a part of its speed.
 *
 * @module
 */

import { join } from "node:path";

/** Behind all other filters of the sound; a step in its times costs nothing, for nothing has to be encoded there. */
const SLOWLY = "arealtime=limit=0.1:speed=";

/** The program, in `folder`. @param speed of what is heard, what can be encoded: less than 1 is too slow. */
export async function slowFfmpeg(folder: string, speed: number): Promise<string> {
  const program = join(folder, "slow-ffmpeg");
  const script = `#!/bin/sh
before=
for each; do
  shift
  [ "$before" = -af ] && each="$each,${SLOWLY}${speed}"
  set -- "$@" "$each"
  before=$each
done
exec ffmpeg "$@"
`;
  await Deno.writeTextFile(program, script, { mode: 0o755 });
  return program;
}
