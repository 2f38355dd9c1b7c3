/**
 * Ways to send one message to many WebSocket viewers, each as bare as it can be: what the relay's way is held
 * against. `ways.ts WAY PORT COUNT FILE [CERTIFICATE KEY]` waits for COUNT viewers and then plays the messages of
 * FILE, lines of "µs bytes", over and over.
 *
 * @module
 */

import type { IncomingMessage } from "node:http";
import { createServer } from "node:http";
import { createSecureServer } from "node:http2";
import { createServer as createHttpsServer } from "node:https";
import { createServer as createNetServer, type Server, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";

/** Sends a message: the frame around it, or the message alone where the way makes its own frame. */
type Send = (frame: Uint8Array<ArrayBuffer>, payload: Uint8Array<ArrayBuffer>) => void;

interface Identity {
  readonly cert: string;
  readonly key: string;
}

/** Opens a port and resolves when it listens; calls `joined` with each viewer. */
type Way = (
  port: number,
  identity: Identity,
  joined: (send: Send) => void,
) => Promise<void> | void;

const HOST = "127.0.0.1";
const encoder = new TextEncoder();
/** The answer to the key that the crowd sends (RFC 6455 §4.2.2). */
const UPGRADED = encoder.encode(
  "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
    "Sec-WebSocket-Accept: ICX+Yqv66kxgM0FcWaLWlFLwTAI=\r\n\r\n",
);

function onUpgrade(
  joined: (send: Send) => void,
): (request: IncomingMessage, socket: Duplex) => void {
  return (_request, socket) => {
    socket.write(UPGRADED);
    joined((frame) => void socket.write(frame));
  };
}

/** As little as can be between a program and the system call: the runtime's own handle, which the relay writes to. */
interface RuntimeHandle {
  writeBuffer(request: { oncomplete(): void }, bytes: Uint8Array): number;
}

const NOTHING_TO_TELL = { oncomplete: (): void => {} };

/** Without the stream around it, and without asking whether anything waits, as the relay must (`deliveries/frame_writer.ts`). */
function byHandle(socket: Duplex): Send {
  const handle = (socket as Duplex & { _handle?: RuntimeHandle })._handle;
  if (typeof handle?.writeBuffer !== "function") {
    throw new Error("sockets of this Deno have no handle that can be written to");
  }
  return (frame) => void handle.writeBuffer(NOTHING_TO_TELL, frame);
}

/** Linux's numbers. */
const SEND_FLAGS = 0x40 | 0x4000; // MSG_DONTWAIT | MSG_NOSIGNAL
const MAX_DESCRIPTOR = 4096;
const SOCKADDR_BYTES = 28;

/**
 * `send(2)` of libc on the socket's own descriptor, beside the runtime; what the kernel does not take at once goes to the
 * stream. The cheapest way there is, and none for the relay: a process that may call libc may do whatever its user may, and
 * what else it was forbidden is worth nothing.
 */
function bySystemCall(): (socket: Duplex) => Send {
  const { symbols: libc } = Deno.dlopen("libc.so.6", {
    send: { parameters: ["i32", "buffer", "usize", "i32"], result: "isize" },
    getpeername: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
  });
  /** Nobody tells the descriptor of a socket: it is the one whose other end is the viewer's. */
  const descriptorOf = ({ remotePort }: Socket): number => {
    for (let descriptor = 3; descriptor < MAX_DESCRIPTOR; descriptor++) {
      const address = new Uint8Array(SOCKADDR_BYTES);
      const length = new Uint8Array(new Uint32Array([SOCKADDR_BYTES]).buffer);
      if (libc.getpeername(descriptor, address, length) !== 0) continue;
      if (new DataView(address.buffer).getUint16(2) === remotePort) return descriptor;
    }
    throw new Error(`no descriptor has its other end at port ${remotePort}`);
  };
  return (socket) => {
    if (!(socket instanceof Socket)) throw new Error("this is no socket of the network");
    const descriptor = descriptorOf(socket);
    return (frame) => {
      if (socket.writableLength > 0) return void socket.write(frame); // in order
      const sent = Number(libc.send(descriptor, frame, BigInt(frame.length), SEND_FLAGS));
      if (sent === frame.length) return;
      socket.write(sent > 0 ? frame.subarray(sent) : frame);
    };
  };
}

function listening(server: Server, port: number): Promise<void> {
  return new Promise((resolve) => server.listen(port, HOST, resolve));
}

function acceptAll(listener: Deno.Listener<Deno.Conn>, joined: (send: Send) => void): void {
  void (async () => {
    for await (const conn of listener) {
      void (async () => {
        await conn.read(new Uint8Array(4096));
        await conn.write(UPGRADED);
        joined(queueOf(conn));
      })();
    }
  })();
}

/** Writes one after the other, since `write` may take a part only. */
function queueOf(conn: Deno.Conn): Send {
  const waiting: Uint8Array<ArrayBuffer>[] = [];
  let busy = false;
  async function drain(first: Uint8Array<ArrayBuffer>): Promise<void> {
    busy = true;
    for (let next: Uint8Array<ArrayBuffer> | undefined = first; next; next = waiting.shift()) {
      for (let at = 0; at < next.length;) {
        at += await conn.write(at === 0 ? next : next.subarray(at));
      }
    }
    busy = false;
  }
  return (frame) => busy ? void waiting.push(frame) : void drain(frame);
}

function denoServe(
  options: { port: number; cert?: string; key?: string },
  joined: (send: Send) => void,
): void {
  Deno.serve({ hostname: HOST, onListen: () => {}, ...options }, (request) => {
    const { socket, response } = Deno.upgradeWebSocket(request);
    socket.onopen = () => joined((_frame, payload) => socket.send(payload));
    return response;
  });
}

const WAYS: Readonly<Record<string, Way>> = {
  "raw-socket": (port, _, joined) => {
    return listening(createServer({ noDelay: true }).on("upgrade", onUpgrade(joined)), port);
  },
  "node-net": (port, _, joined) => {
    const server = createNetServer({ noDelay: true }, (socket) => {
      socket.once("data", () => {
        socket.write(UPGRADED);
        joined((frame) => void socket.write(frame));
      });
    });
    return listening(server, port);
  },
  "node-handle": (port, _, joined) => {
    const server = createServer({ noDelay: true });
    server.on("upgrade", (_request, socket: Duplex) => {
      socket.write(UPGRADED);
      joined(byHandle(socket));
    });
    return listening(server, port);
  },
  "ffi-send": (port, _, joined) => {
    const sendBy = bySystemCall();
    const server = createServer({ noDelay: true });
    server.on("upgrade", (_request, socket: Duplex) => {
      socket.write(UPGRADED);
      joined(sendBy(socket));
    });
    return listening(server, port);
  },
  "ws": (port, _, joined) => {
    const server = createServer({ noDelay: true });
    new WebSocketServer({ server, perMessageDeflate: false })
      .on("connection", (ws) => joined((_frame, payload) => ws.send(payload)));
    return listening(server, port);
  },
  "deno-upgrade": (port, _, joined) => denoServe({ port }, joined),
  "deno-conn": (port, _, joined) => acceptAll(Deno.listen({ hostname: HOST, port }), joined),
  "tls-http2": (port, identity, joined) => {
    const server = createSecureServer({ ...identity, allowHTTP1: true });
    return listening(server.on("upgrade", onUpgrade(joined)), port);
  },
  "tls-https": (port, identity, joined) => {
    return listening(createHttpsServer(identity).on("upgrade", onUpgrade(joined)), port);
  },
  "tls-deno-listen": (port, identity, joined) =>
    acceptAll(Deno.listenTls({ hostname: HOST, port, ...identity }), joined),
  "tls-deno-serve": (port, identity, joined) => denoServe({ port, ...identity }, joined),
};

/** A frame and the payload inside it. */
function message(bytes: number): Parameters<Send> {
  const headerBytes = bytes < 126 ? 2 : bytes < 65_536 ? 4 : 10;
  const frame = new Uint8Array(headerBytes + bytes);
  const view = new DataView(frame.buffer);
  frame[0] = 0x82;
  if (headerBytes === 2) frame[1] = bytes;
  else if (headerBytes === 4) view.setUint32(0, (0x827e << 16) | bytes);
  else {
    frame[1] = 127;
    view.setUint32(6, bytes);
  }
  view.setUint32(headerBytes, bytes);
  frame.set(encoder.encode("mdat"), headerBytes + 4);
  return [frame, frame.subarray(headerBytes)];
}

const [name = "", port = "", count = "", file = "", cert, key] = Deno.args;
const way = WAYS[name];
if (!way) throw new Error(`ways are ${Object.keys(WAYS).join(", ")}`);
const messages = Deno.readTextFileSync(file).trim().split("\n").map((line) => {
  const [due = 0, bytes = 0] = line.split(" ").map(Number);
  return { due: due / 1000, bytes };
});
const identity = {
  cert: cert ? Deno.readTextFileSync(cert) : "",
  key: key ? Deno.readTextFileSync(key) : "",
};
const viewers: Send[] = [];
await way(Number(port), identity, (send) => {
  if (viewers.push(send) === Number(count)) void play();
});
Deno.stdout.writeSync(encoder.encode("listening\n"));

async function play(): Promise<void> {
  for (;;) {
    const began = performance.now();
    for (const { due, bytes } of messages) {
      const left = began + due - performance.now();
      if (left > 0) await new Promise((resolve) => setTimeout(resolve, left));
      const [frame, payload] = message(bytes);
      for (const send of viewers) send(frame, payload);
    }
  }
}
