/**
 * One recording while it is made: takes a stream's media from the hub and hands it to the thread that writes. What the
 * disk cannot take in time is left out up to a key picture, and counted; nobody waits for it.
 *
 * @module
 */

import type { Batch, InitSegment } from "../../shared/media.ts";
import type { Hub } from "../hub/hub.ts";
import type { Sink } from "../hub/sink.ts";
import type { RecordCommand, RecordEvent, Written } from "./door.ts";
import type { FileLimits } from "./plan.ts";

/** Of media that may wait for the disk: a card's pause of some seconds. */
const MAX_UNDER_WAY = 64 * 1024 * 1024;
/** A recording begins at the newest key picture, if that is not older; else at the next, if that comes soon … */
const MAX_LEAD_US = 2_000_000;
/** … which is so long. */
const KEY_PATIENCE_MS = 2_000;
/** A writer that was told to stop has so long for its index. */
const CLOSE_MS = 4_000;

/** What is recorded, and where. */
export interface SessionOptions {
  readonly stream: string;
  readonly hub: Hub;
  /** Of the first file; asked when there is something to write. */
  readonly path: () => string;
  /** Topmost folder that is written to. */
  readonly folder: string;
  /** Bytes that may wait for the disk; tests let fewer. */
  readonly maxUnderWay?: number;
  /** Where it is one of a row: when the next is due. */
  readonly row?: Row;
}

/** Recordings that follow each other without a gap. */
export interface Row {
  readonly limits: FileLimits;
  /** Begins the next, which subscribes to the hub; this one ends. */
  readonly next: () => void;
  /** It is full, and would end at a key picture. */
  readonly wantKeyPicture: () => void;
}

/** How a recording ended. */
export interface SessionEnd {
  /** Absolute paths. */
  readonly files: readonly string[];
  /** What went wrong, a sentence without its full stop. */
  readonly problem?: string;
}

/** One recording. */
export class Session {
  readonly stream: string;
  /** Of the first file; `undefined` until there is something to write. */
  path: string | undefined;
  readonly startedAt: Date = new Date();
  /** Resolves when all files are closed. Never rejects. */
  readonly ended: Promise<SessionEnd>;
  /** Why nothing comes now, a sentence; `undefined` while it does. */
  waiting: string | undefined;
  /** Batches that the disk was too slow for. */
  left = 0;
  /** Whether there was sound that is Opus. */
  hasOpus = false;
  readonly #ended = Promise.withResolvers<SessionEnd>();
  readonly #worker: Worker;
  readonly #maxUnderWay: number;
  readonly #hub: Hub;
  readonly #path: () => string;
  readonly #row: Row | undefined;
  readonly #subscription: Disposable;
  #written: Written = { files: [], seconds: 0, bytes: 0 };
  #underWay = 0;
  #skipping = false;
  #stopping = false;
  /** Of the group that was joined, while it is open whether the recording begins there. */
  #held: Batch[] | undefined = [];
  #joining = true;
  #patience: ReturnType<typeof setTimeout> | undefined;
  /** When the first batch came, by this process's clock; and bytes since then. */
  #firstAt: number | undefined;
  #taken = 0;
  #askedForKey = false;
  /** What the next recording of the row begins with, until it has begun. */
  #withheld: Batch[] | undefined;

  constructor(
    { stream, hub, path, folder, row, maxUnderWay = MAX_UNDER_WAY }: SessionOptions,
  ) {
    this.stream = stream;
    this.#hub = hub;
    this.#path = path;
    this.#row = row;
    this.#maxUnderWay = maxUnderWay;
    this.ended = this.#ended.promise;
    this.#worker = new Worker(new URL("./worker.ts", import.meta.url).href, {
      type: "module",
      name: `recording ${stream}`,
      deno: {
        permissions: {
          ...{ net: false, run: false, env: false, sys: false, ffi: false, import: false },
          read: [folder],
          write: [folder],
        },
      },
    });
    this.#worker.onmessage = ({ data }: MessageEvent<RecordEvent>) => this.#take(data);
    this.#worker.onerror = (event) => {
      event.preventDefault(); // this recording's end, not the relay's
      this.#over({ files: this.#written.files, problem: `the writer failed: ${event.message}` });
    };
    this.#subscription = hub.subscribe(this.#sink());
    this.#joining = false;
    const [first] = this.#held ?? [];
    const last = this.#held?.at(-1);
    // A publisher by WebRTC makes a key picture when somebody joins, and none for minutes otherwise.
    const isOld = first && last && last.arrival - first.arrival > MAX_LEAD_US;
    if (isOld) this.#patience = setTimeout(() => this.#release(), KEY_PATIENCE_MS);
    else this.#release();
  }

  /** What has been recorded so far. */
  get written(): Written {
    return this.#written;
  }

  /** Ends it. */
  stop(): void {
    if (this.#stopping) return;
    this.#takeBack();
    this.#stopping = true;
    this.#subscription[Symbol.dispose]();
    this.#release();
    this.#command({ type: "stop" });
    const patience = setTimeout(() => {
      const problem = "the disk did not take the end of it in time; the next start repairs it";
      this.#over({ files: this.#written.files, problem });
    }, CLOSE_MS);
    void this.ended.then(() => clearTimeout(patience));
  }

  #sink(): Sink {
    return {
      watched: false,
      backlog: 0,
      init: (segment: InitSegment) => {
        this.#takeBack();
        this.#release();
        if (this.path === undefined) {
          this.path = this.#path();
          this.#command({ type: "begin", path: this.path });
        }
        this.hasOpus ||= segment.tracks.some(({ sampleEntry }) => sampleEntry === "Opus");
        this.#command({ type: "init", segment });
      },
      push: (batch: Batch) => this.#push(batch),
      skipped: () => undefined, // one without a backlog is never spared anything
      offline: (reason: string) => {
        this.waiting = reason;
        // What comes after an hour without a picture is another recording.
        if (this.#row && this.#firstAt !== undefined) this.#giveWay([]);
      },
      close: () => this.stop(),
    };
  }

  #push(batch: Batch): void {
    this.waiting = undefined;
    if (this.#withheld) return void this.#withheld.push(batch);
    if (this.#isFull()) {
      if (batch.key) return this.#giveWay([batch]);
      if (!this.#askedForKey) this.#row?.wantKeyPicture();
      this.#askedForKey = true;
    }
    if (this.#held !== undefined) {
      if (this.#joining || !batch.key) return void this.#held.push(batch);
      this.#held = [];
      this.#release();
    }
    this.#write(batch);
  }

  #isFull(): boolean {
    if (!this.#row || this.#firstAt === undefined) return false;
    const { seconds, bytes } = this.#row.limits;
    return this.#taken >= bytes || performance.now() - this.#firstAt >= seconds * 1000;
  }

  /**
   * Has the next of the row begin with what is withheld, which the hub gives to whoever joins: once it has served all its
   * takers. Where a key picture has followed by then, that is too late, and this one goes on up to the next.
   */
  #giveWay(withheld: Batch[]): void {
    this.#takeBack();
    this.#withheld = withheld;
    queueMicrotask(() => {
      if (this.#withheld !== withheld || this.#stopping) return;
      if (this.#hub.group[0] !== withheld[0]) return this.#takeBack();
      this.#withheld = undefined;
      this.#row?.next();
      this.stop();
    });
  }

  /** What was withheld is this one's after all. */
  #takeBack(): void {
    const withheld = this.#withheld ?? [];
    this.#withheld = undefined;
    for (const batch of withheld) this.#write(batch);
  }

  /** What was held is the recording's beginning. */
  #release(): void {
    if (this.#joining) return;
    clearTimeout(this.#patience);
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const batch of held) this.#write(batch);
  }

  #write(batch: Batch): void {
    if (this.#skipping && batch.key && this.#underWay < this.#maxUnderWay / 2) {
      this.#skipping = false;
    }
    if (this.#underWay + batch.bytes.length > this.#maxUnderWay) this.#skipping = true;
    if (this.#skipping) {
      this.left++;
      return;
    }
    this.#underWay += batch.bytes.length;
    this.#firstAt ??= performance.now();
    this.#taken += batch.bytes.length;
    this.#command({ type: "batch", batch });
  }

  #command(command: RecordCommand): void {
    this.#worker.postMessage(command);
  }

  #take(event: RecordEvent): void {
    this.#written = event.written;
    if (event.type === "taken") {
      this.#underWay -= event.bytes;
      return;
    }
    const { written: { files }, problem } = event;
    this.#over({ files, ...(problem === undefined ? {} : { problem }) });
  }

  #over(end: SessionEnd): void {
    if (!this.#stopping) this.#subscription[Symbol.dispose]();
    this.#stopping = true;
    clearTimeout(this.#patience);
    this.#worker.terminate();
    this.#ended.resolve(end);
  }
}
