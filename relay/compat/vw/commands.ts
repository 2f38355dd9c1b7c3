/**
 * vw's JSON verbs, on whatever way they come: a command's text → a reply's. The topic `api` carries them; a destination of
 * that topic (`vw_api`) lets somebody far away give them.
 *
 * @module
 */

import type { VwDestinations } from "./destinations.ts";
import type { Exchange, Member, Message } from "./exchange.ts";
import {
  GoJsonError,
  type GoObject,
  goObject,
  readGoObject,
  writeGoJson,
  writeGoMap,
} from "./go_json.ts";
import {
  type DestinationRule,
  NO_DESTINATION,
  publicDestination,
  readDestinationRule,
  readStreamRule,
  RuleError,
  writeStreamRule,
} from "./rules.ts";

/** The topic of commands and replies. */
export const API_TOPIC = "api";
/** The rule that `vw_api` stands for. */
const API_RULE = "apiRule";
/** Commands that may wait for their turn; those that come then are refused. */
const MAX_WAITING = 64;
const ALL = "all";
const BAD_COMMAND = "Unrecognised Command";

/** What the verbs work on. */
export interface Rules {
  readonly exchange: Exchange;
  readonly destinations: VwDestinations;
  /** Of `vw_api`. */
  readonly apiUrl: string | undefined;
}

/** The rule of `vw_api`. */
export function apiRule(destination: string): DestinationRule {
  return { id: API_RULE, stream: API_TOPIC, destination, token: "" };
}

/** Obeys a command. Never rejects: what cannot be done is told as `{"error":…}`. */
export async function obey(text: string, rules: Rules): Promise<string> {
  try {
    return await reply(readCommand(text), rules);
  } catch (error) {
    if (error instanceof RuleError || error instanceof GoJsonError) {
      return writeGoJson({ error: error.message });
    }
    throw error;
  }
}

/** The member that listens to commands, one after the other, and tells the replies to everybody else of the topic. */
export class CommandListener implements Member {
  readonly name = "admin";
  readonly topic = API_TOPIC;
  readonly #rules: Rules;
  #work: Promise<void> = Promise.resolve();
  #waiting = 0;

  constructor(rules: Rules) {
    this.#rules = rules;
  }

  take({ bytes }: Message): void {
    const text = new TextDecoder().decode(bytes);
    if (isReply(text)) return; // of another vw at the same far end: the two would answer each other for ever
    if (this.#waiting >= MAX_WAITING) return this.#say(writeGoJson({ error: "Too many commands" }));
    this.#waiting++;
    this.#work = this.#work.then(async () => {
      this.#say(await obey(text, this.#rules));
      this.#waiting--;
    });
  }

  #say(text: string): void {
    const bytes = new TextEncoder().encode(text);
    this.#rules.exchange.publish(this, { bytes, isText: true });
  }
}

function readCommand(text: string): GoObject {
  try {
    return readGoObject(text, "cmd.Command");
  } catch (error) {
    if (error instanceof GoJsonError) throw new RuleError(BAD_COMMAND);
    throw error;
  }
}

async function reply(command: GoObject, rules: Rules): Promise<string> {
  const verb = command.text("verb");
  if (verb === "healthcheck") return '{"healthcheck":"ok"}';
  const what = command.text("what");
  const isKnown = what === "stream" || what === "destination";
  if (!isKnown) throw new RuleError(BAD_COMMAND);
  if (verb === "add") {
    const rule = command.value("rule");
    if (rule === undefined || rule === null) throw new RuleError(BAD_COMMAND);
    return what === "stream" ? addStream(rule, rules) : await addDestination(rule, rules);
  }
  const which = command.text("which");
  if (which === "" || (verb !== "list" && verb !== "delete")) throw new RuleError(BAD_COMMAND);
  if (verb === "list") {
    return what === "stream" ? listStream(which, rules) : listDestination(which, rules);
  }
  return what === "stream" ? deleteStream(which, rules) : await deleteDestination(which, rules);
}

function addStream(value: unknown, { exchange }: Rules): string {
  const rule = readStreamRule(goObject(value, "agg.Rule"));
  exchange.setRule(rule);
  return writeStreamRule(rule);
}

async function addDestination(value: unknown, { destinations }: Rules): Promise<string> {
  const rule = readDestinationRule(goObject(value, "rwc.Rule"));
  await destinations.add(rule);
  return writeGoJson(publicDestination(rule));
}

function listStream(which: string, { exchange }: Rules): string {
  if (which === ALL) return writeGoMap(exchange.rules);
  return writeGoJson({ feeds: exchange.rules.get(which) ?? null });
}

function listDestination(which: string, { destinations }: Rules): string {
  if (which === ALL) return listDestinations(destinations);
  return writeGoJson(publicDestination(destinations.rules.get(which) ?? NO_DESTINATION));
}

/** All of them by id, without their tokens. */
export function listDestinations(destinations: VwDestinations): string {
  return writeGoMap(
    new Map([...destinations.rules].map(([id, rule]) => [id, publicDestination(rule)])),
  );
}

function deleteStream(which: string, { exchange }: Rules): string {
  if (which !== ALL) {
    exchange.deleteRule(which);
    return writeGoJson({ deleted: which });
  }
  exchange.deleteAllRules();
  return writeGoJson({ deleted: "deleteAll" });
}

async function deleteDestination(which: string, { destinations, apiUrl }: Rules): Promise<string> {
  if (which === API_RULE) throw new RuleError("Cannot delete apiRule");
  if (which !== ALL) {
    destinations.delete(which);
    return writeGoJson({ deleted: which });
  }
  destinations.deleteAll();
  if (apiUrl !== undefined) await destinations.add(apiRule(apiUrl)); // or nobody could give a command any more
  return writeGoJson({ deleted: "deleteAll" });
}

/** What a vw says of a command that it did not know. */
function isReply(text: string): boolean {
  return /^\s*\{\s*"error"\s*:/.test(text);
}
