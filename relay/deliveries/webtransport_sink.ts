/**
 * One viewer over WebTransport: a hub's sink that spreads a stream over group streams and the control stream, as
 * `shared/webtransport.ts` says. Its backlog is what the viewer has not said it took.
 *
 * @module
 */

import {
  CLOSE,
  encodeMessage,
  parseClientMessage,
  type ServerMessage,
} from "../../shared/control.ts";
import { describeTrack } from "../../shared/describe_track.ts";
import type { Batch, InitSegment } from "../../shared/media.ts";
import {
  encodeFrame,
  encodeGivenUp,
  FRAME,
  GROUP_DONE,
  OVERTAKE_MS,
  readReceipt,
} from "../../shared/webtransport.ts";
import type { Hub } from "../hub/hub.ts";
import type { Sink, Skipped } from "../hub/sink.ts";
import { GroupStream, type StreamOpener } from "./webtransport_stream.ts";

/** Control bytes that may wait; a viewer that lets more pile up asks and does not read. */
const MAX_CONTROL_BACKLOG = 256 * 1024;
/** Sound alone is cut into groups of this length: every batch of it could begin one. */
const SOUND_GROUP_MS = 1_000;

/**
 * A group that begins is sent in turns with the older ones for {@link OVERTAKE_MS}, unless more than this of them is to
 * be taken, ms. Were it always sent first, its key picture, more than what a lossy way takes at once, would hold up the
 * one lost packet that the viewer waits for before it shows any of it. Where so much waits, it is the way that is narrow.
 */
const SHARE_MS = 400;

/** What a viewer's sink is made of. */
export interface WebTransportSinkOptions {
  readonly connection: StreamOpener;
  /** The relay's half of the control stream. */
  readonly control: WritableStreamDefaultWriter<Uint8Array>;
  readonly hub: Hub;
  /** Ends the session. */
  readonly end: (code: number, reason: string) => void;
}

/** See `Sink`. */
export class WebTransportSink implements Sink {
  readonly transport = "webtransport";
  readonly #options: WebTransportSinkOptions;
  /** Group streams that the viewer has not done with, oldest first. */
  readonly #groups = new Map<number, GroupStream>();
  #current: { readonly stream: GroupStream; readonly beganAt: number } | undefined;
  #streams = 0;
  /** Of the streams that go first, all alike, and since when one of them has been newer than the others. */
  #sendOrder = 0;
  #sharedSince: number | undefined;
  #hasPictures = false;
  #controlBacklog = 0;

  constructor(options: WebTransportSinkOptions) {
    this.#options = options;
  }

  get backlog(): number {
    return this.#controlBacklog + this.#outstanding;
  }

  get #outstanding(): number {
    let bytes = 0;
    for (const group of this.#groups.values()) bytes += group.outstanding;
    return bytes;
  }

  init(segment: InitSegment): void {
    this.#endGroup();
    this.#hasPictures = segment.tracks.some(({ kind }) => kind === "video");
    this.#say({
      type: "stream",
      generation: segment.generation,
      mime: segment.mime,
      tracks: segment.tracks.map(describeTrack),
      clock: { errorUs: segment.clockError },
    });
    this.#sendControl(encodeFrame(FRAME.init, segment.bytes));
  }

  push(batch: Batch): void {
    if (!this.#current || (batch.key && this.#groupIsOver())) this.#beginGroup(batch.generation);
    if (this.#sharedSince !== undefined && performance.now() - this.#sharedSince >= OVERTAKE_MS) {
      this.#lead();
      this.#current?.stream.lead(this.#sendOrder);
    }
    this.#current?.stream.push(batch.bytes);
  }

  giveUp(): boolean {
    const newest = this.#groups.get(this.#streams - 1);
    if (newest && !newest.seen) return false;
    this.#endGroup();
    for (const group of this.#groups.values()) group.giveUp();
    this.#lead();
    this.#sendControl(encodeGivenUp(this.#streams));
    return true;
  }

  skipped(what: Skipped): void {
    this.#endGroup();
    this.#say({ type: "skip", reason: "slow", ...what });
  }

  offline(reason: string): void {
    this.#say({ type: "offline", reason });
  }

  close(why: "stuck" | "gone", reason: string): void {
    this.#options.end(why === "stuck" ? CLOSE.policy : CLOSE.noSuchStream, reason);
  }

  /** Takes a frame from the viewer; what is not understood is passed over. */
  read(kind: number, body: Uint8Array): void {
    if (kind === FRAME.message) this.#answer(new TextDecoder().decode(body));
    if (kind === FRAME.receipt) this.#account(body);
  }

  #answer(text: string): void {
    const message = parseClientMessage(text);
    if (message?.type !== "ping") return;
    const offset = this.#options.hub.segment?.clockOffset ?? 0;
    const t = Math.round((performance.timeOrigin + performance.now()) * 1000) + offset;
    this.#say({ type: "pong", id: message.id, t });
  }

  #account(body: Uint8Array): void {
    const receipt = readReceipt(body);
    const group = receipt && this.#groups.get(receipt.ordinal);
    if (!receipt || !group) return;
    if (receipt.bytes !== GROUP_DONE) {
      group.taken = Math.max(group.taken, Math.min(receipt.bytes, group.pushed));
      return;
    }
    // The current one goes on, unseen, to where the next begins: its viewer has left it for a newer one.
    this.#groups.delete(receipt.ordinal);
    if (!group.delivered) group.drop();
  }

  #groupIsOver(): boolean {
    const beganAt = this.#current?.beganAt ?? -Infinity;
    return this.#hasPictures || performance.now() - beganAt >= SOUND_GROUP_MS;
  }

  #beginGroup(generation: number): void {
    const now = performance.now();
    if (this.#groups.size > 0) this.#sharedSince ??= now;
    if (this.#behindMs(now) > SHARE_MS) this.#lead();
    this.#endGroup();
    const ordinal = this.#streams++;
    const header = { generation, ordinal };
    const stream = new GroupStream(this.#options.connection, header, this.#sendOrder);
    this.#groups.set(ordinal, stream);
    this.#current = { stream, beganAt: now };
  }

  /** What the viewer has yet to take, as time at the rate of the current group. */
  #behindMs(now: number): number {
    if (!this.#current) return 0;
    const { stream: { pushed }, beganAt } = this.#current;
    return this.#outstanding * (now - beganAt) / pushed;
  }

  /** What begins next is sent before all that is there. */
  #lead(): void {
    this.#sharedSince = undefined;
    this.#sendOrder++;
  }

  #endGroup(): void {
    this.#current?.stream.end();
    this.#current = undefined;
  }

  #say(message: ServerMessage): void {
    this.#sendControl(
      encodeFrame(FRAME.message, new TextEncoder().encode(encodeMessage(message))),
    );
  }

  #sendControl(frame: Uint8Array): void {
    const { control, end } = this.#options;
    this.#controlBacklog += frame.length;
    if (this.#controlBacklog > MAX_CONTROL_BACKLOG) {
      return end(CLOSE.policy, "this viewer asks and does not read the answers");
    }
    control.write(frame).then(() => void (this.#controlBacklog -= frame.length), () => {
      // The session is over; whoever owns it knows.
    });
  }
}
