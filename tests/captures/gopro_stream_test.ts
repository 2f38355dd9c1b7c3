/** What gopro-stream's gateway makes of the real HERO4 preview, through its listener: every picture, in one generation. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { findCaptures } from "../run/captures.ts";
import { gatewayMessages, packetsOf } from "../support/gopro_gateway.ts";
import { SegmentClient } from "../support/gopro_stream_client.ts";
import { TestRelay, until } from "../support/relay.ts";

const { folder } = findCaptures(Deno.env.get("RILL_MEDIA"));

Deno.test({
  name: "HERO4: gopro-stream's gateway, message by message",
  ignore: folder === undefined,
  fn: async () => {
    const capture = await Deno.readFile(join(folder ?? "", "gopro/hero4_video_input_mpegts.ts"));
    const messages = gatewayMessages(packetsOf(capture));
    assert.equal(messages.length, 16);
    await using relay = await TestRelay.start([], {}, "compat: {gopro_stream: 127.0.0.1:0}");
    const url = relay.compatUrl("gopro_stream");
    await using viewer = await SegmentClient.open(`${url}/`);
    await using gateway = await SegmentClient.open(`${url}/publish`);
    for (const message of messages) gateway.send(message);
    const info = () => relay.stream("default").info;
    await until(() => viewer.segments.length > 0 && info().counters.videoSamples >= 230, {
      what: "the pictures",
    });
    assert.equal(info().generation, 1);
    assert.equal(info().mime, 'video/mp4; codecs="avc1.4d4015,mp4a.40.2"');
    assert.equal(viewer.texts.filter((text) => /"stream"/.test(text)).length, 1);
  },
});
