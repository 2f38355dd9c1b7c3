/** go2rtc's addresses on a port of their own: what is there, and what is not. */

import assert from "node:assert/strict";
import { ffprobe } from "../../support/ffprobe.ts";
import { TestRelay, until } from "../../support/relay.ts";
import { upgradeStatus } from "../../support/upgrade_status.ts";

Deno.test("go2rtc's addresses play on their own port, and nothing else is there", async () => {
  await using relay = await TestRelay.start(["cam=demo"], {}, "compat: {go2rtc: 127.0.0.1:0}");
  const url = relay.compatUrl("go2rtc");
  await until(() => relay.hub("cam").group.length > 0, { what: "pictures" });

  const mime = await new Promise<string>((resolve, reject) => {
    const socket = new WebSocket(`${url.replace("http", "ws")}/api/ws?src=cam`);
    socket.binaryType = "arraybuffer";
    let said = "";
    socket.onopen = () => socket.send('{"type":"mse","value":"avc1.640029,mp4a.40.2"}');
    socket.onmessage = ({ data }) => {
      if (typeof data === "string") return void (said = JSON.parse(data).value);
      socket.close();
      resolve(said);
    };
    socket.onerror = reject;
  });
  assert.match(mime, /^video\/mp4; codecs="avc1\./);

  for (const path of ["/api/stream.mp4?src=cam", "/api/stream.ts?src=cam"]) {
    const args = ["-read_intervals", "%+1", "-show_entries", "stream=codec_name"];
    const probed = await ffprobe(`${url}${path}`, { args, level: "error" });
    const { streams } = probed as { streams: { codec_name: string }[] };
    assert.deepEqual(streams.map(({ codec_name }) => codec_name).sort(), ["aac", "h264"], path);
  }
  const playlist = await fetch(`${url}/api/stream.m3u8?src=cam`);
  assert.equal(new URL(playlist.url).pathname, "/live/cam/index.m3u8");
  const media = /^(?!#)\S+/m.exec(await playlist.text())?.[0];
  const inside = await fetch(new URL(media ?? "", playlist.url));
  assert.equal(inside.status, 200);
  assert.match(await inside.text(), /#EXT-X-MAP/);
  assert.equal((await fetch(`${url}/api/frame.mp4?src=cam`)).status, 200);

  for (
    const path of ["/", "/api/streams", "/api/stats", "/stream.mp4", "/live/cam/stream.mp4", "/%00"]
  ) {
    const response = await fetch(url + path);
    assert.equal(response.status, 404, path);
    await response.body?.cancel();
  }
  const port = Number(new URL(url).port);
  const host = `127.0.0.1:${port}`;
  const ask = (path: string, headers: Readonly<Record<string, string>>): Promise<number> =>
    upgradeStatus({ port, path, headers });
  assert.equal(await ask("/live/cam/ws", { host }), 404);
  assert.equal(await ask("/api/ws?src=cam", { host, origin: "http://site.example" }), 403);
  assert.equal(await ask("/api/ws?src=cam", { host, origin: `http://${host}` }), 101);
});
