/**
 * Groups that arrive beside each other, passed on one after the other: each behind its generation's init segment, and
 * without the rest of one that is late when a newer one waits. Knows ordinals, not media.
 *
 * @module
 */

import type { Bytes } from "../../../shared/bytes.ts";
import type { StreamMessage } from "../../../shared/control.ts";
import { type GroupHeader, OVERTAKE_MS } from "../../../shared/webtransport.ts";
import type { Receiver } from "./transport.ts";

/** Bytes of newer groups that may wait, whatever the time. */
export const MAX_WAITING_BYTES = 16 * 1024 * 1024;

interface Group {
  readonly generation: number;
  waiting: Bytes[];
  /** When its first media came. */
  firstAt: number | undefined;
  /** Nothing more of it will come. */
  ended: boolean;
}

interface Init {
  readonly message: StreamMessage;
  readonly bytes: Bytes;
}

/** What an order is made of. */
export interface GroupOrderOptions {
  readonly receiver: Receiver;
  /** Nothing more of this group is wanted. */
  readonly drop: (ordinal: number) => void;
}

/** See above. Times are `performance.now()`. */
export class GroupOrder {
  readonly #receiver: Receiver;
  readonly #drop: (ordinal: number) => void;
  readonly #groups = new Map<number, Group>();
  #inits: Init[] = [];
  #announced: StreamMessage | undefined;
  /** The generation whose init segment was passed on last. */
  #generation: number | undefined;
  /** The group whose turn it is. */
  #turn = 0;
  #waitingBytes = 0;
  /** Groups before this one are not waited for. */
  #left = 0;

  constructor({ receiver, drop }: GroupOrderOptions) {
    this.#receiver = receiver;
    this.#drop = drop;
  }

  /** An init segment follows, of this generation. */
  announce(message: StreamMessage): void {
    this.#announced = message;
  }

  /** The init segment that was announced; passed on before the first of its groups. */
  init(bytes: Bytes): void {
    if (this.#announced === undefined) return;
    this.#inits.push({ message: this.#announced, bytes });
    this.#announced = undefined;
    this.#pump();
  }

  /** A group begins to arrive; `false` when it is not wanted any more. */
  begin({ generation, ordinal }: GroupHeader): boolean {
    if (ordinal < this.#turn || this.#groups.has(ordinal)) return false;
    this.#groups.set(ordinal, { generation, waiting: [], firstAt: undefined, ended: false });
    return true;
  }

  /** Whole fragments of a group. */
  take(ordinal: number, bytes: Bytes, now: number): void {
    const group = this.#groups.get(ordinal);
    if (group === undefined) return; // dropped
    group.firstAt ??= now;
    group.waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    this.#pump();
    this.#overtake(now);
  }

  /** The groups before `ordinal` are not waited for any more, once there is a newer one. */
  leave(ordinal: number, now: number): void {
    this.#left = Math.max(this.#left, ordinal);
    this.#overtake(now); // it may be there already: this was said on another stream
  }

  /** Nothing more of a group will come. */
  end(ordinal: number): void {
    const group = this.#groups.get(ordinal);
    if (group === undefined) return;
    group.ended = true;
    this.#pump();
  }

  /** Passes on all that can be. */
  #pump(): void {
    for (;;) {
      const group = this.#groups.get(this.#turn);
      if (group === undefined || !this.#passInit(group.generation)) return;
      for (const bytes of group.waiting) {
        this.#waitingBytes -= bytes.length;
        this.#receiver.media(bytes);
      }
      group.waiting = [];
      if (!group.ended) return;
      this.#groups.delete(this.#turn);
      this.#turn += 1;
    }
  }

  /** Whether the init segment of `generation` is passed on. */
  #passInit(generation: number): boolean {
    if (this.#generation === generation) return true;
    const init = this.#inits.find(({ message }) => message.generation === generation);
    if (init === undefined) return false;
    this.#inits = this.#inits.filter(({ message }) => message.generation > generation);
    this.#generation = generation;
    this.#receiver.control(init.message);
    this.#receiver.media(init.bytes);
    return true;
  }

  /** Goes on with the next newer group that has waited long enough, again and again. */
  #overtake(now: number): void {
    for (;;) {
      const next = Math.min(
        ...[...this.#groups].flatMap(([ordinal, { firstAt }]) =>
          ordinal > this.#turn && firstAt !== undefined ? [ordinal] : []
        ),
      );
      const firstAt = this.#groups.get(next)?.firstAt;
      if (firstAt === undefined) return;
      const patience = next >= this.#left && this.#turn < this.#left ? 0 : OVERTAKE_MS;
      if (now - firstAt < patience && this.#waitingBytes <= MAX_WAITING_BYTES) return;
      for (const [ordinal, { waiting }] of this.#groups) {
        if (ordinal >= next) continue;
        for (const bytes of waiting) this.#waitingBytes -= bytes.length;
        this.#groups.delete(ordinal);
        this.#drop(ordinal);
      }
      this.#turn = next;
      this.#receiver.control({ type: "skip", reason: "slow", fragments: 0, ms: 0 }); // how much, nobody knows
      this.#pump();
    }
  }
}
