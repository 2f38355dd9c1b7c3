/** The UDP source on sockets of this machine. */
import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { openUdp, udp, UDP_LIMITS } from "../../../relay/sources/udp.ts";
import { goProGroups, tsPackets } from "../../support/gopro_datagrams.ts";
import { rtpDatagram } from "../../support/rtp_datagrams.ts";
import { RecordingOutput } from "../../support/source_output.ts";
import { freeUdpPort, UdpSender } from "../../support/ports.ts";

interface Listening {
  readonly out: RecordingOutput;
  readonly port: number;
  readonly running: Promise<void>;
  readonly controller: AbortController;
}

async function listening(
  test: (listening: Listening) => Promise<void>,
  { query = "", limits = UDP_LIMITS } = {},
): Promise<void> {
  const port = freeUdpPort();
  const out = new RecordingOutput();
  const controller = new AbortController();
  const source = openUdp(udp.parse(`udp://127.0.0.1:${port}${query}`), limits);
  const running = source.run(out, controller.signal);
  try {
    await test({ out, port, running, controller });
  } finally {
    controller.abort();
    await running.catch(() => undefined);
  }
}

Deno.test("the text is read, and no more than the port permitted", () => {
  const read = (text: string): unknown => {
    const { host, port, group, permissions } = udp.parse(text);
    return [host, port, group, permissions.net];
  };
  assert.deepEqual(read("udp://:5000"), ["0.0.0.0", 5000, undefined, ["0.0.0.0:5000"]]);
  assert.deepEqual(read("udp://10.0.0.2:5000/"), ["10.0.0.2", 5000, undefined, ["10.0.0.2:5000"]]);
  assert.deepEqual(read("udp://[::1]:5000"), ["::1", 5000, undefined, ["[::1]:5000"]]);
  const joined = ["0.0.0.0", 5000, "239.1.2.3", ["0.0.0.0:5000"]];
  assert.deepEqual(read("udp://:5000?group=239.1.2.3"), joined);
  assert.deepEqual(read("udp://239.1.2.3:5000"), joined);
  assert.deepEqual(read("udp://10.0.0.2:5000?group=239.1.2.3"), ["10.0.0.2", ...joined.slice(1)]);
  for (const bad of ["udp:", "udp://", "udp://host", "udp://:0", "udp://:70000", "udp://a b:1"]) {
    assert.throws(() => udp.parse(bad), { name: "SourceError" }, bad);
  }
  assert.throws(() => udp.parse("udp://:5000?group=10.0.0.1"), /group is an address from 224/);
  assert.throws(() => udp.parse("udp://:5000?groop=239.1.2.3"), /no option "groop"/);
});

Deno.test("bare, headed and RTP datagrams arrive; arrival is when they came", async () => {
  await listening(async ({ out, port }) => {
    using sender = new UdpSender(port);
    const packets = tsPackets(7, 1);
    const before = out.now();
    await sender.send(
      packets,
      ...goProGroups(1, 3),
      rtpDatagram({ sequence: 1, payload: packets }),
    );
    await out.until((seen) => seen.all("data").length === 5);
    assert.equal(out.bytes().length, 5 * 7 * 188);
    assert.equal(out.all("endOfFrame").length, 1);
    for (const { arrival } of out.all("data")) {
      assert.ok(arrival >= before && arrival <= out.now());
    }
  });
});

Deno.test("losses and ends of frames are passed on", async () => {
  await listening(async ({ out, port }) => {
    using sender = new UdpSender(port);
    await sender.send(...goProGroups(3, 20).filter((_, i) => i !== 5 && i !== 6 && i !== 39));
    await out.until((seen) => seen.all("data").length === 57);
    assert.equal(out.datagramsLost(), 3);
  });
});

Deno.test("a second sender is left out while the first sends, and said once", async () => {
  await listening(async ({ out, port }) => {
    using first = new UdpSender(port);
    using second = new UdpSender(port);
    await first.send(tsPackets(1, 1));
    await out.until((seen) => seen.all("data").length === 1);
    await second.send(tsPackets(2, 2), tsPackets(2, 2));
    await first.send(tsPackets(1, 1));
    await out.until((seen) => seen.all("data").length === 2);
    assert.deepEqual(out.all("data").map(({ bytes }) => bytes.length), [188, 188]);
    assert.equal(out.all("note").length, 1);
    assert.match(out.all("note")[0]?.sentence ?? "", new RegExp(`127.0.0.1:${second.port}`));
  });
});

Deno.test("a second sender takes over when the first is quiet", async () => {
  await listening(async ({ out, port }) => {
    using first = new UdpSender(port);
    using second = new UdpSender(port);
    await first.send(tsPackets(1, 1));
    await out.until((seen) => seen.all("data").length === 1);
    await second.send(tsPackets(2, 2));
    await out.until((seen) => seen.all("data").length === 2);
    assert.deepEqual(out.calls.map(({ kind }) => kind), ["data", "discontinuity", "data"]);
  }, { limits: { ...UDP_LIMITS, senderMs: 0 } });
});

Deno.test("silence ends the run with the reason", async () => {
  const limits = { silenceMs: 60, senderMs: 10 };
  await listening(async ({ out, port, running }) => {
    await assert.rejects(running, {
      name: "SourceError",
      message:
        `no datagram for 0.06 s on udp://127.0.0.1:${port}: does the sender run, and does it ` +
        `send to port ${port} of this machine?`,
    });
    assert.deepEqual(out.calls, []);
  }, { limits });
  await listening(async ({ port, running }) => {
    const ended = assert.rejects(running, /hold no MPEG-TS, bare or in RTP/);
    using sender = new UdpSender(port);
    await sender.send(new TextEncoder().encode("hello"));
    await ended;
  }, { limits: { ...limits, silenceMs: 1_000 } }); // it has to come before
});

Deno.test("datagrams now and then are no silence", async () => {
  await listening(async ({ out, port, running }) => {
    using sender = new UdpSender(port);
    const timer = setInterval(() => void sender.send(tsPackets(1, 1)), 20);
    try {
      await Promise.race([running, out.until((seen) => seen.all("data").length >= 100)]);
    } finally {
      clearInterval(timer);
    }
    assert.ok(out.all("data").length >= 100);
  }, { limits: { silenceMs: 1_000, senderMs: 10 } });
});

Deno.test("a port in use, and an address of another machine, are said in sentences", async () => {
  await listening(async ({ port, out }) => {
    const again = openUdp(udp.parse(`udp://127.0.0.1:${port}`));
    await assert.rejects(again.run(out, new AbortController().signal), {
      name: "SourceError",
      message:
        `UDP port ${port} of 127.0.0.1 is in use: another program or stream listens there; ` +
        "stop it or choose another port",
    });
  });
  const elsewhere = openUdp(udp.parse("udp://192.0.2.77:5000"));
  await assert.rejects(
    elsewhere.run(new RecordingOutput(), new AbortController().signal),
    /192\.0\.2\.77 is no address of this machine/,
  );
});

Deno.test("a port that is let go a moment later is had: a program being started keeps a copy so long", async () => {
  const before = Deno.listenDatagram({
    transport: "udp",
    hostname: "127.0.0.1",
    port: freeUdpPort(),
  });
  const { port } = before.addr as Deno.NetAddr;
  const letGo = setTimeout(() => before.close(), 60);
  const out = new RecordingOutput();
  const controller = new AbortController();
  const running = openUdp(udp.parse(`udp://127.0.0.1:${port}`)).run(out, controller.signal);
  using sender = new UdpSender(port);
  const timer = setInterval(() => sender.send(tsPackets(3, 1)), 20);
  try {
    await Promise.race([running, out.until((seen) => seen.all("data").length > 0)]);
    assert.ok(out.all("data").length > 0);
  } finally {
    clearTimeout(letGo);
    clearInterval(timer);
    controller.abort();
    await running;
  }
});

Deno.test("the port is free again after an abort, and after silence", async () => {
  const port = freeUdpPort();
  for (let round = 0; round < 3; round++) {
    const controller = new AbortController();
    const source = openUdp(udp.parse(`udp://:${port}`), {
      silenceMs: round === 1 ? 30 : 5000,
      senderMs: 1,
    });
    const running = source.run(new RecordingOutput(), controller.signal);
    if (round === 1) {
      await assert.rejects(running, { name: "SourceError" });
    } else {
      controller.abort();
      await running;
    }
  }
});

Deno.test("a multicast group is joined on the interface named", async () => {
  const port = freeUdpPort();
  const group = "239.255.77.1";
  const out = new RecordingOutput();
  const controller = new AbortController();
  const source = openUdp(udp.parse(`udp://127.0.0.1:${port}?group=${group}`));
  const running = source.run(out, controller.signal);
  const sender = createSocket("udp4");
  await new Promise<void>((resolve) => sender.bind(0, "127.0.0.1", resolve));
  sender.setMulticastInterface("127.0.0.1");
  // A group is joined a moment after the port is bound: what is sent before does not come.
  const timer = setInterval(() => sender.send(tsPackets(3, 1), port, group), 20);
  try {
    await Promise.race([running, out.until((seen) => seen.all("data").length > 0)]);
    assert.ok(out.all("data").length > 0);
  } finally {
    clearInterval(timer);
    sender.close();
    controller.abort();
    await running;
  }
});
