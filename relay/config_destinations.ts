/**
 * The destinations that the configuration names, from its file and from `--forward`. Connects to none.
 *
 * @module
 */

import { isStreamName } from "../shared/stream_name.ts";
import type { FileDestination } from "./config_file/read.ts";
import {
  type Destination,
  DestinationError,
  parseDestination,
  type WrittenDestination,
} from "./forwarding/destination.ts";
import { MAX_DESTINATIONS } from "./forwarding/destinations.ts";
import { UsageError } from "./usage_error.ts";

/** What {@link readDestinations} reads. */
export interface WrittenDestinations {
  readonly file: readonly FileDestination[];
  /** Each `[NAME=]URL`. */
  readonly command: readonly string[];
  /** Of the stream that is meant where none is named. */
  readonly first: string | undefined;
}

/**
 * Reads all of them; those of the command line are `forward`, `forward-2`, ….
 * @throws {UsageError} with a sentence that names the place, and no secret.
 */
export function readDestinations({ file, command, first }: WrittenDestinations): Destination[] {
  const count = file.length + command.length;
  if (count > MAX_DESTINATIONS) {
    const where = file[MAX_DESTINATIONS]?.key ?? "--forward";
    throw new UsageError(
      `${where}: ${count} destinations are more than one relay takes, ${MAX_DESTINATIONS}`,
    );
  }
  const destinations = file.map(({ key, ...written }) =>
    read({ ...written, stream: streamOf(written.stream ?? first, key) }, key)
  );
  command.forEach((text, at) => {
    const { name, url } = splitName(text);
    const id = at === 0 ? "forward" : `forward-${at + 1}`;
    destinations.push(read({ id, url, stream: streamOf(name ?? first, "--forward") }, "--forward"));
  });
  const ids = destinations.map(({ id }) => id);
  const twice = ids.find((id, at) => ids.indexOf(id) !== at);
  if (twice !== undefined) throw new UsageError(`there are two destinations named ${twice}`);
  return destinations;
}

function read(written: WrittenDestination, where: string): Destination {
  try {
    return parseDestination(written);
  } catch (error) {
    if (error instanceof DestinationError) throw new UsageError(`${where}: ${error.message}`);
    throw error;
  }
}

function streamOf(name: string | undefined, where: string): string {
  if (name === undefined) throw new UsageError(`${where}: there is no stream to forward: name one`);
  if (!isStreamName(name)) throw new UsageError(`${where}: "${name}" is no stream's name`);
  return name;
}

/** What precedes the first `=` is a name only if it can be one: an address may hold one too. */
function splitName(text: string): { readonly name?: string; readonly url: string } {
  const equals = text.indexOf("=");
  const name = text.slice(0, Math.max(0, equals));
  return isStreamName(name) ? { name, url: text.slice(equals + 1) } : { url: text };
}
