/** Frames to one viewer over real sockets: all of them, in order, whoever else writes, and none of them by the stream while nothing waits. */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import process from "node:process";
import { PassThrough } from "node:stream";
import { FrameWriter } from "../../../relay/deliveries/frame_writer.ts";
import { askUntil } from "../../support/ask.ts";

/** Both ends of a connection. */
async function connected(): Promise<AsyncDisposable & { readonly ours: Socket; viewer: Socket }> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const viewer = connect((server.address() as AddressInfo).port, "127.0.0.1");
  const [[ours]] = await Promise.all([
    once(server, "connection") as Promise<[Socket]>,
    once(viewer, "connect"),
  ]);
  return {
    ours,
    viewer,
    async [Symbol.asyncDispose](): Promise<void> {
      viewer.destroy();
      ours.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Waits until `ask` says so. */
async function until(what: string, ask: () => boolean): Promise<void> {
  await askUntil(() => Promise.resolve(ask()), { accept: (answer) => answer, what });
}

/** A frame that no other is like. */
function frameOf(number: number, bytes: number): Buffer {
  const frame = Buffer.alloc(bytes, number);
  frame.writeUInt32BE(number);
  return frame;
}

function lengthOf(pieces: readonly Buffer[]): number {
  return pieces.reduce((sum, { length }) => sum + length, 0);
}

/** Answers how often the stream has been written to since. */
function countWrites(stream: Socket): () => number {
  let count = 0;
  stream.write = new Proxy(stream.write, {
    apply(write, socket, what): boolean {
      count++;
      return Reflect.apply(write, socket, what);
    },
  });
  return () => count;
}

Deno.test("a frame goes past the stream while nothing waits", async () => {
  await using both = await connected();
  const { ours, viewer } = both;
  const byStream = countWrites(ours);
  const writer = new FrameWriter(ours);
  const frame = frameOf(7, 1000);
  const taken = once(viewer, "data") as Promise<[Buffer]>;
  writer.write(frame);
  assert.deepEqual((await taken)[0], frame);
  assert.equal(byStream(), 0);
  assert.equal(writer.waiting, 0);
});

/** The module as it is in a runtime that tells nothing of its handles. */
async function withoutHandles(): Promise<typeof FrameWriter> {
  const runtime = process as { binding?: unknown };
  const { binding } = runtime;
  runtime.binding = () => ({});
  try {
    const module = "../../../relay/deliveries/frame_writer.ts?without-handles";
    return ((await import(module)) as { FrameWriter: typeof FrameWriter }).FrameWriter;
  } finally {
    runtime.binding = binding;
  }
}

Deno.test("in a runtime that tells nothing of its handles everything goes by the stream, in order", async () => {
  await using both = await connected();
  const { ours, viewer } = both;
  const Writer = await withoutHandles();
  const byStream = countWrites(ours);
  const writer = new Writer(ours);
  const sent = Array.from({ length: 50 }, (_, number) => frameOf(number, 1000 + number));
  for (const frame of sent) writer.write(frame);
  assert.equal(byStream(), sent.length);
  const got: Buffer[] = [];
  viewer.on("data", (bytes: Buffer) => got.push(bytes));
  const all = Buffer.concat(sent);
  await until("all of it", () => lengthOf(got) >= all.length);
  assert.ok(Buffer.concat(got).equals(all), "byte for byte");
  assert.equal(writer.waiting, 0);
});

Deno.test("what a slow viewer is given comes whole and in order, with what others write between", async () => {
  await using both = await connected();
  const { ours, viewer } = both;
  viewer.pause();
  const writer = new FrameWriter(ours);
  const sent: Buffer[] = [];
  for (let number = 0; number < 200; number++) {
    const frame = frameOf(number, 64 * 1024 + number);
    sent.push(frame);
    writer.write(frame);
    if (number % 10 !== 3) continue;
    const message = Buffer.from(`message ${number}`);
    sent.push(message);
    ours.write(message);
  }
  assert.ok(
    writer.waiting > 0,
    "12 MB are more than the system keeps for a viewer that reads nothing",
  );
  const got: Buffer[] = [];
  viewer.on("data", (bytes: Buffer) => got.push(bytes));
  viewer.resume();
  const all = Buffer.concat(sent);
  await until("all of it", () => lengthOf(got) >= all.length);
  assert.ok(Buffer.concat(got).equals(all), "byte for byte");
  await until("nothing to wait", () => writer.waiting === 0);
});

Deno.test("one frame that the system does not take at once waits until the viewer reads", async () => {
  await using both = await connected();
  const { ours, viewer } = both;
  viewer.pause();
  const writer = new FrameWriter(ours);
  const frame = frameOf(1, 16 * 1024 * 1024);
  writer.write(frame);
  assert.equal(ours.writableLength, 0, "the stream knows nothing of it");
  assert.equal(writer.waiting, frame.length);
  const got: Buffer[] = [];
  viewer.on("data", (bytes: Buffer) => got.push(bytes));
  viewer.resume();
  await until("the viewer to take it", () => writer.waiting === 0);
  await until("all of it", () => lengthOf(got) >= frame.length);
  assert.ok(Buffer.concat(got).equals(frame));
});

Deno.test("a connection that broke ends, and whoever listens to it is told", async () => {
  await using both = await connected();
  const { ours, viewer } = both;
  const writer = new FrameWriter(ours);
  let told = false;
  ours.on("error", () => void (told = true));
  viewer.resetAndDestroy();
  await until("the connection to end", () => {
    writer.write(frameOf(1, 1000));
    return ours.closed;
  });
  assert.ok(told);
  writer.write(frameOf(2, 1000)); // of a connection that is gone nothing is written, and nothing thrown
});

Deno.test("what is no plain connection is written by its stream", async () => {
  const stream = new PassThrough();
  const writer = new FrameWriter(stream);
  writer.write(frameOf(9, 100));
  writer.write(frameOf(10, 100));
  const [first] = await once(stream, "data") as [Buffer];
  assert.equal(first.readUInt32BE(), 9);
});
