/** Pulling over HTTP and WebSocket: what is followed, what ends it, and what is said then. */

import assert from "node:assert/strict";
import { http, openPull, ws } from "../../../../relay/sources/pull/pull.ts";
import { silent } from "../../../../relay/sources/pull/steps.ts";
import { SourceError } from "../../../../relay/sources/source.ts";
import { EndlessServer, type EndlessServerOptions } from "../../../support/endless_server.ts";
import { RecordingOutput } from "../../../support/source_output.ts";

interface Ending {
  readonly out: RecordingOutput;
  /** Undefined when it was ended from here, after the first bytes. */
  readonly sentence: string | undefined;
}

async function pull(
  text: string,
  { silenceMs = 5_000, pieces = 1 }: { readonly silenceMs?: number; readonly pieces?: number } = {},
): Promise<Ending> {
  const spec = (text.startsWith("ws") ? ws : http).parse(text);
  const out = new RecordingOutput();
  const ending = new AbortController();
  const running = openPull(spec, { silenceMs }).run(out, ending.signal).then(
    () => undefined,
    (error: unknown) => error,
  );
  await Promise.race([running, out.until((seen) => seen.all("data").length >= pieces)]);
  ending.abort();
  const error = await running;
  if (error !== undefined && !(error instanceof SourceError)) throw error;
  return { out, sentence: error?.message };
}

/** Against a server of one answer. */
async function pullFrom(
  answer: NonNullable<EndlessServerOptions["answer"]>,
  { path = "/x", credentials = "", ...options }: {
    readonly path?: string;
    readonly credentials?: string;
    readonly silenceMs?: number;
  } = {},
): Promise<Ending> {
  await using server = await EndlessServer.start({ answer });
  const { sentence, out } = await pull(`http://${credentials}${server.host}${path}`, options);
  return { out, sentence: sentence?.replace(server.host, "HOST") };
}

Deno.test("an address leads to another on its host, and to no other host", async () => {
  const { out } = await pullFrom((request) =>
    new URL(request.url).pathname === "/x"
      ? new Response(null, { status: 302, headers: { location: "/endless" } })
      : undefined
  );
  assert.ok(out.all("data").length > 0);
  const { sentence } = await pullFrom(() =>
    new Response(null, { status: 301, headers: { location: "http://other.example/s/key/x?k=1" } })
  );
  assert.equal(sentence, "HOST leads to http://other.example/s/…/x: write that address instead");
  const { sentence: endless } = await pullFrom(() =>
    new Response(null, { status: 307, headers: { location: "/x" } })
  );
  assert.equal(endless, "HOST leads from address to address without end");
});

Deno.test("an answer that is no stream is told in words", async (test) => {
  const cases: readonly (readonly [number | string, RegExp])[] = [
    [401, /^HOST wants to know who asks: put NAME:PASSWORD@/],
    [403, /^HOST does not allow this$/],
    [404, /^HOST has nothing at this address/],
    [429, /^HOST serves too many already$/],
    [500, /^HOST has failed itself and answered 500$/],
    [503, /^HOST has the stream, but no picture for now$/],
    [418, /^HOST answered 418, which is no stream$/],
    ["text/html; charset=utf-8", /^HOST has a page at this address, and no video$/],
    ["multipart/x-mixed-replace; boundary=x", /^HOST sends JPEG pictures one by one/],
    ["application/vnd.apple.mpegurl", /^HOST has an HLS playlist .*exec:ffmpeg -i URL -c copy/],
    ["audio/mpegurl", /^HOST has an HLS playlist/],
  ];
  for (const [what, expected] of cases) {
    await test.step(`${what}`, async () => {
      const { sentence, out } = await pullFrom(() =>
        typeof what === "number"
          ? new Response("no", { status: what })
          : new Response("x", { headers: { "content-type": what } })
      );
      assert.match(sentence ?? "", expected);
      assert.deepEqual(out.all("data"), []);
    });
  }
});

Deno.test("a stream that ends, breaks or falls silent is told in words", async () => {
  const ended = await pullFrom(() => new Response(null, { status: 200 }));
  assert.match(ended.sentence ?? "", /^HOST has (ended the stream|answered with nothing)$/);
  const silent = await pullFrom(
    () => new Response(new ReadableStream({ start: (body) => body.enqueue(new Uint8Array(0)) })),
    { silenceMs: 100 },
  );
  assert.match(silent.sentence ?? "", /^HOST has answered, and no media has followed for 0 s$/);
  const broken = await pullFrom(() =>
    new Response(
      new ReadableStream({
        start: (body) => void setTimeout(() => body.error(new Error("the disk is gone")), 20),
      }),
    )
  );
  assert.match(broken.sentence ?? "", /^HOST ended the connection in the middle$/);
});

Deno.test("a name and a password are sent, and stand nowhere else", async () => {
  const seen: (string | null)[] = [];
  const { sentence } = await pullFrom((request) => {
    seen.push(request.headers.get("authorization"));
    return new Response("no", { status: 403 });
  }, { credentials: "me:s%40cret@" });
  assert.deepEqual(seen, [`Basic ${btoa("me:s@cret")}`]);
  assert.equal(sentence, "HOST does not allow this");
  assert.equal(
    http.parse("http://me:s%40cret@h/s/AbC123/live/x?token=abc").label,
    "http://h/s/…/live/x?token=…",
  );
});

Deno.test("a relay's page leads to its WebSocket; another program's stream there is taken as it is", async () => {
  await using server = await EndlessServer.start();
  const asked: string[] = [];
  await using other = await EndlessServer.start({
    answer: (request) => {
      const { pathname } = new URL(request.url);
      asked.push(pathname);
      return pathname.endsWith("/ws") ? new Response("no", { status: 404 }) : undefined;
    },
  });
  assert.equal((await pull(`http://${server.host}/live/cam`)).sentence, undefined);
  assert.equal((await pull(`http://${other.host}/sub/live/a/cam`)).sentence, undefined);
  assert.deepEqual(asked, ["/sub/live/a/cam/ws", "/sub/live/a/cam"]);
  asked.length = 0;
  assert.equal((await pull(`http://${other.host}/live/cam/stream.ts`)).sentence, undefined);
  assert.deepEqual(asked, ["/live/cam/stream.ts"]);
});

/** A WebSocket server that does as it is told. */
async function pullSocket(
  play: (socket: WebSocket) => void,
  options: { readonly silenceMs?: number; readonly pieces?: number } = {},
): Promise<Ending> {
  await using server = await EndlessServer.start({
    answer: (request) => {
      const { socket, response } = Deno.upgradeWebSocket(request);
      socket.onopen = () => play(socket);
      return response;
    },
  });
  const { sentence, out } = await pull(`ws://${server.host}/x`, options);
  return { out, sentence: sentence?.replace(server.host, "HOST") };
}

Deno.test("what answers and is no WebSocket, or no HTTP, is told in words", async () => {
  for (
    const [status, expected] of [[401, /wants to know who asks/], [200, /answered 200/]] as const
  ) {
    await using server = await EndlessServer.start({
      answer: () => new Response("no", { status }),
    });
    const { sentence } = await pull(`ws://${server.host}/x`);
    assert.match(sentence ?? "", expected);
  }
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const answering = (async () => {
    for await (const connection of listener) {
      await connection.write(new TextEncoder().encode("SSH-2.0-OpenSSH_9.2\r\n"));
    }
  })();
  const { sentence } = await pull(`http://127.0.0.1:${listener.addr.port}/x`);
  assert.match(
    sentence ?? "",
    /^127\.0\.0\.1:\d+ does not speak HTTP on this port: is the port right\?$/,
  );
  listener.close();
  await answering;
});

Deno.test("a WebSocket's farewell is told in words", async (test) => {
  const cases: readonly (readonly [number, string, RegExp])[] = [
    [4401, "", /^HOST wants a key: use a share link's address$/],
    [4403, "", /^HOST does not allow this$/],
    [4404, "there is no stream x", /^HOST says: there is no stream x$/],
    [4429, "", /^HOST serves too many already$/],
    [1001, "the relay stops.", /^HOST ended the connection: the relay stops$/],
    [1000, "", /^HOST ended the connection$/],
  ];
  for (const [code, reason, expected] of cases) {
    await test.step(`${code}`, async () => {
      const { sentence } = await pullSocket((socket) => socket.close(code, reason));
      assert.match(sentence ?? "", expected);
    });
  }
  await test.step("silence", async () => {
    const { sentence } = await pullSocket(() => undefined, { silenceMs: 100 });
    assert.equal(sentence, "HOST has answered, and no media has followed for 0 s");
    const later = await pullSocket((socket) => socket.send(new Uint8Array([1])), {
      silenceMs: 100,
      pieces: 2,
    });
    assert.equal(later.sentence, "HOST has sent nothing more for 0 s");
  });
});

Deno.test("one that never answers: the sentence names the step that fails", async (test) => {
  // Takes connections, and says nothing on them.
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const held: Deno.Conn[] = [];
  const holding = (async () => {
    for await (const connection of listener) held.push(connection);
  })();
  const place = `127.0.0.1:${listener.addr.port}`;
  for (const scheme of ["http", "ws"]) {
    await test.step(scheme, async () => {
      const { sentence } = await pull(`${scheme}://${place}/x`, { silenceMs: 100 });
      assert.equal(sentence, `${place} takes the connection and has not answered for 0 s`);
    });
  }
  const silence = {
    place,
    step: "asked",
    ms: 10_000,
    signal: new AbortController().signal,
  } as const;
  const connect = (to: { readonly hostname: string; readonly port: number }) => Deno.connect(to);
  await test.step("TLS", async () => {
    const { message } = await silent({ ...silence, url: `https://${place}/x` }, {
      ...{ connect, stepMs: 100 },
    });
    assert.match(message, /takes the connection and does not finish the TLS handshake/);
  });
  await test.step("connection", async () => {
    const never = { connect: () => new Promise<Deno.TcpConn>(() => {}), stepMs: 50 };
    const { message } = await silent({ ...silence, url: `http://${place}/x` }, never);
    assert.match(message, /takes no connection: is it on, in this network, and no firewall/);
  });
  for (const connection of held) connection.close();
  listener.close();
  await holding;
});

const STREAM = {
  type: "stream",
  generation: 1,
  mime: 'video/mp4; codecs="avc1.42c01e"',
  tracks: [],
  clock: { errorUs: 40 },
};

Deno.test("a relay's words are understood: its clock before its media, its silence, what it left out", async () => {
  const AHEAD = 3_600_000_000;
  const { out, sentence } = await pullSocket((socket) => {
    socket.onmessage = ({ data }) => {
      const { id } = JSON.parse(data) as { id: string };
      const t = Math.round((performance.timeOrigin + performance.now()) * 1000) + AHEAD;
      socket.send(JSON.stringify({ type: "pong", id, t }));
    };
    socket.send("no JSON");
    socket.send(JSON.stringify({ type: "offline", reason: "The camera sleeps." }));
    socket.send(JSON.stringify(STREAM));
    socket.send(new Uint8Array([1]));
    socket.send(JSON.stringify({ type: "skip", reason: "slow", fragments: 3, ms: 120 }));
    socket.send(JSON.stringify({ ...STREAM, generation: 2 }));
    socket.send(new Uint8Array([2]));
  }, { pieces: 2 });
  assert.equal(sentence, undefined);
  const kinds = out.calls.map(({ kind }) => kind).filter((kind, at, all) => kind !== all[at - 1]);
  assert.deepEqual(out.all("data").map(({ bytes }) => bytes[0]), [1, 2]);
  assert.equal(out.all("discontinuity").length, 1, "between the generations");
  const [estimate] = out.all("originClock").map((call) => call.estimate);
  assert.ok(estimate && Math.abs(estimate.offset - AHEAD) <= estimate.error);
  assert.ok(estimate.error >= 40 && estimate.error < 1_000_000);
  assert.match(out.all("idle")[0]?.reason ?? "", /has no picture: The camera sleeps$/);
  assert.match(out.all("note")[0]?.sentence ?? "", /too slow: 120 ms were left out$/);
  assert.ok(kinds.indexOf("originClock") < kinds.lastIndexOf("data"));
});

Deno.test("a relay that does not tell the time keeps nobody waiting", async () => {
  const { out, sentence } = await pullSocket((socket) => {
    socket.send(JSON.stringify(STREAM));
    socket.send(new Uint8Array([1]));
  });
  assert.equal(sentence, undefined);
  assert.deepEqual(out.all("originClock"), []);
});
