/** `/metrics`: read by a parser that is not ours, named by Prometheus' rules, and true. */

import assert from "node:assert/strict";
import { Exposition } from "../../../relay/http/exposition.ts";
import { Histogram } from "../../../relay/streams/histogram.ts";
import { plainBatch, plainSegment } from "../../support/plain_batch.ts";
import { type Family, parseMetrics } from "../../support/prometheus.ts";
import { RawClient } from "../../support/raw_client.ts";
import { TestRelay, until } from "../../support/relay.ts";

async function scrape(relay: TestRelay): Promise<readonly Family[]> {
  const response = await fetch(`${relay.url}/metrics`);
  assert.match(response.headers.get("content-type") ?? "", /^text\/plain; version=0\.0\.4/);
  return parseMetrics(await response.text());
}

/** The value of one sample; `undefined` when there is none. */
function value(
  families: readonly Family[],
  name: string,
  labels: Readonly<Record<string, string>>,
): number | undefined {
  const family = families.find((each) => each.name === name);
  const found = family?.metrics.find((metric) =>
    Object.entries(labels).every(([label, text]) => metric.labels?.[label] === text)
  );
  return found?.value === undefined ? undefined : Number(found.value);
}

Deno.test("every family has help, a type and a name by the rules", async () => {
  await using relay = await TestRelay.silent("cam", "yard/north");
  const families = await scrape(relay);
  assert.ok(families.length > 12);
  for (const { name, help, type, metrics } of families) {
    assert.match(name, /^(?:rill|process)_[a-z_]+$/);
    assert.match(help, /^\p{Lu}|^\d/u);
    assert.equal(name.endsWith("_total"), type === "COUNTER", `${name} is a ${type}`);
    assert.doesNotMatch(name, /_(?:ms|us|milliseconds|kb|mb|count)(?:_|$)/, "base units");
    for (const { value } of metrics) if (value !== undefined) assert.ok(Number(value) >= 0, name);
  }
  for (const stream of ["cam", "yard/north"]) {
    assert.equal(value(families, "rill_stream_up", { stream }), 0);
    assert.equal(value(families, "rill_losses_total", { stream, cause: "datagram" }), 0);
  }
});

Deno.test("viewers and bytes by transport, those that left counted on", async () => {
  await using relay = await TestRelay.silent("cam");
  const hub = relay.hub("cam");
  hub.init(plainSegment());
  hub.publish(plainBatch({ key: true }));
  const sent = plainSegment().bytes.length + plainBatch({ key: true }).bytes.length;
  const labels = { stream: "cam", transport: "websocket" };
  {
    using _socket = await RawClient.webSocket(relay.port, "/live/cam/ws");
    using _body = await RawClient.request(relay.port, "GET /live/cam/stream.mp4 HTTP/1.1");
    await until(() => hub.outlets().get("http")?.viewers === 1, { what: "both" });
    const families = await scrape(relay);
    assert.equal(value(families, "rill_viewers", labels), 1);
    assert.equal(value(families, "rill_viewers", { stream: "cam", transport: "http" }), 1);
    assert.equal(value(families, "rill_sent_bytes_total", labels), sent);
  }
  await until(() => hub.outlets().get("websocket")?.viewers === 0, { what: "nobody" });
  const families = await scrape(relay);
  assert.equal(value(families, "rill_viewers", labels), 0);
  assert.equal(value(families, "rill_sent_bytes_total", labels), sent);
});

Deno.test("who takes the stream with its sound in AAC is counted too, and stays counted", async () => {
  await using relay = await TestRelay.silent("cam");
  const hub = relay.hub("cam");
  hub.init(plainSegment());
  hub.publish(plainBatch({ key: true }));
  const sent = plainSegment().bytes.length + plainBatch({ key: true }).bytes.length;
  const labels = { stream: "cam", transport: "aac" };
  for (const watched of [1, 2]) {
    using _body = await RawClient.request(relay.port, "GET /live/cam~aac/stream.mp4 HTTP/1.1");
    await until(() => hub.viewers === 1, { what: "a viewer" });
    const families = await scrape(relay);
    assert.equal(value(families, "rill_viewers", labels), 1);
    if (watched === 1) assert.equal(value(families, "rill_sent_bytes_total", labels), sent);
    else assert.ok((value(families, "rill_sent_bytes_total", labels) ?? 0) >= sent);
  }
});

Deno.test("stream.ts: each connection is a viewer; HLS: each client that asks; a picture's file: nobody", async () => {
  await using relay = await TestRelay.start(["cam=demo"]);
  const count = async (transport: string): Promise<number | undefined> =>
    value(await scrape(relay), "rill_viewers", { stream: "cam", transport });
  const bytes = async (transport: string): Promise<number> =>
    value(await scrape(relay), "rill_sent_bytes_total", { stream: "cam", transport }) ?? 0;
  const viewers = (): number => relay.stream("cam").info.viewers;
  const ask = async (path: string, agent: string): Promise<number> => {
    const response = await fetch(`${relay.url}/live/cam/${path}`, {
      headers: { "user-agent": agent },
    });
    return (await response.arrayBuffer()).byteLength;
  };
  let sent = 0;
  {
    using first = await RawClient.request(relay.port, "GET /live/cam/stream.ts HTTP/1.1");
    using second = await RawClient.request(relay.port, "GET /live/cam/stream.ts HTTP/1.1");
    assert.ok(await first.read() && await second.read());
    assert.equal(await count("mpegts"), 2);
    assert.equal(viewers(), 2);
    sent = await bytes("mpegts");
    assert.ok(sent > 0);
  }
  await until(() => relay.hub("cam").takers === 0, { what: "nobody" });
  assert.equal(await count("mpegts"), 0);
  assert.ok(await bytes("mpegts") >= sent);

  assert.ok(await ask("frame.mp4", "one") > 0);
  assert.equal(viewers(), 0);
  let got = await ask("index.m3u8", "one");
  got += await ask("hls/live.m3u8", "one");
  assert.equal(await count("hls"), 1);
  got += await ask("hls/live.m3u8", "another");
  assert.equal(await count("hls"), 2);
  assert.equal(viewers(), 2);
  assert.equal(await bytes("hls"), got);
});

Deno.test("a histogram's buckets hold everything at or below their limit", () => {
  const histogram = new Histogram([0.1, 0.5]);
  for (const seconds of [0.05, 0.1, 0.3, 7]) histogram.observe(seconds);
  const out = new Exposition();
  out.family("a_seconds", { type: "histogram", help: "A." });
  out.histogram("a_seconds", { stream: 'a"b\\c\n' }, histogram.state);
  const [family] = parseMetrics(out.toString());
  assert.deepEqual({ ...family?.metrics[0]?.buckets }, { "0.1": "2", "0.5": "3", "+Inf": "4" });
  // The parser leaves out the sum and count of a histogram with labels.
  assert.match(out.toString(), /^a_seconds_count\{stream="a\\"b\\\\c\\n"\} 4$/m);
  assert.match(out.toString(), /^a_seconds_sum\{.*\} 7\.4\d*$/m);
});

Deno.test("destinations: whether they are reached, what went there; they are no viewers", async () => {
  await using there = await TestRelay.start(["--open", "publish", "out=push"]);
  await using relay = await TestRelay.start([
    ...["--forward", `ws://127.0.0.1:${there.port}/publish/out`],
    ...["--forward", "ws://127.0.0.1:9/nobody", "cam=demo"],
  ]);
  await until(() => there.hub("out").group.length > 5, { what: "pictures" });
  const families = await scrape(relay);
  const reached = { destination: "forward", stream: "cam" };
  assert.equal(value(families, "rill_destination_up", reached), 1);
  assert.equal(value(families, "rill_destination_connections_total", reached), 1);
  assert.equal(value(families, "rill_destination_skipped_fragments_total", reached), 0);
  assert.ok((value(families, "rill_destination_sent_bytes_total", reached) ?? 0) > 1_000);
  assert.equal(value(families, "rill_destination_up", { destination: "forward-2" }), 0);
  assert.equal(relay.hub("cam").viewers, 0);
});
