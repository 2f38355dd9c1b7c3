/** One port for all peer connections: what one cannot read is no other's loss. */

import assert from "node:assert/strict";
import { ByteWriter } from "../../../../relay/bytes/byte_writer.ts";
import { UdpMux } from "../../../../relay/publish/whip/udp_mux.ts";
import { until } from "../../../support/relay.ts";
import { freeUdpPort } from "../../../support/ports.ts";

/** A connectivity check for whoever has that fragment (RFC 8489 §5, RFC 8445 §7.2.2). */
function checkFor(ufrag: string): Uint8Array {
  const name = new TextEncoder().encode(`${ufrag}:them`);
  const padded = Math.ceil(name.length / 4) * 4;
  const w = new ByteWriter(20 + 4 + padded);
  w.u16(0x0001); // binding request
  w.u16(4 + padded); // length
  w.u32(0x2112_a442); // magic cookie
  for (let i = 0; i < 3; i++) w.u32(i); // transaction
  w.u16(0x0006); // USERNAME
  w.u16(name.length);
  for (let i = 0; i < padded; i++) w.u8(name[i] ?? 0);
  return w.written();
}

function sender(sockets: DisposableStack): Deno.DatagramConn {
  const socket = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
  sockets.defer(() => socket.close());
  return socket;
}

Deno.test("a datagram that a connection throws at ends neither the port nor the other connections", async () => {
  const said: string[] = [];
  using mux = new UdpMux(0, (sentence) => void said.push(sentence), { orAny: false });
  mux.open("hostile").onData = () => {
    throw new RangeError("no such record");
  };
  const heard: number[] = [];
  mux.open("other").onData = (data) => void heard.push(data.length);
  using sockets = new DisposableStack();
  const [socket, another] = [sender(sockets), sender(sockets)];
  const to = { transport: "udp", hostname: "127.0.0.1", port: mux.port } as const;
  await socket.send(checkFor("hostile"), to);
  await until(() => said.length > 0, { what: "what was thrown" });
  assert.match(said[0] ?? "", /cannot be read: no such record/);
  await another.send(checkFor("other"), to);
  await until(() => heard.length > 0, { what: "the other's datagram" });
  await socket.send(Uint8Array.of(1, 2, 3), to);
  await until(() => said.length > 1, { what: "what was thrown again" });
});

Deno.test("the port is its own: no program may share it, and where another has it, any will do or none", () => {
  const fail = (sentence: string): never => assert.fail(sentence);
  const port = freeUdpPort();
  using mux = new UdpMux(port, fail, { orAny: true });
  assert.equal(mux.port, port);
  // As programs ask that share a port with whoever allows it.
  const shared = { transport: "udp", port, reuseAddress: true } as const;
  for (const hostname of ["0.0.0.0", "127.0.0.1"]) {
    assert.throws(
      () => Deno.listenDatagram({ ...shared, hostname }).close(),
      Deno.errors.AddrInUse,
      hostname,
    );
  }
  assert.throws(() => new UdpMux(port, fail, { orAny: false }), Deno.errors.AddrInUse);
  using other = new UdpMux(port, fail, { orAny: true });
  assert.notEqual(other.port, port);
});
