/**
 * A feed as a stream of the relay's: once its first bytes announce something that can be played, all of them are published
 * under the feed's name. What cannot be played, or has no free name, goes its other ways all the same.
 *
 * @module
 */

import { type Bytes, concatBytes } from "../../../shared/bytes.ts";
import type { Log } from "../../log.ts";
import type { Publication, PublicationOptions } from "../../streams/publication.ts";
import type { Streams } from "../../streams/streams.ts";
import { announcesKnownMedia, MAX_HEAD_BYTES } from "./ts_contents.ts";

/** What a feed is brought to. */
export interface FeedStreamContext {
  readonly streams: Streams;
  readonly log: Log;
  /** After which the stream is told that nothing comes; tests wait less. */
  readonly silenceMs?: number;
}

/** From a feed's first byte to its end. */
export class FeedStream {
  readonly #feed: string;
  readonly #streams: Streams;
  readonly #log: Log;
  readonly #options: PublicationOptions;
  /** Until it is known what it is; then `undefined`. */
  #head: Bytes[] | undefined = [];
  #headLength = 0;
  #publication: Publication | undefined;

  constructor(
    feed: string,
    { streams, log, silenceMs }: FeedStreamContext,
  ) {
    this.#options = { format: "mpegts", ...(silenceMs === undefined ? {} : { silenceMs }) };
    this.#feed = feed;
    this.#streams = streams;
    this.#log = log;
  }

  /** Bytes, which others may read. Answers when more may follow, where that is not at once. */
  write(bytes: Bytes): Promise<void> | undefined {
    if (this.#publication?.kind === "silent") this.#begin(); // it only paused
    if (this.#publication) return this.#publication.write(new Uint8Array(bytes));
    if (!this.#head) return undefined;
    this.#head.push(bytes);
    this.#headLength += bytes.length;
    const head = concatBytes(this.#head);
    const known = announcesKnownMedia(head);
    if (known === undefined && this.#headLength < MAX_HEAD_BYTES) return undefined;
    this.#head = undefined;
    if (known !== true) {
      return this.#say("holds nothing that can be watched here: it is only passed on");
    }
    const outcome = this.#streams.publish(this.#feed, this.#options);
    if (outcome.kind !== "publication") return this.#say(WORDS[outcome.kind]);
    this.#publication = outcome.publication;
    void outcome.publication.ended.then((reason) => {
      if (this.#publication?.kind !== "ended") this.#say(`is not watched any more: ${reason}`);
    });
    return this.#publication.write(head);
  }

  #begin(): void {
    this.#publication = undefined;
    this.#head = [];
    this.#headLength = 0;
  }

  /** It is over. */
  end(): void {
    this.#head = undefined;
    this.#publication?.end();
  }

  #say(sentence: string): undefined {
    this.#log.info(`feed ${this.#feed} ${sentence}`);
    return undefined;
  }
}

const WORDS = {
  taken: "is published by somebody else already: this one is only passed on",
  sourced: "has the name of a stream with a source of its own: it is only passed on",
  misnamed: "has no name that a stream can have: it is only passed on",
  full: "is one stream too many: it is only passed on",
} as const;
