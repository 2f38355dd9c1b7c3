/** Messages that are not whole yet: what all of vw's clients together may have in the relay's memory. */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createServer } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { Exchange, type Message } from "../../../relay/compat/vw/exchange.ts";
import { openFeedSockets } from "../../../relay/compat/vw/sockets.ts";
import { until } from "../../support/relay.ts";

const MIB = 1024 * 1024;
/** A masked binary frame of eight MiB begins so (RFC 6455 §5.2); its mask changes nothing. */
const HEAD = Buffer.from([0x82, 0xff, 0, 0, 0, 0, 0, 0x80, 0, 0, 0, 0, 0, 0]);

/** Someone who begins a long message. */
async function begin(port: number, bytes: number): Promise<Socket> {
  const socket = connect({ host: "127.0.0.1", port });
  socket.on("error", () => undefined); // it is cut off
  socket.write(
    "GET /ws/data HTTP/1.1\r\nHost: relay\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
  );
  await new Promise((resolve) => socket.once("data", resolve));
  socket.write(HEAD);
  await new Promise((resolve) => socket.write(Buffer.alloc(bytes), resolve));
  return socket;
}

Deno.test("vw: whoever begins long messages and ends none of them is let go before memory is; others stay", async () => {
  const exchange = new Exchange();
  const sockets = openFeedSockets(exchange, { maxHeldBytes: 20 * MIB });
  const server = createServer();
  server.on("upgrade", (request, socket, head) => {
    sockets.upgrade({ request, socket, head, feed: "data", via: [] });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  const { port } = server.address() as AddressInfo;
  const received: Message[] = [];
  using _member = exchange.join({
    name: "test",
    topic: "data",
    take: (message) => void received.push(message),
  });
  const opened: Socket[] = [];
  try {
    const [first, second] = [await begin(port, 7 * MIB), await begin(port, 7 * MIB)];
    opened.push(first, second);
    const third = await begin(port, 7 * MIB);
    opened.push(third);
    await until(() => third.closed, { what: "its end" });
    assert.deepEqual([first.destroyed, second.destroyed], [false, false], "they came before");
    first.write(Buffer.alloc(MIB));
    await until(() => received.length > 0, { what: "the message that was ended" });
    assert.equal(received[0]?.bytes.length, 8 * MIB);
  } finally {
    for (const socket of opened) socket.destroy();
    sockets.close("the test is over");
    server.close();
  }
});
