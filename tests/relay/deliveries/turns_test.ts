/** Frames to many encrypted connections: some a round, each connection's own in order, and nothing kept for one that is gone. */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { Writable } from "node:stream";
import { TURN_BYTES, Turns } from "../../../relay/deliveries/turns.ts";

const PICTURE = Buffer.alloc(TURN_BYTES / 4);

/** Turns whose rounds the test makes; `write` tells which viewer was given how much. */
function crowd(viewers: number): {
  readonly turns: Turns;
  readonly sockets: readonly Writable[];
  readonly written: string[];
  round(): boolean;
} {
  const due: (() => void)[] = [];
  const written: string[] = [];
  const sockets = Array.from({ length: viewers }, (_, viewer) =>
    new Writable({
      highWaterMark: 2 * PICTURE.length,
      write: (chunk: Buffer, _encoding, done) => {
        written.push(`${viewer}:${chunk.length}`);
        done();
      },
    }));
  return {
    turns: new Turns((turn) => due.push(turn)),
    sockets,
    written,
    round: () => {
      const turn = due.shift();
      assert.ok(due.length === 0, "one round is asked for at a time");
      turn?.();
      return turn !== undefined;
    },
  };
}

Deno.test("what one round has room for is written at once, the rest a round later each", () => {
  const { turns, sockets, written, round } = crowd(10);
  for (const socket of sockets) turns.write(socket, PICTURE);
  const names = sockets.map((_, viewer) => `${viewer}:${PICTURE.length}`);
  assert.deepEqual(written, names.slice(0, 4));
  assert.equal(sockets[4]?.writableLength, PICTURE.length, "what waits is backlog");
  round();
  assert.deepEqual(written, names.slice(0, 8));
  round();
  assert.deepEqual(written, names);
  assert.ok(round(), "a round that nobody waits for gives the next frame its bytes");
  assert.ok(!round(), "and is the last");
  turns.write(sockets[9] as Writable, PICTURE);
  assert.equal(written.length, 11);
});

Deno.test("what a connection is given while it waits stays in order, whoever gives it", () => {
  const { turns, sockets, written, round } = crowd(6);
  for (const socket of sockets) turns.write(socket, PICTURE);
  const [waiting] = sockets.slice(5) as [Writable];
  waiting.write(Buffer.alloc(3)); // a control message
  turns.write(waiting, Buffer.alloc(5));
  turns.write(sockets[0] as Writable, Buffer.alloc(7)); // nobody overtakes those who wait
  assert.equal(written.length, 4);
  round();
  assert.deepEqual(written.slice(4), [
    `4:${PICTURE.length}`,
    `5:${PICTURE.length}`,
    "5:3",
    "5:5",
    "0:7",
  ]);
});

Deno.test("one that ends or breaks while it waits holds up nobody", async () => {
  const { turns, sockets, written, round } = crowd(7);
  for (const socket of sockets) turns.write(socket, PICTURE);
  const [breaks, ends] = sockets.slice(4) as [Writable, Writable];
  breaks.destroy();
  ends.end("bye");
  turns.write(breaks, PICTURE); // as the hub does until it hears of the end
  breaks.on("error", () => undefined);
  for (let rounds = 0; rounds < 3; rounds++) round();
  await new Promise((resolve) => setTimeout(resolve));
  assert.deepEqual(written.slice(4), [`5:${PICTURE.length}`, "5:3", `6:${PICTURE.length}`]);
  assert.ok(!round());
});
