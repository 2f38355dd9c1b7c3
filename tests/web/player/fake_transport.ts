/** A transport whose connections a test opens, feeds and ends. */

import type { ClientMessage, ServerMessage } from "../../../shared/control.ts";
import {
  type Closure,
  type Connection,
  type OpenOptions,
  type Receiver,
  type Transport,
  TransportError,
} from "../../../web/src/transports/transport.ts";

/** One try to connect, and the connection that comes of it. */
export class FakeAttempt {
  readonly sent: ClientMessage[] = [];
  readonly receiver: Receiver;
  readonly signal: AbortSignal;
  readonly promise: Promise<Connection>;
  #resolve!: (connection: Connection) => void;
  #reject!: (reason: unknown) => void;
  #over!: (closure: Closure) => void;

  constructor({ receiver, signal }: OpenOptions) {
    this.receiver = receiver;
    this.signal = signal;
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    signal.addEventListener("abort", () => {
      this.#reject(signal.reason);
      this.#over?.({ code: 1000, reason: "" });
    });
  }

  /** The handshake is done. @param quietMs as `Connection` has it. */
  open(quietMs?: number): void {
    const closed = new Promise<Closure>((resolve) => this.#over = resolve);
    const quiet = quietMs === undefined ? {} : { quietMs };
    this.#resolve({ send: (message) => this.sent.push(message), closed, ...quiet });
  }

  /** There is nobody. */
  fail(): void {
    this.#reject(new TransportError("The relay cannot be reached."));
  }

  /** The other side ends it. */
  close(code: number, reason = ""): void {
    this.#over({ code, reason });
  }

  /** The other side sends media, which nobody here reads. */
  media(): void {
    this.receiver.media(new Uint8Array(8));
  }

  /** The other side says something. */
  say(message: ServerMessage): void {
    this.receiver.control(message);
  }

  /** The other side answers the last ping. */
  pong(t = 1): void {
    const last = this.sent.at(-1);
    if (last?.type === "ping") this.say({ type: "pong", id: last.id, t });
  }
}

/** The transport. */
export class FakeTransport implements Transport {
  readonly attempts: FakeAttempt[] = [];

  supported(): boolean {
    return true;
  }

  open(_url: string, options: OpenOptions): Promise<Connection> {
    const attempt = new FakeAttempt(options);
    this.attempts.push(attempt);
    return attempt.promise;
  }

  /** The newest try. */
  get last(): FakeAttempt {
    const last = this.attempts.at(-1);
    if (last === undefined) throw new Error("Nobody has tried to connect.");
    return last;
  }
}
