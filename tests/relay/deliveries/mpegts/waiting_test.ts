/** `stream.ts` of a stream whose next key picture, or whose tables' end, is long in coming. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { concatBytes } from "../../../../shared/bytes.ts";
import { RawGroups } from "../../../../relay/deliveries/mpegts/raw_groups.ts";
import { openStreamTs } from "../../../../relay/deliveries/mpegts/stream_ts.ts";
import { Hub } from "../../../../relay/hub/hub.ts";
import { PacketWriter } from "../../../../relay/mpegts_out/packets.ts";
import { PMT_PID, writePat, writePmt } from "../../../../relay/mpegts_out/tables.ts";
import { RawFeed } from "../../../../relay/streams/raw_feed.ts";
import { makeTransportStream } from "../../../support/clips.ts";
import { DeliveryServer } from "../../../support/delivery_server.ts";
import { hasFfprobe } from "../../../support/ffprobe.ts";
import { plainBatch, plainSegment } from "../../../support/plain_batch.ts";
import { until } from "../../../support/relay.ts";

Deno.test({
  name: "pictures flow, and the next key picture is long in coming: it is waited for",
  ignore: !hasFfprobe(),
  fn: async () => {
    const folder = await Deno.makeTempDir({ prefix: "rill-waiting-" });
    try {
      const clip = join(folder, "clip.ts");
      await makeTransportStream(clip, { seconds: 4, group: 25, sound: true });
      await using server = await DeliveryServer.start(["cam", "other"], [openStreamTs(50)]);
      const raw = new RawFeed(() => undefined);
      const cam = Object.assign(server.stream("cam"), { raw });
      cam.hub.init(plainSegment());
      cam.hub.publish(plainBatch({ key: true }));
      const waiting = fetch(`${server.url}/live/cam/stream.ts`);
      await until(() => cam.hub.takers === 1, { what: "who waits" });
      const none = await fetch(`${server.url}/live/other/stream.ts`); // its patience ends later
      assert.equal(none.status, 503);
      await none.body?.cancel();
      raw.publish(await Deno.readFile(clip));
      const response = await waiting;
      assert.equal(response.status, 200);
      await response.body?.cancel();
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test("a table that has no end is not kept", () => {
  const hub = new Hub();
  const groups = new RawGroups(hub);
  const video = { pid: 0x100, streamType: 0x1b, descriptors: new Uint8Array(0) };
  const pmt = new PacketWriter(PMT_PID);
  const endless = pmt.unit(new Uint8Array(184 * 5_000));
  groups.push(concatBytes([
    new PacketWriter(0).unit(writePat()),
    pmt.unit(writePmt({ version: 0, pcrPid: video.pid, streams: [video] })),
    endless.subarray(188), // all but what begins it
    new PacketWriter(video.pid).unit(new Uint8Array(400), { randomAccess: true }),
  ]));
  const tables = hub.segment?.bytes.length ?? 0;
  assert.ok(tables > 188 && tables < 100 * 188, `${tables} bytes of tables`);
});
