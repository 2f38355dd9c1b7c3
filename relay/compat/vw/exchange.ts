/**
 * vw's heart: messages go from whoever brings a topic to all its members but the sender. A topic is a feed's name; one
 * that begins with `stream/` has the messages of the feeds that its rule names. Keeps nothing, waits for nobody.
 *
 * @module
 */

import type { Bytes } from "../../../shared/bytes.ts";
import { isReserved, RuleError, type StreamRule } from "./rules.ts";

/** Names of which a rule says what they are made of. */
const COMBINED = "stream/";
/** Rules of one listener. */
const MAX_RULES = 256;

/** One WebSocket message, or one gathered from a body; nobody changes it. */
export interface Message {
  readonly bytes: Bytes;
  readonly isText: boolean;
}

/** Who sends. */
export interface Sender {
  /** Members of the same name do not get it. */
  readonly name: string;
  readonly topic: string;
}

/** Who receives. */
export interface Member extends Sender {
  /** What came before it of what it sends (`shared/via.ts`); nothing of a program's. */
  readonly via?: readonly string[];
  /** May neither block nor throw: what it has no room for is lost to it. */
  take(message: Message): void;
}

/** The members, and the rules of streams. */
export class Exchange {
  readonly #members = new Map<string, Set<Member>>();
  readonly #rules = new Map<string, readonly string[] | null>();
  /** By feed, the streams that have it. */
  #streamsOf: ReadonlyMap<string, ReadonlySet<string>> = new Map();

  readonly #followers = new Set<() => void>();

  /** The topic, and the feeds that it is made of. */
  feedsOf(topic: string): string[] {
    const feeds = [...this.#streamsOf].filter(([, streams]) => streams.has(topic));
    return [topic, ...feeds.map(([feed]) => feed)];
  }

  /** What a topic's messages may have come through. */
  viaOf(topic: string): string[] {
    const members = this.feedsOf(topic).flatMap((each) => [...this.#members.get(each) ?? []]);
    return [...new Set(members.flatMap(({ via }) => via ?? []))].sort();
  }

  /** Calls `follow` whenever {@link Exchange.viaOf} may answer something else, until disposed of. */
  onVia(follow: () => void): Disposable {
    this.#followers.add(follow);
    return { [Symbol.dispose]: () => void this.#followers.delete(follow) };
  }

  /** What each stream is made of. */
  get rules(): ReadonlyMap<string, readonly string[] | null> {
    return this.#rules;
  }

  /** Adds a member until the answer is disposed of. */
  join(member: Member): Disposable {
    const { topic } = member;
    const members = this.#members.get(topic) ?? new Set();
    this.#members.set(topic, members.add(member));
    if (member.via?.length) this.#viaChanged();
    return {
      [Symbol.dispose]: (): void => {
        members.delete(member);
        if (member.via?.length) this.#viaChanged();
        if (members.size === 0 && this.#members.get(topic) === members) this.#members.delete(topic);
      },
    };
  }

  /** Hands a message on. Hot: once per message. */
  publish({ name, topic }: Sender, message: Message): void {
    if (!topic.startsWith(COMBINED)) this.#give(topic, name, message);
    for (const stream of this.#streamsOf.get(topic) ?? []) this.#give(stream, name, message);
  }

  /** Keeps a rule; one of that name is replaced. @throws {RuleError} when there are too many. */
  setRule({ stream, feeds }: StreamRule): void {
    if (isReserved(stream)) return;
    if (!this.#rules.has(stream) && this.#rules.size >= MAX_RULES) {
      throw new RuleError(`there are ${MAX_RULES} streams already`);
    }
    this.#rules.set(stream, feeds);
    this.#index();
  }

  /** Forgets a rule, if there is one. */
  deleteRule(stream: string): void {
    this.#rules.delete(stream);
    this.#index();
  }

  /** Forgets all. */
  deleteAllRules(): void {
    this.#rules.clear();
    this.#index();
  }

  #give(topic: string, from: string, message: Message): void {
    for (const member of this.#members.get(topic) ?? []) {
      if (member.name !== from) member.take(message);
    }
  }

  #index(): void {
    const streamsOf = new Map<string, Set<string>>();
    for (const [stream, feeds] of this.#rules) {
      if (!stream.startsWith(COMBINED)) continue;
      for (const feed of feeds ?? []) {
        streamsOf.set(feed, (streamsOf.get(feed) ?? new Set()).add(stream));
      }
    }
    this.#streamsOf = streamsOf;
    this.#viaChanged();
  }

  #viaChanged(): void {
    for (const follow of [...this.#followers]) follow();
  }
}
