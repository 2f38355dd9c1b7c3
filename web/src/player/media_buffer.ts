/**
 * One SourceBuffer (W3C Media Source Extensions): appends one after the other, in as few calls as may be,
 * keeps its queue and its past bounded, and starts again at a key picture after anything was left out.
 * Parses nothing and steers nothing.
 *
 * @module
 */

import { type Bytes, concatBytes, equalBytes } from "../../../shared/bytes.ts";
import { Growth } from "./growth.ts";
import type { Range } from "./live_edge.ts";

/** The part of a `SourceBuffer` that is used here. */
export interface AppendTarget extends EventTarget {
  readonly updating: boolean;
  readonly buffered: {
    readonly length: number;
    start(index: number): number;
    end(index: number): number;
  };
  appendBuffer(data: Bytes): void;
  remove(start: number, end: number): void;
  changeType?(mime: string): void;
}

/** A message of fragments; times in seconds. */
export interface Chunk {
  readonly bytes: Bytes;
  readonly start: number;
  readonly end: number;
  /** Decode times of the first and the last leading fragment. */
  readonly decodeStart: number;
  readonly decodeEnd: number;
  /** Decode time of the last sound; undefined where there is none. */
  readonly soundTo: number | undefined;
  /** Sound of a stream with pictures, without a picture. */
  readonly alone: boolean;
  /** A decoder can start here. */
  readonly key: boolean;
}

/** What lies beside in a SourceBuffer of its own, wherever this one ends. */
export interface Companion {
  /** This one ends here, s. */
  follow(end: number): void;
}

/** What is buffered, ascending, apart. */
export function rangesOf(buffered: AppendTarget["buffered"]): Range[] {
  return Array.from({ length: buffered.length }, (_, index) => ({
    start: buffered.start(index),
    end: buffered.end(index),
  }));
}

/** Whoever the buffer is kept for. */
export interface BufferOwner {
  /** More (or less) is buffered than before. */
  bufferChanged(): void;
  /** Media was left out here, because the browser takes it more slowly than it comes. */
  leftOut(ms: number): void;
  /** Nothing more can be appended; `reason` is a sentence. */
  bufferBroke(reason: string): void;
}

/** Most that waits for being appended; past it, all that waits is left out up to the next key picture. */
export const MAX_QUEUE_BYTES = 64 * 1024 * 1024;
/** The same in seconds; longer than the group with which every connection begins. */
export const MAX_QUEUE_S = 30;
/** Most handed over in one call: a larger one would keep the next live picture waiting. */
export const MAX_APPEND_BYTES = 1024 * 1024;
/** What is older than this behind the position is removed once it has grown to the second figure, s. */
export const KEEP_S = 8;
export const KEEP_AT_MOST_S = 16;
/** Places to start that are remembered, no closer together than this, s. */
const MAX_KEYS = 256;
const KEY_DISTANCE_S = 0.5;
/** Decode times this close are one, s: they come from integers by a division. */
const SAME_S = 1e-6;
/** A removal ends this much before the place where the next group starts, which must survive, s. */
const BEFORE = 0.002;

type Job =
  | { readonly kind: "init"; readonly mime: string; readonly bytes: Bytes }
  | { readonly kind: "media"; readonly chunk: Chunk }
  | { readonly kind: "empty" };

/** The buffer of one MediaSource. Works until its signal ends. */
export class MediaBuffer {
  readonly #owner: BufferOwner;
  readonly #signal: AbortSignal;
  #target: AppendTarget | undefined;
  #beside: Companion | undefined;
  #queue: Job[] = [];
  #queuedBytes = 0;
  #mime = "";
  /** The init segment in use or on its way. */
  #init: Bytes | undefined;
  /** Decode times of the last that was taken, s. */
  #takenTo = -Infinity;
  #soundTakenTo = -Infinity;
  /** What is sent again, up to this decode time, is passed over, s. */
  #passOver: number | undefined;
  /** What is buffered is of another timeline, and about to go. */
  #emptying = false;
  /** Nothing is taken before a key picture. */
  #needKey = true;
  /** The browser has asked not to be given more (ManagedMediaSource). */
  #held = false;
  /** Remove everything before this, s. */
  #removeTo: number | undefined;
  #keys: number[] = [];
  /** Where the media ends that was appended, or is being appended, s: the last picture may be said to last longer. */
  #mediaEnd: number | undefined;
  #appending: number | undefined;
  #position = 0;
  readonly #growth = new Growth();

  constructor(owner: BufferOwner, signal: AbortSignal) {
    this.#owner = owner;
    this.#signal = signal;
  }

  /** Gives it the SourceBuffer, made for `mime`, and what lies beside it, if anything; what waited is appended. */
  attach(
    target: AppendTarget,
    { mime, beside }: { readonly mime: string; readonly beside?: Companion | undefined },
  ): void {
    this.#target = target;
    this.#beside = beside;
    this.#mime = mime;
    const until = { signal: this.#signal };
    target.addEventListener("updateend", () => {
      this.#appended();
      const end = this.ranges.at(-1)?.end;
      this.#growth.reaches(end);
      if (end !== undefined) this.#beside?.follow(end);
      this.#owner.bufferChanged();
      this.#pump();
    }, until);
    target.addEventListener("error", () => {
      this.#owner.bufferBroke("The browser could not read the pictures.");
    }, until);
    this.#pump();
  }

  /**
   * What follows is of `mime` and begins with the init segment `bytes`. If that is the one in use, this is
   * a new connection that begins with a group already known in part: the known part is passed over.
   */
  init(bytes: Bytes, mime: string): void {
    if (this.#init !== undefined && equalBytes(this.#init, bytes) && !this.#needKey) {
      this.#passOver = this.#takenTo;
      return;
    }
    this.#init = bytes;
    this.#queue.push({ kind: "init", mime, bytes });
    this.#needKey = true;
    this.#passOver = undefined;
    this.#pump();
  }

  /** Removes all that is buffered before what follows is appended: another timeline begins. */
  empty(): void {
    this.#queue = this.#queue.filter(({ kind }) => kind === "init");
    this.#queuedBytes = 0;
    // Before the init segments: they belong to what follows.
    this.#queue.unshift({ kind: "empty" });
    this.#emptying = true;
    this.#needKey = true;
    this.#passOver = undefined;
    this.#pump();
  }

  /** Takes more media, or leaves it out. */
  append(chunk: Chunk): void {
    if (this.#needKey && !chunk.key) return;
    if (this.#known(chunk)) return;
    if (this.#held) {
      this.#needKey = true;
      return;
    }
    this.#needKey = false;
    if (!chunk.alone) this.#gave(chunk);
    this.#soundTakenTo = chunk.soundTo ?? this.#soundTakenTo;
    this.#queue.push({ kind: "media", chunk });
    this.#queuedBytes += chunk.bytes.length;
    if (this.#queuedBytes > MAX_QUEUE_BYTES || this.#waiting > MAX_QUEUE_S) this.#leaveOut();
    this.#pump();
  }

  /** Sound alone lengthens nothing: where both are in one buffer, that ends where the shorter of them does. */
  #gave({ decodeEnd }: Chunk): void {
    this.#takenTo = decodeEnd;
    if (this.#target === undefined) return; // it only waits for its SourceBuffer
    this.#growth.given(performance.now());
    if (this.#growth.barren) this.#owner.bufferBroke("The browser took pictures and kept none.");
  }

  /** Whether the browser wants no more for now; when it wants more again, from the next key picture on. */
  hold(held: "yes" | "no"): void {
    this.#held = held === "yes";
    this.#pump();
  }

  /** Lets go of what lies too far behind `position`, s. */
  tidy(position: number): void {
    this.#position = position;
    const [first, ...more] = this.ranges;
    if (first === undefined) return;
    const current = [first, ...more].findLast(({ start }) => start <= position + BEFORE);
    if (current !== undefined && current !== first) this.#removeTo = current.start - BEFORE;
    else if (position - first.start > KEEP_AT_MOST_S) this.#forget(position - KEEP_S);
    this.#pump();
  }

  /** What is buffered, ascending; the newest ends where its media does. */
  get ranges(): readonly Range[] {
    const buffered = this.#target?.buffered;
    if (buffered === undefined || this.#emptying) return [];
    const ranges = rangesOf(buffered);
    const newest = ranges.pop();
    if (newest === undefined) return [];
    const { start, end } = newest;
    return [...ranges, { start, end: Math.max(start, Math.min(end, this.#mediaEnd ?? end)) }];
  }

  /** Whether there is media that has not been appended yet. */
  get waits(): boolean {
    return this.#queuedBytes > 0 || this.#target?.updating !== false;
  }

  /** Decode time of the last that was taken, s; -Infinity before the first. */
  get takenTo(): number {
    return this.#takenTo;
  }

  /** The newest place in the buffer where a decoder can start, s. */
  get newestKey(): number | undefined {
    return this.#keys.at(-1);
  }

  /** Whether `chunk` is sent again; the first that is not ends the passing over. */
  #known(chunk: Chunk): boolean {
    if (this.#passOver === undefined) return false;
    const takenTo = chunk.alone ? this.#soundTakenTo : this.#passOver;
    if (chunk.decodeStart <= takenTo + SAME_S) return true;
    this.#passOver = undefined;
    return false;
  }

  /** Seconds of media that wait. */
  get #waiting(): number {
    const first = this.#queue.find((job) => job.kind === "media");
    const last = this.#queue.findLast((job) => job.kind === "media");
    return first === undefined || last === undefined ? 0 : last.chunk.end - first.chunk.start;
  }

  #leaveOut(): void {
    this.#owner.leftOut(Math.round(this.#waiting * 1000));
    this.#queue = this.#queue.filter(({ kind }) => kind !== "media");
    this.#queuedBytes = 0;
    this.#needKey = true;
  }

  /** Removes up to the last key picture at or before `time`: a removal takes the rest of a cut group along. */
  #forget(time: number): boolean {
    const start = this.ranges[0]?.start ?? 0;
    const key = this.#keys.findLast((at) => at <= time);
    if (key === undefined || key - start < KEY_DISTANCE_S) return false;
    this.#removeTo = key - BEFORE;
    return true;
  }

  /** Does the next thing that is to be done, if the SourceBuffer is free for it. */
  #pump(): void {
    const target = this.#target;
    if (target === undefined || this.#signal.aborted || target.updating) return;
    try {
      const to = this.#removeTo;
      this.#removeTo = undefined;
      if (to !== undefined && to > 0) {
        this.#keys = this.#keys.filter((at) => at >= to);
        target.remove(0, to);
      } else {
        this.#next(target);
      }
    } catch (error) {
      if (!(error instanceof DOMException)) throw error;
      if (error.name === "QuotaExceededError") this.#full();
      else this.#owner.bufferBroke(`The browser took no more pictures (${error.message}).`);
    }
  }

  #next(target: AppendTarget): void {
    const job = this.#queue[0];
    if (job?.kind === "empty") {
      this.#queue.shift();
      this.#keys = [];
      this.#mediaEnd = undefined;
      target.remove(0, Infinity);
    } else if (job?.kind === "init") {
      if (job.mime !== this.#mime) target.changeType?.(job.mime); // WebKitGTK has none and needs none
      this.#mime = job.mime;
      target.appendBuffer(job.bytes);
      this.#queue.shift();
    } else if (job?.kind === "media") {
      this.#appendWaiting(target);
    }
  }

  /** Appends as much of what waits as fits into one call. */
  #appendWaiting(target: AppendTarget): void {
    const chunks: Chunk[] = [];
    let bytes = 0;
    for (const job of this.#queue) {
      if (job.kind !== "media") break;
      if (chunks.length > 0 && bytes + job.chunk.bytes.length > MAX_APPEND_BYTES) break;
      chunks.push(job.chunk);
      bytes += job.chunk.bytes.length;
    }
    const [only] = chunks;
    const joined = chunks.length === 1 && only !== undefined
      ? only.bytes
      : concatBytes(chunks.map((chunk) => chunk.bytes));
    target.appendBuffer(joined); // throws when full: then all of it still waits
    this.#emptying = false;
    this.#appending = Math.max(...chunks.map(({ end }) => end));
    this.#queue.splice(0, chunks.length);
    this.#queuedBytes -= bytes;
    for (const { key, start } of chunks) if (key) this.#noteKey(start);
  }

  /** What was being appended is there. */
  #appended(): void {
    const end = this.#appending;
    this.#appending = undefined;
    if (end !== undefined) this.#mediaEnd = Math.max(end, this.#mediaEnd ?? end);
  }

  #noteKey(start: number): void {
    this.#keys = this.#keys.filter((at) => at < start); // a group sent again replaces what it overlaps
    const last = this.#keys.at(-1);
    if (last !== undefined && start - last < KEY_DISTANCE_S) return;
    this.#keys.push(start);
    if (this.#keys.length > MAX_KEYS) this.#keys.shift();
  }

  /** The browser's memory for media is full: the past goes first, then all. */
  #full(): void {
    if (this.#forget(this.#position - KEY_DISTANCE_S)) {
      this.#pump();
      return;
    }
    this.#leaveOut();
    this.#queue.unshift({ kind: "empty" });
    this.#pump();
  }
}
