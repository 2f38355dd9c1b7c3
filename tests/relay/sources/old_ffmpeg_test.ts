/** `rtsp:` through an ffmpeg before 5.0 (Debian 11, Ubuntu 22.04), as far as it differs: by a program that stands for it. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { openSource, parseSource } from "../../../relay/sources/mod.ts";
import { SourceError } from "../../../relay/sources/source.ts";
import { findProgram } from "../../support/programs.ts";
import { RtspCamera } from "../../support/rtsp_camera.ts";
import { putOnPath } from "../../support/search_path.ts";
import { RecordingOutput } from "../../support/source_output.ts";

/** Takes `-timeout` for the wish to be called, and knows `-stimeout` and no script with options. */
function oldFfmpeg(real: string): string {
  return `#!/bin/sh
case " $* " in
  *" -timeout "*) echo "[rtsp @ 0x1] Unable to open RTSP for listening" >&2; exit 1;;
  *" concat "*) echo "[concat @ 0x1] Line 3: unknown keyword 'option'" >&2; exit 1;;
esac
for word; do shift; [ "$word" = -stimeout ] && word=-timeout; set -- "$@" "$word"; done
exec '${real}' "$@"
`;
}

Deno.test("an old ffmpeg: a camera without a password is seen all the same, one with says what is needed", async () => {
  const real = findProgram(["ffmpeg"]);
  assert.ok(real);
  const folder = await Deno.makeTempDir({ prefix: "rill-ffmpeg-" });
  try {
    await Deno.writeTextFile(join(folder, "ffmpeg"), oldFfmpeg(real), { mode: 0o755 });
    await using camera = await RtspCamera.start();
    using _path = putOnPath(folder);
    const source = openSource(parseSource(`rtsp://${camera.host}/live`));
    for (const time of ["first", "second"]) {
      const out = new RecordingOutput();
      const ending = new AbortController();
      const running = source.run(out, ending.signal);
      await Promise.race([running, out.until((seen) => seen.all("data").length > 0)]);
      assert.ok(out.all("data").length > 0, time);
      ending.abort();
      await running;
    }
    await assert.rejects(
      openSource(parseSource(`rtsp://me:secret@${camera.host}/live`))
        .run(new RecordingOutput(), AbortSignal.timeout(60_000)),
      (error) => error instanceof SourceError && /newer ffmpeg: 5\.0/.test(error.message),
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
