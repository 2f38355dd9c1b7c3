/** A camera's own program that misbehaves, through the whole relay: what is said of it, and what is left. */

import assert from "node:assert/strict";
import type { StreamState } from "../../shared/api.ts";
import { askUntil } from "../support/ask.ts";
import { processesWith } from "../support/process_table.ts";
import { RelayProcess } from "../support/relay_process.ts";
import { V4l2StandIn } from "../support/v4l2_stand_in.ts";

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
      /^\/dev\/video0 gives no pictures: plug it in anew, or see to it that something comes in/,
    ],
  ];
  for (const [name, first, expected] of cases) {
    await test.step(name, async () => {
      await using camera = await V4l2StandIn.make({ fps: 30, first });
      {
        await using relay = await RelayProcess.start({
          args: ["porch=v4l2:/dev/video0?size=320x240"],
          env: camera.environment,
        });
        const state = async (): Promise<StreamState> => (await relay.stream("porch")).state;
        const offline = await askUntil(state, {
          accept: ({ kind }) => kind === "offline",
          what: "the reason",
        });
        assert.match(offline.kind === "offline" ? offline.reason : "", expected);
        await askUntil(state, { accept: ({ kind }) => kind === "live", what: "its return" });
      }
      assert.deepEqual(await processesWith(`sleep\0${mark}`), []);
    });
  }
});
