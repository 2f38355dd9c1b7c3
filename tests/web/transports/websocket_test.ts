/** The stream over a WebSocket: addresses, messages, ends; over real sockets. */

import assert from "node:assert/strict";
import type { ServerMessage } from "../../../shared/control.ts";
import { candidates } from "../../../web/src/transports/mod.ts";
import { type Receiver, TransportError } from "../../../web/src/transports/transport.ts";
import { socketUrl, websocket } from "../../../web/src/transports/websocket.ts";

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
  assert.deepEqual(candidates().map(({ name }) => name), ["websocket"]);
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
