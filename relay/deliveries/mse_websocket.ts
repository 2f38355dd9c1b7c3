/**
 * go2rtc's `/api/ws?src=NAME`: the client asks `{"type":"mse","value":CODECS}`, is answered with the stream's MIME
 * type in the same form, then gets MP4 in binary messages; `hls`, which clients without Media Source Extensions ask for,
 * is answered with a playlist. What else go2rtc offers there is refused in its own words, so that its clients go on with
 * `mse`. Reached by its alias alone (`http/aliases.ts`).
 *
 * @module
 */

import type { Buffer } from "node:buffer";
import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import { CLOSE } from "../../shared/control.ts";
import type { Batch, InitSegment } from "../../shared/media.ts";
import type { Hub } from "../hub/hub.ts";
import type { Sink } from "../hub/sink.ts";
import type { Delivery, DeliveryUpgrade, Stream } from "./delivery.ts";
import { FrameWriter } from "./frame_writer.ts";
import { startingAt } from "./mse_init.ts";
import { hlsMessage, type MseMessage, needsAac, plays, readMseMessage } from "./mse_message.ts";
import { answering, closeReason, endWhenSilent, openConnections } from "./websocket_connection.ts";
import { frameOf } from "./websocket_frame.ts";

/** Clients offer WebRTC as well, and an SDP has many lines. */
const MAX_MESSAGE_BYTES = 64 * 1024;
/** What go2rtc's clients ask for and this relay has elsewhere, or not. */
const REFUSED: ReadonlySet<string> = new Set(["webrtc/offer", "mp4", "mjpeg"]);

/** What a viewer is made of. */
interface MseViewer {
  readonly ws: WebSocket;
  readonly frames: FrameWriter;
  /** Codecs that the client plays, as it said them. */
  readonly codecs: string;
  say(message: MseMessage): void;
  /** The client plays none of the stream's codecs, and has been told. */
  refused(): void;
  /** Gives the client the stream with its sound in AAC in this one's place, where that can be had. */
  readonly takeAac: (() => void) | undefined;
}

/** One viewer. A client of go2rtc's has one `SourceBuffer`, so a new generation takes a new connection. */
class MseSink implements Sink {
  readonly transport = "websocket";
  readonly #viewer: MseViewer;
  /** Until its first batch, which says where the client's time begins. */
  #waiting: InitSegment | undefined;
  #begun = false;

  constructor(viewer: MseViewer) {
    this.#viewer = viewer;
  }

  get backlog(): number {
    return this.#viewer.frames.waiting;
  }

  init(segment: InitSegment): void {
    const { mime } = segment;
    const { ws, codecs, say, refused, takeAac } = this.#viewer;
    if (this.#begun) return ws.close(CLOSE.goingAway, "the picture has changed: connect again");
    if (takeAac && needsAac(codecs, mime)) return takeAac();
    if (!plays(codecs, mime)) {
      say({ type: "error", value: `mse: this client plays none of ${mime}` });
      return refused();
    }
    this.#begun = true;
    this.#waiting = segment;
    say({ type: "mse", value: mime });
  }

  push(batch: Batch): void {
    const { ws, frames } = this.#viewer;
    if (!this.#begun || ws.readyState !== ws.OPEN) return;
    if (this.#waiting) ws.send(startingAt(batch, this.#waiting));
    this.#waiting = undefined;
    frames.write(frameOf(batch));
  }

  skipped(): void {
    // There is no word for it: the decode times show the gap.
  }

  offline(reason: string): void {
    this.#viewer.say({ type: "offline", value: reason });
  }

  close(why: "stuck" | "gone", reason: string): void {
    const { ws } = this.#viewer;
    if (why === "stuck") ws.terminate(); // it reads nothing: a farewell would wait behind the backlog
    else ws.close(CLOSE.noSuchStream, closeReason(reason));
  }
}

/** Answers one client until it leaves. */
function serve(
  ws: WebSocket,
  { socket, stream: { name, hub }, inAac }: {
    readonly socket: Duplex;
    readonly stream: Stream;
    readonly inAac: () => Stream | undefined;
  },
): void {
  let subscription: Disposable | undefined;
  const leave = (): void => {
    subscription?.[Symbol.dispose]();
    subscription = undefined;
  };
  const frames = new FrameWriter(socket);
  const answer = answering(ws, () => frames.waiting);
  const say = (message: MseMessage): void => answer(JSON.stringify(message));
  const begin = (codecs: string, of: Hub, otherwise?: Hub): void => {
    // Later, because the hub may begin before it has handed the subscription out.
    const refused = (): void => queueMicrotask(leave);
    const takeAac = otherwise && ((): void => {
      queueMicrotask(() => {
        if (subscription === undefined) return; // it has left meanwhile
        leave();
        begin(codecs, otherwise);
      });
    });
    subscription = of.subscribe(new MseSink({ ws, frames, codecs, say, refused, takeAac }));
  };
  const read = (text: string): void => {
    const message = readMseMessage(text);
    if (!message) return;
    const { type, value: codecs } = message;
    if (REFUSED.has(type)) {
      say({ type: "error", value: `${type}: this relay has no such thing here; ask for mse` });
    } else if (type === "hls") {
      say(hlsMessage(name, hub.segment?.mime));
    } else if (type === "mse" && subscription === undefined) {
      begin(codecs, hub, inAac()?.hub);
    }
  };
  ws.on("error", () => ws.terminate()); // a viewer's broken frame is the viewer's loss
  endWhenSilent(ws, () => frames.waiting);
  ws.on("message", (data: Buffer, isBinary: boolean) => {
    if (!isBinary) read(data.toString());
  });
  ws.on("close", leave);
}

/** Opens the delivery. */
export function openMseWebSocket(): Delivery {
  const server = openConnections(MAX_MESSAGE_BYTES);
  return {
    resource: "mse",
    upgrade({ request, socket, head, stream, inAac }: DeliveryUpgrade): void {
      if (!stream) return void socket.destroy(); // the alias has looked
      const viewer = { socket, stream, inAac };
      server.handleUpgrade(request, socket, head as Buffer, (ws) => serve(ws, viewer));
    },
    close(reason: string): void {
      for (const ws of server.clients) ws.close(CLOSE.goingAway, closeReason(reason));
    },
  };
}
