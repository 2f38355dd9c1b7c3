/**
 * Which relays a stream has come through, and as which of their streams, as whoever brings it says in `Via` (RFC 9110
 * §7.6.3). A relay that is offered for a stream what that stream sends out says no: it would go round for ever. Sends
 * nothing.
 *
 * @module
 */

/** A stop on the way: a relay's name, which it has until it ends, and the stream's there. */
const STOP = /^rill-[0-9a-f-]{36} \([A-Za-z0-9._/-]{1,255}\)$/;
/** No chain of relays is longer. */
const MAX_RELAYS = 16;
/** Of a header, which has to leave room for others. */
const MAX_STOPS = 32;

/** A name for a relay that starts. */
export function newRelayName(): string {
  return `rill-${crypto.randomUUID()}`;
}

/** A relay and one of its streams. */
export function stopAt(relay: string, stream: string): string {
  return `${relay} (${stream})`;
}

/** The stops that a `Via` names, in its order; those of other makers are passed over. */
export function readVia(header: string | null | undefined): string[] {
  const received = (header ?? "").split(",").map((each) => each.trim().replace(/^\S+\s+/, ""));
  return received.filter((stop) => STOP.test(stop));
}

/** The header for what came by these stops. One with a name that no stream has leads nowhere, and is left out. */
export function writeVia(stops: readonly string[]): string {
  const named = stops.filter((stop) => STOP.test(stop)).slice(0, MAX_STOPS);
  return named.map((stop) => `1.1 ${stop}`).join(", ");
}

/** Why what came by `stops` is not taken at `own`, a sentence; `undefined` when it is. */
export function loopIn(stops: readonly string[], own: string): string | undefined {
  if (stops.includes(own)) {
    return "This relay's stream of that name is what is sent back to it here: it would go round for ever.";
  }
  const relays = new Set(stops.map((stop) => stop.split(" ")[0])).size;
  return relays >= MAX_RELAYS
    ? `This has come through ${relays} relays, and goes no further.`
    : undefined;
}
