/** The HLS delivery over HTTP: what its addresses answer, to caches and to those who ask for what makes no sense. */

import assert from "node:assert/strict";
import { openHls } from "../../../../relay/deliveries/hls/hls.ts";
import { describeStream, steadyPictures, steadySounds } from "../../../support/batches.ts";
import { DeliveryServer } from "../../../support/delivery_server.ts";
import { playlistProblems } from "../../../support/hls/playlist_rules.ts";
import { type ReadPlaylist, readPlaylist } from "../../../support/hls/playlist_reader.ts";
import { until } from "../../../support/relay.ts";

const PICTURES = 30 * 40;
const STREAM = describeStream(steadyPictures({ count: PICTURES, group: 30 }));

interface Running extends AsyncDisposable {
  readonly url: string;
  readonly server: DeliveryServer;
  /** Publishes up to picture `count`. */
  play(count: number): void;
  get(file: string): Promise<Response>;
  playlist(query?: string): Promise<ReadPlaylist>;
}

/** A server whose stream has come `seconds` far, and somebody watches. */
async function start(seconds: number): Promise<Running> {
  const server = await DeliveryServer.start(["cam"], [
    openHls({ idle: 60_000, patience: 8_000, offline: 200 }, () => 0),
  ]);
  const { hub } = server.stream("cam");
  hub.init(STREAM.segment);
  let played = 0;
  const play = (count: number): void => {
    while (played < count) {
      const batch = STREAM.batches[played++];
      if (batch) hub.publish(batch);
    }
  };
  play(1);
  const url = `${server.url}/live/cam`;
  const first = fetch(`${url}/index.m3u8`);
  await until(() => hub.takers === 1, { what: "the window" });
  play(seconds * 30);
  await (await first).body?.cancel();
  const get = (file: string): Promise<Response> => fetch(`${url}/${file}`);
  return {
    url,
    server,
    play,
    get,
    playlist: async (query = "") => {
      const response = await get(`hls/live.m3u8${query}`);
      assert.equal(response.status, 200);
      return readPlaylist(await response.text());
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

Deno.test("a playlist obeys the RFC; so does the delta update that leaves most of it out", async () => {
  await using running = await start(35);
  const whole = await running.playlist();
  assert.deepEqual(playlistProblems(whole), []);
  assert.ok(whole.segments.length >= 16);
  const delta = await running.playlist("?_HLS_skip=YES");
  assert.deepEqual(playlistProblems(delta), []);
  assert.ok(delta.skipped > 0);
  assert.deepEqual(
    delta.segments.map(({ sequence, uri }) => [sequence, uri]),
    whole.segments.slice(delta.skipped).map(({ sequence, uri }) => [sequence, uri]),
  );
});

Deno.test("a blocked request is answered with the very part, and no sooner", async () => {
  await using running = await start(4);
  running.play(4 * 30 + 7);
  const { sequence, parts } = (await running.playlist()).segments.at(-1) ??
    { sequence: 0, parts: [] };
  let answered = false;
  const asked = running.playlist(`?_HLS_msn=${sequence}&_HLS_part=${parts.length}`)
    .finally(() => void (answered = true));
  const hinted = running.get(`hls/${(await running.playlist()).hint}`);
  await running.playlist(); // another request has come and gone
  assert.equal(answered, false);
  running.play(4 * 30 + 10);
  const newest = (await asked).segments.at(-1);
  assert.deepEqual([newest?.sequence, newest?.parts.length], [sequence, parts.length + 1]);
  assert.equal((await hinted).status, 200);
  await (await hinted).body?.cancel();
});

Deno.test("a media element's own player waits for one segment more while there are few: with none to come it gives up", async () => {
  await using running = await start(1.5);
  const ask = (): Promise<Response> =>
    fetch(`${running.url}/hls/live.m3u8`, { headers: { "sec-fetch-dest": "video" } });
  const whole = ({ segments }: ReadPlaylist): number =>
    segments.filter(({ uri }) => uri !== undefined).length;
  assert.equal(whole(await running.playlist()), 1, "a script is answered at once");
  for (const few of [2, 3]) {
    let answered = false;
    const asked = ask().finally(() => void (answered = true));
    await running.playlist(); // another request has come and gone
    assert.equal(answered, false);
    running.play(few * 30 + 1);
    const answer = await asked;
    assert.equal(whole(readPlaylist(await answer.text())), few);
    assert.equal(answer.headers.get("cache-control"), "no-store");
  }
  const answer = await ask();
  assert.equal(whole(readPlaylist(await answer.text())), 3);
  assert.match(answer.headers.get("cache-control") ?? "", /max-age=1$/);
});

const BAD: readonly string[] = [
  "_HLS_msn=-1",
  "_HLS_msn=",
  "_HLS_msn=1.5",
  "_HLS_msn=1e3",
  "_HLS_msn=0x1",
  "_HLS_msn=99999999999999999999",
  "_HLS_msn=1000",
  "_HLS_part=1",
  "_HLS_msn=4&_HLS_part=1000",
  "_HLS_msn=1&_HLS_msn=2",
  "_HLS_skip=perhaps",
];

for (const query of BAD) {
  Deno.test(`?${query}: 400 at once, and the reason`, async () => {
    await using running = await start(4);
    const response = await running.get(`hls/live.m3u8?${query}`);
    assert.equal(response.status, 400);
    assert.match(((await response.json()) as { detail: string }).detail, /[a-z].*\.$/);
  });
}

Deno.test("directives of others are ignored", async () => {
  await using running = await start(4);
  await running.playlist("?_HLS_push=0&token=x&_HLS_start_offset=1");
});

Deno.test("each kind of answer says to caches how long it may be kept, and to any origin that it may be read", async () => {
  await using running = await start(4);
  const whole = await running.playlist();
  const [segment] = whole.segments;
  const newest = whole.segments.at(-1);
  const classes: readonly (readonly [string, number, RegExp])[] = [
    ["index.m3u8", 200, /max-age=1$/],
    ["hls/live.m3u8", 200, /max-age=1$/],
    [`hls/live.m3u8?_HLS_msn=${(newest?.sequence ?? 0) - 1}`, 200, /max-age=12$/],
    [`hls/${segment?.map}`, 200, /immutable/],
    [`hls/${segment?.uri}`, 200, /immutable/],
    [`hls/${segment?.parts[0]?.uri}`, 200, /immutable/],
    [`hls/${segment?.uri?.replace("-0.", "-500.")}`, 404, /no-store/],
    ["hls/abc-1.m4s", 404, /max-age=2$/],
    ["hls/other.txt", 404, /no-store/],
  ];
  for (const [file, status, cache] of classes) {
    const response = await running.get(file);
    await response.body?.cancel();
    assert.equal(response.status, status, file);
    assert.match(response.headers.get("cache-control") ?? "", cache, file);
    assert.equal(response.headers.get("access-control-allow-origin"), "*", file);
  }
});

Deno.test("HEAD tells the same without a body", async () => {
  await using running = await start(4);
  const [segment] = (await running.playlist()).segments;
  const body = await (await running.get(`hls/${segment?.uri}`)).arrayBuffer();
  const head = await fetch(`${running.url}/hls/${segment?.uri}`, { method: "HEAD" });
  assert.equal(head.headers.get("content-length"), `${body.byteLength}`);
});

Deno.test("a stream that stops is not passed off as live; its segments are still to be had", async () => {
  await using running = await start(4);
  const [segment] = (await running.playlist()).segments;
  const cam = running.server.stream("cam");
  cam.offline = "The camera is off.";
  cam.hub.offline(cam.offline);
  const response = await running.get("hls/live.m3u8");
  assert.equal(response.status, 503);
  assert.match(((await response.json()) as { detail: string }).detail, /camera is off/);
  assert.ok(response.headers.has("retry-after"));
  const media = await running.get(`hls/${segment?.uri}`);
  await media.body?.cancel();
  assert.equal(media.status, 200);
});

Deno.test("pictures that cease while the sound goes on: not passed off as live either", async () => {
  const { segment, batches } = describeStream([
    ...steadyPictures({ count: 120, group: 30 }),
    ...steadySounds({ count: 300 }).map((each) => ({ ...each, alone: true })),
  ]);
  await using server = await DeliveryServer.start(["cam"], [
    openHls({ idle: 60_000, patience: 8_000, offline: 200 }, () => 0),
  ]);
  const cam = server.stream("cam");
  cam.hub.init(segment);
  for (const batch of batches.slice(0, 1)) cam.hub.publish(batch);
  const first = fetch(`${server.url}/live/cam/hls/live.m3u8`);
  await until(() => cam.hub.takers === 1, { what: "the window" });
  for (const batch of batches.slice(1, 200)) cam.hub.publish(batch);
  assert.equal((await first).status, 200);
  await (await first).body?.cancel();
  cam.offline = "no picture has come for 5 s";
  cam.hub.offline(cam.offline);
  for (const batch of batches.slice(200)) cam.hub.publish(batch);
  const response = await fetch(`${server.url}/live/cam/hls/live.m3u8`);
  assert.equal(response.status, 503);
  await response.body?.cancel();
});

Deno.test("pictures that come to last longer than a part may: the targets stay, whole segments follow", async () => {
  await using running = await start(5);
  const { hub } = running.server.stream("cam");
  const before = await running.playlist();
  const newest = before.segments.at(-1)?.sequence ?? 0;
  const blocked = running.playlist(`?_HLS_msn=${newest + 2}&_HLS_part=0`);
  const first = PICTURES * 3000;
  const slow = describeStream(
    steadyPictures({ count: 40, group: 4, step: 45_000, first }),
    { generation: 2 },
  );
  hub.init(slow.segment);
  for (const batch of slow.batches) hub.publish(batch);
  assert.ok((await blocked).segments.length > 0, "asked for a part, told of the whole");
  const after = await running.playlist();
  assert.deepEqual(playlistProblems(after), []);
  assert.equal(after.partTarget, before.partTarget);
  assert.equal(after.target, before.target);
  assert.equal(after.hint, undefined);
  const whole = after.segments.slice(-3);
  for (const { parts, seconds } of whole) assert.deepEqual([parts.length, seconds], [0, 2]);
  const response = await running.get(`hls/${whole[0]?.uri}`);
  const bytes = (await response.arrayBuffer()).byteLength;
  const pictures = slow.batches.slice(0, 4).reduce((sum, batch) => sum + batch.bytes.length, 0);
  assert.equal(bytes, pictures);
});
