/**
 * What can be watched by name: the streams, and each of them with its sound in AAC (`{name}~aac`). Makes a rendition when
 * it is first asked for; it rests while nobody watches it.
 *
 * @module
 */

import { IN_AAC } from "../../shared/stream_name.ts";
import type { Log } from "../log.ts";
import { AacRendition, type Original } from "./aac_rendition.ts";

/** Streams by name. */
export interface Named<Each> {
  get(name: string): Each | undefined;
}

/** The streams and their renditions. */
export function withRenditions<Each extends Original>(
  streams: Named<Each>,
  log: Log,
): Named<Each | AacRendition> {
  const inAac = new WeakMap<Each, AacRendition>();
  return {
    get(name): Each | AacRendition | undefined {
      if (!name.endsWith(IN_AAC)) return streams.get(name);
      const stream = streams.get(name.slice(0, -IN_AAC.length));
      if (!stream) return undefined;
      const known = inAac.get(stream);
      if (known) return known;
      const rendition = new AacRendition(name, stream, log);
      inAac.set(stream, rendition);
      return rendition;
    },
  };
}
