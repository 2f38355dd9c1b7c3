/** H.265 of real encoders, sent as RTP and received by ffmpeg: the pictures that were sent. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { findCaptures } from "../run/captures.ts";
import { SentAsRtp } from "../support/sent_as_rtp.ts";

const { folder } = findCaptures(Deno.env.get("RILL_MEDIA"));
/** Pictures of each, and how many of so many that are received must be the same: ffmpeg begins in the middle of a group. */
const CAPTURES = [
  ["ts/mp2tstools_obs_hevc_aac.ts", 120],
  ["annexb/croscodecs_test-25fps.h265", 150],
] as const;

for (const [capture, pictures] of CAPTURES) {
  Deno.test({
    name: `RTP: ffmpeg decodes the very pictures of ${capture}`,
    ignore: folder === undefined,
    fn: async () => {
      await using sent = await SentAsRtp.start(join(folder ?? "", capture));
      const { same, said } = await sent.receive(pictures);
      assert.ok(same >= pictures / 3, said);
    },
  });
}
