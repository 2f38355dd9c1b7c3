/** A relay that is started anew: what follows a playlist, and knows only its address, is not led back in time. */

import assert from "node:assert/strict";
import { type ReadPlaylist, readPlaylist } from "../support/hls/playlist_reader.ts";
import { RelayProcess } from "../support/relay_process.ts";

async function playlistOf(relay: RelayProcess): Promise<ReadPlaylist> {
  const response = await fetch(`${relay.url}/live/demo/hls/live.m3u8`);
  assert.equal(response.status, 200);
  return readPlaylist(await response.text());
}

Deno.test("after a new start the numbers of segments are higher than any before; discontinuities stay few", async () => {
  let before: ReadPlaylist;
  {
    await using relay = await RelayProcess.start();
    before = await playlistOf(relay);
    const { sequence = 0 } = before.segments.at(-1) ?? {};
    const later = await fetch(`${relay.url}/live/demo/hls/live.m3u8?_HLS_msn=${sequence + 1}`);
    before = readPlaylist(await later.text());
  }
  await using relay = await RelayProcess.start();
  const after = await playlistOf(relay);
  const newest = before.segments.at(-1)?.sequence ?? 0;
  assert.ok(newest > 0);
  assert.ok((after.segments[0]?.sequence ?? 0) > newest, `${after.segments[0]?.sequence}`);
  assert.ok(after.discontinuities < 10, "hls.js counts up to them with each playlist");
});
