/**
 * One destination of vw's: a WebSocket outward that is opened again whenever it ends, by which a topic's messages leave as
 * they are and those of the other end come in. With a token, that is said first, and the answer waited for.
 *
 * @module
 */

import type { Buffer } from "node:buffer";
import type { IncomingMessage } from "node:http";
import { WebSocket } from "ws";
import { sleep } from "../../../shared/sleep.ts";
import { stopAt, writeVia } from "../../../shared/via.ts";
import { closeReason, endWhenSilent } from "../../deliveries/websocket_connection.ts";
import { ConnectionError, openConnection } from "../../forwarding/connection.ts";
import { refusalOf } from "../../forwarding/refusal.ts";
import type { DestinationsContext, Taker } from "./destinations.ts";
import type { Message } from "./exchange.ts";
import type { DestinationRule } from "./rules.ts";
import { WayOut } from "./way_out.ts";

/** vw's: the first wait, doubled up to the last. Ours come a little earlier by chance, so that many do not come at once. */
const FIRST_WAIT_MS = 1_000;
const LAST_WAIT_MS = 10_000;
/** vw reads no longer message. */
const MAX_MESSAGE_BYTES = 10 * 1024 * 1024;
/** vw keeps so many messages for a destination that is not connected. */
const MAX_EARLY = 2;
/** The other side has so long to become a WebSocket, and to answer a token. */
const STEP_MS = 10_000;

/** Runs until it is disposed of. */
export class Outbound implements Taker {
  readonly name: string;
  readonly topic: string;
  readonly #rule: DestinationRule;
  readonly #context: DestinationsContext;
  readonly #abort = new AbortController();
  readonly #running: Promise<void>;
  #early: Message[] = [];
  /** While messages may leave. */
  #open: WayOut | undefined;
  #lost = 0;
  #said: string | undefined;

  constructor(rule: DestinationRule, context: DestinationsContext) {
    this.#rule = rule;
    this.#context = context;
    this.name = rule.destination;
    this.topic = rule.stream;
    this.#running = this.#run();
  }

  take(message: Message): void {
    const out = this.#open;
    if (!out) {
      if (this.#early.length < MAX_EARLY) this.#early.push(message);
    } else if (!out.send(message)) {
      if (this.#lost++ === 0) this.#warn("the network is too slow: messages are left out");
    } else {
      if (this.#lost > 0) this.#warn(`${this.#lost} messages were left out`);
      this.#lost = 0;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#abort.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#abort;
    let wait = FIRST_WAIT_MS;
    while (!signal.aborted) {
      const { opened, reason } = await this.#connect();
      if (signal.aborted) return;
      if (reason !== this.#said) this.#warn(reason);
      this.#said = reason;
      if (opened) wait = FIRST_WAIT_MS;
      await sleep(wait * (0.75 + Math.random() / 4), signal);
      wait = Math.min(wait * 2, LAST_WAIT_MS);
    }
  }

  /** What the topic's messages come through, this relay's feeds last: none of them takes any of them back. */
  get #via(): string {
    const { exchange, self } = this.#context;
    const own = exchange.feedsOf(this.topic).map((feed) => stopAt(self, feed));
    return writeVia([...exchange.viaOf(this.topic), ...own]);
  }

  /** One connection, from its first packet to its end. */
  async #connect(): Promise<{ readonly opened: boolean; readonly reason: string }> {
    const { signal } = this.#abort;
    const { destination } = this.#rule;
    const url = URL.canParse(destination) ? new URL(destination) : undefined;
    if (url?.protocol !== "ws:" && url?.protocol !== "wss:") {
      return { opened: false, reason: "its address does not begin with ws:// or wss://" };
    }
    if (url.username !== "" || url.password !== "") {
      return { opened: false, reason: "its address holds a user's name; vw's have none" };
    }
    try {
      const socket = await openConnection(url, { proxies: this.#context.proxies, signal });
      const plain = new URL(url);
      plain.protocol = "ws:"; // TLS is the connection's
      const ws = new WebSocket(plain, {
        createConnection: () => socket,
        perMessageDeflate: false, // video does not deflate
        maxPayload: MAX_MESSAGE_BYTES,
        handshakeTimeout: STEP_MS,
        followRedirects: false,
        headers: { host: url.host, via: this.#via },
      });
      return await this.#serve(ws);
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error;
      return { opened: false, reason: error.message };
    }
  }

  /** Resolves when the connection is over. */
  async #serve(ws: WebSocket): Promise<{ readonly opened: boolean; readonly reason: string }> {
    const { token } = this.#rule;
    const { signal } = this.#abort;
    const via = this.#via;
    const over = Promise.withResolvers<string>();
    let opened = false;
    let patience: ReturnType<typeof setTimeout> | undefined;
    const begin = (): void => {
      clearTimeout(patience);
      opened = true;
      this.#said = undefined;
      this.#context.log.info(`destination ${this.#rule.id} is connected`, this.#fields());
      this.#open = new WayOut(ws);
      for (const message of this.#early.splice(0)) this.take(message);
    };
    const read = (data: Buffer, isBinary: boolean): void => {
      if (opened) {
        const bytes = new Uint8Array(data); // the socket's to use again
        return this.#context.exchange.publish(this, { bytes, isText: !isBinary });
      }
      const refusal = isBinary
        ? "its answer to the token is not text"
        : tokenRefusal(data.toString());
      if (refusal === undefined) return begin();
      over.resolve(refusal);
      ws.close();
    };
    const stop = (): void => {
      over.resolve("it was ended here");
      if (ws.readyState === WebSocket.OPEN) ws.close(1000, closeReason("the rule was deleted"));
      else ws.terminate();
    };
    using _via = this.#context.exchange.onVia(() => {
      if (this.#via === via) return;
      over.resolve("another relay sends to this topic: it is connected anew, and tells of it");
      ws.close();
    });
    endWhenSilent(ws, () => ws.bufferedAmount);
    ws.on("unexpected-response", (_request, response: IncomingMessage) => {
      void refusalOf(response).then((refusal) => {
        over.resolve(refusal);
        ws.terminate();
      });
    });
    ws.on("open", () => {
      if (token === "") return begin();
      ws.send(token);
      patience = setTimeout(() => {
        over.resolve(`it did not answer the token within ${STEP_MS / 1000} s`);
        ws.terminate();
      }, STEP_MS);
    });
    ws.on("message", read);
    ws.on("error", (error) => over.resolve(`the connection broke: ${firstLine(error)}`));
    ws.on("close", (code) => over.resolve(`the other side closed the connection, code ${code}`));
    signal.addEventListener("abort", stop);
    if (signal.aborted) stop();
    const reason = await over.promise;
    signal.removeEventListener("abort", stop);
    clearTimeout(patience);
    this.#open = undefined;
    return { opened, reason };
  }

  #warn(reason: string): void {
    this.#context.log.warn(`destination ${this.#rule.id}: ${reason}`, this.#fields());
  }

  /** The host alone: paths and queries of such addresses are secrets as often as not. */
  #fields(): { readonly stream: string; readonly host?: string } {
    const { stream, destination } = this.#rule;
    return URL.canParse(destination) ? { stream, host: new URL(destination).host } : { stream };
  }
}

/** Why a token is not taken; `undefined` when it is. */
function tokenRefusal(text: string): string | undefined {
  try {
    const answer: unknown = JSON.parse(text);
    if (typeof answer !== "object" || answer === null) {
      return "its answer to the token says nothing";
    }
    const field = (name: string): unknown =>
      Object.entries(answer).find(([key]) => key.toLowerCase() === name)?.[1];
    if (field("authorised") === true) return undefined;
    const reason = field("reason");
    return typeof reason === "string" && reason !== ""
      ? `it refuses the token: ${reason.slice(0, 200)}`
      : "it refuses the token";
  } catch (error) {
    if (error instanceof SyntaxError) return "its answer to the token is not JSON";
    throw error;
  }
}

function firstLine({ message }: Error): string {
  return (message.split("\n")[0] ?? message).slice(0, 200);
}
