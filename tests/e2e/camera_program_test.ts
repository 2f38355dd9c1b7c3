/** A camera's own program that misbehaves, through the whole relay: what is said of it, and what is left. */

import assert from "node:assert/strict";
import { processesWith } from "../support/process_table.ts";
import { TestRelay, until } from "../support/relay.ts";
import { putV4l2OnPath } from "../support/v4l2_stand_in.ts";

Deno.test("a camera's program that is killed, hangs, floods or writes garbage: offline with the reason, back when it behaves, nothing left", async (test) => {
  const mark = "320.159";
  const cases: readonly (readonly [string, string, RegExp])[] = [
    ["killed", "kill -9 $$", /^the program v4l2-ctl was ended by signal 9 and said nothing$/],
    [
      "floods and fails",
      `head -c 3000000 /dev/zero | tr '\\0' '\\n' >&2; yes nonsense | head -c 3000000 >&2; echo >&2; echo 'the moon is full' >&2; exit 3`,
      /^\/dev\/video0: the moon is full$/,
    ],
    [
      "garbage",
      `cat /dev/zero & exec sleep ${mark}`,
      /^\/dev\/video0: what v4l2-ctl writes is no video: bring the package v4l-utils up to date$/,
    ],
    [
      "hangs",
      `exec sleep ${mark}`,
      /^the program v4l2-ctl has written nothing for 20 s, and was ended$/,
    ],
  ];
  for (const [name, first, expected] of cases) {
    await test.step(name, async () => {
      await using _camera = await putV4l2OnPath({ fps: 30, first });
      {
        await using relay = await TestRelay.start(["porch=v4l2:/dev/video0?size=320x240"]);
        const stream = relay.stream("porch");
        await until(() => stream.offline !== undefined, { what: "the reason", limitMs: 30_000 });
        assert.match(stream.offline ?? "", expected);
        await until(() => stream.info.state.kind === "live", { what: "its return" });
      }
      assert.deepEqual(await processesWith(`sleep\0${mark}`), []);
    });
  }
});
