/** The receiving socket: one buffer, every datagram, closed on every way out. */
import assert from "node:assert/strict";
import { bindDatagrams, receiveDatagrams } from "../../../relay/sources/datagram_socket.ts";
import { micros } from "../../../shared/units.ts";
import { freeUdpPort, UdpSender } from "../../support/ports.ts";

Deno.test("every datagram is received into one buffer, and the port is free afterwards", async () => {
  const port = freeUdpPort();
  const socket = await bindDatagrams({ host: "127.0.0.1", port });
  const controller = new AbortController();
  const buffers = new Set<ArrayBufferLike>();
  const taken: string[] = [];
  let clock = 0;
  using sender = new UdpSender(port);
  const receiving = receiveDatagrams(socket, {
    signal: controller.signal,
    now: () => micros(++clock),
    take: (datagram, from, arrival) => {
      buffers.add(datagram.buffer);
      taken.push(`${new TextDecoder().decode(datagram)} ${from.port === sender.port} ${arrival}`);
      if (taken.length === 3) controller.abort();
    },
  });
  for (const text of ["one", "", "three"]) await sender.send(new TextEncoder().encode(text));
  await receiving;
  assert.deepEqual(taken, ["one true 1", " true 2", "three true 3"]);
  assert.equal(buffers.size, 1);
  (await bindDatagrams({ host: "127.0.0.1", port })).close();
});

Deno.test("the largest datagram arrives whole", async () => {
  const port = freeUdpPort();
  const socket = await bindDatagrams({ host: "127.0.0.1", port });
  const controller = new AbortController();
  using sender = new UdpSender(port);
  let length = 0;
  const receiving = receiveDatagrams(socket, {
    signal: controller.signal,
    now: () => micros(0),
    take: (datagram) => {
      length = datagram.length;
      controller.abort();
    },
  });
  await sender.send(new Uint8Array(65_507));
  await receiving;
  assert.equal(length, 65_507);
});

Deno.test("our own bug in taking a datagram is not swallowed, and the port is free", async () => {
  const port = freeUdpPort();
  const socket = await bindDatagrams({ host: "127.0.0.1", port });
  using sender = new UdpSender(port);
  const receiving = receiveDatagrams(socket, {
    signal: new AbortController().signal,
    now: () => micros(0),
    take: () => {
      throw new RangeError("a bug");
    },
  });
  const failed = assert.rejects(receiving, RangeError);
  await sender.send(Uint8Array.of(1));
  await failed;
  (await bindDatagrams({ host: "127.0.0.1", port })).close();
});

Deno.test("an abort before, and one while waiting, close the socket", async () => {
  const port = freeUdpPort();
  for (const signal of [AbortSignal.abort(), AbortSignal.timeout(10)]) {
    const socket = await bindDatagrams({ host: "0.0.0.0", port });
    await receiveDatagrams(socket, { signal, now: () => micros(0), take: () => assert.fail() });
  }
  (await bindDatagrams({ host: "0.0.0.0", port })).close();
});

Deno.test("what cannot be bound is said in words", async () => {
  const port = freeUdpPort();
  const socket = await bindDatagrams({ host: "0.0.0.0", port });
  await assert.rejects(bindDatagrams({ host: "0.0.0.0", port }), {
    name: "SourceError",
    message: /^UDP port \d+ of 0\.0\.0\.0 is in use: /,
  });
  socket.close();
  await assert.rejects(bindDatagrams({ host: "192.0.2.1", port }), /no address of this machine/);
  await assert.rejects(
    bindDatagrams({ host: "192.0.2.1", port, group: "239.1.1.1" }),
    /cannot listen to 239\.1\.1\.1 on UDP port/,
  );
});
