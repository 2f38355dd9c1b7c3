/** The stream over a WebSocket: addresses, messages, ends; over real sockets. */

import assert from "node:assert/strict";
import { CLOSE, MAX_CONTROL_CHARS, type ServerMessage } from "../../../shared/control.ts";
import { candidates } from "../../../web/src/transports/mod.ts";
import { type Receiver, TransportError } from "../../../web/src/transports/transport.ts";
import { OPEN_TIMEOUT_MS, socketUrl, websocket } from "../../../web/src/transports/websocket.ts";

const ADDRESSES: readonly (readonly [string, string])[] = [
  ["http://host:8000/live/cam", "ws://host:8000/live/cam/ws"],
  ["https://host/live/cam", "wss://host/live/cam/ws"],
  ["https://host/live/cam/", "wss://host/live/cam/ws"],
  ["https://host/sub/path/live/a/b", "wss://host/sub/path/live/a/b/ws"],
  ["https://host/s/TOKEN/live/cam", "wss://host/s/TOKEN/live/cam/ws"],
  ["https://host/live/cam?muted=1&transport=websocket#stats", "wss://host/live/cam/ws"],
];

for (const [page, socket] of ADDRESSES) {
  Deno.test(`the socket of ${page}`, () => assert.equal(socketUrl(page), socket));
}

Deno.test("it is the transport that is there, by name and by default", () => {
  assert.deepEqual(candidates().map(({ name }) => name), ["webtransport", "websocket", "hls"]);
  assert.deepEqual(candidates("websocket").map(({ name }) => name), ["websocket"]);
  assert.deepEqual(candidates("pigeon"), []);
});

/** A relay for one viewer, who comes as `viewer`. */
class OneViewerRelay implements AsyncDisposable {
  readonly viewer: Promise<WebSocket>;
  readonly url: string;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor() {
    let come!: (socket: WebSocket) => void;
    this.viewer = new Promise((resolve) => come = resolve);
    this.#server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
      if (!request.url.endsWith("/live/cam/ws")) return new Response(null, { status: 404 });
      const { socket, response } = Deno.upgradeWebSocket(request);
      socket.onopen = (): void => come(socket);
      return response;
    });
    this.url = `http://127.0.0.1:${this.#server.addr.port}/live/cam`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

interface Noted extends Receiver {
  readonly came: (number[] | ServerMessage)[];
  /** Fulfilled when so many have come. */
  count(wanted: number): Promise<void>;
}

function noting(): Noted {
  const came: (number[] | ServerMessage)[] = [];
  let tell = (): void => {};
  const note = (what: number[] | ServerMessage): void => {
    came.push(what);
    tell();
  };
  return {
    came,
    media: (bytes) => note([...bytes]),
    control: note,
    count: (wanted) =>
      new Promise((resolve) => {
        tell = (): void => came.length >= wanted ? resolve() : undefined;
        tell();
      }),
  };
}

Deno.test("media and control messages arrive in order, what is not understood does not", async () => {
  await using relay = new OneViewerRelay();
  const receiver = noting();
  const stop = new AbortController();
  const connection = await websocket.open(relay.url, { receiver, signal: stop.signal });
  const viewer = await relay.viewer;
  viewer.send('{"type":"offline","reason":"Gone."}');
  viewer.send("not JSON");
  viewer.send('{"type":"unheard of"}');
  viewer.send(Uint8Array.of(1, 2, 3));
  viewer.send('{"type":"pong","id":1,"t":5}');
  await receiver.count(3);
  assert.deepEqual(receiver.came, [
    { type: "offline", reason: "Gone." },
    [1, 2, 3],
    { type: "pong", id: 1, t: 5 },
  ]);
  const heard = new Promise((resolve) => viewer.onmessage = ({ data }) => resolve(data));
  connection.send({ type: "ping", id: 7 });
  assert.equal(await heard, '{"type":"ping","id":7}');
  stop.abort();
  await connection.closed;
});

Deno.test("the other side's code and reason are told", async () => {
  await using relay = new OneViewerRelay();
  const { signal } = new AbortController();
  const connection = await websocket.open(relay.url, { receiver: noting(), signal });
  (await relay.viewer).close(4404, "no such stream");
  assert.deepEqual(await connection.closed, { code: 4404, reason: "no such stream" });
  connection.send({ type: "ping", id: 1 });
});

Deno.test("ended from here it closes the socket and is over at once", async () => {
  await using relay = new OneViewerRelay();
  const receiver = noting();
  const stop = new AbortController();
  const connection = await websocket.open(relay.url, { receiver, signal: stop.signal });
  const viewer = await relay.viewer;
  const closed = new Promise((resolve) => viewer.onclose = ({ code }) => resolve(code));
  viewer.send(Uint8Array.of(1));
  stop.abort();
  assert.deepEqual(await connection.closed, { code: 1000, reason: "" });
  assert.equal(await closed, 1000);
  assert.deepEqual(receiver.came, [], "nothing is passed on afterwards");
});

Deno.test("a relay that is not there is told in a sentence", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  const { signal } = new AbortController();
  await assert.rejects(
    websocket.open(`http://127.0.0.1:${port}/live/cam`, { receiver: noting(), signal }),
    (error) => error instanceof TransportError && /^[A-Z].*\.$/.test(error.message),
  );
});

Deno.test("a try that is given up is rejected with that reason", async () => {
  // It accepts and never answers.
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const accepted = listener.accept();
  const stop = new AbortController();
  const url = `http://127.0.0.1:${listener.addr.port}/live/cam`;
  const opening = websocket.open(url, { receiver: noting(), signal: stop.signal });
  using _conn = await accepted;
  const reason = new Error("enough");
  stop.abort(reason);
  await assert.rejects(opening, reason);
});

for (const code of [...Object.values(CLOSE), 1000]) {
  Deno.test(`the code ${code} is told as it is`, async () => {
    await using relay = new OneViewerRelay();
    const { signal } = new AbortController();
    const connection = await websocket.open(relay.url, { receiver: noting(), signal });
    (await relay.viewer).close(code, `because of ${code}`);
    assert.deepEqual(await connection.closed, { code, reason: `because of ${code}` });
  });
}

Deno.test("what was sent before the close has arrived when it is over", async () => {
  await using relay = new OneViewerRelay();
  const receiver = noting();
  const { signal } = new AbortController();
  const connection = await websocket.open(relay.url, { receiver, signal });
  const viewer = await relay.viewer;
  for (let i = 0; i < 20; i++) viewer.send(Uint8Array.of(i));
  viewer.close(CLOSE.goingAway);
  await connection.closed;
  assert.deepEqual(receiver.came, Array.from({ length: 20 }, (_, i) => [i]));
});

Deno.test("messages may be empty or long; only text has a greatest length", async () => {
  await using relay = new OneViewerRelay();
  const receiver = noting();
  const stop = new AbortController();
  const connection = await websocket.open(relay.url, { receiver, signal: stop.signal });
  const viewer = await relay.viewer;
  const long = Uint8Array.from({ length: 20 * MAX_CONTROL_CHARS }, (_, i) => i * 7);
  viewer.send(new Uint8Array(0));
  viewer.send(JSON.stringify({ type: "offline", reason: "x".repeat(MAX_CONTROL_CHARS) }));
  viewer.send(long);
  await receiver.count(2);
  assert.deepEqual(receiver.came, [[], [...long]]);
  stop.abort();
  await connection.closed;
});

Deno.test("ended from here between two messages, the second is not passed on", async () => {
  await using relay = new OneViewerRelay();
  const receiver = noting();
  const stop = new AbortController();
  const media = (bytes: Uint8Array<ArrayBuffer>): void => {
    receiver.media(bytes);
    stop.abort();
  };
  const connection = await websocket.open(relay.url, {
    receiver: { media, control: receiver.control },
    signal: stop.signal,
  });
  const viewer = await relay.viewer;
  const gone = new Promise((resolve) => viewer.onclose = resolve);
  for (let i = 0; i < 20; i++) viewer.send(Uint8Array.of(i));
  assert.deepEqual(await connection.closed, { code: 1000, reason: "" });
  await gone;
  assert.deepEqual(receiver.came, [[0]]);
});

Deno.test("ended from there first, ending it from here changes nothing", async () => {
  await using relay = new OneViewerRelay();
  const stop = new AbortController();
  const connection = await websocket.open(relay.url, {
    receiver: noting(),
    signal: stop.signal,
  });
  (await relay.viewer).close(CLOSE.tooMany, "two");
  await connection.closed;
  stop.abort();
  assert.deepEqual(await connection.closed, { code: CLOSE.tooMany, reason: "two" });
});

Deno.test("given up beforehand, nobody is called", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const url = `http://127.0.0.1:${listener.addr.port}/live/cam`;
  const reason = new Error("left before");
  const before = globalThis.WebSocket;
  let made = 0;
  globalThis.WebSocket = class extends before {
    constructor(address: string | URL) {
      made++;
      super(address);
    }
  };
  try {
    const signal = AbortSignal.abort(reason);
    await assert.rejects(websocket.open(url, { receiver: noting(), signal }), reason);
    assert.equal(made, 0);
  } finally {
    Object.assign(globalThis, { WebSocket });
  }
});

Deno.test("what answers, but not as a WebSocket does, is told in a sentence", async () => {
  await using relay = new OneViewerRelay();
  const { signal } = new AbortController();
  await assert.rejects(
    websocket.open(`${relay.url}/of/another`, { receiver: noting(), signal }),
    (error) => error instanceof TransportError && /^[A-Z].*\.$/.test(error.message),
  );
});

/** Reads until the other side is gone, by close or by reset. */
async function hungUp(conn: Deno.TcpConn): Promise<void> {
  const into = new Uint8Array(4096);
  try {
    while (await conn.read(into) !== null);
  } catch (error) {
    if (!(error instanceof Deno.errors.ConnectionReset)) throw error;
  }
}

Deno.test("given up, it hangs up on the relay that has not answered", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const stop = new AbortController();
  const url = `http://127.0.0.1:${listener.addr.port}/live/cam`;
  const opening = websocket.open(url, { receiver: noting(), signal: stop.signal });
  using conn = await listener.accept();
  stop.abort(new Error("enough"));
  await assert.rejects(opening);
  await hungUp(conn);
});

/** Keeps timeouts of one length from running until told to; others run as they are. */
class HeldTimeout implements Disposable {
  run: (() => void) | undefined;
  readonly #before = { setTimeout, clearTimeout };

  constructor(lengthMs: number) {
    const { setTimeout: set, clearTimeout: clear } = this.#before;
    const held = set(() => {}, 0);
    clear(held);
    Object.assign(globalThis, {
      setTimeout: (run: () => void, ms?: number) => {
        if (ms !== lengthMs) return set(run, ms);
        this.run = run;
        return held;
      },
      clearTimeout: (id?: ReturnType<typeof setTimeout>) => {
        if (id === held) this.run = undefined;
        else clear(id);
      },
    });
  }

  [Symbol.dispose](): void {
    Object.assign(globalThis, this.#before);
  }
}

Deno.test("a relay that takes the call and says nothing is given up in time", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  using timeout = new HeldTimeout(OPEN_TIMEOUT_MS);
  const { signal } = new AbortController();
  const url = `http://127.0.0.1:${listener.addr.port}/live/cam`;
  const opening = websocket.open(url, { receiver: noting(), signal });
  using conn = await listener.accept();
  assert.ok(timeout.run, "there is a limit");
  timeout.run();
  await assert.rejects(opening, new TransportError("The relay does not answer."));
  await hungUp(conn);
});

Deno.test("however a try ends, the limit ends with it", async () => {
  await using relay = new OneViewerRelay();
  using timeout = new HeldTimeout(OPEN_TIMEOUT_MS);
  const receiver = noting();
  const stop = new AbortController();
  const connection = await websocket.open(relay.url, { receiver, signal: stop.signal });
  assert.equal(timeout.run, undefined, "open");
  stop.abort();
  await connection.closed;
  const { signal } = new AbortController();
  await assert.rejects(websocket.open(`${relay.url}/of/another`, { receiver, signal }));
  assert.equal(timeout.run, undefined, "refused");
  const left = new AbortController();
  const opening = websocket.open(relay.url, { receiver, signal: left.signal });
  assert.ok(timeout.run);
  left.abort();
  await assert.rejects(opening);
  assert.equal(timeout.run, undefined, "given up");
});

Deno.test("a browser that lets the page have no socket says so by throwing: this way is none, others may be", async () => {
  const { WebSocket } = globalThis;
  class Forbidden {
    constructor() {
      throw new DOMException("The operation is insecure.", "SecurityError");
    }
  }
  Object.assign(globalThis, { WebSocket: Forbidden });
  try {
    const { signal } = new AbortController();
    const opening = websocket.open("https://host/live/cam", { receiver: noting(), signal });
    await assert.rejects(opening, TransportError);
  } finally {
    Object.assign(globalThis, { WebSocket });
  }
});
