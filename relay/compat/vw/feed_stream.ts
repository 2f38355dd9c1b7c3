/**
 * A feed as a stream of the relay's: once its first bytes announce something that can be played, all of them are published
 * under the feed's name. What cannot be played, or has no free name, goes its other ways all the same.
 *
 * @module
 */

import type { Bytes } from "../../../shared/bytes.ts";
import { Growable } from "../../bytes/growable.ts";
import type { Log } from "../../log.ts";
import type { Publication, PublicationOptions } from "../../streams/publication.ts";
import type { Streams } from "../../streams/streams.ts";
import { announcesKnownMedia, MAX_HEAD_BYTES } from "./ts_contents.ts";

/** Room for a head: most say at once what they are. */
const HEAD_BYTES = 4096;
/** A head that has not said what it is is looked at again when it has grown so much. */
const LOOK_GROWTH = 1.125;

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
  #head: Growable | undefined;
  /** It is looked at again when it is so long: bytes that come one by one are not each a reason to. */
  #lookAt = 0;
  #publication: Publication | undefined;

  constructor(
    feed: string,
    { streams, log, silenceMs }: FeedStreamContext,
  ) {
    this.#options = { format: "mpegts", ...(silenceMs === undefined ? {} : { silenceMs }) };
    this.#feed = feed;
    this.#streams = streams;
    this.#log = log;
    this.#begin();
  }

  /** Bytes that nobody else uses. Answers when more may follow, where that is not at once. */
  write(bytes: Bytes): Promise<void> | undefined {
    if (this.#publication?.kind === "silent") this.#begin(); // it only paused
    if (this.#publication) return this.#publication.write(bytes);
    const head = this.#head;
    if (!head) return undefined;
    head.append(bytes, 0, bytes.length);
    if (head.length < this.#lookAt) return undefined;
    this.#lookAt = head.length * LOOK_GROWTH;
    const known = announcesKnownMedia(head.view());
    if (known === undefined && head.length < MAX_HEAD_BYTES) return undefined;
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
    return this.#publication.write(head.view().slice());
  }

  #begin(): void {
    this.#publication = undefined;
    this.#head = new Growable(HEAD_BYTES, Infinity); // it is judged when it is long
    this.#lookAt = 0;
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
