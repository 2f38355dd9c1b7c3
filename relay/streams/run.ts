/**
 * One run of a stream's source: its ingest worker, from its start to its end, whoever ends it. What comes through the door
 * is passed on; what it means for the stream is the supervisor's.
 *
 * @module
 */

import type { Bytes } from "../../shared/bytes.ts";
import { BatchRingReader, returnRing, takeRing } from "../ingest/batch_ring.ts";
import type { IngestCommand, IngestEvent } from "../ingest/door.ts";
import type { Continuation } from "../ingest/placing.ts";
import type { SourceSpec } from "../sources/source.ts";
import { HangWatch } from "./hang_watch.ts";

/**
 * A worker that was told to stop has so long before it is ended. Longer than a source takes to end a program that does
 * not want to: ended before that, it would leave it behind.
 */
const STOP_MS = 3_500;
/** Of looking whether a worker hangs: it tells its counters once a second, whatever its camera does. */
const LOOK_MS = 5_000;

/** What comes of a run while it lasts. */
export type RunEvent = Exclude<IngestEvent, { readonly type: "ready" | "ended" | "failed" }>;

/** How a run came to its end. `report`: its last word, where it still had one. */
export type RunEnd =
  | Extract<IngestEvent, { readonly type: "ended" | "failed" }>
  /** It was told to stop, and did not. */
  | { readonly type: "stuck" }
  /** Our own fault. */
  | { readonly type: "broke"; readonly message: string };

/** What a run is started with. */
export interface RunOptions {
  /** Of the stream. */
  readonly name: string;
  readonly spec: SourceSpec;
  /** How often it is looked whether the worker is still there; tests look more often. */
  readonly lookMs?: number;
  /** The worker's code; tests bring one that hangs. */
  readonly code?: URL;
  /** The worker waits to be told to {@link Run.begin}. */
  ready(run: Run): void;
  event(event: RunEvent): void;
  /** Once, and last: the worker is gone. */
  ended(end: RunEnd): void;
}

/** A run, from its start on. */
export class Run {
  readonly spec: SourceSpec;
  readonly startedAt = performance.now();
  /** Resolves when the worker is gone. Never rejects. */
  readonly gone: Promise<void>;
  readonly #options: RunOptions;
  readonly #gone = Promise.withResolvers<void>();
  readonly #ring = takeRing();
  readonly #batches = new BatchRingReader(this.#ring);
  /** Messages taken. */
  #received = 0;
  #worker: Worker | undefined;
  #patience: ReturnType<typeof setTimeout> | undefined;
  #watch: HangWatch | undefined;

  constructor(options: RunOptions) {
    this.#options = options;
    this.spec = options.spec;
    this.gone = this.#gone.promise;
    const code = options.code ?? new URL("../ingest/worker.ts", import.meta.url);
    const worker = new Worker(code.href, {
      type: "module",
      name: options.name,
      deno: { permissions: workerPermissions(this.spec) },
    });
    this.#worker = worker;
    worker.onmessage = ({ data }: MessageEvent<IngestEvent>) => this.#take(data);
    void this.#batches.listen(() => this.#takeBatches());
    worker.onerror = (event) => {
      event.preventDefault(); // it is this camera's end, not the relay's
      this.#end({ type: "broke", message: event.message });
    };
  }

  /** The source begins, where an earlier run ended. */
  begin(from: Continuation): void {
    this.command({ type: "run", spec: this.spec, from, ring: this.#ring });
    this.#watch ??= new HangWatch({
      lookMs: this.#options.lookMs ?? LOOK_MS,
      hangs: () => this.#end({ type: "broke", message: "the camera's reader hangs" }),
    });
  }

  command(command: IngestCommand): void {
    this.#worker?.postMessage(command);
  }

  /** Hands a publisher's bytes over; they are the worker's from now (transferred). */
  feed(bytes: Bytes): void {
    // Part of a larger buffer is somebody else's too. (A node Buffer's own `slice` makes no copy.)
    const own = bytes.byteLength === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes);
    this.#worker?.postMessage({ type: "feed", bytes: own } satisfies IngestCommand, [own.buffer]);
  }

  /** Tells it to end, and sees to it. */
  stop(): void {
    this.command({ type: "stop" });
    this.#patience ??= setTimeout(() => this.#end({ type: "stuck" }), STOP_MS);
  }

  #takeBatches(): void {
    while (this.#worker) {
      const batch = this.#batches.read(this.#received);
      if (!batch) return;
      this.#options.event({ type: "batch", batch });
    }
  }

  #take(event: IngestEvent): void {
    this.#watch?.heard();
    this.#takeBatches(); // which came before it
    this.#received++;
    this.#hand(event);
    this.#takeBatches(); // which waited for it
  }

  #hand(event: IngestEvent): void {
    switch (event.type) {
      case "ready":
        return this.#options.ready(this);
      case "ended":
      case "failed":
        return this.#end(event);
      default:
        return this.#options.event(event);
    }
  }

  #end(end: RunEnd): void {
    if (!this.#worker) return;
    this.#watch?.[Symbol.dispose]();
    clearTimeout(this.#patience);
    this.#takeBatches();
    this.#worker.terminate();
    this.#worker = undefined;
    this.#batches.close();
    returnRing(this.#ring);
    this.#gone.resolve();
    this.#options.ended(end);
  }
}

/** Nothing but what the source itself asked for. */
function workerPermissions(spec: SourceSpec): Deno.PermissionOptionsObject {
  const { net, read, run } = spec.permissions;
  return {
    net: net ? [...net] : false,
    read: read ? [...read] : false,
    run: run ? [...run] : false,
    write: false,
    env: false,
    sys: false,
    ffi: false,
    import: false,
  };
}
