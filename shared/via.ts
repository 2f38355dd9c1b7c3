/**
 * Which relays a stream has come through, as whoever brings it says in `Via` (RFC 9110 §7.6.3). A relay that finds itself
 * there is offered what it sends out, and says no: it would go round for ever. Sends nothing.
 *
 * @module
 */

/** One relay's name, which it has until it ends. */
const NAME = /^rill-[0-9a-f-]{36}$/;
/** No chain of relays is longer. */
const MAX_RELAYS = 16;

/** A name for a relay that starts. */
export function newRelayName(): string {
  return `rill-${crypto.randomUUID()}`;
}

/** The relays that a `Via` names, in its order; those of other makers are passed over. */
export function readVia(header: string | null | undefined): string[] {
  const received = (header ?? "").split(",").map((each) => each.trim().split(/\s+/)[1] ?? "");
  return received.filter((name) => NAME.test(name));
}

/** The header for what came through `relays`. */
export function writeVia(relays: readonly string[]): string {
  return relays.map((name) => `1.1 ${name}`).join(", ");
}

/** Why the relay `own` does not take what came through `relays`, a sentence; `undefined` when it does. */
export function loopIn(relays: readonly string[], own: string): string | undefined {
  if (relays.includes(own)) {
    return "This relay sends out itself what is brought here: the way back would have it go round for ever.";
  }
  return relays.length >= MAX_RELAYS
    ? `This has come through ${relays.length} relays, and goes no further.`
    : undefined;
}
