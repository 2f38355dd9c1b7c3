/** Streams that come and go while the relay runs. */

import assert from "node:assert/strict";
import { Log } from "../../../relay/log.ts";
import { parseSource } from "../../../relay/sources/mod.ts";
import { MAX_STREAMS, Streams } from "../../../relay/streams/streams.ts";
import { CameraStream } from "../../support/camera_stream.ts";
import { RecordingSink } from "../../support/recording_sink.ts";
import { until } from "../../support/relay.ts";

function open(graceMs?: number): Streams {
  const log = new Log({ level: "error", format: "text", write: () => undefined });
  return new Streams(log, graceMs === undefined ? {} : { graceMs });
}

Deno.test("a publisher's stream outlives it for its viewers' sake, and then goes", async () => {
  await using streams = open(50);
  const outcome = streams.publish("cam");
  assert.ok(outcome.kind === "publication");
  const sink = new RecordingSink();
  streams.get("cam")?.hub.subscribe(sink);
  outcome.publication.end();
  await until(() => sink.story.at(-1) === "close gone", { what: "its end" });
  assert.equal(streams.get("cam"), undefined);
});

Deno.test("within its grace another publisher may go on with it", async () => {
  await using streams = open(60_000);
  const first = streams.publish("cam");
  assert.ok(first.kind === "publication");
  const stream = streams.get("cam");
  first.publication.close("the network failed");
  await until(() => stream?.offline === "the network failed", { what: "the break" });
  assert.equal(streams.publish("cam").kind, "publication");
  assert.equal(streams.get("cam"), stream);
});

Deno.test("who may not publish is told why", async () => {
  await using streams = open();
  streams.add("demo", parseSource("demo"));
  assert.equal(streams.publish("no name").kind, "misnamed");
  assert.equal(streams.publish("demo").kind, "sourced");
  assert.equal(streams.publish("cam").kind, "publication");
  assert.equal(streams.publish("cam").kind, "taken");
  for (let i = streams.all().length; i < MAX_STREAMS; i++) {
    streams.add(`s${i}`, parseSource("push"));
  }
  assert.equal(streams.publish("one-more").kind, "full");
});

Deno.test("another source under the same name: those who watch stay, and the numbers go on", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/clip.ts`;
    await Deno.writeFile(path, new CameraStream().tables().group(10).group(10).group(10).take());
    await using streams = open();
    let changes = 0;
    using _ = streams.onChange(() => void changes++);
    const stream = streams.add("cam", parseSource(`file:${path}?loop`));
    const sink = new RecordingSink();
    stream.hub.subscribe(sink);
    await until(() => sink.batches.length > 5, { what: "pictures" });
    streams.change("cam", parseSource("demo"));
    await until(() => sink.story.includes("init 2"), { what: "the demo" });
    assert.equal(streams.get("cam"), stream);
    assert.equal(stream.info.source, "demo");
    await streams.remove("cam");
    assert.equal(sink.story.at(-1), "close gone");
    assert.equal(changes, 2);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
