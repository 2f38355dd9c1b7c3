/**
 * A raw feed on disk: a destination `file:NAME?seconds=N&frames=N&bytes=N` writes a topic's messages one after the other,
 * nothing between them, until the first limit is reached or the rule goes. Writes to one folder, over nothing.
 *
 * @module
 */

import { join } from "node:path";
import type { DestinationsContext, Taker } from "./destinations.ts";
import type { Message } from "./exchange.ts";
import { type DestinationRule, RuleError } from "./rules.ts";

/** What may wait for a slow disk; a message that comes then is lost. */
const MAX_WAITING_BYTES = 32 * 1024 * 1024;
/** One name, no folder. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;
const SHAPE = "write file:NAME?seconds=N&frames=N&bytes=N, with as many limits as you like";

interface Limits {
  readonly seconds: number;
  /** Messages: vw has a picture in each. */
  readonly frames: number;
  readonly bytes: number;
}

/**
 * Makes the file.
 * @throws {RuleError} when it is there already, or cannot be made.
 */
export async function openRawFile(
  rule: DestinationRule,
  context: DestinationsContext,
): Promise<Taker> {
  const { name, limits } = readAddress(rule.destination);
  const path = join(context.folder, name);
  try {
    await Deno.mkdir(context.folder, { recursive: true });
    const file = await Deno.open(path, { write: true, createNew: true });
    return new RawFile(file, { rule, context, limits, name });
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) {
      throw new RuleError(`there is a file ${name} already; choose another name`);
    }
    throw new RuleError(`the file ${name} cannot be made: ${inWords(error)}`, { cause: error });
  }
}

/** One file. */
class RawFile implements Taker {
  readonly name: string;
  readonly topic: string;
  readonly #file: Deno.FsFile;
  readonly #limits: Limits;
  readonly #say: (sentence: string) => void;
  #work: Promise<void> = Promise.resolve();
  #waiting = 0;
  #frames = 0;
  #bytes = 0;
  #lost = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isOver = false;
  #isBroken = false;

  constructor(
    file: Deno.FsFile,
    { rule, context, limits, name }: {
      readonly rule: DestinationRule;
      readonly context: DestinationsContext;
      readonly limits: Limits;
      readonly name: string;
    },
  ) {
    this.#file = file;
    this.#limits = limits;
    this.name = rule.destination;
    this.topic = rule.stream;
    this.#say = (sentence) => context.log.info(sentence, { stream: rule.stream, file: name });
  }

  take({ bytes }: Message): void {
    if (this.#isOver) return;
    const { seconds, frames, bytes: most } = this.#limits;
    if (this.#bytes + bytes.length > most) return this.#end();
    if (this.#waiting + bytes.length > MAX_WAITING_BYTES) {
      if (this.#lost++ === 0) this.#say("the disk is too slow: messages are left out");
      return;
    }
    if (this.#frames === 0 && seconds < Infinity) {
      this.#timer = setTimeout(() => this.#end(), seconds * 1000);
    }
    this.#frames++;
    this.#bytes += bytes.length;
    this.#waiting += bytes.length;
    this.#work = this.#work.then(() => this.#write(bytes));
    if (this.#frames >= frames || this.#bytes === most) this.#end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end();
    await this.#work;
  }

  async #write(bytes: Uint8Array): Promise<void> {
    this.#waiting -= bytes.length;
    try {
      for (let at = 0; at < bytes.length;) at += await this.#file.write(bytes.subarray(at));
    } catch (error) {
      if (!this.#isBroken) this.#say(`the recording broke off: ${inWords(error)}`);
      this.#isBroken = true; // what waits behind it fails alike
      this.#end();
    }
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#work = this.#work.then(() => {
      this.#file.close();
      const lost = this.#lost > 0 ? `, ${this.#lost} left out` : "";
      this.#say(`recorded ${this.#frames} messages, ${this.#bytes} bytes${lost}`);
    });
  }
}

function readAddress(
  destination: string,
): { readonly name: string; readonly limits: Limits } {
  const [name = "", query = ""] = destination.slice("file:".length).split("?");
  if (!NAME.test(name)) {
    throw new RuleError(`a raw feed goes to a file by name, without folders: ${SHAPE}`);
  }
  const limits = { seconds: Infinity, frames: Infinity, bytes: Infinity };
  for (const [key, text] of new URLSearchParams(query)) {
    const value = Number(text);
    const whole = key === "seconds" || Number.isSafeInteger(value);
    const fits = Object.hasOwn(limits, key) && /^\d+(?:\.\d+)?$/.test(text) && value > 0 && whole;
    if (!fits) throw new RuleError(`${key}=${text} is no limit of a raw feed: ${SHAPE}`);
    limits[key as keyof Limits] = value;
  }
  // A timer takes no more.
  limits.seconds = limits.seconds > 2_000_000 ? Infinity : limits.seconds;
  return { name, limits };
}

function inWords(error: unknown): string {
  const reason = error instanceof Error ? error.message : String(error);
  if (/ENOSPC|os error 28|no space/i.test(reason)) return "the disk is full";
  if (error instanceof Deno.errors.PermissionDenied || error instanceof Deno.errors.NotCapable) {
    return "permission denied";
  }
  return reason.split("\n")[0] ?? reason;
}
